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
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def add_seed(parser: argparse.ArgumentParser, *, default: int = 0) -> None:
    """Add `--seed N`, the start of every random number of the run."""
    parser.add_argument(
        "--seed", type=int, default=default, metavar="N", help=f"random seed (default: {default})"
    )
