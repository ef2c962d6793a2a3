"""What each line of the map looks like: dots, and what lies over them."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from segue.tui.glyphs import Glyphs
from segue.tui.panes.map.frame import Frame, Positions
from segue.tui.panes.map.landmarks import Landmark
from segue.tui.panes.map.layers import Layers, Mark
from segue.tui.widgets import braille
from segue.tui.widgets.braille import HIGH, WIDE

Span = tuple[int, str, str]
"""Column, text and style of something that lies over the dots."""
Styles = Callable[[str], Style]

_TIER = ("map--thin",) * 3 + ("map--middle",) * 2 + ("map--dense",) * 4
"""The style of each density from 0 to 8."""


class Picture:
    """A frame with its names and marks, ready to be drawn line by line."""

    def __init__(self, frame: Frame, *, ascii_only: bool) -> None:
        self._frame = frame
        self._lines = braille.ascii_text(frame.levels) if ascii_only else braille.text(frame.patterns)
        self._ascii = ascii_only
        self._spans: dict[int, list[Span]] = {}

    def overlay(
        self,
        *,
        positions: Positions,
        layers: Layers,
        names: Sequence[Landmark],
        glyphs: Glyphs,
        keyed: bool,
    ) -> None:
        """Lay path, names and marks over the dots. `keyed` gives each name the letter that jumps to it."""
        self._spans = {}
        frame = self._frame
        if "path" in layers.shown:
            self._way(positions, layers.path)
        marks = [] if keyed else layers.marks(glyphs)
        marked = {frame.cell(mark.row) for mark in marks}
        for name in names if "names" in layers.shown or keyed else ():
            # a sign within a name would read as a letter of it
            if marked.isdisjoint(name.cells):
                sign = name.key if keyed else "o" if self._ascii else "◦"
                self._put(name.line, name.start, name.name, "map--name")
                self._put(name.line, name.column, sign, "map--key" if keyed else "map--name")
        for mark in marks:
            self._mark(mark)

    def _put(self, line: int, column: int, text: str, style: str) -> None:
        self._spans.setdefault(line, []).append((column, text, style))

    def _mark(self, mark: Mark) -> None:
        cell = self._frame.cell(mark.row)
        if cell is not None:
            self._put(cell[1], cell[0], mark.sign, f"map--{mark.layer}")

    def _way(self, positions: Positions, rows: Sequence[int]) -> None:
        frame = self._frame
        dots = np.zeros((frame.height * HIGH, frame.width * WIDE), np.bool_)
        places = [frame.dot(float(x), float(y)) for x, y in positions[list(rows)]] if rows else []
        for begin, end in pairwise(places):
            braille.line(dots, begin, end)
        lit = braille.patterns(dots)
        texts = ["." * frame.width] * frame.height if self._ascii else braille.text(lit | frame.patterns)
        for line, column in zip(*(found.tolist() for found in np.nonzero(lit)), strict=True):
            self._put(line, column, texts[line][column], "map--path")

    def line(self, y: int, styles: Styles, cross: int | None) -> Strip:
        """Draw a line; `cross` is the crosshair's column where it stands on this line."""
        frame = self._frame
        if not 0 <= y < frame.height:
            return Strip.blank(frame.width)
        strip = Strip(self._dots(y, styles), frame.width)
        for column, text, style in self._spans.get(y, ()):
            strip = _over(strip, column, Strip([Segment(text, styles(style))]), frame.width)
        if cross is not None:
            aimed = strip.crop(cross, cross + 1).apply_style(styles("map--aimed"))
            left, right = ("[", "]") if self._ascii else ("▐", "▌")
            for column, sign in ((cross - 1, left), (cross + 1, right)):
                if 0 <= column < frame.width:
                    strip = _over(
                        strip, column, Strip([Segment(sign, styles("map--crosshair"))]), frame.width
                    )
            strip = _over(strip, cross, aimed, frame.width)
        return strip

    def _dots(self, y: int, styles: Styles) -> list[Segment]:
        """Give the dots of a line in runs of one density's style."""
        text, tiers = self._lines[y], [_TIER[level] for level in self._frame.levels[y].tolist()]
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
