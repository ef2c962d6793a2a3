"""What verbs share: lines, tables, progress and JSON they print."""

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
