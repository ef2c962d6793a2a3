"""`segue completion`: what a shell needs to complete verbs, options and library names."""

import argparse
import sys
from typing import Any

SHELLS = ("bash", "zsh", "fish")
LIBRARIES = {"NAME|PATH", "A[:RANKER]", "B[:RANKER]"}
"""How the arguments that name libraries are shown."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("shell", choices=SHELLS, help="the shell whose script is printed")


def run(args: argparse.Namespace) -> int:
    """Print the script; `eval "$(segue completion bash)"` turns completion on."""
    from argcomplete.shell_integration import shellcode  # 12 ms

    sys.stdout.write(shellcode(["segue"], True, args.shell))
    return 0


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell's question, which stands in the environment, and exit."""
    import argcomplete

    for action in _actions(parser):
        if action.metavar in LIBRARIES:
            action.completer = _libraries  # type: ignore[attr-defined]  # where argcomplete looks for it
    argcomplete.autocomplete(parser)


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    below = [
        verb
        for action in parser._actions  # noqa: SLF001 - argparse has no public list of them
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
        for verb in action.choices.values()
    ]
    return [action for one in (parser, *below) for action in one._actions]  # noqa: SLF001


def _libraries(**_: Any) -> list[str]:  # noqa: ANN401 - what argcomplete passes
    from segue.core.places import all_libraries

    return [path.name for path in all_libraries()]
