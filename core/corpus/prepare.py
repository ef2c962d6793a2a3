"""Playlist files of any size to a corpus on disk, in memory that grows with the tracks alone.

The corpus records what it was prepared from, by which it is known whether it must be prepared again.
"""

import json
import os
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from segue.core.arrays import load_array
from segue.core.corpus.corpus import Corpus, fingerprint, number_by_count
from segue.core.corpus.encoding import (
    Coded,
    End,
    Part,
    append_lines,
    encode_all,
    renumber,
    reorder_lines,
    write_header,
)
from segue.core.corpus.keys import GrowingArray, KeyTable
from segue.core.corpus.loading import METADATA, RECORD, is_prepared, read_record
from segue.core.corpus.readers import Columns
from segue.core.corpus.readers.reading import open_source
from segue.core.corpus.readers.sniff import files_of
from segue.core.errors import SegueError
from segue.core.files import atomic_folder, sweep
from segue.core.places import require_writable

VERSION = 1
TRAIN_AGAIN = "prepare again when nobody writes it any more"
SPOOL = "spool"
"""The folder of what is needed only meanwhile."""


@dataclass(frozen=True)
class Prepared:
    """What a prepared corpus holds; stored as `corpus.json` in its folder."""

    version: int
    inputs: list[list[str | int]]
    """Path, bytes and time of change (nanoseconds) of each file read."""
    formats: list[str]
    min_count: int
    columns: dict[str, str | None]
    playlists: int
    positions: int
    """Positions kept; `read` were read."""
    read: int
    tracks: int
    distinct: int
    """Distinct tracks before rare ones were dropped."""
    described: int
    """Tracks with a title or an artist."""
    skipped: dict[str, int]
    fingerprint: str
    seconds: float


def request_of(parts: Sequence[Part], min_count: int, columns: Columns) -> dict[str, object]:
    """What is asked for, in the words of the record: files, formats and settings."""
    return {
        "version": VERSION,
        "inputs": [_identity(source.path) for _, source in parts],
        "formats": [name for name, _ in parts],
        "min_count": min_count,
        "columns": asdict(columns),
    }


def check_unchanged(parts: Sequence[Part], request: dict[str, object]) -> None:
    """Refuse what was read of files that were written meanwhile: half of it would be of another file.

    Raises
    ------
    SegueError
        When a file has gone, or has another size or time of change than the request says.
    """
    for (_, source), before in zip(parts, cast("list[object]", request["inputs"]), strict=True):
        try:
            now = _identity(source.path)
        except OSError as error:
            raise SegueError(
                f"{source.path}: disappeared while being read ({error.strerror}); {TRAIN_AGAIN}"
            ) from None
        if now != before:
            raise SegueError(f"{source.path}: was written while it was read; {TRAIN_AGAIN}")


def prepare_once(
    parts: Sequence[Part],
    out: Path,
    work: Callable[[Path], dict[str, object]],
    *,
    min_count: int,
    columns: Columns,
    again: bool,
) -> tuple[Prepared, bool]:
    """Let `work` fill the folder `out`, unless it holds the corpus of the same unchanged files already.

    Parameters
    ----------
    parts, min_count, columns
        What is asked for.
    out
        The folder; a kill at any moment leaves what was there before.
    work
        Writes a corpus into the folder that it is given, which has an empty folder `spool` that is removed
        afterwards; returns what the record says of the result.
    again
        Prepare even when nothing has changed.

    Returns
    -------
    prepared, and whether it was made just now.

    Raises
    ------
    SegueError
        When `out` is something else, or what `work` raises.
    """
    started = time.perf_counter()
    request = request_of(parts, min_count, columns)
    clear_way(out)
    if not again and (record := already(out, request)) is not None:
        sweep(out)
        return record, False
    with atomic_folder(out) as folder:
        spool = folder / SPOOL
        spool.mkdir()
        try:
            found = work(folder)
        except (SegueError, OSError):
            check_unchanged(parts, request)
            raise
        check_unchanged(parts, request)
        shutil.rmtree(spool)
        seconds = round(time.perf_counter() - started, 3)
        record = Prepared(**request, **found, seconds=seconds)  # type: ignore[arg-type] # values of its fields
        (folder / RECORD).write_text(json.dumps(asdict(record), indent=1) + "\n")
    return record, True


def _identity(path: Path) -> list[str | int]:
    stat = path.stat()
    return [str(path.resolve()), stat.st_size, stat.st_mtime_ns]


def clear_way(out: Path) -> None:
    """Bring back what an interrupted run put aside; `atomic_folder` removes what killed runs have left.

    Raises
    ------
    SegueError
        When something else than a prepared corpus is there.
    """
    require_writable(out, record=RECORD, what="a prepared corpus", change="choose another --out")


def already(out: Path, request: dict[str, object]) -> Prepared | None:
    """What is in `out`, when it was made from the same files in the same way."""
    if not is_prepared(out):
        return None
    try:
        stored = read_record(out)
        Corpus.open(out)
        record = Prepared(**stored)  # type: ignore[arg-type] # checked against the request below
    except (SegueError, TypeError):
        return None
    return record if all(stored.get(name) == value for name, value in request.items()) else None


def prepare(
    paths: Sequence[Path],
    out: Path,
    *,
    min_count: int = 2,
    format: str | None = None,  # noqa: A002 - the word that users know
    columns: Columns | None = None,
    processes: int | None = None,
    again: bool = False,
    progress: Callable[[float], None] | None = None,
) -> tuple[Prepared, bool]:
    """Read, count and encode playlist files into a folder that `Corpus.open` maps.

    The result is that of `build_corpus(read_playlists(...))`, with the same fingerprint. A kill at any moment
    leaves what was there before.

    Parameters
    ----------
    paths
        Files or folders, read in this order.
    out
        The folder to write.
    min_count
        Tracks at fewer positions are dropped.
    format, columns
        As for `read_playlists`.
    processes
        How many files are read at once; as many as there are cores by default.
    again
        Prepare even when `out` was made from the same unchanged files.
    progress
        Called with the bytes of the files read since the last call.

    Returns
    -------
    prepared : Prepared
        What the folder holds.
    fresh : bool
        False when it was there already.

    Raises
    ------
    SegueError
        When a file cannot be read, no track is left, or `out` is something else.
    """
    columns = columns or Columns()
    opened = [open_source(path, format=format, columns=columns) for path in paths]
    parts = [part for found in opened for part in found.parts]

    def work(folder: Path) -> dict[str, object]:
        table = _Table(folder / SPOOL)
        read, skipped = _read(parts, table, processes or _cores(), progress)
        found = _write(folder, table, min_count, str(out))
        return {**found, "read": read, "distinct": len(table.counts), "skipped": skipped}

    return prepare_once(parts, out, work, min_count=min_count, columns=columns, again=again)


def total_size(paths: Sequence[Path]) -> int:
    """The bytes of all files behind these paths."""
    return sum(file.stat().st_size for path in paths for file in files_of(path))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Table:
    """The tracks of all encoders under one numbering; texts and positions go to the spool folder."""

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self._keys = KeyTable()
        self._of_encoder = defaultdict[int, GrowingArray[np.int32]](lambda: GrowingArray(np.int32))
        self._counts = GrowingArray(np.int64)

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """int64 (n,): positions of each track."""
        return self._counts.values

    def add(self, encoder: int, batch: Coded) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """Count a batch; returns the number at each position, and which of its new tracks are new to all."""
        before = len(self._keys)
        added = self._keys.numbers(batch.new_keys)
        self._counts.append(np.zeros(len(self._keys) - before, np.int64))
        self._of_encoder[encoder].append(added)
        numbers = self._of_encoder[encoder].values[batch.numbers]
        np.add.at(self.counts, numbers.astype(np.intp), 1)  # as it is ten times as fast as with int32
        return numbers, added >= before


def _read(
    parts: Sequence[Part], table: _Table, processes: int, progress: Callable[[float], None] | None
) -> tuple[int, dict[str, int]]:
    """Spool every file; returns the positions read and what was skipped."""
    skipped: Counter[str] = Counter()
    positions = 0
    with ExitStack() as stack:
        codes, lengths, ids, artists, metadata = (
            stack.enter_context((table.spool / name).open("wb"))
            for name in ("codes", "lengths", "ids", "artists", "metadata")
        )
        for encoder, result in encode_all(parts, processes):
            if isinstance(result, End):
                skipped += result.skipped
            else:
                numbers, fresh = table.add(encoder, result)
                positions += len(numbers)
                codes.write(numbers.data)
                lengths.write(result.lengths[result.lengths > 0].data)
                _spool_text(result, fresh, ids, artists, metadata)
            if progress is not None:
                progress(result.read)
    return positions, dict(sorted(skipped.items()))  # in an order that does not depend on the batches


def _spool_text(
    batch: Coded, fresh: npt.NDArray[np.bool_], ids: BinaryIO, artists: BinaryIO, metadata: BinaryIO
) -> None:
    append_lines(ids, batch.new_ids, fresh)
    append_lines(artists, batch.new_artists, fresh)
    append_lines(metadata, batch.new_metadata, fresh)


def _write(folder: Path, table: _Table, min_count: int, name: str) -> dict[str, int | str]:
    """Write the corpus from the spools; returns what the record says of it."""
    spool, counts = table.spool, table.counts
    order, new = number_by_count(counts, min_count)
    if not len(order):
        raise SegueError(f"{name}: no track occurs {min_count} times; lower --min-count or add playlists")
    np.save(folder / "counts.npy", counts[order], allow_pickle=False)
    _write_arrays(folder, spool, new, int(counts[order].sum()))
    reorder_lines(spool / "ids", order, folder / "tracks.txt")
    reorder_lines(spool / "artists", order, folder / "artists.txt")
    described = reorder_lines(spool / "metadata", order, folder / METADATA, drop_empty=True)
    if not described:
        (folder / METADATA).unlink()
    # not through Corpus.open, which holds all ids in memory
    items = load_array(folder / "items.npy", np.int32)
    offsets = load_array(folder / "offsets.npy", np.int64)
    return {
        "playlists": len(offsets) - 1,
        "positions": len(items),
        "tracks": len(order),
        "described": described,
        "fingerprint": fingerprint(items, offsets, without_last_byte(folder / "tracks.txt")),
    }


def without_last_byte(path: Path) -> Iterator[bytes]:
    """The bytes of a text file in pieces, but for its last line end."""
    left = path.stat().st_size - 1
    with path.open("rb") as file:
        while piece := file.read(min(left, 1 << 20)):
            left -= len(piece)
            yield piece


def _write_arrays(folder: Path, spool: Path, new: npt.NDArray[np.int32], kept: int) -> None:
    """Renumber the spooled positions into `items.npy` and `offsets.npy`."""
    with (folder / "items.npy").open("wb") as file:
        write_header(file, np.int32, kept)
        offsets = renumber(spool / "codes", spool / "lengths", new, file)
    np.save(folder / "offsets.npy", offsets, allow_pickle=False)
