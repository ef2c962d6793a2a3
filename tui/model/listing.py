"""Lists of tracks: what they depend on, what they hold, and the metadata of their tracks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from math import nan
from typing import TYPE_CHECKING, NamedTuple, Self

from msgspec import Struct, field
from msgspec.structs import replace
from rich.cells import cell_len

from segue.core.explore.variety import FAMILIARITY
from segue.core.text import fold
from segue.core.tracks import TrackInfo
from segue.tui.model.settings import Settings
from segue.tui.model.values import Dials

if TYPE_CHECKING:
    from segue.core.explore.neighbours import Filters
    from segue.core.explore.variety import Guard, Taste
    from segue.core.library import Library
    from segue.core.state import State


class Listing(Struct, frozen=True, eq=False, dict=True):  # dict: for cached properties
    """A list of tracks, ready to be shown. Two listings are equal only if they are the same object.

    Its numbers are Python's own: the first list is drawn before NumPy is imported, and single numbers are
    faster to read from a list than from an array.
    """

    rows: Sequence[int] = ()
    """Library rows; a range for the list of all tracks."""
    values: Sequence[float] | None = None
    """What orders the rows, from 0 to 1, drawn as a bar and a number; NaN or None where there is nothing."""
    notes: Mapping[int, str] = field(default_factory=dict)
    """A note at the end of a line, by line."""
    title: str = ""
    """The line above the list."""
    order: str = ""
    """What orders it, as the end of a sentence that the title begins: `, ordered by ...`."""
    summary: str = ""
    """The line below the list: what was left out, and why."""
    empty: str = ""
    """What an empty list shows: what to do."""
    headed: bool = False
    """Whether its first row is the track that the list is about."""
    versions: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """The other versions of a row's song, which the list hides."""

    @cached_property
    def noted(self) -> int:
        """Width of the longest note in cells."""
        return max(map(cell_len, self.notes.values()), default=0)

    def below(self, row: int) -> Self:
        """Put a track above it: the one that the list is about."""
        values = None if self.values is None else [nan, *self.values]
        notes = {at + 1: note for at, note in self.notes.items()}
        return replace(self, rows=[row, *self.rows], values=values, notes=notes, headed=True)

    def without_its_track(self) -> Self:
        """Leave out the first row where the list is about it."""
        if not self.headed:
            return self
        values = None if self.values is None else self.values[1:]
        notes = {at - 1: note for at, note in self.notes.items()}
        return replace(self, rows=self.rows[1:], values=values, notes=notes, headed=False)

    def with_versions_toggled(self, line: int) -> Self:
        """Show the other versions of a line's song below it, or hide them again."""
        if not 0 <= line < len(self.rows):
            return self
        others, after = self.versions.get(self.rows[line], ()), line + 1
        if not others:
            return self
        unfolded = tuple(self.rows[after : after + len(others)]) == others
        put, cut = ((), len(others)) if unfolded else (others, 0)
        rest = after + cut
        notes = {
            at if at < after else at + len(put) - cut: note
            for at, note in self.notes.items()
            if not after <= at < rest
        }
        notes |= {after + number: "version" for number in range(len(put))}
        rows = [*self.rows[:after], *put, *self.rows[rest:]]
        values = self.values
        if values is not None:
            values = [*values[:after], *(nan for _ in put), *values[rest:]]
        return replace(self, rows=rows, values=values, notes=notes)


class TrackLine(NamedTuple):
    """A line of a list."""

    listing: Listing
    line: int = 0


class Finding(Struct, frozen=True):
    """The lines of a list that contain every word of a text."""

    text: str
    lines: tuple[int, ...]

    @classmethod
    def of(cls, text: str, infos: Iterable[TrackInfo]) -> "Finding":
        """Find the words of `text`, without case and accents, in title, artist and album."""
        words = fold(text).split()
        found = [
            line
            for line, info in enumerate(infos)
            if words
            and all(
                word in fold(f"{info.title} {info.artist} {info.album} {info.track_id}") for word in words
            )
        ]
        return cls(text, tuple(found))

    def __contains__(self, line: int) -> bool:
        return line in self.lines

    def after(self, line: int, count: int = 1) -> int:
        """Return the match `count` matches after a line, wrapping at the end; the line itself if none."""
        for _ in range(min(count, len(self.lines))):
            line = next((find for find in self.lines if find > line), self.lines[0])
        return line

    def before(self, line: int, count: int = 1) -> int:
        """Return the match `count` matches before a line, wrapping at the start; the line itself if none."""
        for _ in range(min(count, len(self.lines))):
            line = next((find for find in reversed(self.lines) if find < line), self.lines[-1])
        return line

    def describe(self, line: int) -> str:
        """Return how many matches there are, and which one the line is."""
        if not self.lines:
            return f"no {self.text!r} here"
        place = f"{self.lines.index(line) + 1} of " if line in self.lines else ""
        return f"{place}{len(self.lines)} with {self.text!r}"


class ListingRequest(Struct, frozen=True):
    """What a place's list depends on besides the place."""

    library: "Library"
    state: "State"
    taste: "Taste"
    dials: Dials
    settings: Settings
    clock: Callable[[], float]
    """Seconds since the epoch."""

    @property
    def guard(self) -> "Guard":
        """The variety guard, on or off as the dial says."""
        from segue.core.explore.variety import OFF, Guard

        return Guard() if self.dials.variety else OFF

    @property
    def heard(self) -> frozenset[int]:
        """The tracks to leave out because they were heard."""
        return self.taste.heard if self.dials.unheard else frozenset()

    @property
    def familiarity(self) -> float | None:
        """The familiarity dial: 1 for familiar tracks, 0 for deep cuts, None for any."""
        return FAMILIARITY[self.dials.familiarity]

    @property
    def filters(self) -> "Filters":
        """The filters that dials and bans set."""
        from segue.core.explore.neighbours import Filters

        return Filters(self.guard, self.familiarity, heard=self.heard, banned=self.taste.banned)


class Tracks:
    """The metadata of tracks by row, read on demand and cached; `read` returns it for some rows."""

    def __init__(self, read: Callable[[Sequence[int]], list[TrackInfo]], kept: int = 20_000) -> None:
        self._read = read
        self._known: dict[int, TrackInfo] = {}
        self._kept = kept

    def infos(self, rows: Sequence[int]) -> list[TrackInfo]:
        """Return the metadata of each row."""
        missing = [row for row in dict.fromkeys(rows) if row not in self._known]
        if missing:
            if len(self._known) + len(missing) > self._kept:
                self._known = {row: self._known[row] for row in rows if row in self._known}
            self._known.update(zip(missing, self._read(missing), strict=True))
        return [self._known[row] for row in rows]

    def forget(self, row: int) -> None:
        """Read a row again when it is next asked for."""
        self._known.pop(row, None)

    def info(self, row: int, likely: Sequence[int] = ()) -> TrackInfo:
        """Return the metadata of a row; the rows `likely` to be asked for next are read with it."""
        if row not in self._known:
            self.infos([row, *likely])
        return self._known[row]


def search(library: "Library", query: str, limit: int) -> Listing:
    """List what a query finds; without one, all tracks, the most played first."""
    if not query.strip():
        return Listing(range(len(library)), title="All tracks")
    hits = library.catalogue.search(query, limit)
    notes = {at: "similar" for at, hit in enumerate(hits) if hit.why == "typo"}
    empty = f"No match for {query!r}. Fewer letters find more; ids and Deezer links work too."
    return Listing([hit.row for hit in hits], notes=notes, empty=empty)
