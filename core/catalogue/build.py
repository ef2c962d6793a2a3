"""Writing a catalogue: one SQLite file that holds every track's metadata and its search indexes.

Full-text row numbers are *places*: 0 is the most played track. FTS5 keeps the matches of a word and of its
prefixes in row order, so the first matches it finds are the most popular ones and a query can stop there.
That is what makes one- and two-letter prefixes, which match much of the catalogue, as quick as others.
"""

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import ArrayLike, NDArray

from segue.core.catalogue.database import COLUMNS, FORMAT
from segue.core.catalogue.metadata import KnownTracks
from segue.core.catalogue.search import SCHEMA as TRIGRAMS
from segue.core.catalogue.search import index_words, spaced, write_trigrams
from segue.core.errors import SegueError
from segue.core.files import atomic_file
from segue.core.lazy import no_cycle_search
from segue.core.text import fold
from segue.core.titles import song_key
from segue.core.tracks import TrackInfo

LONGEST = 500
"""Letters of a title or name that are kept: a damaged table may hold a book in a cell."""
_VALUES = attrgetter(*COLUMNS)
_TEXTS = [column for column in COLUMNS if column not in {"duration", "bpm", "gain"}]
_TEXTS_OF = attrgetter(*_TEXTS)
_SCHEMA = f"""
CREATE TABLE tracks (
    row INTEGER PRIMARY KEY, {", ".join(COLUMNS)}, count INTEGER NOT NULL, title_key, artist_key
);
CREATE VIRTUAL TABLE words USING fts5(
    title, artist, album,
    content='', detail=column, columnsize=0, prefix='1 2 3', tokenize='unicode61 remove_diacritics 0'
);
CREATE TABLE artists (code INTEGER PRIMARY KEY, artist_id, name, name_key);
CREATE TABLE arrays (name TEXT PRIMARY KEY, data BLOB NOT NULL);
{TRIGRAMS};
"""
_LARGE_PIECES = f"INSERT INTO words(words, rank) VALUES ('hashsize', {16 << 20});"  # noqa: S608 - a number
"""FTS5 writes a piece of its index whenever so many bytes have come together, and merges them later: less
work, and a smaller file, than with its own 1 MB."""
_INDEXES = """
CREATE INDEX tracks_track_id ON tracks (track_id);
CREATE INDEX tracks_title_key ON tracks (title_key);
CREATE INDEX artists_artist_id ON artists (artist_id);
CREATE INDEX artists_name_key ON artists (name_key);
"""


@no_cycle_search()
def write_catalogue(path: Path, tracks: Iterable[TrackInfo], counts: ArrayLike) -> None:
    """Write the catalogue of a library, whole or not at all, in place of one that exists.

    There is a track for each row of the library, in row order, and how often each was played, int (V,): the
    popularity by which search ranks. Raises `SegueError` when there are not as many tracks as counts.
    """
    rows = [_storable(track) for track in tracks]
    plays = np.asarray(counts, dtype=np.int64)
    if plays.shape != (len(rows),):
        raise SegueError(
            f"{path}: {len(rows)} tracks but {len(plays)} play counts; pass one count for each track"
        )
    with (
        atomic_file(path) as temporary,
        _explained_errors(),
        closing(sqlite3.connect(temporary)) as connection,
    ):
        # the file is renamed into place only when whole, so the database needs no journal of its own
        connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=8192;"
            + _SCHEMA
            + _LARGE_PIECES
        )
        connection.execute(f"PRAGMA user_version={FORMAT}")
        _fill(connection, rows, plays)
        connection.executescript(_INDEXES)
        connection.execute("INSERT INTO words(words) VALUES ('optimize')")
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()


def described(known: KnownTracks, tracks: Mapping[str, TrackInfo]) -> Iterable[TrackInfo]:
    """What is known of each row's track; one of which nothing is known is kept under its id."""
    for track_id, artist_id in zip(known.track_ids, known.artist_ids, strict=True):
        yield tracks.get(track_id) or TrackInfo(track_id, artist_id=artist_id)


@contextmanager
def _explained_errors() -> Iterator[None]:
    """Turn SQLite's word for a full disk into the system's, and say why full-text search may be missing."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, str(error)) from error
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
            raise OSError(errno.EIO, str(error)) from error
        if "fts5" in str(error):
            raise SegueError(
                "SQLite has no full-text search (FTS5) in this process; "
                "TensorFlow brings such an SQLite: import segue before tensorflow"
            ) from error
        raise


def _fill(connection: sqlite3.Connection, tracks: Sequence[TrackInfo], counts: NDArray[np.int64]) -> None:
    row_of_place = np.argsort(-counts, kind="stable").astype(np.int32)
    popular = [tracks[row] for row in row_of_place.tolist()]
    marks = ", ".join("?" * (len(COLUMNS) + 4))
    titles = [(fold(track.title), index_words(track.title), song_key(track.title)) for track in tracks]
    words = cache(index_words)  # most artists and albums come again and again
    full_text = cache(lambda text: spaced(words(text)))
    connection.executemany(
        f"INSERT INTO tracks VALUES ({marks})",  # noqa: S608 - marks only
        (
            (row, *_VALUES(track), count, title[0], words(track.artist))
            for row, (track, count, title) in enumerate(zip(tracks, counts.tolist(), titles, strict=True))
        ),
    )
    titles = [titles[row] for row in row_of_place.tolist()]
    connection.executemany(
        "INSERT INTO words (rowid, title, artist, album) VALUES (?, ?, ?, ?)",
        (
            (place, spaced(title[1]), full_text(track.artist), full_text(track.album))
            for place, (track, title) in enumerate(zip(popular, titles, strict=True))
        ),
    )
    write_trigrams(
        connection,
        [f"{title[1]} {words(track.artist)}" for track, title in zip(popular, titles, strict=True)],
    )
    artist_keys = [_artist_key(track) for track in popular]
    artists = _codes(artist_keys)
    folded = cache(fold)
    albums = _codes(
        [
            (code, folded(track.album)) if track.album else None
            for code, track in zip(artists, popular, strict=True)
        ]
    )
    songs = _codes(
        [
            (code, title[2]) if track.title else None
            for code, track, title in zip(artists, popular, titles, strict=True)
        ]
    )
    connection.executemany("INSERT INTO artists VALUES (?, ?, ?, ?)", _artist_rows(popular, artists))
    place_of_row = np.empty_like(row_of_place)
    place_of_row[row_of_place] = np.arange(len(row_of_place), dtype=np.int32)
    arrays = {
        "row_of_place": row_of_place,
        "place_of_row": place_of_row,
        "artists": np.asarray(artists, dtype=np.int32)[place_of_row],
        "albums": np.asarray(albums, dtype=np.int32)[place_of_row],
        "songs": np.asarray(songs, dtype=np.int32)[place_of_row],
    }
    connection.executemany(
        "INSERT INTO arrays VALUES (?, ?)",
        ((name, data.astype("<i4").tobytes()) for name, data in arrays.items()),
    )


def _artist_key(track: TrackInfo) -> str | None:
    if track.artist_id:
        return track.artist_id
    return f"name {fold(track.artist)}" if track.artist else None


def _artist_rows(popular: Sequence[TrackInfo], codes: Sequence[int]) -> list[tuple[int, str, str, str]]:
    """Each artist under the name that its most popular named track gives."""
    found: dict[int, TrackInfo] = {}
    for code, track in zip(codes, popular, strict=True):
        if code >= 0 and (code not in found or (track.artist and not found[code].artist)):
            found[code] = track
    return [(code, track.artist_id, track.artist, fold(track.artist)) for code, track in found.items()]


def _codes(keys: Sequence[object | None]) -> list[int]:
    """Number the distinct keys in order of appearance; None becomes -1."""
    numbers: dict[object, int] = {}
    return [-1 if key is None else numbers.setdefault(key, len(numbers)) for key in keys]


def _storable(track: TrackInfo) -> TrackInfo:
    """The track with lone surrogates, which SQLite refuses, replaced, and overlong texts cut."""
    texts = _TEXTS_OF(track)
    joined = "".join(texts)
    if len(joined) <= LONGEST and (joined.isascii() or _is_utf8(joined)):
        return track
    clean: dict[str, Any] = {
        name: _cut(name, text).encode("utf-8", "replace").decode()
        for name, text in zip(_TEXTS, texts, strict=True)
    }
    return replace(track, **clean)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cut(name: str, text: str) -> str:
    return text if name.endswith("_id") or len(text) <= LONGEST else text[: LONGEST - 1] + "…"
