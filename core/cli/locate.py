"""`segue locate`: where Segue keeps its files."""

import argparse

from segue.core.cli.options import add_json
from segue.core.cli.output import print_json, say
from segue.core.errors import UsageError
from segue.core.places import library_home, library_roots, user_folder


def places() -> dict[str, list[str]]:
    """Give every place by name. The libraries are looked up in several folders, in that order."""
    return {
        "settings": [str(user_folder("config") / "settings.toml")],
        "state": [str(user_folder("state") / "state.sqlite")],
        "logs": [str(user_folder("state"))],
        "libraries": [str(root) for root in library_roots()],
        "new-libraries": [str(library_home())],
    }


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("what", nargs="?", metavar="WHAT", help=f"one of {', '.join(places())}; all without")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the places: one path a line for a single one, so that a shell can use it."""
    found = places()
    if args.what is not None and args.what not in found:
        raise UsageError(f"there is no place called {args.what!r}; the places are {', '.join(found)}")
    if args.json:
        print_json(found if args.what is None else found[args.what])
        return 0
    for name, paths in found.items() if args.what is None else ():
        for number, path in enumerate(paths):
            say(f"{name if number == 0 else '':<15}{path}")
    for path in found[args.what] if args.what is not None else ():
        say(path)
    return 0
