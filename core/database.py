"""SQLite files of the listener's beside the state, such as learned titles, and what to say when one fails."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from segue.core import files
from segue.core.arrays import one_line
from segue.core.errors import SegueError
from segue.core.log import logger

PATIENCE = 10.0
"""Seconds to wait for another Segue that is writing."""
_LEAST_ROOM = 65_536
"""Bytes that SQLite needs beside the file to open it: those of its log's index, and some pages."""
_OF_THE_DISK = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


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
        self._read_only = False

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

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Have whatever keeps the file from being written become one line that names it."""
        try:
            with files.explained(self.path):
                yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise explained(self.path, error, "can't be used") from error

    def _open(self, *, make: bool) -> sqlite3.Connection:
        if self._connection is None or (make and self._read_only):
            self._connection = self._connect(make=make)
        self._broken = False
        return self._connection

    def _connect(self, *, make: bool) -> sqlite3.Connection:
        """Another connection, to a file with its tables."""
        if self._read_only:
            self.close()
        if make:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.require_regular(self.path)
        if make:
            self.path.touch(mode=0o600)
        self._read_only = False
        try:
            return self._connect_to(str(self.path))
        except sqlite3.OperationalError as error:
            if make or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN:
                raise
        # on a disk that can only be read SQLite can't make its log beside the file
        self._read_only = True
        return self._connect_to(f"{self.path.absolute().as_uri()}?immutable=1")

    def _connect_to(self, name: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            name,
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
            uri=name.startswith("file:"),
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


def sync_database(path: Path) -> None:
    """Have all that was committed on the disk: in WAL mode SQLite leaves that to the system for a while."""
    for name in (path, path.with_name(f"{path.name}-wal")):
        with files.explained(path), suppress(FileNotFoundError):
            files.sync(name)


def explained(path: Path, error: sqlite3.Error | UnicodeDecodeError, what: str = "is damaged") -> Exception:
    """What to say of an error of SQLite's; a mistake of ours stays what it is.

    Only for a damaged file does the error suggest moving it away: a full disk does not damage it.
    """
    if isinstance(error, sqlite3.ProgrammingError):
        return error
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code in _OF_THE_DISK and _no_room(path)):
        return SegueError(f"{path}: can't be written (the disk is full); free some space")
    if code == sqlite3.SQLITE_BUSY:
        return SegueError(f"{path}: can't be written ({one_line(error)}); close the other Segue")
    if code in _OF_THE_DISK:
        return SegueError(f"{path}: can't be read or written ({one_line(error)}); check the disk")
    return damaged(path, error, what)


def damaged(path: Path, error: Exception, what: str = "is damaged") -> SegueError:
    """The message for a file that is not ours, or no longer."""
    return SegueError(f"{path}: {what} ({one_line(error)}); move it away to start with a new one")


def _no_room(path: Path) -> bool:
    """Whether the disk is full: SQLite calls it an I/O error when it can't lay out its log's index."""
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_ROOM
    except OSError:
        return False
