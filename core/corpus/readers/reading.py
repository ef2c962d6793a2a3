"""Choose the reader, and gather what it yields."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.core.corpus.playlists import Playlists, ReadReport, offsets_of
from segue.core.corpus.readers.batch import Batch, Columns, Reader, Source, TrackMetadata, clean, fault_of
from segue.core.corpus.readers.deezer_npy import read_deezer_npy
from segue.core.corpus.readers.json_lines import read_json_array, read_json_lines
from segue.core.corpus.readers.m3u import read_m3u
from segue.core.corpus.readers.million import read_million
from segue.core.corpus.readers.parquet import read_parquet
from segue.core.corpus.readers.sniff import files_of, sniff
from segue.core.corpus.readers.table import read_csv
from segue.core.corpus.readers.token_lines import read_token_lines
from segue.core.corpus.readers.yes import read_yes
from segue.core.errors import SegueError, UsageError
from segue.core.garbage import no_cycle_search

if TYPE_CHECKING:
    from segue.core.tracks import TrackInfo

FORMATS: dict[str, Reader] = {
    "npy": read_deezer_npy,
    "lines": read_token_lines,
    "jsonl": read_json_lines,
    "json": read_json_array,
    "csv": read_csv,
    "yes": read_yes,
    "million": read_million,
    "m3u": read_m3u,
    "parquet": read_parquet,
}
"""The readers by the name that `--format` takes."""

HEADINGS = {"lines": 0, "jsonl": 0, "csv": 1, "yes": 2}
"""The formats in lines, which can be read in stretches, and how many first lines each stretch needs."""

Progress = Callable[[int], None]
"""Told how many positions were read since the last call."""


def open_source(path: Path, *, format: str | None = None, columns: Columns | None = None) -> "Opened":  # noqa: A002 - the word that users know
    """Find the files behind a path and the format of each.

    Raises
    ------
    SegueError
        When there is nothing to read.
    UsageError
        When there is no such format.
    """
    if format is not None and format not in FORMATS:
        raise UsageError(f"no format {format!r}; there are {', '.join(FORMATS)}")
    files = files_of(path)
    root = path if path.is_dir() else None
    sources = [Source(file, columns or Columns(), root=root) for file in files]
    telling = next((file for file in files if file.stat().st_size), files[0])
    return Opened(path, format or sniff(telling), sources)


class Opened:
    """A path that stands for one file or many of one format."""

    def __init__(self, path: Path, format: str, sources: list[Source]) -> None:  # noqa: A002 - as above
        self.path = path
        self.format = format
        self.sources = sources

    def batches(self) -> Iterator[tuple[Batch, Source]]:
        """The batches of every file, with the file each came from."""
        for source in self.sources:
            for batch in FORMATS[self.format](source):
                yield batch, source

    @property
    def skipped(self) -> dict[str, int]:
        """What was left out, over all files."""
        return dict(sum((source.skipped for source in self.sources), Counter[str]()))


@no_cycle_search()
def read_playlists(
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002 - the word that users know
    columns: Columns | None = None,
    progress: Progress | None = None,
) -> Playlists:
    """Read playlists from a file, or from a folder of JSON slices or M3U files.

    Parameters
    ----------
    path
        The file or folder; gzip and Zstandard are unpacked on the way.
    format
        A key of `FORMATS`; by default told from the content.
    columns
        The columns of a table, where its header is not understood.
    progress
        Called with the number of positions read since the last call.

    Raises
    ------
    SegueError
        When the file is missing, damaged, empty, or of no known format.
    """
    opened = open_source(Path(path), format=format, columns=columns)
    gathered = _gather(opened.batches(), progress)
    if not len(gathered.codes):
        raise SegueError(f"{path}: has no playlist (read as {opened.format}; --format says otherwise)")
    return replace(gathered, report=ReadReport(str(path), opened.format, opened.skipped))


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
        coded = np.fromiter(map(numbers.__getitem__, batch.track_ids), np.int32, len(batch.track_ids))
        for position in first_positions(coded, known):
            artist, metadata = metadata_of(batch, position)
            artists.append(artist)
            if metadata is not None and (metadata.title or metadata.artist):
                tracks[metadata.track_id] = metadata.info()
        codes.append(coded)
        lengths.append(np.asarray(batch.lengths, np.int64))
        if progress is not None:
            progress(len(coded))
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


def metadata_of(batch: Batch, position: int) -> tuple[str, TrackMetadata | None]:
    """The artist id of the track at a position, and what else a batch says of it."""
    metadata = batch.describe(position) if batch.describe is not None else None
    if batch.artist_ids is not None:
        artist = batch.artist_ids[position]
    else:
        artist = metadata.artist_id if metadata is not None else ""
    return "" if fault_of(artist) else artist, metadata
