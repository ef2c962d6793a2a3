"""What was learned of tracks after a library was trained: titles that services answered, kept beside it.

One SQLite file of the listener's for all libraries, keyed by service and id. Libraries stay as they are.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from segue.core.catalogue.search import index_words, spaced
from segue.core.database import OwnDatabase
from segue.core.errors import SegueError
from segue.core.log import logger
from segue.core.places import user_folder
from segue.core.text import LONGEST, fold
from segue.core.tracks import TrackInfo, service_id

FORMAT = 1
ASK_AGAIN = 7 * 86_400.0
"""Seconds after which a service is asked again for a track that it did not know."""
_CHUNK = 400
_SCHEMA = """
CREATE TABLE titles (
    number INTEGER PRIMARY KEY, service TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL,
    artist TEXT NOT NULL, album TEXT NOT NULL, isrc TEXT NOT NULL, release_date TEXT NOT NULL, duration REAL,
    cover TEXT NOT NULL, title_key TEXT NOT NULL, at REAL NOT NULL, UNIQUE (service, id)
);
CREATE INDEX titles_title_key ON titles (title_key);
CREATE VIRTUAL TABLE words USING fts5(
    title, artist, album, columnsize=0, prefix='1 2 3', tokenize='unicode61 remove_diacritics 0'
);
"""
_COLUMNS = "service, id, title, artist, album, isrc, release_date, duration, cover"
Learned = tuple[TrackInfo, str]
"""A track's metadata and the address of its cover."""


class TitleOverlay(OwnDatabase):
    """An overlay file. It is made with the first title; without a file nothing is known."""

    schema, format, contents = _SCHEMA, FORMAT, "learned titles"

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(path)
        self._clock = clock

    def completed(self, infos: Sequence[TrackInfo]) -> list[TrackInfo]:
        """The same tracks, with what is learned of those that have no title."""
        found = self.learned([info.track_id for info in infos if not info.title])
        return [
            _merged(info, found[info.track_id][0]) if not info.title and info.track_id in found else info
            for info in infos
        ]

    def learned(self, track_ids: Iterable[str]) -> dict[str, Learned]:
        """The titles and covers of those tracks for which there are any, by track id."""
        found: dict[str, Learned] = {}
        for track_id, record in self._records(track_ids).items():
            if record[2]:
                service, _, title, artist, album, isrc, date, duration, cover = record[:9]
                info = TrackInfo(
                    track_id, title, artist, album, isrc=isrc, release_date=date, duration=duration
                )
                found[track_id] = info, cover if service == "deezer" else ""
        return found

    def to_ask(self, track_ids: Iterable[str]) -> list[str]:
        """Those tracks of which a service has not been asked, or did not know a week ago or more."""
        wanted = [track_id for track_id in track_ids if service_id(track_id) is not None]
        known, now = self._records(wanted), self._clock()
        return [
            track_id
            for track_id in wanted
            if track_id not in known
            or not (known[track_id][2] or 0 <= now - float(known[track_id][9]) < ASK_AGAIN)
        ]

    def ids_matching(self, expression: str, limit: int) -> list[str]:
        """The ids of tracks whose words answer an FTS5 expression."""
        sql = (
            "SELECT service, id FROM titles WHERE number IN "
            "(SELECT rowid FROM words WHERE words MATCH ? LIMIT ?)"
        )
        return [track_id(*record) for record in self._read(sql, (expression, limit))]

    def ids_titled(self, title_key: str) -> list[str]:
        """The ids of tracks with this folded title."""
        sql = "SELECT service, id FROM titles WHERE title_key = ?"
        return [track_id(*record) for record in self._read(sql, (title_key,))] if title_key else []

    def keep(self, tracks: Iterable[Learned], *, unknown: Iterable[str] = ()) -> None:
        """Keep what was learned, and which track ids a service does not know.

        Raises `SegueError` when it can't be written.
        """
        now = self._clock()
        records = [record for info, cover in tracks if (record := _record(info, cover, now)) is not None]
        records += [
            record for one in unknown if (record := _record(TrackInfo(one), "", now, known=False)) is not None
        ]
        if not records:
            return
        with self._lock, self._explained():
            connection = self._open(make=True)
            connection.execute("BEGIN IMMEDIATE")
            with connection:  # commits at its end, or rolls back
                for record in records:
                    _write(connection, record)

    def learn(self, tracks: Iterable[Learned]) -> None:
        """As `keep`, for an answer on the way to something else: a failure is only logged."""
        try:
            self.keep(tracks)
        except SegueError as error:
            logger.warning("%s", error)

    def __len__(self) -> int:
        """How many tracks have a title here."""
        return int(next(iter(self._read("SELECT count(*) FROM titles WHERE title != ''", ())), (0,))[0])

    def _records(self, track_ids: Iterable[str]) -> dict[str, tuple[Any, ...]]:
        keys = {track_id: key for track_id in track_ids if (key := service_id(track_id)) is not None}
        found: dict[tuple[str, str], tuple[Any, ...]] = {}
        by_service: dict[str, list[str]] = {}
        for service, number in set(keys.values()):
            by_service.setdefault(service, []).append(number)
        for service, numbers in by_service.items():
            for start in range(0, len(numbers), _CHUNK):
                part = numbers[start : start + _CHUNK]
                sql = (
                    f"SELECT {_COLUMNS}, at FROM titles WHERE service = ? "  # noqa: S608 - own names
                    f"AND id IN ({','.join('?' * len(part))})"
                )
                for record in self._read(sql, (service, *part)):
                    if _is_sound(record):
                        found[record[0], record[1]] = record
        return {one: found[key] for one, key in keys.items() if key in found}


def title_overlay() -> TitleOverlay:
    """The listener's own overlay."""
    return _overlay_at(user_folder("data") / "titles.sqlite")


@lru_cache(maxsize=8)
def _overlay_at(path: Path) -> TitleOverlay:
    return TitleOverlay(path)


def track_id(service: str, number: str) -> str:
    """The id that libraries have for a service's track: the inverse of `service_id`."""
    prefix = {"deezer": "track_", "spotify": "spotify:track:", "youtube": "youtube:"}.get(service, "")
    return f"{prefix}{number}"


def _merged(info: TrackInfo, learned: TrackInfo) -> TrackInfo:
    """What a library knows of a track, completed by what was learned."""
    names = ("artist", "album", "isrc", "release_date", "duration")
    more = {name: getattr(info, name) or getattr(learned, name) for name in names}
    return replace(info, title=learned.title, **more)


def _record(info: TrackInfo, cover: str, now: float, *, known: bool = True) -> tuple[Any, ...] | None:
    key = service_id(info.track_id)
    if key is None or (known and not info.title.strip()):
        return None
    texts = [
        text[:LONGEST].encode("utf-8", "replace").decode()
        for text in (info.title, info.artist, info.album, info.isrc, info.release_date)
    ]
    return (*key, *texts, info.duration, cover[:1000], fold(texts[0]) if texts[0] else "", now)


def _write(connection: sqlite3.Connection, record: tuple[Any, ...]) -> None:
    service, number, title, artist, album = record[:5]
    there = connection.execute(
        f"SELECT number, {_COLUMNS} FROM titles WHERE service = ? AND id = ?",  # noqa: S608 - own names
        (service, number),
    ).fetchone()
    if there is not None:
        place = there[0]
        if not title and there[3]:
            return  # a track that has gone keeps its title
        changed = [new or old for new, old in zip(record[:9], there[1:], strict=True)]
        same_words = tuple(there[3:6]) == tuple(changed[2:5])
        connection.execute(
            "UPDATE titles SET title = ?, artist = ?, album = ?, isrc = ?, release_date = ?, duration = ?, "
            "cover = ?, title_key = ?, at = ? WHERE number = ?",
            (*changed[2:], fold(changed[2]) if changed[2] else "", record[10], place),
        )
        if same_words:
            return
        connection.execute("DELETE FROM words WHERE rowid = ?", (place,))
        title, artist, album = changed[2:5]
    else:
        marks = ",".join("?" * len(record))
        place = connection.execute(
            f"INSERT INTO titles ({_COLUMNS}, title_key, at) VALUES ({marks})",  # noqa: S608 - own names
            record,
        ).lastrowid
    if title:
        words = [spaced(index_words(text)) for text in (title, artist, album)]
        connection.execute(
            "INSERT INTO words (rowid, title, artist, album) VALUES (?, ?, ?, ?)", (place, *words)
        )


def _is_sound(record: tuple[Any, ...]) -> bool:
    """Whether a record has the types that were written: SQLite keeps any value in any column."""
    texts = (*record[:7], record[8])
    length = record[7]
    return (
        all(type(text) is str for text in texts)
        and (length is None or (type(length) in {int, float} and abs(length) < 1e9))
        and type(record[9]) in {int, float}
    )
