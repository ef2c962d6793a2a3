"""What part of the map is in sight, its regions, what it looks like, and names that cover no other.

Plain arrays; no screen here.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

from segue.core.text import printable
from segue.core.tracks import TrackInfo
from segue.tui.model.glyphs import fit
from segue.tui.widgets import chart
from segue.tui.widgets.chart import HIGH, WIDE

Positions = NDArray[np.float32]

DEEPEST = 4096.0
MARGIN = 1.04
"""The whole map is drawn a little smaller than the pane."""


@dataclass(frozen=True)
class Window:
    """The part of the map in sight: its middle, and how much larger than the whole it is drawn."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0

    @property
    def reach(self) -> float:
        """Half of the map's side that is in sight; the whole map is [-1, 1] both ways."""
        return MARGIN / self.zoom

    def zoomed(self, factor: float, x: float, y: float) -> Self:
        """Zoom so that the place (x, y) stays where it is on the screen."""
        zoom = min(max(self.zoom * factor, 1.0), DEEPEST)
        share = self.zoom / zoom
        return replace(self, x=x + (self.x - x) * share, y=y + (self.y - y) * share, zoom=zoom).held()

    def moved(self, x: float, y: float) -> Self:
        """Move by shares of what is in sight."""
        return replace(self, x=self.x + x * 2 * self.reach, y=self.y + y * 2 * self.reach).held()

    def at(self, x: float, y: float) -> Self:
        """Put a place into the middle."""
        return replace(self, x=x, y=y).held()

    def held(self) -> Self:
        """Keep the middle within the map; the less is left out of sight, the less can it leave the centre."""
        most = min(1.0, 2 * max(MARGIN - self.reach, 0.0))
        return replace(self, x=min(max(self.x, -most), most), y=min(max(self.y, -most), most))


@dataclass(frozen=True, eq=False)
class Frame:
    """The map as drawn into `width` x `height` cells."""

    window: Window
    width: int
    height: int
    patterns: NDArray[np.uint8]
    """Braille patterns, uint8 (height, width)."""
    levels: NDArray[np.uint8]
    """Density of each cell, 0 to 8."""
    cells: NDArray[np.int32]
    """The cell of each track, `row * width + column`; -1 out of sight. int32 (V,)."""

    @property
    def in_sight(self) -> int:
        """How many tracks are in sight."""
        return int(np.count_nonzero(self.cells >= 0))

    def cell(self, row: int) -> tuple[int, int] | None:
        """Return a track's cell (column, line), or None out of sight."""
        code = int(self.cells[row])
        return None if code < 0 else (code % self.width, code // self.width)

    def tracks_in(self, column: int, line: int) -> NDArray[np.intp]:
        """Return the tracks of a cell, the most played first (rows are ordered by count)."""
        return np.flatnonzero(self.cells == line * self.width + column)

    def place(self, column: int, line: int) -> tuple[float, float]:
        """Return the place on the map of a cell's middle."""
        window = self.window
        x = ((column + 0.5) / self.width * 2 - 1) * window.reach + window.x
        y = (1 - (line + 0.5) / self.height * 2) * window.reach + window.y
        return x, y

    def dot(self, x: float, y: float) -> tuple[float, float]:
        """Return the dot (column, line) of a place on the map; it may lie out of sight."""
        window = self.window
        across = ((x - window.x) / window.reach + 1) / 2 * self.width * WIDE
        down = (1 - (y - window.y) / window.reach) / 2 * self.height * HIGH
        return across, down

    def nearest(self, column: int, line: int, within: int = 3) -> int | None:
        """Return the track that stands for a cell: its most played one, else the nearest a few cells away."""
        inside = self.tracks_in(column, line)
        if len(inside):
            return int(inside[0])
        seen = np.flatnonzero(self.cells >= 0)
        if not len(seen):
            return None
        codes = self.cells[seen]
        # a cell is about twice as high as wide
        away = np.maximum(np.abs(codes % self.width - column), 2 * np.abs(codes // self.width - line))
        best = int(np.argmin(away))
        return int(seen[best]) if away[best] <= 2 * within else None


def draw(positions: Positions, window: Window, width: int, height: int) -> Frame:
    """Draw the tracks in sight.

    Parameters
    ----------
    positions : float32 (V, 2)
        Places within [-1, 1].
    window
        What is in sight.
    width, height
        Size in cells. The map is stretched to it: its two axes have no common measure.
    """
    across, down = width * WIDE, height * HIGH
    scale = np.float32(0.5 / window.reach)
    x = ((positions[:, 0] - np.float32(window.x)) * scale + np.float32(0.5)) * np.float32(across)
    y = (np.float32(0.5) - (positions[:, 1] - np.float32(window.y)) * scale) * np.float32(down)
    inside = (x >= 0) & (x < across) & (y >= 0) & (y < down)
    columns, lines = x[inside].astype(np.int32), y[inside].astype(np.int32)
    counts = np.bincount(lines * across + columns, minlength=across * down).reshape(down, across)
    patterns, levels = chart.shaded(counts)
    cells = np.full(len(positions), -1, np.int32)
    cells[inside] = lines // HIGH * width + columns // WIDE
    return Frame(window, width, height, patterns, levels, cells)


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


MOST = 8
"""Regions, and hues."""
SAMPLE = 20_000
"""The most played tracks, by which the middles are found."""
ROUNDS = 12
NAMED_BY = 300
"""The most played tracks of a region, by which it is named."""


@dataclass(frozen=True)
class Region:
    """A part of the plane."""

    name: str
    """Its commonest genre, or where genres are unknown its commonest artist."""
    hue: int
    """Which of the hues it has, from 0."""
    rows: tuple[int, ...]
    """Its most played tracks, the most played first."""
    tracks: int
    """How many tracks it has in all."""


def divide(positions: NDArray[np.float32], most: int = MOST) -> NDArray[np.uint8]:
    """Divide the plane around middles that attract the tracks near them (k-means), the same each time.

    Parameters
    ----------
    positions : float32 (V, 2)
        Places within [-1, 1], the most played track first.

    Returns
    -------
    uint8 (V,)
        The region of each track, numbered from the left of the plane to the right.
    """
    sample = positions[:SAMPLE]
    count = min(most, len(np.unique(sample, axis=0)))
    middles = sample[:1]
    for _ in range(count - 1):  # each new middle lies farthest from those before: no chance in it
        middles = np.vstack([middles, sample[_squares(sample, middles).min(axis=1).argmax()]])
    for _ in range(ROUNDS):
        nearest = _squares(sample, middles).argmin(axis=1)
        middles = np.array(
            [
                sample[nearest == one].mean(axis=0) if np.any(nearest == one) else middles[one]
                for one in range(count)
            ],
            np.float32,
        )
    middles = middles[np.lexsort((middles[:, 1], middles[:, 0]))]
    parts: NDArray[np.uint8] = _squares(positions, middles).argmin(axis=1).astype(np.uint8)
    return parts


def _squares(places: NDArray[np.float32], middles: NDArray[np.float32]) -> NDArray[np.float32]:
    gaps = places[:, None, :] - middles[None, :, :]
    squares: NDArray[np.float32] = (gaps * gaps).sum(axis=2)
    return squares


def leading_rows(parts: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """The most played tracks of each region; rows are in the order of plays."""
    return [tuple(np.flatnonzero(parts == part)[:NAMED_BY].tolist()) for part in range(int(parts.max()) + 1)]


def named(
    parts: NDArray[np.uint8], rows: Sequence[Sequence[int]], infos: Sequence[Sequence[TrackInfo]]
) -> list[Region]:
    """Name each region by what its most played tracks share, no two alike."""
    found: list[Region] = []
    taken: set[str] = set()
    for part, (leading, described) in enumerate(zip(rows, infos, strict=True)):
        artists = [info.artist for info in described if info.artist]
        words = [info.genre for info in described if info.genre] or artists
        counted = [word for word, _ in Counter(words).most_common() if word not in taken]
        counted += [artist for artist in artists if artist not in taken]
        name = counted[0] if counted else f"region {part + 1}"
        taken.add(name)
        found.append(Region(printable(name), part, tuple(leading), int(np.count_nonzero(parts == part))))
    return found


def hue_of_cells(parts: NDArray[np.uint8], cells: NDArray[np.int32], size: int) -> NDArray[np.int8]:
    """The region that most tracks of each cell belong to, int8 (size,); -1 in an empty cell."""
    inside = cells >= 0
    counts = np.zeros((size, int(parts.max(initial=0)) + 1), np.int32)
    np.add.at(counts, (cells[inside], parts[inside]), 1)
    hues: NDArray[np.int8] = counts.argmax(axis=1).astype(np.int8)
    hues[counts.sum(axis=1) == 0] = -1
    return hues
