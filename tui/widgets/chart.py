"""A curve, drawn in braille."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from textual.app import RenderResult
from textual.content import Content

from segue.tui.widgets import braille
from segue.tui.widgets.base import SegueWidget

AXIS = 8
"""Cells of the figures at the left."""


class Curve(SegueWidget):
    """One series of figures with its name, its last figure, and its range at the left.

    The range begins at `floor` where there is one, so that small changes look small.
    """

    def __init__(
        self,
        name: str,
        *,
        digits: int = 3,
        floor: float | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._name = name
        self._digits = digits
        self._floor = floor
        self.points: Sequence[tuple[float, float]] = ()

    def show(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw other points (x, y), x rising."""
        self.points = points
        self.refresh()

    def render(self) -> RenderResult:
        """Draw a line of words, and the curve below it."""
        width, height = self.size.width, self.size.height
        if not self.points:
            return Content.styled(f"{self._name}  none yet", "$faint")
        last = self.points[-1]
        head = Content.assemble(
            (f"{self._name}  ", "bold $quiet"),
            (self._figure(last[1]), "bold"),
            (f"  at {last[0]:.3g}", "$faint"),
        )
        if width < AXIS + 4 or height < 2:
            return head
        low, high = self._range()
        rows = self._plot(width - AXIS, height - 1, low, high)
        lines = [head]
        for number, row in enumerate(rows):
            figure = (
                self._figure(high) if number == 0 else self._figure(low) if number == len(rows) - 1 else ""
            )
            lines.append(Content.assemble((f"{figure:>{AXIS - 1}} ", "$faint"), (row, "$primary")))
        return Content("\n").join(lines)

    def _figure(self, value: float) -> str:
        return f"{value:.{self._digits}f}"

    def _range(self) -> tuple[float, float]:
        values = [value for _, value in self.points]
        low, high = min(values), max(values)
        if self._floor is not None:
            low = min(low, self._floor)
        return (low, high) if high > low else (low - 0.5 * abs(low) - 0.5, high + 0.5 * abs(high) + 0.5)

    def _plot(self, width: int, height: int, low: float, high: float) -> list[str]:
        across, down = width * braille.WIDE, height * braille.HIGH
        first, last = self.points[0][0], self.points[-1][0]
        stretch = (across - 1) / ((last - first) or 1)
        places = [((x - first) * stretch, (high - y) / (high - low) * (down - 1)) for x, y in self.points]
        dots = np.zeros((down, across), np.bool_)
        for begin, end in pairwise(places if len(places) > 1 else places * 2):
            braille.line(dots, begin, end)
        found = braille.patterns(dots)
        if self.segue.glyphs.ascii_only:
            return ["".join("*" if cell else " " for cell in row) for row in found.tolist()]
        return braille.text(found)
