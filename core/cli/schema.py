"""`segue schema`: the JSON schema of what a verb prints with `--json`."""

import argparse

from segue.core.cli.output import print_json, say
from segue.core.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "verb", nargs="?", metavar="VERB", help="a verb; without one, list those that have a schema"
    )


def run(args: argparse.Namespace) -> int:
    """Print the schema."""
    import msgspec

    from segue.core.cli.schemas import OUTPUTS

    if args.verb is None:
        for verb in OUTPUTS:
            say(verb)
        return 0
    if args.verb not in OUTPUTS:
        raise UsageError(f"no schema for {args.verb!r}; there are {', '.join(OUTPUTS)}")
    print_json(msgspec.json.schema(OUTPUTS[args.verb]))
    return 0
