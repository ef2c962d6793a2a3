"""The state file: its tables, and how an older file becomes the newest."""

import sqlite3
import time
from pathlib import Path

from segue.core.arrays import one_line
from segue.core.errors import SegueError

MIGRATIONS = (
    """
    CREATE TABLE marks (
        kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (kind, key)
    ) WITHOUT ROWID;
    CREATE TABLE changes (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, before TEXT, after TEXT,
        undone INTEGER NOT NULL DEFAULT 0, at REAL NOT NULL
    );
    CREATE TABLE journal (
        number INTEGER PRIMARY KEY, at REAL NOT NULL, track_id TEXT NOT NULL, source TEXT NOT NULL,
        seconds REAL NOT NULL, outcome TEXT NOT NULL
    );
    CREATE INDEX journal_track_id ON journal (track_id);
    CREATE TABLE sessions (name TEXT PRIMARY KEY, value TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
    """,
)
"""Statements that lead from each version of the file to the next. Only ever append."""


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a state file to the newest version; two processes may try at once.

    Raises `SegueError` when a newer Segue wrote the file.
    """
    if (version := _version(connection)) == len(MIGRATIONS):
        return
    if version > len(MIGRATIONS):
        raise SegueError(
            f"{path}: written by a newer Segue (version {version}); update it or move the file away"
        )
    connection.execute("BEGIN IMMEDIATE")
    try:
        # another process may have migrated while this one waited
        for script in MIGRATIONS[_version(connection) :]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


class UnwritableStateError(SegueError):
    """The state file can't be made or written where it should be."""


def unwritable(path: Path, error: Exception) -> UnwritableStateError:
    """What to say where no state can be kept."""
    return UnwritableStateError(
        f"{path}: can't store state there ({one_line(error)}); set XDG_STATE_HOME to a folder you own"
    )


def is_read_only(error: Exception) -> bool:
    """Whether SQLite could not write, on a disk that is in order."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}


def use_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Let others read while one writes. SQLite itself does not wait when several make one file at once."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
