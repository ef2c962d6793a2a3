"""Drawing in terminal cells: text of wide and combining letters, bars, and dots in braille."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, chop_cells, set_cell_size

from segue.core.text import printable
from segue.tui.model.glyphs import Glyphs


@lru_cache(maxsize=16384)
def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """Give `text` in exactly `width` cells: safe to print, padded with spaces or cut with an ellipsis."""
    if width <= 0:
        return ""
    safe = printable(text)
    length = cell_len(safe)
    if length <= width:
        return safe + " " * (width - length)
    # a wide letter cut in half leaves a space, which the ellipsis then follows at once
    head = set_cell_size(safe, width - 1).rstrip() + ellipsis
    return head + " " * (width - cell_len(head))


def wrapped(text: str, width: int) -> list[str]:
    """Break `text` into lines of at most `width` cells: between words, and within one that is longer."""
    lines = [""]
    for word in printable(text).split():
        for number, piece in enumerate(chop_cells(word, max(width, 2))):
            joined = f"{lines[-1]} {piece}" if lines[-1] and number == 0 else piece
            if number == 0 and cell_len(joined) <= width:
                lines[-1] = joined
            else:
                lines.append(piece)
    return lines if lines[0] else lines[1:]


def bar(share: float, width: int, glyphs: Glyphs) -> str:
    """Draw a share between 0 and 1 as a thin line of at most `width` cells, in half-cell steps."""
    halves = round(min(max(share, 0.0), 1.0) * width * 2)
    line = glyphs.full * (halves // 2) + glyphs.half * (halves % 2)
    return line + " " * (width - len(line))


def interval_bar(
    mean: float, low: float, high: float, *, top: float, width: int, glyphs: Glyphs
) -> tuple[str, str]:
    """Draw a mean with its interval: thick up to the interval, thin along it, a cross at the mean.

    Parameters
    ----------
    mean, low, high
        The figure and the ends of its interval, 0 or more.
    top
        The figure that fills the whole width.
    width
        Cells.
    glyphs
        The signs to draw with.

    Returns
    -------
    The thick part and the rest, `width` cells together.
    """
    if width < 1 or top <= 0:
        return "", " " * max(width, 0)
    cross = "+" if glyphs.ascii_only else "┼"
    thin = "-" if glyphs.ascii_only else "─"

    def cell(figure: float) -> int:
        return min(round(min(max(figure / top, 0.0), 1.0) * (width - 1)), width - 1)

    begin, middle, end = cell(low), cell(mean), cell(high)
    line = thin * (middle - begin) + cross + thin * (end - middle)
    return glyphs.full * begin, line + " " * (width - begin - len(line))


def waveform(envelope: Sequence[float], width: int, glyphs: Glyphs) -> str:
    """Draw how loud a track is, of which `envelope` is not empty, as a line of `width` cells."""
    steps, parts = glyphs.spark, len(envelope)
    starts = [at * parts // width for at in range(width)]
    cells = [
        max(envelope[start : max(-(-(at + 1) * parts // width), start + 1)])
        for at, start in enumerate(starts)
    ]
    return "".join(steps[min(int(loud * len(steps)), len(steps) - 1)] for loud in cells)


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
