"""Tables with a row for each track of a playlist: CSV, TSV and Parquet."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path

import numpy as np

from segue.core.corpus.readers.batch import POSITIONS, Batch, Columns, Source, TrackMetadata
from segue.core.errors import SegueError

NAMES = {
    "playlist": ("playlist_id", "playlist", "pid", "playlistid", "session_id", "sessionid", "playlist_name"),
    "track": (
        "track_id",
        "trackid",
        "track_uri",
        "song_id",
        "songid",
        "item_id",
        "itemid",
        "track",
        "song",
        "item",
    ),
    "position": ("position", "pos", "track_position", "order", "index", "rank"),
    "artist": ("artist_id", "artistid", "artist_uri"),
    "title": ("title", "track_name", "song_name", "trackname"),
    "artist_name": ("artist_name", "artist", "artistname", "name"),
    "album": ("album", "album_name", "album_title", "albumname"),
}
"""Column names that are understood without being told, in order of preference; case does not matter."""

Rows = Iterator[list[Sequence[str]]]
"""Some thousand rows at a time, as one sequence of texts for each wanted column."""


@dataclass(frozen=True)
class Layout:
    """Which column number holds what."""

    playlist: int
    track: int
    position: int | None
    artist: int | None
    title: int | None
    artist_name: int | None
    album: int | None

    @property
    def used(self) -> list[int]:
        """The numbers of the columns to read."""
        return [number for number in vars(self).values() if number is not None]


def find_layout(header: Sequence[str], columns: Columns, path: Path) -> Layout:
    """Guess the layout from a header, except where `columns` names the column.

    Raises
    ------
    SegueError
        When a named column is absent, or playlist or track cannot be guessed.
    """
    names = [name.strip().lower() for name in header]
    found: dict[str, int | None] = {}
    for role, guesses in NAMES.items():
        named = getattr(columns, role, None)
        candidates = (named.strip().lower(),) if named else guesses
        found[role] = next((names.index(name) for name in candidates if name in names), None)
        if found[role] is None and (named or role in {"playlist", "track"}):
            wanted = f"no column {named!r}" if named else f"no {role} column that is recognised"
            has = " ".join(", ".join(header).split())[:200]
            raise SegueError(f"{path}: {wanted} among {has}; name it with --columns {role}=NAME")
    return Layout(**found)  # type: ignore[arg-type] # playlist and track are never None here


def read_csv(source: Source) -> Iterator[Batch]:
    """Read `playlist_id, track_id[, position]` with a header, parted by commas, tabs or semicolons.

    Raises
    ------
    SegueError
        When the columns cannot be recognised, or most rows are too short.
    """
    header, _, _ = open_table(source)
    layout = find_layout(header, source.columns, source.path)
    yield from playlists_of(lambda notes: csv_rows(source, layout, notes=notes), layout, source)


def open_table(source: Source) -> tuple[list[str], str, Iterator[str]]:
    """The header of a table in text, what parts its columns, and its other lines."""
    lines = (line.decode(errors="surrogateescape") for line in source.lines(heading=1))
    first = next(lines, "")
    delimiter = max(",\t;", key=first.count)
    try:
        header = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error as error:
        raise SegueError(f"{source.path}: is not a readable table ({error})") from None
    return header, delimiter, (line + "\n" for line in lines)


def csv_rows(source: Source, layout: Layout, *, notes: bool) -> Rows:
    """The rows of a table in text; with `notes` those that are too short are counted as skipped."""
    _, delimiter, lines = open_table(source)
    rows = csv.reader(lines, delimiter=delimiter)
    wanted, widest = itemgetter(*layout.used), max(layout.used)
    good = bad = 0
    while True:
        try:
            block = list(islice(rows, POSITIONS))
        except csv.Error as error:
            raise SegueError(f"{source.path}: is not a readable table ({error})") from None
        if not block:
            break
        complete = [wanted(row) for row in block if len(row) > widest]
        short = sum(1 for row in block if row and len(row) <= widest)
        good, bad = good + len(complete), bad + short
        if notes and short:
            source.skipped["row with too few columns"] += short
        yield list(zip(*complete, strict=True))
    source.refuse_if_mostly_bad(bad, good, "rows of that table")


def playlists_of(open_rows: Callable[[bool], Rows], layout: Layout, source: Source) -> Iterator[Batch]:
    """Gather the rows of each playlist.

    A table whose playlists stand together is streamed; one whose playlists are scattered, or whose tracks are
    not in order of position, is read into memory and sorted.

    Parameters
    ----------
    open_rows
        Starts reading from the top; told whether to count what it skips.
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
        if not block:
            continue
        names = block[0]
        positions = numbers(block[2]) if layout.position is not None else np.arange(len(names))
        falls = np.diff(positions, prepend=last_position) < 0
        starts = _runs(names)
        if names[0] == last_name:
            starts = starts[1:]
        falls[starts] = False
        new = {digest(names[at]) for at in starts}
        if len(new) < len(starts) or seen & new or (layout.position is not None and falls.any()):
            return None
        seen |= new
        last_name, last_position = names[-1], positions[-1]
    return seen


def numbers(texts: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Positions as numbers; a text that is none counts as beyond every other."""
    try:
        return np.array(texts, dtype=np.float64)
    except ValueError:
        return np.array([_number(text) for text in texts])


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return np.inf
    return np.inf if np.isnan(number) else number


def _streamed(rows: Rows, layout: Layout) -> Iterator[Batch]:
    held: list[list[str]] = [[] for _ in layout.used]
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
    columns: list[list[str]] = [[] for _ in layout.used]
    for block in rows:
        for column, values in zip(columns, block, strict=False):
            column.extend(values)
    numbered = {name: number for number, name in enumerate(dict.fromkeys(columns[0]))}
    playlist = np.fromiter(map(numbered.__getitem__, columns[0]), np.int64, len(columns[0]))
    position = numbers(columns[2]) if layout.position is not None else np.arange(len(playlist))
    if unknown := int(np.count_nonzero(~np.isfinite(position))):
        source.skipped["position that is not a number (track put last)"] += unknown
    order = np.lexsort((position, playlist)).tolist()
    yield from _streamed(iter([[[column[at] for at in order] for column in columns]]), layout)


def _batch(columns: list[list[str]], starts: list[int], layout: Layout) -> Batch:
    roles = [role for role, number in vars(layout).items() if number is not None]
    of = dict(zip(roles, columns, strict=True))
    tracks = of["track"]
    described = {"title": "title", "artist": "artist_name", "album": "album", "artist_id": "artist"}
    fields = {name: of[role] for name, role in described.items() if role in of}
    return Batch(
        tracks,
        np.diff(starts),
        artist_ids=of.get("artist"),
        describe=(lambda at: _metadata(tracks, fields, at)) if fields else None,
    )


def _metadata(tracks: list[str], fields: dict[str, list[str]], at: int) -> TrackMetadata:
    metadata = {name: texts[at] for name, texts in fields.items()}
    return TrackMetadata(
        tracks[at],
        title=metadata.get("title", ""),
        artist=metadata.get("artist", ""),
        album=metadata.get("album", ""),
        artist_id=metadata.get("artist_id", ""),
    )
