"""Choose the reader, and gather what it yields."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from segue.core.corpus.corpus import Playlists, ReadReport, offsets_of
from segue.core.corpus.readers.batch import Batch, Columns, Entry, Source, are_printable, clean, fault_of
from segue.core.corpus.readers.forms import FORMATS
from segue.core.corpus.readers.sniff import Found, find, sniff
from segue.core.corpus.readers.streams import Pasted
from segue.core.errors import SegueError
from segue.core.lazy import no_cycle_search
from segue.core.text import LONGEST

if TYPE_CHECKING:
    from segue.core.tracks import TrackInfo

HEADINGS = {"lines": 0, "jsonl": 0, "csv": 1, "yes": 2}
"""The formats in lines, which can be read in stretches, and how many first lines each stretch needs."""

MOST_ENTRIES = 200_000
"""Tracks of a playlist to be continued; a listener's whole history has fewer."""

Progress = Callable[[int], None]
"""Called with how many positions were read since the last call."""


def _batches(found: Found) -> Iterator[tuple[Batch, Source]]:
    """The batches of every file, with the file each came from."""
    for name, source in found.parts:
        for batch in FORMATS[name](source):
            yield batch, source


def _skipped(found: Found) -> dict[str, int]:
    """What was left out, over all files."""
    return dict(sum((source.skipped for _, source in found.parts), Counter[str]()))


def own_parts(
    place: Path | Pasted, file_format: str | None, columns: Columns | None, *, words: bool = False
) -> Found:
    """The files of a listener's behind a path, or a text, and the format of each.

    A text other than a corpus holds a track a line, and `words` may be titles. Lines are a corpus where more
    than half of them are two ids or more, which have digits. Raises `SegueError` when there is nothing to
    read.
    """
    if isinstance(place, Path):
        found = find(place, columns, format=file_format, words=words)
    else:
        name = file_format or sniff(place, columns, words=words)
        found = Found([(name, Source(Path(place.name), columns or Columns(), inside=place))])
    if file_format is not None:
        return found
    return Found([("titles" if _is_a_line_each(*part) else part[0], part[1]) for part in found.parts])


def read_entries(
    place: Path | Pasted, file_format: str | None = None, columns: Columns | None = None
) -> tuple[list[Entry], dict[str, int]]:
    """Read what a file says of each track, playlist after playlist, and count what was left out.

    The place is a file, a folder or a zip archive of any format that `read_playlists` reads, or a text, where
    lines of words are titles; format and columns are as there. Raises `SegueError` when it cannot be read,
    holds no tracks, or more than `MOST_ENTRIES`.
    """
    found = own_parts(place, file_format, columns, words=True)
    entries: list[Entry] = []
    for each, _ in _batches(found):
        batch = each.spread()
        each_entry = (entry_at(batch, at) for at in range(min(len(batch.track_ids), MOST_ENTRIES + 1)))
        entries += (entry for entry in each_entry if entry.track_id or entry.title or entry.text)
        if len(entries) > MOST_ENTRIES:
            raise SegueError(f"{place}: more than {MOST_ENTRIES:,} tracks are too many for a playlist")
    return entries, _skipped(found)


def _is_a_line_each(format_name: str, source: Source) -> bool:
    if format_name != "lines":
        return False
    lines = [line.replace(b",", b" ").split() for line in islice(source.lines(), 200) if line.strip()]
    return 2 * sum(len(line) > 1 and all(map(_has_digit, line)) for line in lines) <= len(lines)


def _has_digit(token: bytes) -> bool:
    return any(48 <= letter < 58 for letter in token)


def entry_at(batch: Batch, position: int) -> Entry:
    """What a batch says of the track at a position; without a title its id may be one."""
    entry = batch.describe([position])[0] if batch.describe is not None else None
    track_id = "" if fault_of(batch.track_ids[position]) else batch.track_ids[position]
    if entry is None:
        return Entry(track_id, text=track_id)
    if not (entry.title or entry.text):
        return msgspec.structs.replace(entry, track_id=track_id, text=track_id)
    texts = {name: getattr(entry, name)[:LONGEST] for name in ("title", "artist", "album", "text")}
    return msgspec.structs.replace(entry, track_id=track_id, **texts)


@no_cycle_search()
def read_playlists(
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002 - the word that users know
    columns: Columns | None = None,
    progress: Progress | None = None,
) -> Playlists:
    """Read playlists from a file, a folder or a zip archive.

    Parameters
    ----------
    path
        The file or folder; gzip and Zstandard are unpacked on the way.
    format
        A key of `FORMATS`; by default recognised by the content.
    columns
        The columns of a table, where its header is not understood.
    progress
        Called with the number of positions read since the last call.

    Raises
    ------
    SegueError
        When the file is missing, damaged, empty, or of no known format.
    """
    opened = find(Path(path), columns, format=format)
    gathered = _gather(_batches(opened), progress)
    skipped = _skipped(opened)
    if not len(gathered.codes):
        reasons = ", ".join(f"{n:,} x {reason}" for reason, n in skipped.items())
        left = f"; left out: {reasons}" if reasons else ""
        raise SegueError(f"{path}: has no playlist (read as {opened.format}{left}; --format says otherwise)")
    return replace(gathered, report=ReadReport(str(path), opened.format, skipped))


class _Numbers(dict[str, int]):
    """Numbers ids in order of first appearance."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


def _gather(found: Iterable[tuple[Batch, Source]], progress: Progress | None) -> Playlists:
    numbers = _Numbers()
    artists: list[str] = []
    tracks: dict[str, TrackInfo] = {}
    codes: list[np.ndarray[tuple[int], np.dtype[np.int32]]] = []
    lengths: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    for raw, source in found:
        batch = clean(raw, source)
        known = len(numbers)
        if batch.codes is not None and not known:  # they are numbered as they would be here
            numbers.update(zip(batch.track_ids, range(len(batch.track_ids)), strict=True))
        coded = np.fromiter(map(numbers.__getitem__, batch.track_ids), np.int32, len(batch.track_ids))
        found_artists, entries = described(batch, first_positions(coded, known))
        artists += found_artists
        tracks.update((entry.track_id, entry.info()) for entry in entries if entry.title or entry.artist)
        codes.append(batch.positions(coded))
        lengths.append(np.asarray(batch.lengths, np.int64))
        if progress is not None:
            progress(len(codes[-1]))
    joined = np.concatenate(lengths) if lengths else np.empty(0, np.int64)
    return Playlists(
        track_ids=list(numbers),
        artist_ids=artists,
        codes=np.concatenate(codes) if codes else np.empty(0, np.int32),
        offsets=offsets_of(joined[joined > 0]),
        tracks=tracks,
    )


def first_positions(codes: np.ndarray[tuple[int], np.dtype[np.int32]], known: int) -> list[int]:
    """Where each code from `known` on occurs first, in order of the codes, which is that of appearance."""
    new = np.flatnonzero(codes >= known)[::-1]
    if not len(new):
        return []
    first = np.empty(int(codes.max()) + 1 - known, np.int64)
    first[codes[new] - known] = new  # backwards: the first position is written last
    found: list[int] = first.tolist()
    return found


def described(batch: Batch, positions: list[int]) -> tuple[list[str], list[Entry]]:
    """The artist ids of the tracks at some positions, and what else a batch says of each, if anything."""
    entries = [] if batch.describe is None else batch.describe(positions)
    if batch.artist_ids is not None:
        artists = [batch.artist_ids[position] for position in positions]
    else:
        artists = [entry.artist_id for entry in entries] or [""] * len(positions)
    if not are_printable(artists, least=0):
        artists = ["" if fault_of(artist) else artist for artist in artists]
    return artists, entries
