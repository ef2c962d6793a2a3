"""The state store: one SQLite file that two running Segues may share.

Loves, bans, places, stations, crates and queues are *marks*: a kind, a key and a JSON value. Every change of
one is kept with what was there before, which makes undo and redo the same for all of them. A queue also
changes by itself, as it plays on; that is kept without a change to undo.
All kinds share this file as they share the table, the lock and the log of changes; opening and migrating lie
in `file`.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import EllipsisType
from typing import Any, Self

from msgspec import Struct

from segue.core.database import PATIENCE, damaged, explained
from segue.core.errors import SegueError
from segue.core.files import require_regular
from segue.core.places import user_folder
from segue.core.state.file import UnwritableStateError, is_read_only, migrate, unwritable, use_wal

Json = Any
MEMORY = Path(":memory:")
_KEPT_CHANGES = 1000
_KEPT_QUEUES = 50
"""Changes of queues that can be undone: one holds up to a thousand tracks, in 70 KB."""
_ONE = (
    "SELECT number, kind, key, {value} FROM changes AS one WHERE number = ? AND undone = ? AND NOT EXISTS "
    "(SELECT 1 FROM changes WHERE kind = one.kind AND key = one.key AND number > one.number AND NOT undone)"
)
"""One change, unless a later one of the same mark stands."""
_OF_TRACKS = ("love", "ban", "recording")
"""Marks whose key is a track id."""
_ELSEWHERE = 2**61
"""Lines from elsewhere are numbered by their time less this, before all that was heard here, as it came."""
_LINE = "INSERT INTO journal (number, at, track_id, source, seconds, outcome) VALUES ({}, ?, ?, ?, ?, ?)"
_NEXT = "(SELECT max(0, coalesce(max(number), 0)) + 1 FROM journal)"
_KEPT_LINES = 1000
"""Lines of the journal that wait for a disk which refuses them: eight hours of previews."""


class Bans(Struct, frozen=True):
    """What must never be suggested."""

    tracks: frozenset[str]
    """Track ids."""
    artists: frozenset[str]
    """Artist ids, or names where the corpus has no artist ids."""


class Listen(Struct, frozen=True):
    """A line of the journal."""

    at: float
    """Seconds since 1970."""
    track_id: str
    source: str
    """Where it came from, such as `radio` or `neighbours of track_1`."""
    seconds: float
    """How long it played."""
    outcome: str
    """`played`, `skipped`, or why it was not played."""


class Change(Struct, frozen=True):
    """A change that was undone or redone."""

    kind: str
    key: str
    present: bool
    """Whether the mark is there now."""

    def __str__(self) -> str:
        """Such as `love track_1: back` or `ban track_1: gone`."""
        return f"{self.kind} {self.key}: {'back' if self.present else 'gone'}"


class State:
    """An open state file. Its methods may be called from any thread.

    Loving and banning return the number of the change, to undo that one; None where nothing changed.
    """

    def __init__(
        self, path: Path, *, clock: Callable[[], float] = time.time, patience: float = PATIENCE
    ) -> None:
        self.path = path
        self.unkept = ""
        """Why nothing that changes here is kept; empty where it is."""
        self._clock = clock
        self._lock = threading.RLock()
        try:
            if path != MEMORY:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                require_regular(path)  # opening a FIFO would wait for ever
                path.touch(mode=0o600)  # what somebody hears is theirs alone; SQLite's other files follow
            self._connection = sqlite3.connect(
                path, timeout=patience, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise unwritable(path, error) from error
        self._unwritten: list[tuple[object, ...]] = []
        try:
            use_wal(self._connection, patience)
            self._connection.execute("PRAGMA synchronous=NORMAL")
            migrate(self._connection, path)
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter of SQLite's message on a schema
            self._connection.close()
            if is_read_only(error):
                raise unwritable(path, error) from error
            raise explained(path, error, "can't be used as the state file") from error
        except SegueError:
            self._connection.close()
            raise

    @classmethod
    def open(cls, path: Path | None = None, *, clock: Callable[[], float] = time.time) -> Self:
        """Open a state file, by default the user's own, and make it where there is none.

        Raises `SegueError` when it cannot be read or written, or a newer Segue wrote it.
        """
        return cls(path or user_folder("state") / "state.sqlite", clock=clock)

    @classmethod
    def in_memory(cls) -> Self:
        """A state that lasts as long as the object."""
        return cls(MEMORY)

    @classmethod
    def open_anyway(cls, path: Path | None = None) -> Self:
        """Open a state file, or a copy in memory where it can't be written: `unkept` then says why.

        Raises `SegueError` when the file is damaged, or a newer Segue wrote it.
        """
        path = path or user_folder("state") / "state.sqlite"
        try:
            return cls.open(path)
        except UnwritableStateError as error:
            state = cls.in_memory()
            state.unkept = str(error)
        with suppress(OSError):
            if path.exists():
                state.fill_from(path)
        return state

    def fill_from(self, path: Path) -> None:
        """Fill this state with what is in a file that can only be read."""
        for how in ("mode=ro", "immutable=1"):  # the latter where SQLite can't even make its log's index
            try:
                with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as source:
                    source.backup(self._connection)
                migrate(self._connection, path)
            except sqlite3.OperationalError:
                continue
            except sqlite3.Error as error:
                raise explained(path, error, "can't be used as the state file") from error
            return

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._unwritten:
                with suppress(SegueError):  # reported when it could not be written
                    self._write_journal(self._unwritten)
            self._connection.close()

    def love(self, track_id: str) -> int | None:
        """Love a track."""
        return self._set("love", track_id, True)

    def unlove(self, track_id: str) -> int | None:
        """Take a love back."""
        return self._set("love", track_id, None)

    def loves(self) -> list[str]:
        """The ids of loved tracks, the latest first."""
        return list(self._marks("love"))

    def ban_track(self, track_id: str) -> int | None:
        """Never suggest a track again."""
        return self._set("ban", track_id, True)

    def unban_track(self, track_id: str) -> int | None:
        """Suggest a track again."""
        return self._set("ban", track_id, None)

    def ban_artist(self, artist: str) -> int | None:
        """Never suggest an artist again, given by id, or by name where there are no artist ids."""
        return self._set("ban artist", artist, True)

    def unban_artist(self, artist: str) -> int | None:
        """Suggest an artist again."""
        return self._set("ban artist", artist, None)

    def bans(self) -> Bans:
        """Everything that is banned."""
        return Bans(frozenset(self._marks("ban")), frozenset(self._marks("ban artist")))

    def rename_tracks(self, ids: Mapping[str, str]) -> None:
        """Let loves and bans of tracks, and the recordings chosen for them, have other ids.

        They and their changes stay what they were, and in order. A mark that the other id has already holds.
        """
        with self._writing():
            known = "SELECT kind, key FROM marks UNION SELECT kind, key FROM changes ORDER BY kind, key"
            for kind, old in self._connection.execute(known).fetchall():
                if kind not in _OF_TRACKS or old not in ids:
                    continue
                if self._value(kind, ids[old]) is not None:
                    self._put(kind, old, None)
                    continue
                for table in ("UPDATE changes", "UPDATE marks"):
                    sql = f"{table} SET key = ? WHERE kind = ? AND key = ?"
                    self._connection.execute(sql, (ids[old], kind, old))

    def set_place(self, name: str, place: Json) -> None:
        """Remember a place under a name, such as a letter."""
        self._set("place", name, place)

    def places(self) -> dict[str, Json]:
        """The places by name, the latest first."""
        return self._marks("place")

    def save_station(self, name: str, recipe: Json) -> None:
        """Keep the recipe of a radio, blend or path under a name."""
        self._set("station", name, recipe)

    def remove_station(self, name: str) -> None:
        """Forget a station."""
        self._set("station", name, None)

    def stations(self) -> dict[str, Json]:
        """The recipes by name, the latest first."""
        return self._marks("station")

    def set_crate(self, name: str, track_ids: Sequence[str]) -> int | None:
        """Keep a crate: a playlist of the listener's own, in order."""
        return self._set("crate", name, list(track_ids))

    def remove_crate(self, name: str) -> int | None:
        """Throw a crate away."""
        return self._set("crate", name, None)

    def crates(self) -> dict[str, list[str]]:
        """The track ids of each crate by its name, the crate changed last first."""
        return {
            name: [str(track_id) for track_id in value] if isinstance(value, list) else []
            for name, value in self._marks("crate").items()
        }

    def set_match(self, line: str, track_id: str | None) -> int | None:
        """Keep which track a line of a playlist is, by its identity; None leaves it to the matching."""
        return self._set("match", line, track_id)

    def matches(self) -> dict[str, str]:
        """The track ids that the listener has chosen for lines of playlists, by the line's identity."""
        return {
            line: track_id for line, track_id in self._marks("match").items() if isinstance(track_id, str)
        }

    def set_recording(self, track_id: str, number: int | None) -> int | None:
        """Keep which recording of Deezer's is heard as a track; None leaves it to the search."""
        return self._set("recording", track_id, number)

    def recording(self, track_id: str) -> int | None:
        """The number at Deezer that the listener has chosen for a track."""
        found = self._fetch("SELECT value FROM marks WHERE kind = 'recording' AND key = ?", track_id)
        number = self._read(found[0][0]) if found else None
        return number if isinstance(number, int) and number > 0 else None

    def change_queue(self, name: str, before: Json, after: Json) -> int | None:
        """Keep a queue that the listener has changed; None removes it.

        `name` says whose queue, such as a library's. `before` is the queue just before, as it had played on
        by then: what `undo` brings back.
        """
        number = self._set("queue", name, after, before=None if before is None else json.dumps(before))
        with self._writing():
            self._connection.execute(
                "DELETE FROM changes WHERE kind = 'queue' AND number <= (SELECT number FROM changes "
                "WHERE kind = 'queue' ORDER BY number DESC LIMIT 1 OFFSET ?)",
                (_KEPT_QUEUES,),
            )
        return number

    def keep_queue(self, name: str, value: Json) -> None:
        """Keep a queue as it plays on, or forget it with None. Not undoable."""
        with self._writing():
            self._put("queue", name, None if value is None else json.dumps(value))

    def queue(self, name: str) -> Json:
        """Return the queue of a name, or None."""
        return self._marks("queue").get(name)

    def stands(self, number: int) -> bool | None:
        """Whether a change stands: False where it was undone, None where it is forgotten."""
        found = self._fetch("SELECT NOT undone FROM changes WHERE number = ?", number)
        return bool(found[0][0]) if found else None

    def undo(self, number: int | None = None) -> Change | None:
        """Take back a change of a mark, such as a love or a crate: the latest of anybody, or one by number.

        Returns None where there is nothing to take back: it is undone already, or the same mark was changed
        again since.
        """
        if number is not None:
            return self._step(_ONE.format(value="before"), 1, number, 0)
        return self._step(
            "SELECT number, kind, key, before FROM changes WHERE NOT undone ORDER BY number DESC", 1
        )

    def redo(self, number: int | None = None) -> Change | None:
        """Make a change again: the one that was undone last, or one by number; None when it is not undone."""
        if number is not None:
            return self._step(_ONE.format(value="after"), 0, number, 1)
        return self._step("SELECT number, kind, key, after FROM changes WHERE undone ORDER BY number", 0)

    def record(self, track_id: str, *, source: str, seconds: float = 0.0, outcome: str = "played") -> None:
        """Write a line into the journal.

        What has been heard can't be asked for again: lines that the disk refuses are kept, up to a limit, and
        written with the next one. Raises `SegueError` when it could not be written yet.
        """
        with self._lock:
            lines = [*self._unwritten, (self._clock(), track_id, source, seconds, outcome)]
            try:
                self._write_journal(lines)
            except SegueError:
                self._unwritten = lines[-_KEPT_LINES:]
                raise
            self._unwritten = []

    def _write_journal(self, lines: Sequence[tuple[object, ...]]) -> None:
        with self._writing():
            self._connection.executemany(_LINE.format(_NEXT), lines)

    def add_heard(
        self, source: str, listens: Iterable[tuple[float, str, float]], *, rename: Container[str] | None = ()
    ) -> int:
        """Write what was heard elsewhere into the journal, and return how many lines are new.

        A listen is when it began (seconds since 1970), its track id, and how long it played in seconds. One
        from the same `source` that began at the same moment is known; it takes the id given here where
        `rename` has the one it is under, or is None.
        """
        with self._writing():
            sql = "SELECT number, at, track_id FROM journal WHERE source = ?"
            records = self._connection.execute(sql, (source,)).fetchall()
            known = {round(at, 1): (number, track_id) for number, at, track_id in records}
            taken = {number for (number,) in self._connection.execute("SELECT number FROM journal")}
            lines, renamed = [], []
            for at, track_id, seconds in listens:
                number, before = known.get(round(at, 1), (None, ""))
                if number is None:
                    number = round(at * 1000) - _ELSEWHERE
                    while number in taken:
                        number += 1
                    taken.add(number)
                    known[round(at, 1)] = number, track_id
                    lines.append((number, at, track_id, source, seconds, "played"))
                elif before != track_id and (rename is None or before in rename):
                    renamed.append((track_id, number))
            self._connection.executemany(_LINE.format("?"), lines)
            self._connection.executemany("UPDATE journal SET track_id = ? WHERE number = ?", renamed)
            return len(lines)

    def journal(self, limit: int = 100) -> list[Listen]:
        """The latest lines of the journal, the latest first."""
        sql = "SELECT at, track_id, source, seconds, outcome FROM journal ORDER BY number DESC LIMIT ?"
        return [Listen(*record) for record in self._fetch(sql, limit)]

    def heard(self) -> frozenset[str]:
        """The ids of tracks that were played or skipped, at any time."""
        sql = "SELECT DISTINCT track_id FROM journal WHERE outcome IN ('played', 'skipped')"
        return frozenset(track_id for (track_id,) in self._fetch(sql))

    def forget_journal(self) -> int:
        """Empty the journal and return how many lines it had."""
        with self._writing():
            self._unwritten = []
            return self._connection.execute("DELETE FROM journal").rowcount

    def save_session(self, value: Json, *, name: str = "last") -> None:
        """Keep where the listener is, to resume there. Not undoable."""
        with self._writing():
            self._connection.execute(
                "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)", (name, json.dumps(value), self._clock())
            )

    def session(self, *, name: str = "last") -> Json:
        """Return what `save_session` kept, or None."""
        found = self._fetch("SELECT value FROM sessions WHERE name = ?", name)
        return self._read(found[0][0]) if found else None

    def _marks(self, kind: str) -> dict[str, Json]:
        sql = "SELECT key, value FROM marks WHERE kind = ? ORDER BY at DESC, key"
        return {str(key): self._read(value) for key, value in self._fetch(sql, kind)}

    def _read(self, value: str) -> Json:
        try:
            return json.loads(value)
        except (ValueError, TypeError, RecursionError) as error:
            raise damaged(self.path, error) from error

    def _set(
        self, kind: str, key: str, value: Json, *, before: str | EllipsisType | None = ...
    ) -> int | None:
        """Set a mark, or remove it with None; returns the number of the change, None without one.

        What was there before is what the file holds, unless the caller knows better.
        """
        after = None if value is None else json.dumps(value)
        with self._writing():
            before = self._value(kind, key) if before is ... else before
            if before == after:
                return None
            following = "SELECT coalesce(max(number), 0) + 1 FROM changes"  # somebody may know an undone one
            number = int(self._connection.execute(following).fetchone()[0])
            self._connection.execute("DELETE FROM changes WHERE undone")
            self._connection.execute(
                "INSERT INTO changes (number, kind, key, before, after, at) VALUES (?, ?, ?, ?, ?, ?)",
                (number, kind, key, before, after, self._clock()),
            )
            self._connection.execute(
                "DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - ?", (_KEPT_CHANGES,)
            )
            self._put(kind, key, after)
            return number

    def _step(self, sql: str, undone: int, *values: int) -> Change | None:
        with self._writing():
            found = self._connection.execute(f"{sql} LIMIT 1", values).fetchone()
            if found is None:
                return None
            number, kind, key, value = found
            self._put(kind, key, value)
            self._connection.execute("UPDATE changes SET undone = ? WHERE number = ?", (undone, number))
            return Change(kind, key, value is not None)

    def _value(self, kind: str, key: str) -> str | None:
        found = self._connection.execute(
            "SELECT value FROM marks WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return None if found is None else str(found[0])

    def _put(self, kind: str, key: str, value: str | None) -> None:
        if value is None:
            self._connection.execute("DELETE FROM marks WHERE kind = ? AND key = ?", (kind, key))
        else:
            self._connection.execute(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", (kind, key, value, self._clock())
            )

    def _fetch(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._connection.execute(sql, values).fetchall()
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                raise explained(self.path, error) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction, which waits for another process to finish its own."""
        with self._lock:
            self._begin()
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):  # a full disk has rolled back by itself
                    self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.DatabaseError | UnicodeDecodeError):
                    raise explained(self.path, error) from error
                raise

    def _begin(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter of SQLite's own message
            raise explained(self.path, error) from error
