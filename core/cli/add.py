"""Options of verbs: to be called as `add.flag(parser, "--json", "print JSON")`, and the numbers they take."""

import argparse
from collections.abc import Callable, Sequence


def whole(text: str) -> int:
    """The argument of an option that takes a whole number of up to nine digits."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to 999999999, not {text!r}")
    return int(text)


def positive(text: str) -> int:
    """The same, of at least 1."""
    if text.startswith("-") or whole(text) == 0:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return int(text)


def above_zero(text: str) -> float:
    """The argument of an option that takes a number above 0."""
    value = _number(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return value


def between(least: float, most: float) -> Callable[[str], float]:
    """The type of an option that takes a number from `least` to `most`."""

    def read(text: str) -> float:
        value = _number(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be from {least:g} to {most:g}, not {text}")
        return value

    return read


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}") from None


def option(
    parser: "argparse._ActionsContainer",
    name: str,
    metavar: str,
    about: str,
    *,
    of: Callable[[str], object] = str,
    nargs: str | None = None,
) -> None:
    """Add an argument, or an option that takes a value."""
    parser.add_argument(name, metavar=metavar, help=about, type=of, nargs=nargs)


def flag(parser: "argparse._ActionsContainer", name: str, about: str) -> None:
    """Add an option that takes no value."""
    parser.add_argument(name, action="store_true", help=about)


def choice(parser: "argparse._ActionsContainer", name: str, choices: Sequence[str], about: str) -> None:
    """Add an option that takes one of some words, by default the first, which its help then names."""
    default = choices[0]
    parser.add_argument(name, choices=choices, default=default, help=f"{about} (default: {default})")


def number(
    parser: "argparse._ActionsContainer",
    name: str,
    about: str,
    *,
    default: float | None = None,
    of: Callable[[str], float] = positive,
    metavar: str = "N",
) -> None:
    """Add an option that takes a number; its help names the default, where there is one."""
    more = "" if default is None else f" (default: {default:g})"
    parser.add_argument(name, type=of, default=default, metavar=metavar, help=about + more)


def several(
    parser: "argparse._ActionsContainer",
    name: str,
    metavar: str,
    about: str,
    *,
    of: Callable[[str], object] = str,
) -> None:
    """Add an option that may be given several times."""
    about += "; may be given several times"
    parser.add_argument(name, action="append", default=[], metavar=metavar, type=of, help=about)


def library(parser: argparse.ArgumentParser) -> None:
    """Add `--library NAME|PATH`."""
    parser.add_argument(
        "--library",
        "-l",
        metavar="NAME|PATH",
        default="demo",
        help="the library to use: a name under models/ or a folder (default: demo)",
    )


def json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    flag(parser, "--json", "print JSON")


def seed(parser: argparse.ArgumentParser) -> None:
    """Add `--seed N`, the start of every random number of the run."""
    number(parser, "--seed", "random seed", default=0, of=whole)


def held_out(parser: "argparse._ActionsContainer") -> None:
    """Add `--protocol` and `--split-seed N`, which choose the held-out pairs."""
    choice(
        parser,
        "--protocol",
        ("notebook", "paper"),
        "how to choose held-out pairs: notebook draws a fifth of the playlists with replacement for "
        "test and takes validation from the others; paper (Caselles-Dupré et al. 2018) draws a fifth without "
        "replacement, half for each",
    )
    number(
        parser,
        "--split-seed",
        "random seed of the held-out pairs; libraries that share it can be compared",
        default=0,
        of=whole,
    )
