"""A listener's own tables: Exportify, TuneMyMusic, Soundiiz, iTunes, Takeout, Last.fm, or any with titles."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import numpy as np

from segue.core.corpus.readers.batch import Batch, Columns, Entry, NamedEntries, Source, whole_playlists
from segue.core.corpus.readers.identities import identity_of, isrc_of
from segue.core.corpus.readers.players import milliseconds
from segue.core.corpus.readers.services import SHORTEST, sessions
from segue.core.corpus.readers.table import BEYOND, SEPARATOR, numbers, plain_name, roles_of, seconds_of
from segue.core.errors import SegueError

IDS = {
    "track_uri": "",
    "spotify_uri": "",
    "spotify_id": "spotify:track:",
    "spotify_track_id": "spotify:track:",
    "video_id": "youtube:",
    "youtube_id": "youtube:",
    "deezer_id": "track_",
    "track_id": "",
    "id": "",
    "identifier": "",
    "uri": "",
    "link": "",
    "url": "",
    "location": "",
    "recording_mbid": "",
    "track_mbid": "",
    "mbid": "",
}
"""The names of columns of ids, in order of preference, and what makes such an id one of a known kind."""
TIMES = ("uts", "utc_time", "listened_at", "played_at", "event_start_timestamp")
_PLAYLISTS = ("playlist_name", "playlist", "playlist_title", "playlist_id")
_LENGTHS = (
    *("duration_ms", "track_duration_ms", "media_duration_in_milliseconds"),
    *("duration", "length", "time"),
)
_SEVERAL_ARTISTS = re.compile(r"artist_name_\d+")
_QUOTED_CELL = re.compile(r"^'(?=[=+\-@\t\r])")
_OF_ANYTHING = frozenset(
    {"name", "title", "título", "titre", "titel", "titolo", "タイトル", "название", "제목"}
)
"""Headings of titles that books and films have too."""
_HEADING = 12
"""Lines among which the header is looked for: Takeout once wrote about the playlist first."""
MOST_ROWS = 50_000
"""Rows of one playlist: no service allows as many; a table that has more lacks its column of playlists."""
_DATES = ("%d %b %Y %H:%M", "%d %b %Y, %H:%M", "%Y-%m-%d %H:%M")

ALL_BY_NAME = Columns()
Columnar = dict[str, list[int]]
"""The numbers of the columns that hold something, by what they hold."""


def track_columns(
    rows: Sequence[Sequence[str]], named: Columns = ALL_BY_NAME, *, of_tracks: bool = False
) -> tuple[int, Columnar] | None:
    """Which of the first rows is the header, and what its columns hold; None where no row is one.

    A header in another language is understood by what its columns hold: Exportify's are a track's URI, its
    name, the artists' URIs and their names, in this order. Titles or ids that may be those of books are not
    those of tracks unless that is known (`of_tracks`).
    """
    for at, header in enumerate(rows[:_HEADING]):
        found = _columns(header, named)
        is_of_tracks = of_tracks or named.title or found["artist"] or found["album"]
        titles = found["title"] and (
            is_of_tracks or plain_name(header[found["title"][0]]) not in _OF_ANYTHING
        )
        ids = found["id"] and (of_tracks or (not at and len(header) == 1))
        if titles or ids or knows_kind(header):
            return at, found
        if at + 1 < len(rows) and found["title"] == [] and _is_exportify(rows[at + 1]):
            return at, {**found, "id": [0], "title": [1], "artist": [3]}
    return None


def knows_kind(header: Sequence[str]) -> bool:
    """Whether a header names a column of recording codes, or of ids of a known kind."""
    names = set(map(plain_name, header))
    return "isrc" in roles_of(header) or any(IDS[name] or name.endswith("uri") for name in names & IDS.keys())


def _is_exportify(row: Sequence[str]) -> bool:
    return len(row) > 3 and row[0].startswith("spotify:") and row[2].startswith("spotify:artist:")


def _columns(header: Sequence[str], named: Columns) -> Columnar:
    names = [plain_name(name) for name in header]
    roles = roles_of(header, named)

    def called(wanted: Sequence[str]) -> list[int]:
        return [names.index(name) for name in wanted if name in names]

    def of_role(role: str) -> list[int]:
        return [roles[role]] if role in roles else []

    several = [number for number, name in enumerate(names) if _SEVERAL_ARTISTS.fullmatch(name)]
    heard = called(["listening_time", "play_duration_milliseconds"])[:1]
    return {
        "id": called([plain_name(named.track)] if named.track else list(IDS)),
        "title": of_role("title") or called(("track", "song"))[:1],
        "artist": called([plain_name(named.artist)]) if named.artist else of_role("artist_name") or several,
        "album": of_role("album"),
        "isrc": of_role("isrc"),
        "duration": called(_LENGTHS)[:1],
        "playlist": called([plain_name(named.playlist)] if named.playlist else _PLAYLISTS)[:1],
        "time": called(TIMES)[:1] or (called(["date"]) if heard else []),
        "heard": heard,
    }


def read_own_table(source: Source) -> Iterator[Batch]:
    """Read tracks into one playlist, into those that a column names, or into sessions by a column of times.

    Raises `SegueError` when no column holds titles or ids, or as `playlists_of`.
    """
    rows = _rows(source)
    named = source.columns
    found = track_columns(rows, named) or track_columns(rows, named, of_tracks=True)
    header = rows[found[0] if found else 0] if rows else []
    names = [plain_name(name) for name in header]
    missing = next((name for name in vars(named).values() if name and plain_name(name) not in names), None)
    if found is None or missing:
        wanted = f"column {missing!r}" if missing else "column of titles or ids that is recognised"
        raise SegueError(
            f"{source.place}: no {wanted} among {' '.join(', '.join(header).split())[:200]}; name it with "
            "--columns title=NAME or track=NAME"
        )
    rows = rows[found[0] + 1 :]
    if named.position:
        place = names.index(plain_name(named.position))
        order = np.argsort(numbers([_cell(row, [place]) for row in rows]), kind="stable")
        rows = [rows[at] for at in order.tolist()]
    yield from whole_playlists(playlists_of(header, rows, found[1], source))


def playlists_of(
    header: Sequence[str], rows: Iterable[Sequence[str]], columns: Columnar, source: Source, name: str = ""
) -> Iterator[list[Entry]]:
    """The playlists, or the sessions, of the rows below a header; `name` is that of a table without names.

    Raises `SegueError` when there are too many rows for a playlist.
    """
    names = [plain_name(each) for each in header]
    playlists: dict[str, list[Entry]] = {}
    listens: list[tuple[float, float | None, Entry]] = []
    for row in rows:
        entry = _entry(row, columns, names)
        if row == header:  # of another table that was appended
            source.skipped["header within the table"] += 1
        elif not (entry.track_id or entry.title):
            source.skipped["row without a title or an id"] += 1
        elif columns["time"]:
            heard = _cell(row, columns["heard"])
            heard += "e-3" if heard and _in_milliseconds(columns["heard"], names) else ""
            _add_listen(listens, entry, _cell(row, columns["time"]), source, heard)
        else:
            playlists.setdefault(_cell(row, columns["playlist"]) or name, []).append(entry)
    longest = max(map(len, playlists.values()), default=0)
    if longest > MOST_ROWS:
        raise SegueError(
            f"{source.place}: has {longest:,} rows and no playlist column that is recognised; "
            "name it with --columns playlist=NAME,track=NAME"
        )
    if columns["time"]:
        yield from sessions(listens)
    else:
        yield from (NamedEntries(name, entries) for name, entries in playlists.items())


def _rows(source: Source) -> list[list[str]]:
    try:
        return _cells(source.text_lines())
    except csv.Error as error:
        raise SegueError(
            f"{source.place}: is not a readable table ({error}); save it with a header and one track a line"
        ) from None


def _cells(lines: list[str]) -> list[list[str]]:
    delimiter = ""
    if lines and (named := SEPARATOR.fullmatch(lines[0].strip())):
        delimiter, lines = named[1], lines[1:]
    delimiter = delimiter or max(",\t;", key=(lines or [""])[0].count)
    rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    return [[_QUOTED_CELL.sub("", cell).strip() for cell in row] for row in rows if row]


def _cell(row: Sequence[str], numbers: Sequence[int]) -> str:
    return next((row[number] for number in numbers if number < len(row) and row[number]), "")


def _entry(row: Sequence[str], columns: Columnar, header: Sequence[str]) -> Entry:
    ids = [
        identity_of(f"{IDS.get(header[number], '')}{row[number]}")
        for number in columns["id"]
        if number < len(row) and row[number]
    ]
    artists = [row[number] for number in columns["artist"] if number < len(row) and row[number]]
    if ids and ids[0].startswith("spotify:local:"):
        ids = ids[1:]
    return Entry(
        ids[0] if ids else "",
        _cell(row, columns["title"]),
        ", ".join(artists),
        _cell(row, columns["album"]),
        duration=_length(
            _cell(row, columns["duration"]), is_ms=_in_milliseconds(columns["duration"], header)
        ),
        isrc=isrc_of(_cell(row, columns["isrc"])),
        ids=tuple(ids[1:]),
    )


def _in_milliseconds(columns: Sequence[int], header: Sequence[str]) -> bool:
    return any(header[number].endswith(("ms", "milliseconds")) for number in columns)


def _length(text: str, *, is_ms: bool) -> float | None:
    """Seconds, from milliseconds, seconds or minutes and seconds."""
    if found := re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})", text):
        return int(found[1] or 0) * 3600.0 + int(found[2]) * 60 + int(found[3])
    return milliseconds(text if is_ms else f"{text}000" if text.isdecimal() else "")


def read_scrobbles(source: Source) -> Iterator[Batch]:
    """Read Last.fm's scrobbles without a header, artist, album, title and date, into sessions."""
    listens: list[tuple[float, float | None, Entry]] = []
    for row in _rows(source):
        found = scrobble_of(row)
        if found is None:
            source.skipped["row that is not: artist, album, title, date"] += 1
        else:
            _add_listen(listens, *found, source)
    yield from whole_playlists(sessions(listens))


def scrobble_of(row: Sequence[str]) -> tuple[Entry, str] | None:
    """The track and the date of a row of scrobbles; None for another row."""
    if len(row) != 4 or not row[0] or not row[2] or (row[3] and _time(row[3]) == BEYOND):
        return None
    return Entry("", row[2], row[0], row[1]), row[3]


def _add_listen(
    listens: list[tuple[float, float | None, Entry]], entry: Entry, time: str, source: Source, heard: str = ""
) -> None:
    began, seconds = _time(time), float(heard) if re.fullmatch(r"\d{1,9}(?:\.\d*)?(?:e-3)?", heard) else None
    if began == BEYOND:
        source.skipped["row without a time"] += 1
    elif seconds is not None and seconds < SHORTEST:
        source.skipped["skipped track"] += 1
    else:
        listens.append((began, seconds or entry.duration, entry))


def _time(text: str) -> float:
    """Seconds since 1970 of a number of them or of a date in one of the usual forms; else `BEYOND`."""
    if re.fullmatch(r"\d{9,11}(?:\.\d*)?", text):
        return float(text)
    for form in _DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return seconds_of(text)


def is_scrobbles(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows of a table are scrobbles, and the first no header."""
    found = [scrobble_of(row) for row in rows]
    dated = sum(1 for one in found if one is not None and one[1])
    return bool(rows) and found[0] is not None and 2 * dated > len(rows)


def first_rows(text: str) -> list[list[str]]:
    """The cells of the first lines of a text, as a table."""
    try:
        return _cells(text.splitlines(keepends=True)[: _HEADING + 1])
    except csv.Error:
        return []
