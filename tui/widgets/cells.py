"""Text and bars in terminal cells, where a Chinese letter takes two cells and an accent none."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.cells import cell_len, chop_cells, set_cell_size

from segue.core.text import printable
from segue.tui.model.glyphs import Glyphs


@lru_cache(maxsize=16384)
def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """Return `text` in exactly `width` cells: safe to print, padded with spaces or cut with an ellipsis."""
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


def joined(words: Iterable[str], between: str, width: int) -> list[str]:
    """Join words, without the empty ones, into lines of at most `width` cells, none ending with `between`."""
    lines: list[str] = []
    for word in filter(None, words):
        if lines and cell_len(lines[-1]) + cell_len(between) + cell_len(word) <= width:
            lines[-1] += between + word
        else:
            lines.append(word)
    return lines


STARS = ("  ·        ○      · ", "      ·  ·       ·  ", " ·   ○      ·   ●   ", "   ·      ·     ·   ")
"""What an empty list shows: a piece of the map."""


def empty_lines(text: str, width: int, height: int, glyphs: Glyphs) -> list[str]:
    """Draw why a list of `width` and `height` is empty: below some stars, or alone where there is no room."""
    if not text:
        return []
    most = max(min(width - 4, 56), 10)
    lines_needed = len(wrapped(text, most))
    even = next(room for room in range(most // 2, most + 1) if len(wrapped(text, room)) == lines_needed)
    reason = wrapped(text, even)  # in lines of like length
    block = [*(line.translate(_stars(glyphs)) for line in STARS), "", *reason]
    if width < 30 or height < len(block) + 4:
        lines = ["", *(f"  {line}" for line in wrapped(text, max(width - 4, 10)))]
        return [fit(line, width) for line in lines]
    middle = [" " * ((width - cell_len(line)) // 2) + line for line in block]
    return [fit(line, width) for line in (*[""] * ((height - len(block)) // 3), *middle)]


def _stars(glyphs: Glyphs) -> dict[int, int]:
    return str.maketrans("·○●", glyphs.dot + glyphs.silent + glyphs.here)


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


def waveform(envelope: Sequence[float], width: int, glyphs: Glyphs, *, rows: int = 1) -> list[str]:
    """Draw how loud a track is, of which `envelope` is not empty, as `rows` lines of `width` cells."""
    steps, parts = glyphs.spark, len(envelope)
    starts = [at * parts // width for at in range(width)]
    cells = [
        max(envelope[start : max(-(-(at + 1) * parts // width), start + 1)])
        for at, start in enumerate(starts)
    ]
    levels = [min(int(loud * rows * len(steps)), rows * len(steps) - 1) for loud in cells]
    return [
        "".join(" " if level < base else steps[min(level - base, len(steps) - 1)] for level in levels)
        for base in range((rows - 1) * len(steps), -1, -len(steps))
    ]
