"""Public playlists of Deezer's around what a listener likes, gathered politely and resumably.

Search terms, artists and charts lead to playlists; the artists that most of these have lead to more.
Nobody's account is looked at, and of a playlist only its name and the ids and names of its tracks are kept.
All that is known lies in one SQLite file, written in one transaction an answer, so a run that is killed goes
on where it was, and ends as if it had not been.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from segue.core.arrays import one_line
from segue.core.corpus.readers.identities import OwnPlaylist
from segue.core.deezer.models import ForbiddenError, NotFoundError
from segue.core.errors import SegueError
from segue.core.explore.playlist_files import deezer_list, entry_of, is_deezer_link
from segue.core.files import atomic_file, refuse_link, require_regular
from segue.core.http import UnusableError
from segue.core.titles import letters

if TYPE_CHECKING:
    from segue.core.deezer.client import DeezerClient
    from segue.core.deezer.models import Playlist

FILE = "playlists.jsonl"
PAGES = 4
"""Pages of 25 playlists of one search, artist or chart."""
PAGE = 25
SHORTEST, LONGEST = 4, 2_000
"""Tracks of a playlist that is kept: with fewer or more, what stands beside what says little."""
SECONDS = 120.0
"""How long one playlist may take, the wait for the rate limit included."""
_SCHEMA = """
CREATE TABLE tasks (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL, query TEXT NOT NULL, page INTEGER NOT NULL,
    done INTEGER NOT NULL DEFAULT 0, UNIQUE (path, query, page)
);
CREATE TABLE playlists (
    number INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE, line BLOB, gone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE artists (id INTEGER PRIMARY KEY, playlists INTEGER NOT NULL, asked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE agreed (terms TEXT PRIMARY KEY)
"""


class Progress(NamedTuple):
    """How far a gathering is."""

    playlists: int
    """Kept ones."""
    gone: int
    """Those that are private or gone by now, or too short or too long."""


class _Gathered(sqlite3.Connection):
    """A connection whose errors are one line that names the file."""

    def execute(self, *arguments: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as SQLite's own
        try:
            return super().execute(*arguments)
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter of SQLite's own message
            path = next((row[2] for row in super().execute("PRAGMA database_list")), "gathering.sqlite")
            if "locked" in str(error):
                what = "another gathering is running; wait until it has finished"
            else:
                what = f"can't be used ({one_line(error)})"
            raise SegueError(f"{path}: {what}, or choose another --to") from error


class Gathering:
    """A folder of gathered playlists. Raises `SegueError` when its file can't be used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "gathering.sqlite"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in ("", "-journal", "-wal"):
                refuse_link(path.with_name(path.name + name))
            require_regular(path)
            self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, factory=_Gathered)
            self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._connection.execute("BEGIN EXCLUSIVE")
            if self._connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in _SCHEMA.split(";"):
                    self._connection.execute(statement)
                self._connection.execute("PRAGMA user_version=1")
            self._connection.execute("COMMIT")
        except (OSError, sqlite3.Error, UnicodeDecodeError) as error:
            raise SegueError(f"{path}: can't be used ({one_line(error)}); choose another --to") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def has_agreed(self) -> bool:
        """Whether the listener has agreed to the terms here."""
        return bool(self._rows("SELECT 1 FROM agreed"))

    def agree(self) -> None:
        """Note that the listener has agreed to the terms."""
        self._connection.execute("INSERT OR IGNORE INTO agreed VALUES ('deezer')")

    def progress(self) -> Progress:
        """How much there is by now."""
        kept, gone = self._rows("SELECT count(line), coalesce(sum(gone), 0) FROM playlists")[0]
        return Progress(kept, gone)

    def seed(self, deezer: "DeezerClient", like: Iterable[str]) -> None:
        """Start from artists, tracks, genres or playlists by name or link; from the charts without any.

        Raises `HttpError` when Deezer does not answer, and `SegueError` when a text means nothing to Deezer.
        """
        for text in like or [""]:
            tasks = _tasks_of(deezer, text.strip())
            if not tasks:
                raise SegueError(
                    f"Deezer has no artist, track, genre or playlist {text!r}; try another --like"
                )
            with self._writing():
                for path, query in tasks:
                    self._add_task(path, query, 0)

    def run(self, deezer: "DeezerClient", most: int, show: Callable[[Progress], object]) -> Progress:
        """Gather until there are `most` playlists, or Deezer has no more of them.

        Raises `HttpError` when Deezer does not answer; the next run goes on.
        """
        while (so_far := self.progress()).playlists < most:
            show(so_far)
            wanted = self._rows(
                "SELECT number, id FROM playlists WHERE line IS NULL AND NOT gone ORDER BY number LIMIT 1"
            )
            if wanted:
                self._fetch(deezer, *wanted[0])
                continue
            task = self._connection.execute(
                "SELECT number, path, query, page FROM tasks WHERE NOT done ORDER BY number LIMIT 1"
            ).fetchone()
            if task:
                self._list(deezer, *task)
            elif not self._follow_an_artist():
                break
        self._export()
        return self.progress()

    def _fetch(self, deezer: "DeezerClient", number: int, playlist_id: int) -> None:
        line: bytes | None = None
        found: Playlist | None = None
        with suppress(NotFoundError, ForbiddenError, UnusableError):
            found = deezer.within(SECONDS, "prefetch").playlist(playlist_id)
        if found is not None and SHORTEST <= len(found.tracks) <= LONGEST:
            entries = [
                entry_of(track, f"artist_{track.artist.id}" if track.artist.id else "")
                for track in found.tracks
                if track.id > 0
            ]
            line = msgspec.json.encode(OwnPlaylist(found.title[:200], "deezer", entries))
        with self._writing():
            self._connection.execute(
                "UPDATE playlists SET line = ?, gone = ? WHERE number = ?", (line, line is None, number)
            )
            if line is None or found is None:
                return
            for artist in sorted({track.artist.id for track in found.tracks if track.artist.id > 0}):
                self._connection.execute(
                    "INSERT INTO artists (id, playlists) VALUES (?, 1) "
                    "ON CONFLICT (id) DO UPDATE SET playlists = playlists + 1",
                    (artist,),
                )

    def _list(self, deezer: "DeezerClient", number: int, path: str, query: str, page: int) -> None:
        found: tuple[Playlist, ...] = ()
        total = 0
        with suppress(NotFoundError, ForbiddenError, UnusableError):
            found, total = deezer.within(SECONDS, "prefetch").playlists(path, query, page * PAGE, PAGE)
        with self._writing():
            self._connection.execute("UPDATE tasks SET done = 1 WHERE number = ?", (number,))
            for playlist in found:
                if playlist.id > 0:
                    self._connection.execute(
                        "INSERT OR IGNORE INTO playlists (id) VALUES (?)", (playlist.id,)
                    )
            if found and (page + 1) * PAGE < total and page + 1 < PAGES:
                self._add_task(path, query, page + 1)

    def _follow_an_artist(self) -> bool:
        """Look next at the artist that most of the playlists have; False when there is none left."""
        found = self._rows("SELECT id FROM artists WHERE NOT asked ORDER BY playlists DESC, id LIMIT 1")
        if not found:
            return False
        with self._writing():
            self._connection.execute("UPDATE artists SET asked = 1 WHERE id = ?", found[0])
            self._add_task(f"artist/{found[0][0]}/playlists", "", 0)
        return True

    def _add_task(self, path: str, query: str, page: int) -> None:
        if path.startswith("playlist/"):
            number = int(path.removeprefix("playlist/"))
            self._connection.execute("INSERT OR IGNORE INTO playlists (id) VALUES (?)", (number,))
            return
        self._connection.execute(
            "INSERT OR IGNORE INTO tasks (path, query, page) VALUES (?, ?, ?)", (path, query, page)
        )

    def _export(self) -> None:
        lines = self._connection.execute(
            "SELECT CAST(line AS BLOB) FROM playlists WHERE line IS NOT NULL ORDER BY number"
        )
        with atomic_file(self.folder / FILE) as temporary, temporary.open("wb") as file:
            for (line,) in lines:
                file.write(line + b"\n")

    def _rows(self, sql: str) -> list[tuple[int, ...]]:
        return self._connection.execute(sql).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction: committed at the end of the block, rolled back when it fails."""
        self._connection.execute("BEGIN")
        with self._connection:
            yield


def _tasks_of(deezer: "DeezerClient", text: str) -> list[tuple[str, str]]:
    """Where to look for playlists around what a text names: addresses of the API, and what to ask there."""
    if not text:
        return [("chart/0/playlists", "")]
    deezer = deezer.within(SECONDS, "prefetch")
    if is_deezer_link(text):
        kind, number = deezer_list(text, deezer)
        if kind != "playlist":
            raise SegueError(f"{text}: is an album; --like takes the link of a playlist")
        return [(f"playlist/{number}", "")]
    tasks = []
    genres = [genre for genre in deezer.genres() if letters(genre.name) == letters(text)]
    artists = [artist for artist in deezer.artists(text) if letters(artist.name) == letters(text)]
    tracks = [] if genres or artists else deezer.search(text, limit=1)
    tasks += [(f"chart/{genre.id}/playlists", "") for genre in genres[:1]]
    artist_ids = [artist.id for artist in artists[:1]] + [track.artist.id for track in tracks]
    tasks += [(f"artist/{number}/playlists", "") for number in artist_ids if number]
    if deezer.playlists("search/playlist", text, 0, PAGE)[1]:
        tasks.append(("search/playlist", text))
    return tasks
