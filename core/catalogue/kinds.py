"""Which kinds of values the columns of a catalogue hold: SQLite itself would keep any kind in any column."""

from collections.abc import Iterable, Sequence
from typing import Any

from segue.core.catalogue.layout import COLUMNS

Kind = tuple[type, ...]

TEXT: Kind = (str,)
COUNT: Kind = (int,)
MEASURE: Kind = (float, int, type(None))
OF_TRACKS: tuple[Kind, ...] = tuple(
    MEASURE if column in {"duration", "bpm", "gain"} else TEXT for column in COLUMNS
)
"""Those of a track's metadata."""
_MOST_PLAYS = 1 << 53


def fit(records: Iterable[tuple[Any, ...]], kinds: Sequence[Kind]) -> bool:
    """Whether every value is of its column's kind, and every count one that a track may have."""
    return all(
        type(value) in kind and (kind is not COUNT or 0 <= value < _MOST_PLAYS)
        for record in records
        for value, kind in zip(record, kinds, strict=True)
    )
