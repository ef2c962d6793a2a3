"""SQLite files of the listener's beside the state: learned titles, the index of own files."""

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from segue.core.arrays import one_line
from segue.core.errors import SegueError
from segue.core.files import require_regular
from segue.core.log import logger

PATIENCE = 10.0
"""Seconds to wait for another Segue that is writing."""


class OwnDatabase:
    """A file that is made when it is first written to.

    Its methods may be called from any thread, and several Segues may share the file. Reading never raises: a
    damaged file is logged and knows nothing.
    """

    schema: ClassVar[str]
    """Statements that make the tables, parted by `;` and a line end."""
    format: ClassVar[int]
    """The version of the schema. A file of another one is not read."""
    contents: ClassVar[str]
    """What the log calls it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._broken = False

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _read(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._lock:
            if self._broken or (self._connection is None and not self.path.exists()):
                return []
            try:
                return self._open(make=False).execute(sql, values).fetchall()
            except (OSError, SegueError, sqlite3.Error, UnicodeError) as error:
                self._broken = True
                logger.warning("%s: %s can't be read (%s)", self.path, self.contents, one_line(error))
                return []

    def _open(self, *, make: bool) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect(make=make)
        self._broken = False
        return self._connection

    def _connect(self, *, make: bool) -> sqlite3.Connection:
        """Another connection, to a file with its tables."""
        if make:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_regular(self.path)
        if make:
            self.path.touch(mode=0o600)
        connection = sqlite3.connect(
            self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the tables of a new file, which another process may be doing too."""
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, self.format}:
            raise sqlite3.DatabaseError(f"version {version} is of a newer Segue")
        if version == 0:
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in self.schema.strip().split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={self.format}")
            connection.execute("COMMIT")
        connection.execute("PRAGMA synchronous=NORMAL")
