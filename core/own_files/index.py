"""The listener's own files: an index of their tags in SQLite, and the source that plays them first.

A file is read again only where it has changed.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from segue.core.arrays import one_line
from segue.core.catalogue.database import LARGEST_MEASURE
from segue.core.database import OwnDatabase
from segue.core.deezer.client import Learn
from segue.core.deezer.previews import File, NoPreview, Preview, PreviewSource
from segue.core.deezer.source import is_invented, make_previews
from segue.core.deezer.transport import Priority
from segue.core.errors import UsageError
from segue.core.log import logger
from segue.core.own_files.tags import AUDIO, Tags, UnreadableFileError, read_tags
from segue.core.places import user_folder
from segue.core.titles import plain_title, same_song, song_key
from segue.core.tracks import TrackInfo, service_id

FORMAT = 1
AT_ONCE = 100
"""Files after which what was read is kept: a killed index goes on from there."""
LOOKED_AT = 1000
"""Tracks of playlists that are looked at for files."""
SILENCE = 3.0
"""Seconds to wait for a disk that does not say whether it has a file."""
_asking: dict[Path, threading.Thread] = {}
"""By folder, who waits for a disk that does not answer."""
_asking_lock = threading.Lock()
NAMED = 20
"""Files with a problem that a report names."""
_SCHEMA = """
CREATE TABLE folders (path BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE files (
    path BLOB PRIMARY KEY, modified INTEGER NOT NULL, size INTEGER NOT NULL, problem TEXT NOT NULL,
    seconds REAL NOT NULL, title TEXT NOT NULL, artist TEXT NOT NULL, album TEXT NOT NULL,
    isrc TEXT NOT NULL, mbid TEXT NOT NULL, song TEXT NOT NULL, seen REAL NOT NULL
);
CREATE INDEX files_isrc ON files (isrc) WHERE isrc != '';
CREATE INDEX files_mbid ON files (mbid) WHERE mbid != '';
CREATE INDEX files_song ON files (song) WHERE song != '';
"""
_TAGS = "seconds, title, artist, album, isrc, mbid"


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file, and what its tags say."""

    path: Path
    tags: Tags


@dataclass(slots=True)
class Report:
    """What an indexing found; `problems` are the first files that could not be read, each with its reason."""

    files: int = 0
    read: int = 0
    unchanged: int = 0
    gone: int = 0
    unreadable: int = 0
    skipped: int = 0
    """Links that lead out of the folder, FIFOs and devices."""
    problems: list[tuple[str, str]] = field(default_factory=list)


class FileIndex(OwnDatabase):
    """An index file. It is made by the first `scan`; without it only tracks whose id is a path are found."""

    schema, format, contents = _SCHEMA, FORMAT, "the index of files"

    # indexing

    def scan(self, folder: Path, on_file: Callable[[float], None] = lambda _count: None) -> Report:
        """Read the tags of a folder's audio files that are new or have changed, and forget what is gone.

        Raises `UsageError` when there is no such folder; `SegueError` when the index can't be written.
        """
        try:
            root = folder.expanduser().resolve(strict=True)
        except (OSError, RuntimeError):
            raise UsageError(f"{folder}: there is no such folder") from None
        if not root.is_dir():
            raise UsageError(f"{folder}: is not a folder; pass the folder that holds the files")
        report, now = Report(), time.time()
        with self._explained(), closing(self._connect(make=True)) as connection:
            self._scan(connection, root, now, report, on_file)
        self._broken = False
        return report

    def _scan(
        self,
        connection: sqlite3.Connection,
        root: Path,
        now: float,
        report: Report,
        on_file: Callable[[float], None],
    ) -> None:
        """Nothing is held while files are read, so that two may index at once."""
        connection.execute("INSERT OR IGNORE INTO folders VALUES (?)", (os.fsencode(root),))
        there, records = set[bytes](), list[tuple[object, ...]]()
        for path, found in _audio_files(root, report):
            report.files += 1
            on_file(1)
            key = os.fsencode(path), found.st_mtime_ns, found.st_size
            there.add(key[0])
            known = connection.execute(
                "SELECT problem FROM files WHERE path = ? AND modified = ? AND size = ?", key
            ).fetchone()
            if known is not None:
                report.unchanged += 1
                problem = known[0]
            else:
                report.read += 1
                problem, record = _record(key, path, now)
                records.append(record)
            if problem:
                report.unreadable += 1
                if len(report.problems) < NAMED:
                    report.problems.append((str(path), problem))
            if len(records) == AT_ONCE:
                _change(connection, _PUT, records)
                records.clear()
        _change(connection, _PUT, records)
        inside = os.fsencode(root / "x")[:-1]
        known = connection.execute(
            "SELECT path FROM files WHERE substr(path, 1, ?) = ?", (len(inside), inside)
        ).fetchall()
        gone = [each for each in known if each[0] not in there]
        _change(connection, "DELETE FROM files WHERE path = ?", gone)
        report.gone = len(gone)

    def folders(self) -> list[Path]:
        """The folders that were indexed."""
        found = self._read("SELECT path FROM folders", ())
        return [Path(os.fsdecode(path)) for (path,) in found if isinstance(path, bytes)]

    # looking up

    def find(self, track: TrackInfo, folder: Path | None = None) -> OwnFile | None:
        """The listener's own file of a track: its path, else by MusicBrainz id, ISRC, or title and artist.

        A path that is not absolute starts from `folder`, or from a folder that was indexed.

        Of several files of one song the one with the same words in its title comes first, then the one whose
        length is nearest.
        """
        if PurePosixPath(track.track_id).suffix.lower() in AUDIO:
            for path in self._places(track.track_id, folder):
                if _is_file(path):
                    return OwnFile(path, self._tags_of(path))
        return next((file for file in self._candidates(track) if _is_file(file.path)), None)

    def _candidates(self, track: TrackInfo) -> Iterator[OwnFile]:
        service = service_id(track.track_id)
        if service is not None and service[0] == "musicbrainz":
            yield from self._where("mbid", service[1])
        yield from self._where("isrc", track.isrc)
        yield from self._same_song(track)

    def _same_song(self, track: TrackInfo) -> list[OwnFile]:
        if not (track.title and track.artist):
            return []
        words = plain_title(track.title)
        found = [
            file
            for file in self._where("song", song_key(track.title))
            if same_song(track.title, track.artist, file.tags.title, file.tags.artist)
        ]
        length = track.duration
        return sorted(
            found,
            key=lambda file: (
                plain_title(file.tags.title) != words,
                abs(file.tags.seconds - length) if length else 0.0,
            ),
        )

    def _places(self, track_id: str, folder: Path | None) -> Iterator[Path]:
        """Where a track whose id is a path may lie."""
        path = Path(track_id)
        if path.is_absolute():
            yield path
            return
        if folder is not None:
            yield folder / path
        if "\0" not in track_id and ".." not in path.parts:
            yield from (indexed / path for indexed in self.folders())

    def _where(self, column: str, value: str) -> list[OwnFile]:
        if not value:
            return []
        sql = f"SELECT path, {_TAGS} FROM files WHERE {column} = ? AND problem = '' LIMIT 100"  # noqa: S608 - own names
        found = self._read(sql, (value,))
        return [
            OwnFile(Path(os.fsdecode(path)), Tags(*tags)) for path, *tags in found if _are_tags(path, tags)
        ]

    def _tags_of(self, path: Path) -> Tags:
        """The tags of a file, from the index where it has not changed since.

        Raises `UnreadableFileError` when they can't be read.
        """
        with suppress(OSError, UnicodeError):
            found = path.stat()
            sql = f"SELECT {_TAGS} FROM files WHERE path = ? AND modified = ? AND size = ? AND problem = ''"  # noqa: S608 - our own names
            for tags in self._read(sql, (os.fsencode(path), found.st_mtime_ns, found.st_size)):
                if _are_tags(b"", tags):
                    return Tags(*tags)
        return read_tags(path)


def _are_tags(path: object, tags: Sequence[Any]) -> bool:
    """Whether the index holds what was written: SQLite keeps a value of any type in any column."""
    kinds = (bytes, float, *(str,) * 5)
    return tuple(map(type, (path, *tags))) == kinds and 0 <= tags[0] < LARGEST_MEASURE


_PUT = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _record(key: tuple[bytes, int, int], path: Path, now: float) -> tuple[str, tuple[object, ...]]:
    """Read a file's tags: why they can't be read, else an empty text, and what the index holds of it."""
    problem, tags = "", Tags(0.0)
    try:
        tags = read_tags(path)
    except UnreadableFileError as error:
        problem = str(error)
    texts = (problem, tags.title, tags.artist, tags.album, tags.isrc, tags.mbid, song_key(tags.title))
    problem, *known = (text.encode("utf-8", "replace").decode() for text in texts)
    return problem, (*key, problem, tags.seconds, *known, now)


def _change(connection: sqlite3.Connection, sql: str, records: Sequence[tuple[object, ...]]) -> None:
    """Run a statement for each record, all or none."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(sql, records)
    connection.execute("COMMIT")


def _audio_files(folder: Path, report: Report) -> Iterator[tuple[Path, os.stat_result]]:
    """The audio files in a folder and below; links lead nowhere, and other things are counted."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                inside = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            report.problems.append((str(error.filename), one_line(error)))
            continue
        for entry in inside:
            with suppress(OSError):  # gone meanwhile
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif os.path.splitext(entry.name)[1].lower() in AUDIO:  # noqa: PTH122 - of thousands of names
                    if entry.is_file(follow_symlinks=False):
                        yield Path(entry.path), entry.stat(follow_symlinks=False)
                    else:
                        report.skipped += 1


@lru_cache(maxsize=1)
def _index_at(path: Path) -> FileIndex:
    return FileIndex(path)


def file_index() -> FileIndex:
    """The index of this user."""
    return _index_at(user_folder("data") / "files.sqlite")


CREDIT = "Your own file"
Chosen = Callable[[str], int | None]


class OwnFilesFirst:
    """A `PreviewSource` that looks among the listener's files and asks another source for the rest."""

    folder: Path | None
    """Where the paths of the library's tracks start from, unless they are absolute."""

    def __init__(
        self,
        index: FileIndex,
        others: PreviewSource,
        folder: Path | None = None,
        chosen: Chosen = lambda _track_id: None,
    ) -> None:
        self.folder = folder
        self._chosen = chosen
        self._index = index
        self._others = others

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        """The own file of a track, else its preview; no service is asked for a file that is there."""
        if (number := self._chosen(track.track_id)) is not None:
            found_there = self._others.fetch(TrackInfo(f"track_{number}"), priority=priority)
            if isinstance(found_there, NoPreview):
                return replace(found_there, track=track)
            return replace(found_there, track=track, note="the recording that you have chosen")
        if not is_invented(track):
            try:
                found = self._index.find(track, self.folder)
            except UnreadableFileError as error:
                return NoPreview(track, f"the file {error}")
            if found is not None:
                file = File(found.path, found.tags.seconds)
                return Preview(track, b"", found.path.absolute().as_uri(), CREDIT, file=file)
        return self._others.fetch(track, priority=priority)

    def close(self) -> None:
        """End waiting requests."""
        self._others.close()


def make_source(
    *,
    chosen: Chosen = lambda _track_id: None,
    offline: bool = False,
    learn: Learn | None = None,
    folder: Path | None = None,
) -> OwnFilesFirst:
    """Make the source of sound for every track of a library whose paths start from `folder`.

    `chosen` gives the number at Deezer of a track for which the listener has chosen a recording. The other
    parameters are those of `make_previews`.
    """
    return OwnFilesFirst(file_index(), make_previews(offline=offline, learn=learn), folder, chosen)


def folder_of_paths(track_ids: Iterable[str], source: Path) -> Path | None:
    """The folder from which the paths in playlists start, if there are files: the source's, or itself."""
    folder = source if source.is_dir() else source.parent
    for track_id in islice(track_ids, LOOKED_AT):
        path = Path(track_id)
        if path.suffix.lower() in AUDIO and not path.is_absolute() and _is_file(folder / path):
            return folder.absolute()
    return None


def _is_file(path: Path) -> bool:
    """Whether there is a file: none where a path is longer than the system takes, or the disk is silent.

    Asking a network mount whose server has gone blocks until it is back. So a thread asks, and a folder that
    blocks one is not asked again until that one has its answer.
    """
    with _asking_lock:
        if (asking := _asking.get(path.parent)) is not None and asking.is_alive():
            return False
    found = False

    def ask() -> None:
        nonlocal found
        with suppress(OSError, ValueError):
            found = path.is_file()

    asking = threading.Thread(target=ask, name="segue-own-file", daemon=True)
    asking.start()
    asking.join(SILENCE)
    with _asking_lock:
        if asking.is_alive():
            _asking[path.parent] = asking
            logger.warning("%s: the disk does not answer", path.parent)
        else:
            _asking.pop(path.parent, None)
    return found
