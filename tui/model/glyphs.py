"""What the explorer draws with: signs, in Unicode and plain ASCII, figures, and text and bars in cells."""

import locale
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct
from rich.cells import cell_len, chop_cells, set_cell_size

from segue.core.text import printable


class Glyphs(Struct, frozen=True):
    """Every sign is one cell wide, so that columns stay aligned in any terminal."""

    ellipsis: str = "…"
    cursor: str = "▌"
    full: str = "━"
    half: str = "╸"
    rest: str = "─"
    love: str = "♥"
    ban: str = "✕"
    heard: str = "✓"
    playing: str = "▶"
    paused: str = "‖"
    mark: str = "◆"
    silent: str = "○"
    here: str = "●"
    plus: str = "+"
    minus: str = "−"
    hop: str = "›"
    dot: str = "·"
    spark: str = "▁▂▃▄▅▆▇█"

    @property
    def ascii_only(self) -> bool:
        """Whether these are the signs for terminals that have ASCII alone."""
        return self.full.isascii()


UNICODE = Glyphs()
ASCII = Glyphs(
    ellipsis="~", cursor="|", full="=", half="-", rest=".", love="*", ban="x", heard="v", playing=">",
    paused="=", mark="A", silent="o", here="@", plus="+", minus="-", hop=">", dot="-", spark="_.-=+*#%",
)  # fmt: skip


def glyphs_for(choice: str) -> Glyphs:
    """Return the signs for the setting `auto`, `unicode` or `ascii`; `auto` follows the locale's encoding."""
    if choice == "auto":
        return UNICODE if locale.getpreferredencoding(do_setlocale=False).lower()[:3] == "utf" else ASCII
    return UNICODE if choice == "unicode" else ASCII


ORDERS = {
    "like": "what is like it",
    "next": "what plays next",
    "nearest": "similarity alone",
    "popularity": "plays",
    "following": "how often it came right after",
    "cooccurrence": "how often they met",
    "item-knn": "playlists in common (item-kNN)",
    "ppmi-svd": "counted vectors (PPMI-SVD)",
    "random": "chance",
}
"""What each ranker orders a list by, in words."""


def ordered_by(ranker: str) -> str:
    """End a sentence that names a list."""
    return f", ordered by {ORDERS[ranker]}"


def figure(value: float, digits: int = 3) -> str:
    """Return a share without its leading zero: `.312`, `-.103`, and with a digit less `1.00`."""
    shown = f"{value:z.{digits}f}"
    return shown.replace("0.", ".", 1) if abs(float(shown)) < 1 else f"{value:.{digits - 1}f}"


def clock(seconds: float) -> str:
    """Return a time in seconds as `m:ss`."""
    whole = max(int(seconds), 0)
    return f"{whole // 60}:{whole % 60:02d}"


def ago(seconds: float) -> str:
    """Return how long ago something was: `now`, `5 min`, `3 h`, `2 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "now"


def sparkline(counts: Sequence[int], glyphs: Glyphs) -> str:
    """Draw counts as a line of blocks, the greatest of them full; all zero is a flat line."""
    most, top = max(counts, default=0), len(glyphs.spark) - 1
    return "".join(glyphs.spark[-(-count * top // most) if most else 0] for count in counts)


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


_LONG_PATH = re.compile(r"(?<!\S)/\S*/(?=[^/\s]+/[^/\s]+)")


def in_two_lines(text: str, width: int, ellipsis: str = "…") -> str:
    """Shorten a text to two lines of `width` cells: its paths at their start, then its middle.

    Its end stays, which says what to do.
    """
    shown = text = " ".join(text.split())
    if len(wrapped(text, width)) > 2:
        shown = text = _LONG_PATH.sub(f"{ellipsis}/", text)
    for room in range(min(len(text), 2 * width), 0, -1):
        if len(wrapped(shown, width)) <= 2:
            break
        head = room // 3
        shown = f"{text[:head].rstrip()} {ellipsis} {text[len(text) - room + head :].lstrip()}"
    return shown


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
    signs = str.maketrans("·○●", glyphs.dot + glyphs.silent + glyphs.here)
    block = [*(line.translate(signs) for line in STARS), "", *reason]
    if width < 30 or height < len(block) + 4:
        lines = ["", *(f"  {line}" for line in wrapped(text, max(width - 4, 10)))]
        return [fit(line, width) for line in lines]
    middle = [" " * ((width - cell_len(line)) // 2) + line for line in block]
    return [fit(line, width) for line in (*[""] * ((height - len(block)) // 3), *middle)]


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
