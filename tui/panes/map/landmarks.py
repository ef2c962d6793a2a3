"""Names on the map: of popular tracks or artists, so placed that none covers another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from segue.core.text import printable
from segue.core.tracks import TrackInfo
from segue.tui.panes.map.frame import Frame
from segue.tui.widgets.cells import fit

KEYS = "abcdefghijklmnopqrstuvwxyz"
"""The letters to jump with, in the order in which landmarks get them."""
CANDIDATES = 160
"""How many of the most played tracks in sight may become landmarks."""
LONGEST = 22
"""Cells that a name may take."""
TITLES_FROM = 6.0
"""The zoom from which on landmarks are tracks; before it they are artists."""


@dataclass(frozen=True)
class Landmark:
    """A name at a track's place. Its sign is on the track's cell, the name to the right or left of it."""

    row: int
    column: int
    line: int
    """The track's cell."""
    start: int
    """The column where the name begins."""
    name: str
    key: str
    """The letter that jumps there."""

    @property
    def cells(self) -> list[tuple[int, int]]:
        """The cells (column, line) from the sign to the end of the name."""
        last = self.start + cell_len(self.name) - 1
        return [
            (column, self.line) for column in range(min(self.start, self.column), max(last, self.column) + 1)
        ]


def landmarks(frame: Frame, infos: Sequence[tuple[int, TrackInfo]], *, at_most: int) -> list[Landmark]:
    """Choose and place names.

    Parameters
    ----------
    frame
        What is in sight.
    infos
        Rows in sight with their metadata, the most played first.
    at_most
        How many names.
    """
    found: list[Landmark] = []
    taken: set[tuple[int, int]] = set()
    named: set[str] = set()
    for row, info in infos:
        if len(found) == min(at_most, len(KEYS)):
            break
        name = printable(
            info.title if frame.window.zoom >= TITLES_FROM else info.artist or info.title
        ).strip()
        place = frame.cell(row)
        if not name or name in named or place is None:
            continue
        text = fit(name, LONGEST).rstrip()
        column, line = place
        length = cell_len(text)
        for start in (column + 2, column - 1 - length):
            one = Landmark(row, column, line, start, text, KEYS[len(found)])
            if start >= 0 and start + length <= frame.width and taken.isdisjoint(one.cells):
                taken.update(_around(one.cells))
                named.add(name)
                found.append(one)
                break
    return found


def candidates(frame: Frame) -> list[int]:
    """Return the rows in sight that may become landmarks, the most played first."""
    rows: list[int] = []
    step = 20_000
    for begin in range(
        0, len(frame.cells), step
    ):  # rows are ordered by count, so the first ones in sight will do
        part = frame.cells[begin : begin + step]
        rows += [begin + int(row) for row in (part >= 0).nonzero()[0]]
        if len(rows) >= CANDIDATES:
            break
    return rows[:CANDIDATES]


def _around(cells: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the cells with a margin: a line above and below, and two cells at the sides."""
    return {(column + x, line + y) for column, line in cells for x in (-2, 0, 2) for y in (-1, 0, 1)}
