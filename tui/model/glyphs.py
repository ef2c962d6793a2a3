"""The signs the explorer draws with, in Unicode and in plain ASCII, and its figures and words."""

import locale
from collections.abc import Sequence

from msgspec import Struct


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
    ellipsis="~",
    cursor="|",
    full="=",
    half="-",
    rest=".",
    love="*",
    ban="x",
    heard="v",
    playing=">",
    paused="=",
    mark="A",
    silent="o",
    here="@",
    plus="+",
    minus="-",
    hop=">",
    dot="-",
    spark="_.-=+*#%",
)


def glyphs_for(choice: str) -> Glyphs:
    """Return the signs for the setting `auto`, `unicode` or `ascii`; `auto` follows the locale's encoding."""
    if choice == "auto":
        choice = (
            "unicode"
            if locale.getpreferredencoding(do_setlocale=False).lower().startswith("utf")
            else "ascii"
        )
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


def count_of(count: int, noun: str) -> str:
    """Return a count with its noun: `1 track`, `2,000 tracks`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


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
