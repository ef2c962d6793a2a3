"""The map as lines of text: dots, and over them the layers and names.

Each layer has signs of its own: no colour is needed to tell them apart.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from segue.tui.model.glyphs import Glyphs, fit
from segue.tui.panes.map.frame import Frame, Landmark, Positions, Region
from segue.tui.widgets import chart
from segue.tui.widgets.chart import HIGH, WIDE

NAMES = ("here", "near", "path", "heard", "names", "regions")
"""The layers, in the order of the keys 1 to 6."""
STEPS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_HEARD = 400
"""Heard tracks that are marked, the latest first."""


class Mark(Struct, frozen=True):
    """A sign on a track's cell."""

    row: int
    sign: str
    layer: str


class Layers(Struct, frozen=True):
    """The tracks of each layer, and which layers are shown."""

    here: int | None = None
    near: tuple[int, ...] = ()
    path: tuple[int, ...] = ()
    heard: tuple[int, ...] = ()
    shown: frozenset[str] = frozenset(NAMES)

    def toggled(self, name: str) -> Self:
        """Show a layer, or hide it."""
        return replace(self, shown=self.shown ^ {name})

    def marks(self, glyphs: Glyphs) -> list[Mark]:
        """Return the signs to draw; where two fall on a cell the later one is seen."""
        ascii_only = glyphs.ascii_only
        found: list[Mark] = []
        if "heard" in self.shown:
            sign = "h" if ascii_only else "♪"
            found += [Mark(row, sign, "heard") for row in reversed(self.heard[:MOST_HEARD])]
        if "near" in self.shown:
            signs = [
                str(place) if place < 10 else "o" if ascii_only else "○"
                for place in range(1, len(self.near) + 1)
            ]
            found += [
                Mark(row, sign, "near") for row, sign in reversed(list(zip(self.near, signs, strict=True)))
            ]
        if "path" in self.shown:
            found += [Mark(row, STEPS[step % 26], "path") for step, row in enumerate(self.path)]
        if "here" in self.shown and self.here is not None:
            found.append(Mark(self.here, glyphs.here, "here"))
        return found


FEWEST = 6
"""Cells of a region in sight from which on it is named."""
LONGEST_NAME = 20
Span = tuple[int, str, str]
"""Column, text and style of something that lies over the dots."""
Styles = Callable[[str], Style]

_TIER = ("map--thin",) * 3 + ("map--middle",) * 2 + ("map--dense",) * 4
"""The style of each density from 0 to 8."""


class Picture:
    """A frame with its names and marks, ready to be drawn line by line."""

    def __init__(
        self, frame: Frame, glyphs: Glyphs, regions: Sequence[Region], hues: NDArray[np.int8] | None
    ) -> None:
        self._frame, self._glyphs = frame, glyphs
        self._regions = regions
        self._hues = None if hues is None else hues.reshape(frame.height, frame.width)
        """The region of each cell, -1 in an empty one."""
        self._coloured = False
        self._lines = chart.ascii_text(frame.levels) if glyphs.ascii_only else chart.text(frame.patterns)
        self._spans: dict[int, list[Span]] = {}

    def overlay(
        self, positions: Positions, layers: Layers, names: Sequence[Landmark], *, keyed: bool
    ) -> None:
        """Lay path, names and marks over the dots. `keyed` gives each name the letter that jumps to it."""
        self._spans = {}
        frame = self._frame
        self._coloured = "regions" in layers.shown
        if "path" in layers.shown:
            self._way(positions, layers.path)
        marks = [] if keyed else layers.marks(self._glyphs)
        marked = {frame.cell(mark.row) for mark in marks}
        if self._coloured and not keyed:
            marked |= self._name_regions(marked)
        for name in names if "names" in layers.shown or keyed else ():
            # a sign within a name would read as a letter of it
            if marked.isdisjoint(name.cells):
                sign = name.key if keyed else "o" if self._glyphs.ascii_only else "◦"
                self._put(name.line, name.start, name.name, "map--name")
                self._put(name.line, name.column, sign, "map--key" if keyed else "map--name")
        for mark in marks:
            if (cell := frame.cell(mark.row)) is not None:
                self._put(cell[1], cell[0], mark.sign, f"map--{mark.layer}")

    def _name_regions(self, marked: set[tuple[int, int] | None]) -> set[tuple[int, int] | None]:
        """Write the name of each region near the middle of what is in sight; returns the cells taken."""
        taken: set[tuple[int, int] | None] = set()
        if self._hues is None:
            return taken
        for region in self._regions:
            lines, columns = np.nonzero(self._hues == region.hue)
            if len(lines) < FEWEST:
                continue
            name = f" {fit(region.name, LONGEST_NAME).rstrip()} "
            width, last = cell_len(name), self._frame.height - 1
            start = min(max(int(np.median(columns)) - width // 2, 0), max(self._frame.width - width, 0))
            for away in (0, 1, -1, 2, -2, 3, -3):
                line = min(max(int(np.median(lines)) + away, 0), last)
                cells = {(column, line) for column in range(start, start + width)}
                if (taken | marked).isdisjoint(cells):
                    taken |= cells
                    self._put(line, start, name, f"map--region-{region.hue} bold reverse")
                    break
        return taken

    def _put(self, line: int, column: int, text: str, style: str) -> None:
        self._spans.setdefault(line, []).append((column, text, style))

    def _way(self, positions: Positions, rows: Sequence[int]) -> None:
        frame = self._frame
        dots = np.zeros((frame.height * HIGH, frame.width * WIDE), np.bool_)
        places = [frame.dot(float(x), float(y)) for x, y in positions[list(rows)]] if rows else []
        for begin, end in pairwise(places):
            chart.line(dots, begin, end)
        lit = chart.patterns(dots)
        texts = chart.text(lit | frame.patterns)
        if self._glyphs.ascii_only:
            texts = ["." * frame.width] * frame.height
        for line, column in zip(*(found.tolist() for found in np.nonzero(lit)), strict=True):
            self._put(line, column, texts[line][column], "map--path")

    def line(self, y: int, styles: Styles, cross: int | None) -> Strip:
        """Draw a line; `cross` is the crosshair's column if it is on this line."""
        frame = self._frame
        if not 0 <= y < frame.height:
            return Strip.blank(frame.width)
        strip = Strip(self._dots(y, styles), frame.width)
        for column, text, style in self._spans.get(y, ()):
            name, *more = style.split(" ", 1)
            drawn = styles(name) + Style.parse(more[0]) if more else styles(name)
            strip = _over(strip, column, Strip([Segment(text, drawn)]), frame.width)
        if cross is not None:
            aimed = strip.crop(cross, cross + 1).apply_style(styles("map--aimed"))
            left, right = ("[", "]") if self._glyphs.ascii_only else ("▐", "▌")
            for column, sign in ((cross - 1, left), (cross + 1, right)):
                if 0 <= column < frame.width:
                    strip = _over(
                        strip, column, Strip([Segment(sign, styles("map--crosshair"))]), frame.width
                    )
            strip = _over(strip, cross, aimed, frame.width)
        return strip

    def _dots(self, y: int, styles: Styles) -> list[Segment]:
        """Return the dots of a line in runs of one density's style."""
        text, tiers = self._lines[y], [_TIER[level] for level in self._frame.levels[y].tolist()]
        if self._coloured and self._hues is not None:
            tiers = [
                tier if hue < 0 else f"map--region-{hue}"
                for tier, hue in zip(tiers, self._hues[y].tolist(), strict=True)
            ]
        segments: list[Segment] = []
        begin = 0
        for end in range(1, len(tiers) + 1):
            if end == len(tiers) or tiers[end] != tiers[begin]:
                segments.append(Segment(text[begin:end], styles(tiers[begin])))
                begin = end
        return segments


def _over(strip: Strip, column: int, upper: Strip, width: int) -> Strip:
    """Lay a strip over another."""
    end = column + upper.cell_length
    return Strip.join([strip.crop(0, column), upper, strip.crop(end, width)]).crop(0, width)
