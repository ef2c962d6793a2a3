"""What stands in a list of tracks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import nan
from typing import Protocol, Self

from rich.cells import cell_len

from segue.core.tracks import TrackInfo


@dataclass(frozen=True, eq=False)
class Listing:
    """A list of tracks, ready to be shown. Two are equal only if they are the same.

    Its numbers are Python's own: the first list is drawn without waiting for NumPy, and drawing a line looks
    at single numbers, which cost more in an array.
    """

    rows: Sequence[int] = ()
    """Track numbers; a range for the list of all tracks, however many they are."""
    values: Sequence[float] | None = None
    """A similarity for each row, drawn as a bar and a number; None for a list without.

    A row that is there beside its song's best version has none: it is not a number."""
    notes: Mapping[int, str] = field(default_factory=dict)
    """A remark at the end of a line, by its number in the list."""
    title: str = ""
    """What the list is, for the line above it."""
    summary: str = ""
    """What was left out and why, for the line below it."""
    empty: str = ""
    """What to do, where there are no rows."""
    versions: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """The other versions of a row's song, which the list leaves out."""

    @cached_property
    def noted(self) -> int:
        """Cells of the longest note."""
        return max(map(cell_len, self.notes.values()), default=0)

    def turned(self, line: int) -> Self:
        """Unfold the other versions of a line's song below it, or fold them again."""
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


class InfoSource(Protocol):
    """Whatever knows tracks by row; the catalogue does."""

    def infos(self, rows: Sequence[int]) -> list[TrackInfo]:
        """Give the metadata of each row."""
        ...


class Tracks:
    """The metadata of tracks by row, read when it is looked at and kept for the next time."""

    def __init__(self, source: InfoSource, kept: int = 20_000) -> None:
        self._source = source
        self._known: dict[int, TrackInfo] = {}
        self._kept = kept

    def infos(self, rows: Sequence[int]) -> list[TrackInfo]:
        """Give the metadata of each row."""
        missing = [row for row in dict.fromkeys(rows) if row not in self._known]
        if missing:
            if len(self._known) + len(missing) > self._kept:
                self._known = {row: self._known[row] for row in rows if row in self._known}
            self._known.update(zip(missing, self._source.infos(missing), strict=True))
        return [self._known[row] for row in rows]

    def info(self, row: int, likely: Sequence[int] = ()) -> TrackInfo:
        """Give the metadata of one row; the rows that will `likely` be asked for next are read with it."""
        if row not in self._known:
            self.infos([row, *likely])
        return self._known[row]
