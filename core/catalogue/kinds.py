"""Which kinds of values the columns of a catalogue hold: SQLite itself would keep any kind in any column."""

from collections.abc import Iterable, Sequence
from typing import Any

from segue.core.catalogue.layout import COLUMNS
from segue.core.tracks import TrackInfo

Kind = tuple[type, ...]

TEXT: Kind = (str,)
COUNT: Kind = (int,)
MEASURE: Kind = (float, int, type(None))
OF_TRACKS: tuple[Kind, ...] = tuple(
    MEASURE if column in {"duration", "bpm", "gain"} else TEXT for column in COLUMNS
)
"""Those of a track's metadata."""
LARGEST_MEASURE = 1e9
"""No duration in seconds, tempo or gain is as large."""
_TEXTS = OF_TRACKS.index(MEASURE)
_MOST_PLAYS = 1 << 53


def info_of(record: Sequence[Any]) -> TrackInfo:
    """The metadata in a record of the columns; a measure that cannot be, such as infinity, is unknown."""
    measures = (value if value is None or abs(value) < LARGEST_MEASURE else None for value in record[_TEXTS:])
    return TrackInfo(*record[:_TEXTS], *measures)


def fit(records: Iterable[tuple[Any, ...]], kinds: Sequence[Kind]) -> bool:
    """Whether every value is of its column's kind, and every count one that a track may have."""
    return all(
        type(value) in kind and (kind is not COUNT or 0 <= value < _MOST_PLAYS)
        for record in records
        for value, kind in zip(record, kinds, strict=True)
    )
