"""Dots in braille, and a curve drawn with them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from textual.app import RenderResult
from textual.content import Content

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
        floor: float | None = None,
        id: str,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._name = name
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
            (f"{last[1]:.3f}", "bold"),
            (f"  at {last[0]:.3g}", "$faint"),
        )
        if width < AXIS + 4 or height < 2:
            return head
        low, high = self._range()
        rows = self._plot(width - AXIS, height - 1, low, high)
        lines = [head]
        for number, row in enumerate(rows):
            figure = f"{high:.3f}" if number == 0 else f"{low:.3f}" if number == len(rows) - 1 else ""
            lines.append(Content.assemble((f"{figure:>{AXIS - 1}} ", "$faint"), (row, "$primary")))
        return Content("\n").join(lines)

    def _range(self) -> tuple[float, float]:
        values = [value for _, value in self.points]
        low, high = min(values), max(values)
        if self._floor is not None:
            low = min(low, self._floor)
        return (low, high) if high > low else (low - 0.5 * abs(low) - 0.5, high + 0.5 * abs(high) + 0.5)

    def _plot(self, width: int, height: int, low: float, high: float) -> list[str]:
        across, down = width * WIDE, height * HIGH
        first, last = self.points[0][0], self.points[-1][0]
        stretch = (across - 1) / ((last - first) or 1)
        places = [((x - first) * stretch, (high - y) / (high - low) * (down - 1)) for x, y in self.points]
        dots = np.zeros((down, across), np.bool_)
        for begin, end in pairwise(places if len(places) > 1 else places * 2):
            line(dots, begin, end)
        found = patterns(dots)
        if self.segue.glyphs.ascii_only:
            return ["".join("*" if cell else " " for cell in row) for row in found.tolist()]
        return text(found)


WIDE, HIGH = 2, 4
"""Dots of a cell."""
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
"""The bit of each dot, as Unicode numbers the patterns from U+2800 on."""
_RAMP = np.array([ord(sign) for sign in " .:-=+*#@"], np.uint32)

Dots = NDArray[np.bool_]
Patterns = NDArray[np.uint8]
Counts = NDArray[np.int64]


def patterns(dots: Dots) -> Patterns:
    """Return the pattern of each cell, uint8 (h, w), for dots bool (4 h, 2 w)."""
    height, width = dots.shape[0] // HIGH, dots.shape[1] // WIDE
    blocks = dots.reshape(height, HIGH, width, WIDE)
    found: Patterns = (blocks * _BITS[None, :, None, :]).sum(axis=(1, 3), dtype=np.uint8)
    return found


def text(found: Patterns) -> list[str]:
    """Return each row of patterns as a line; a cell without dots is a space."""
    codes = np.where(found == 0, np.uint32(0x20), found.astype(np.uint32) + 0x2800)
    return [row.astype("<u4").tobytes().decode("utf-32-le") for row in codes]


def ascii_text(levels: NDArray[np.uint8]) -> list[str]:
    """Return each row of densities, 0 to 8, as a line of ASCII, from a space to `@`."""
    return [row.astype("<u4").tobytes().decode("utf-32-le") for row in _RAMP[levels]]


def shaded(counts: Counts) -> tuple[Patterns, NDArray[np.uint8]]:
    """Draw how many points fall on each dot, so that dense places look dense even where every dot is hit.

    A cell lights as many of its dots as its count deserves on a logarithmic scale that ends at the fullest
    cell, those with most points first. Where no cell holds more than 8 points, that is a dot for each.

    Parameters
    ----------
    counts : int64 (4 h, 2 w)
        Points on each dot.

    Returns
    -------
    patterns : uint8 (h, w)
    levels : uint8 (h, w)
        Dots that a cell deserves, 0 to 8.
    """
    height, width = counts.shape[0] // HIGH, counts.shape[1] // WIDE
    blocks = (
        counts.reshape(height, HIGH, width, WIDE).transpose(0, 2, 1, 3).reshape(height, width, HIGH * WIDE)
    )
    totals = blocks.sum(axis=2)
    most = int(totals.max(initial=0))
    deserved = totals if most <= HIGH * WIDE else np.ceil(HIGH * WIDE * np.log1p(totals) / np.log1p(most))
    levels = deserved.astype(np.uint8)
    lit = np.minimum(np.count_nonzero(blocks, axis=2), levels)
    place = np.argsort(np.argsort(-blocks, axis=2, kind="stable"), axis=2, kind="stable")
    found: Patterns = ((place < lit[:, :, None]) * _BITS.reshape(-1)).sum(axis=2, dtype=np.uint8)
    return found, levels


def line(dots: Dots, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Light the dots on the way between two places (x, y), as far as they lie within."""
    steps = int(max(abs(end[0] - begin[0]), abs(end[1] - begin[1]))) + 1
    if steps > 10_000:  # an end far outside of a deep zoom
        return
    x = np.floor(np.linspace(begin[0], end[0], steps + 1)).astype(int)
    y = np.floor(np.linspace(begin[1], end[1], steps + 1)).astype(int)
    inside = (x >= 0) & (x < dots.shape[1]) & (y >= 0) & (y < dots.shape[0])
    dots[y[inside], x[inside]] = True
