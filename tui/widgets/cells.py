"""Text cut and padded to terminal cells, where a Chinese letter takes two and an accent none."""

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len, chop_cells, set_cell_size

from segue.core.text import printable
from segue.tui.glyphs import Glyphs


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


def sparkline(counts: Sequence[int], glyphs: Glyphs) -> str:
    """Draw counts as a line of blocks, the greatest of them full; none at all are a flat line."""
    most, top = max(counts, default=0), len(glyphs.spark) - 1
    return "".join(glyphs.spark[-(-count * top // most) if most else 0] for count in counts)


def clock(seconds: float) -> str:
    """Give a time in seconds as `m:ss`."""
    whole = max(int(seconds), 0)
    return f"{whole // 60}:{whole % 60:02d}"


def ago(seconds: float) -> str:
    """Say how long ago something was: `now`, `5 min`, `3 h`, `2 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "now"
