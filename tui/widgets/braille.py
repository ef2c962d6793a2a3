"""Braille: a terminal cell holds 2 x 4 dots, so that a plane of dots becomes lines of text."""

import numpy as np
from numpy.typing import NDArray

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
