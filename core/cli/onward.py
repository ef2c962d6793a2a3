"""From a corpus that a verb has made to a library, in the same command."""

import argparse
from pathlib import Path

from segue.core.cli.output import note


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add `--train NAME`."""
    parser.add_argument(
        "--train", metavar="NAME|PATH", help="train a library of that name from it, as segue train does"
    )


def check_train(args: argparse.Namespace) -> None:
    """Refuse a name that no library can have before the work that it is for."""
    if args.train is not None:
        from segue.core.places import new_library, require_writable

        require_writable(new_library(args.train))


def train_on(path: Path, args: argparse.Namespace) -> int:
    """Train the library that `--train` names, or say how to; returns the exit code."""
    if args.train is None:
        if not args.json:
            note(f"train it with: segue train {path} --name NAME")
        return 0
    from segue.core.cli import train

    parser = argparse.ArgumentParser(prog="segue train")
    train.configure(parser)
    options = ["--json"] if args.json else []
    # what was gathered before has changed since, so the library of that name is replaced
    return train.run(parser.parse_args([str(path), "--name", args.train, "--replace", *options]))
