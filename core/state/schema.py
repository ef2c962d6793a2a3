"""The tables of the state file, and how an older file becomes the newest."""

import sqlite3
from pathlib import Path

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

    Raises
    ------
    SegueError
        When a newer Segue wrote the file.
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
