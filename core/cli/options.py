"""Options that several verbs share."""

import argparse


def add_library(parser: argparse.ArgumentParser, *, default: str = "demo") -> None:
    """Add `--library NAME|PATH`."""
    parser.add_argument(
        "--library",
        "-l",
        metavar="NAME|PATH",
        default=default,
        help=f"the library to use: a name under models/ or a folder (default: {default})",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_seed(parser: argparse.ArgumentParser, *, default: int = 0) -> None:
    """Add `--seed N`, the start of every random number of the run."""
    parser.add_argument(
        "--seed", type=seed_number, default=default, metavar="N", help=f"random seed (default: {default})"
    )


def add_held_out(parser: "argparse._ActionsContainer") -> None:
    """Add `--protocol` and `--split-seed N`, which choose the held-out pairs."""
    parser.add_argument(
        "--protocol",
        choices=("notebook", "paper"),
        default="notebook",
        help="how to pick held-out pairs: notebook draws a fifth of the playlists with replacement for test "
        "and takes validation from the others; paper (Caselles-Dupré et al. 2018) draws a fifth without "
        "replacement, half for each (default: notebook)",
    )
    parser.add_argument(
        "--split-seed",
        type=seed_number,
        default=0,
        metavar="N",
        help="random seed of the held-out pairs; libraries that share it can be compared (default: 0)",
    )


def seed_number(text: str) -> int:
    """The seed in an argument: a whole number of up to nine digits."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to 999999999, not {text!r}")
    return int(text)
