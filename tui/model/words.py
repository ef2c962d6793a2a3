"""Numbers and times as words."""

from collections.abc import Sequence

from segue.tui.model.glyphs import Glyphs

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
