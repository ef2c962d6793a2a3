"""Read-only connections to one SQLite file, shared by threads."""

import queue
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segue.core.arrays import one_line
from segue.core.errors import SegueError
from segue.core.files import require_regular


class ReadPool:
    """Lends a connection to each caller and takes it back, so there are as many as simultaneous callers.

    Parameters
    ----------
    path
        A file that nobody writes while it is open; a new version takes its place by renaming.
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
            found = self._path.stat()
        except (OSError, sqlite3.Error) as error:
            raise SegueError(
                f"{self._path}: the catalogue can't be opened ({error}); train or import the library again"
            ) from error
        file = found.st_ino, found.st_mtime_ns
        self._file = self._file or file
        if file != self._file:  # the numbers of its tracks are other ones
            connection.close()
            raise SegueError(f"{self._path}: was written anew since it was opened; open it again")
        return connection

    def fetch(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and return all its records."""
        with self.connection() as connection:
            return connection.execute(sql, values).fetchall()


def _close_idle(idle: "queue.SimpleQueue[sqlite3.Connection]") -> None:
    while not idle.empty():
        idle.get_nowait().close()
