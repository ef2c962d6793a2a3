"""The SQLite file of a catalogue: its columns, the values they may hold, and the connections that read it.

SQLite itself would keep a value of any type in any column, and run what a schema computes.
"""

import queue
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segue.core.arrays import one_line
from segue.core.errors import SegueError
from segue.core.files import require_regular
from segue.core.text import printable
from segue.core.tracks import TrackInfo

FORMAT = 1
"""Version of the file's layout, its `user_version`."""
COLUMNS = TrackInfo.__struct_fields__
"""The columns of a track's metadata, in the order of the fields."""
TABLES = {"tracks", "artists", "arrays", "trigrams"}
"""The tables of plain rows; that of words is a full-text index."""

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
LARGEST_CELL = 64 << 20
"""Bytes of a value: the arrays have 4 a track."""
_TEXTS = OF_TRACKS.index(MEASURE)
_MOST_PLAYS = 1 << 53
_CHUNK = 500  # bound values in one query; old SQLite allows 999


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


class ReadPool:
    """Lends a connection to each caller and takes it back, so there are as many as simultaneous callers.

    The file isn't written while it is open; a new version takes its place by renaming.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._file: tuple[int, int] | None = None
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self.close = weakref.finalize(self, _close_idle, self._idle)
        """Close the connections that are not lent out."""

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for the length of the block, or raise a `SegueError` for a damaged file."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            yield connection
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise self.damaged(one_line(error)) from error
        finally:
            if self.close.alive:
                self._idle.put(connection)
            else:
                connection.close()

    def damaged(self, what: str) -> SegueError:
        """The error to raise for a file that holds something else than was written."""
        return SegueError(f"{self._path}: is damaged ({what}); train or import the library again")

    def _connect(self) -> sqlite3.Connection:
        require_regular(self._path)
        try:
            connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_CELL)
            found = self._path.stat()
        except (OSError, sqlite3.Error) as error:
            raise SegueError(
                f"{self._path}: the catalogue can't be opened ({one_line(error)}); "
                "train or import the library again"
            ) from error
        file = found.st_ino, found.st_mtime_ns
        self._file = self._file or file
        if file != self._file:  # the numbers of its tracks are other ones
            connection.close()
            raise SegueError(f"{self._path}: changed on disk; reopen it")
        return connection

    def fetch(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and return all its records."""
        with self.connection() as connection:
            return connection.execute(sql, values).fetchall()

    def fetch_in(self, sql: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """The records of a query that ends in `IN`, of any number of values."""
        for start in range(0, len(values), _CHUNK):
            part = values[start : start + _CHUNK]
            yield from self.fetch(f"{sql} ({','.join('?' * len(part))})", part)

    def check_schema(self) -> None:
        """Raise a `SegueError` for a schema that computes what it is asked for, which may never end.

        Those are views, triggers, and columns with an expression, which SQLite wants in parentheses.
        """
        schema = self.fetch("SELECT type, name, sql FROM sqlite_master")
        for kind, name, sql in schema:
            if kind not in {"table", "index"} or (name in TABLES and str(sql).count("(") != 1):
                raise self.damaged(f"{printable(str(name))[:40]} is not a table of stored values")
        if missing := TABLES - {name for kind, name, _ in schema if kind == "table"}:
            raise self.damaged(f"it has no table {min(missing)}")


def _close_idle(idle: "queue.SimpleQueue[sqlite3.Connection]") -> None:
    while not idle.empty():
        idle.get_nowait().close()
