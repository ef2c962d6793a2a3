"""The libraries there are, as a list."""

from dataclasses import dataclass
from pathlib import Path

from segue.core.errors import SegueError
from segue.core.evaluation import best_of_model
from segue.core.libraries import library_at
from segue.core.library import Library
from segue.core.places import all_libraries
from segue.tui.model.glyphs import Glyphs
from segue.tui.widgets.cells import fit
from segue.tui.widgets.line_list import Part

DATED = 44
"""Cells from which on a line has the date."""


@dataclass(frozen=True)
class StoredLibrary:
    """A library on disk."""

    path: Path
    tracks: int = 0
    hit: float | None = None
    """hit@10 on validation pairs of its better ranker, baselines aside."""
    created: str = ""
    trouble: str = ""
    """Why it can't be opened."""


def stored_libraries(current: Path) -> list[StoredLibrary]:
    """Read every library there is, and the open one wherever it is. Some milliseconds each: for a thread."""
    paths = list(all_libraries())
    if not any(same(path, current) for path in paths):
        paths = [current, *paths]
    return [stored_library(path) for path in paths]


def stored_library(path: Path) -> StoredLibrary:
    """Read one library's facts."""
    try:
        library = Library.open(path)
        best = best_of_model(library.manifest)
        hit = None if best is None else best[1]["hit@10"]
        return StoredLibrary(path, len(library), hit, library.manifest.created[:10])
    except SegueError as error:
        return StoredLibrary(path, trouble=str(error))


def is_unfinished(path: Path) -> bool:
    """Whether a library was left by a stopped training."""
    found = library_at(path)
    return found is not None and found.training.get("stopped_early") is True


def same(one: Path, other: Path) -> bool:
    """Whether two paths are one folder."""
    return one.absolute() == other.absolute()


def draw(item: StoredLibrary, width: int, *, current: Path, glyphs: Glyphs) -> list[Part]:
    """Draw a library: whether it is open, its name, its size, its score, and when it was made."""
    sign = f"{glyphs.here} " if same(item.path, current) else "  "
    if item.trouble:
        name = fit(item.path.name, 14, glyphs.ellipsis)
        return [("  ", "text"), (f"{name} ", "text"), (fit(item.trouble, width - 18, glyphs.ellipsis), "bad")]
    room = _room(width)
    hit = "-" if item.hit is None else f"{item.hit:.3f}"[1:] if item.hit < 0.9995 else "1.00"
    parts = [
        (sign, "accent"),
        (fit(item.path.name, room, glyphs.ellipsis), "strong" if sign.strip() else "text"),
        (f"{item.tracks:>10,}", "quiet"),
        (f"{hit:>6}", "text"),
    ]
    return [*parts, (f"  {item.created}", "faint")] if width >= DATED else parts


def head(width: int) -> str:
    """Return the line above the list."""
    line = f"   {'library':<{_room(width)}}{'tracks':>10}{'hit':>6}"
    return f"{line}  made" if width >= DATED else line


def _room(width: int) -> int:
    """Return the cells that a name has."""
    return max(width - 19 - (12 if width >= DATED else 0), 4)
