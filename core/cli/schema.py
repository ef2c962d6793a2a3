"""`segue schema`: the JSON schema of what a verb prints with `--json`."""

import argparse

from segue.core.cli.output import print_json, say
from segue.core.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="VERB",
        help="a verb, and its action if that has a schema of its own; without one, list all that there are",
    )


def run(args: argparse.Namespace) -> int:
    """Print the schema."""
    import msgspec

    from segue.core.cli.schemas import OUTPUTS

    call = " ".join(args.words)
    if not call:
        for name in OUTPUTS:
            say(name)
        return 0
    if call not in OUTPUTS:
        raise UsageError(f"no schema for {call!r}; there are {', '.join(OUTPUTS)}")
    print_json(msgspec.json.schema(OUTPUTS[call]))
    return 0
