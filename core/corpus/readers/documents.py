"""Lists of tracks in JSON of many shapes, lines of tokens, and the files of Yes.com."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from segue.core.corpus.readers.batch import Batch, Entry, Source, batches, grouped, text_id, whole_playlists
from segue.core.corpus.readers.identities import artist_and_title, identity_of, isrc_of, words_of
from segue.core.corpus.readers.json_lines import json_document
from segue.core.corpus.readers.streams import lines_of
from segue.core.corpus.readers.table import plain_name
from segue.core.errors import SegueError
from segue.core.text import LONGEST
from segue.core.tracks import service_id

SONG_HASH = "song_hash.txt"
"""The names of the songs, beside a file of Yes.com."""
_SEPARATORS = re.compile(r"[,;\s]+")
LINK_ELSEWHERE = re.compile(
    r"(?:spotify:|https?://open\.spotify\.com/(?:intl-\w+/)?)(?:album|playlist|artist|episode|show)\b[:/]"
    r"|https?://(?:www\.)?deezer\.com/(?:\w\w/)?(?:album|playlist|artist)/"
    r"|https?://(?:www\.|music\.)?youtube\.com/(?:playlist|channel|@)",
    re.IGNORECASE,
)
"""A link of a service that leads to something other than a track."""
_NUMBERED = re.compile(r"^\d{1,3}(?:[.)]\s*|\s+-\s+|\s+)(?=\D)")


def read_token_lines(source: Source) -> Iterator[Batch]:
    """Read one playlist per line; ids in bytes that are not UTF-8 are skipped and counted."""
    yield from batches(_rows(source), source)


def _rows(source: Source) -> Iterator[list[str]]:
    for line in source.lines():
        # a byte that is not UTF-8 becomes a surrogate, by which its id is recognised and skipped later
        row = [token for token in _SEPARATORS.split(line.decode(errors="surrogateescape")) if token]
        if row:
            yield row


def read_titles(source: Source) -> Iterator[Batch]:
    """Read one file as one playlist, one line per track: `Artist - Title`, a title, an id or a link."""
    lines = [line for line in map(str.strip, source.text_lines()) if line and not line.startswith("#")]
    tracks = [line for line in lines if not LINK_ELSEWHERE.match(line)]
    if len(tracks) < len(lines):
        source.skipped["link of what is not a track"] += len(lines) - len(tracks)
    yield from whole_playlists([list(map(line_entry, tracks))])


def line_entry(line: str) -> Entry:
    """What a line means: `Artist - Title`, or else an id, a link or a title; it may be numbered."""
    line = line.strip()[:LONGEST]
    if line[:1] == line[-1:] == '"' and line.count('"') == 2:
        line = line[1:-1].strip()
    words = _NUMBERED.sub("", line)
    artist, title = artist_and_title(words)
    if artist and title:
        return Entry("", title, artist, ids=(line,), text=words)
    identity = identity_of(line)
    if service_id(identity):
        return Entry(identity)
    return Entry(identity, text=words if identity == line else words_of(line))


_LISTS = ("playlist", "tracks", "track", "songs", "items", "data")
_TITLES = ("title", "track", "track_name", "song", "name")
_ARTISTS = ("artist", "creator", "artist_name", "artists", "band")
_IDS = ("track_id", "track_uri", "id", "identifier", "location", "uri", "link", "url")


def read_documents(source: Source) -> Iterator[Batch]:
    """Read one list of tracks, objects or texts; what is neither is skipped and counted."""
    document, is_deezer = json_document(source), False
    for key in _LISTS:
        while isinstance(document, Mapping) and isinstance(document.get(key), Mapping | list):
            is_deezer = key == "data"
            document = document[key]
    entries = []
    for item in document if isinstance(document, list) else []:
        entry = line_entry(item) if isinstance(item, str) else _entry(item, is_deezer=is_deezer)
        if entry is None:
            source.skipped["record that is not a track"] += 1
        else:
            entries.append(entry)
    yield from whole_playlists([entries])


def _entry(item: object, *, is_deezer: bool) -> Entry | None:
    if not isinstance(item, Mapping):
        return None
    cells = {plain_name(str(name)): value for name, value in item.items()}
    title, artist, identity = (_first(cells, names) for names in (_TITLES, _ARTISTS, _IDS))
    if not title and not identity:
        return None
    if is_deezer and identity.isdecimal():
        identity = f"track_{identity}"
    length = cells.get("duration")
    seconds = float(length) if isinstance(length, int | float) and 0 < length < 1e5 else None
    return Entry(
        identity_of(identity),
        title,
        artist,
        _plain(cells.get("album")),
        duration=seconds,
        isrc=isrc_of(_plain(cells.get("isrc"))),
    )


def _first(cells: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _plain(cells.get(name)))), "")


def _plain(cell: object) -> str:
    """The text of a JSON value: a number, the texts of a list, or the name of an object."""
    if isinstance(cell, list):
        return ", ".join(filter(None, (_plain(one) for one in cell if not isinstance(one, list))))
    if isinstance(cell, Mapping):
        named = cell.get("name") or cell.get("title")
        return named.strip() if isinstance(named, str) else ""
    return text_id(cell).strip()


def read_yes(source: Source) -> Iterator[Batch]:
    """Read songs as `yes_<number>`, so that a number isn't taken for a Deezer id.

    Raises `SegueError` when the two header lines are missing, or most lines are not lists of song numbers.
    """
    lines = source.lines(heading=2)
    n_songs = len(next(lines, b"").split())
    if not n_songs or len(next(lines, b"").split()) != n_songs:
        raise SegueError(
            f"{source.place}: lacks the two header lines of a Yes.com file (song ids and counts)"
        )
    songs = read_song_hash(source.path.parent / SONG_HASH, None if source.start else source)
    for tracks, group in grouped(_playlists(lines, n_songs, source)):
        yield _batch(tracks, list(map(len, group)), songs)


def _playlists(lines: Iterator[bytes], n_songs: int, source: Source) -> Iterator[list[str]]:
    ids = [f"yes_{number}" for number in range(n_songs)]
    good = bad = 0
    for line in lines:
        fields = line.split()
        if not fields:
            continue
        try:
            numbers = np.array(fields, dtype=np.int64)
        except (ValueError, OverflowError):
            numbers = np.array([-1])
        if numbers.min() < 0 or numbers.max() >= n_songs:
            bad += 1
            source.skipped[f"line that is not a list of song numbers below {n_songs:,}"] += 1
            continue
        good += 1
        yield [ids[number] for number in numbers.tolist()]
    source.refuse_if_mostly_bad(bad, good, "lists of song numbers")


def _batch(tracks: list[str], lengths: list[int], songs: dict[str, Entry]) -> Batch:
    return Batch(
        tracks,
        lengths,
        describe=lambda positions: [songs.get(tracks[at]) or Entry(tracks[at]) for at in positions],
    )


def read_song_hash(path: Path, source: Source | None = None) -> dict[str, Entry]:
    """Titles and artists by track id, from lines of `number<tab>title<tab>artist`; empty without the file.

    The artist's name serves as its id, since the file has no other.
    """
    songs: dict[str, Entry] = {}
    if not path.is_file():
        return songs
    for line in lines_of(path):
        fields = line.decode(errors="replace").split("\t")
        number = fields[0].strip()
        if len(fields) == 3 and number.isascii() and number.isdigit():
            title, artist = (field.strip().replace("\\/", "/") for field in fields[1:])
            songs[f"yes_{number}"] = Entry(f"yes_{number}", title=title, artist=artist, artist_id=artist)
        elif line.strip() and source is not None:
            source.skipped["line of song_hash.txt that is not: number, title, artist"] += 1
    return songs
