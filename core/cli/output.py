"""What verbs share: options they take, and lines, tables, progress and JSON they print."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from segue.core.text import escaped, printable

if TYPE_CHECKING:
    from rich.console import Console


NARROWEST = 8
"""Cells of a terminal for each column of a table."""
WIDEST = 100_000
"""Cells of a line that no terminal shows."""


@cache
def console() -> "Console":
    """The console on standard output."""
    from rich.console import Console  # rich: 40 ms, not needed for --json

    return Console(highlight=False, soft_wrap=True)


@cache
def notes() -> "Console":
    """The console on standard error, for progress and remarks."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """Print one line of plain text on standard output."""
    sys.stdout.write(printable(text) + "\n")


def note(text: str) -> None:
    """Print one line of plain text on standard error."""
    sys.stderr.write(printable(text) + "\n")


def print_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print a JSON value on one line of standard output, and flush it for programs that read along.

    What must not reach a terminal is escaped, which changes nothing for a parser; so is all that a
    stream without UTF-8 has no letters for.
    """
    plain = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    sys.stdout.write(escaped(json.dumps(value, ensure_ascii=plain, allow_nan=False)) + "\n")
    sys.stdout.flush()


def answer(value: Any, text: str, *, as_json: bool) -> None:  # noqa: ANN401 - any JSON value
    """Print a verb's result as JSON, or in words."""
    if as_json:
        print_json(value)
    else:
        say(text)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = ()) -> None:
    """Print rows under headings; the columns numbered in `right` are aligned right.

    Cells are folded to the width of a terminal. Into a file or a pipe a row is one line, and in a terminal
    too narrow for columns each cell has a line of its own.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    screen = console()
    if screen.is_terminal and screen.width < NARROWEST * len(columns):
        for row in rows:
            for name, cell in zip(columns, row, strict=True):
                say(f"{name}: {cell}")
            say()
        return
    numbers = set(right)
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(columns):
        drawn.add_column(
            Text(printable(name)), justify="right" if number in numbers else "left", overflow="fold"
        )
    for row in rows:
        drawn.add_row(*(Text(printable(str(cell))) for cell in row))
    (screen if screen.is_terminal else Console(highlight=False, width=WIDEST)).print(drawn)


@contextmanager
def progress(
    description: str, total: float | None, unit: str = "", *, quiet: bool = False
) -> Iterator[Callable[[float], None]]:
    """Show a bar with rate and time left on standard error while the block runs.

    Yields a function that advances the bar by an amount. Nothing is drawn when `quiet` or when standard error
    is not a terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _amount: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TextColumn("{task.completed:,.0f} " + unit, markup=False),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
        console=notes(),
        transient=True,
    ) as bar:
        task = bar.add_task(printable(description), total=total, rate="")

        def advance(amount: float) -> None:
            bar.advance(task, amount)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:,.0f} {unit}/s" if speed else "")

        yield advance


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
        "--seed", type=whole, default=default, metavar="N", help=f"random seed (default: {default})"
    )


def add_held_out(parser: "argparse._ActionsContainer") -> None:
    """Add `--protocol` and `--split-seed N`, which choose the held-out pairs."""
    parser.add_argument(
        "--protocol",
        choices=("notebook", "paper"),
        default="notebook",
        help="how to choose held-out pairs: notebook draws a fifth of the playlists with replacement for "
        "test and takes validation from the others; paper (Caselles-Dupré et al. 2018) draws a fifth without "
        "replacement, half for each (default: notebook)",
    )
    parser.add_argument(
        "--split-seed",
        type=whole,
        default=0,
        metavar="N",
        help="random seed of the held-out pairs; libraries that share it can be compared (default: 0)",
    )


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
