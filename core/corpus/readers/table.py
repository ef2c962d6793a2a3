"""Tables with a row for each track of a playlist: CSV, TSV and Parquet."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from typing import Any

import numpy as np

from segue.core.corpus.readers.batch import POSITIONS, Batch, Columns, Entry, Source
from segue.core.corpus.readers.streams import Place, lines_of
from segue.core.errors import SegueError
from segue.core.text import decoded

NAMES = {
    role: names.split()
    for role, names in {
        "playlist": "playlist_id playlist pid playlistid session_id sessionid playlist_name",
        "track": "track_id trackid track_uri song_id songid item_id itemid track song item",
        "position": "position pos track_position order index",
        "artist": "artist_id artistid artist_uri artist_uri_s",
        "title": "title track_name song_name trackname track_title song_title nombre_de_la_canción "
        "nom_de_la_chanson nom_du_titre songname titelname nome_da_faixa nome_da_música nome_del_brano "
        "título titre titel titolo 曲名 タイトル 歌名 歌曲 название 제목",
        "artist_name": "artist_name artist artistname artists artist_name_s artist_names creator band "
        "performer nombre_s_del_artista nombre_del_artista nom_s_de_l_artiste nom_de_l_artiste interpret "
        "nome_do_artista nome_s_do_s_artista_s nome_dell_artista artista artiste künstler "
        "アーティスト アーティスト名 歌手 艺术家 исполнитель артист 아티스트",
        "album": "album album_name album_title albumname",
        "isrc": "isrc isrc_code track_isrc",
    }.items()
}
"""Column names that are recognized by themselves, in order of preference, as `plain_name` gives them."""

_FIELDS = {"title": "title", "artist": "artist_name", "album": "album", "artist_id": "artist", "isrc": "isrc"}
"""The columns that give the fields of an `Entry`."""
BEYOND = 1e300
"""The place of a track whose place is not known."""
_NOT_OF_NAMES = re.compile(r"[\W_]+")
SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_DECIMAL = re.compile(r"(\d{1,17})\.0+")

Layout = dict[str, int]
"""Which column number holds what, by the keys of `NAMES`; playlist, track and position come first."""
Rows = Iterator[list[Sequence[str]]]
"""Some thousand rows at a time, as one sequence of texts for each column of a layout."""


def plain_name(name: str) -> str:
    """A column's name in small letters, with underscores for whatever else it holds."""
    return _NOT_OF_NAMES.sub("_", name.casefold()).strip("_")


def roles_of(header: Sequence[str], columns: Columns | None = None) -> Layout:
    """Which column holds what, as far as the names say; a column that `columns` names comes first.

    A column `name` is the title beside an artist, the artist beside a title, and of two such columns the
    title is the first.
    """
    names = [plain_name(name) for name in header]
    found: Layout = {}
    for role, guesses in NAMES.items():
        named = getattr(columns, role, None)
        candidates = [plain_name(named)] if named else guesses
        if (name := next((name for name in candidates if name in names), None)) is not None:
            found[role] = names.index(name)
    free = [number for number, name in enumerate(names) if name == "name"]
    for role in ("title", "artist_name"):
        if role not in found and free:
            found[role] = free.pop(0)
    return found


def has_layout(header: Sequence[str], columns: Columns) -> bool:
    """Whether a header names a column of playlists and one of tracks."""
    return {"playlist", "track"} <= roles_of(header, columns).keys()


def find_layout(header: Sequence[str], columns: Columns, path: Place) -> Layout:
    """Guess the layout from a header, except where `columns` names the column.

    Raises `SegueError` when a named column is absent, or playlist or track cannot be guessed.
    """
    found = roles_of(header, columns)
    for role in NAMES:
        named = getattr(columns, role, None)
        if role not in found and (named or role in {"playlist", "track"}):
            wanted = f"no column {named!r}" if named else f"no {role} column that is recognised"
            has = " ".join(", ".join(header).split())[:200]
            one = "" if named else "; a table that is one playlist needs --format tracks-csv"
            raise SegueError(f"{path}: {wanted} among {has}; name it with --columns {role}=NAME{one}")
    return found


def read_csv(source: Source) -> Iterator[Batch]:
    """Read `playlist_id, track_id[, position]` with a header, parted by commas, tabs or semicolons.

    Raises `SegueError` when the columns cannot be recognised, or most rows are too short.
    """
    header, _, _ = open_table(source)
    layout = find_layout(header, source.columns, source.place)
    yield from playlists_of(lambda notes: csv_rows(source, layout, notes=notes), layout, source)


def open_table(source: Source) -> tuple[list[str], dict[str, Any], Iterator[str]]:
    """The header of a table in text, how its cells are parted, and its other lines.

    A first line `sep=;`, as Excel writes it, names what parts the cells.
    """
    lines = map(decoded, source.lines(heading=1))
    first = next(lines, "")
    delimiter = ""
    if named := SEPARATOR.fullmatch(first.strip()):
        delimiter, first = named[1], next(lines, "")
    header, dialect = header_of(first, source.place, delimiter)
    return header, dialect, (line + "\n" for line in lines)


def header_of(line: str, place: Place, delimiter: str = "") -> tuple[list[str], dict[str, Any]]:
    """The cells of the first line of a table, and what `csv.reader` must know to read the others."""
    delimiter = delimiter or max(",\t;", key=line.count)
    dialect: dict[str, Any] = {"delimiter": delimiter, "skipinitialspace": f"{delimiter} " in line}
    try:
        return next(csv.reader([line], **dialect), []), dialect
    except csv.Error as error:
        raise SegueError(f"{place}: is not a readable table ({error})") from None


def begins_with_separator(source: Source) -> bool:
    """Whether the first line names what parts the cells."""
    return SEPARATOR.fullmatch(decoded(next(lines_of(source.place), b"")).strip()) is not None


def csv_rows(source: Source, layout: Layout, *, notes: bool) -> Rows:
    """The rows of a table in text; with `notes` those that are too short are counted as skipped."""
    header, dialect, lines = open_table(source)
    rows = csv.reader(lines, **dialect)
    wanted, widest = itemgetter(*layout.values()), max(layout.values())
    names = wanted(header)
    good = bad = 0
    while True:
        try:
            block = list(islice(rows, POSITIONS))
        except csv.Error as error:
            raise SegueError(f"{source.place}: is not a readable table ({error})") from None
        if not block:
            break
        complete = [wanted(row) for row in block if len(row) > widest]
        short = sum(1 for row in block if row and len(row) <= widest)
        if names in complete:  # of another table that was appended
            whole, complete = len(complete), [row for row in complete if row != names]
            if notes:
                source.skipped["header within the table"] += whole - len(complete)
        good, bad = good + len(complete), bad + short
        if notes and short:
            source.skipped["row with too few columns"] += short
        yield tidied(list(zip(*complete, strict=True)), source, notes=notes)
    source.refuse_if_mostly_bad(bad, good, "rows of that table")


def tidied(block: list[Sequence[str]], source: Source, *, notes: bool) -> list[Sequence[str]]:
    """The columns of some rows, without rows that name no playlist, and with 12 for an id 12.0."""
    if not block:
        return block
    if "" in block[0]:
        named = [at for at, name in enumerate(block[0]) if name]
        if notes:
            source.skipped["row without a playlist"] += len(block[0]) - len(named)
        block = [[column[at] for at in named] for column in block]
    if any(track.endswith("0") and _DECIMAL.fullmatch(track) for track in block[1][:100]):
        block[1] = [_DECIMAL.sub(r"\1", track) for track in block[1]]
    return block


def playlists_of(open_rows: Callable[[bool], Rows], layout: Layout, source: Source) -> Iterator[Batch]:
    """Gather the rows of each playlist.

    A table whose playlists stand together is streamed; one whose playlists are scattered, or whose tracks are
    not in order of position, is read into memory and sorted. `open_rows` starts reading from the top; its
    argument says whether to count what it skips.
    """
    if names_together(open_rows, layout) is not None:
        yield from _streamed(open_rows(True), layout)
    else:
        yield from _sorted(open_rows(True), layout, source)


def _runs(playlists: Sequence[str]) -> list[int]:
    """Where a run of one playlist starts."""
    return [at for at, name in enumerate(playlists) if not at or name != playlists[at - 1]]


def names_together(
    open_rows: Callable[[bool], Rows], layout: Layout, digest: Callable[[str], int] = hash
) -> set[int] | None:
    """The names of the playlists, hashed, where playlists stand together and tracks in order; else None."""
    seen: set[int] = set()  # hashes: a chance collision costs only the sorting
    last_name, last_position = None, -np.inf
    for block in open_rows(False):
        if not block or not block[0]:
            continue
        names = block[0]
        positions = numbers(block[2]) if "position" in layout else np.arange(len(names))
        falls = np.diff(positions, prepend=last_position) < 0
        starts = _runs(names)
        if names[0] == last_name:
            starts = starts[1:]
        falls[starts] = False
        new = {digest(names[at]) for at in starts}
        if len(new) < len(starts) or seen & new or ("position" in layout and falls.any()):
            return None
        seen |= new
        last_name, last_position = names[-1], positions[-1]
    return seen


def numbers(texts: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Positions as numbers, dates as seconds since 1970; any other text counts as `BEYOND` every one."""
    try:
        found = np.array(texts, dtype=np.float64)
    except ValueError:
        found = np.array([_number(text) for text in texts])
    return np.nan_to_num(found, nan=BEYOND, posinf=BEYOND, neginf=-BEYOND)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return seconds_of(text)


def seconds_of(text: str) -> float:
    """The seconds since 1970 of a date or a time in ISO 8601, UTC where it names no zone; else `BEYOND`."""
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return BEYOND


def _streamed(rows: Rows, layout: Layout) -> Iterator[Batch]:
    held: list[list[str]] = [[] for _ in layout]
    for block in rows:
        for column, values in zip(held, block, strict=False):
            column.extend(values)
        starts = _runs(held[0])
        if len(starts) > 1:
            end = starts[-1]
            yield _batch([column[:end] for column in held], starts, layout)
            held = [column[end:] for column in held]
    if held[0]:
        yield _batch(held, [*_runs(held[0]), len(held[0])], layout)


def _sorted(rows: Rows, layout: Layout, source: Source) -> Iterator[Batch]:
    columns: list[list[str]] = [[] for _ in layout]
    for block in rows:
        for column, values in zip(columns, block, strict=False):
            column.extend(values)
    numbered = {name: number for number, name in enumerate(dict.fromkeys(columns[0]))}
    playlist = np.fromiter(map(numbered.__getitem__, columns[0]), np.int64, len(columns[0]))
    position = numbers(columns[2]) if "position" in layout else np.arange(len(playlist))
    if unknown := int(np.count_nonzero(position == BEYOND)):
        source.skipped["position that is not a number (track put last)"] += unknown
    order = np.lexsort((position, playlist)).tolist()
    yield from _streamed(iter([[[column[at] for at in order] for column in columns]]), layout)


def _batch(columns: list[list[str]], starts: list[int], layout: Layout) -> Batch:
    of = dict(zip(layout, columns, strict=True))
    tracks = of["track"]
    fields: dict[str, list[Any]] = {name: of[role] for name, role in _FIELDS.items() if role in of}

    def describe(positions: Sequence[int]) -> list[Entry]:
        return [Entry(tracks[at], **{name: texts[at] for name, texts in fields.items()}) for at in positions]

    artists = of.get("artist")
    return Batch(tracks, np.diff(starts), artist_ids=artists, describe=describe if fields else None)
