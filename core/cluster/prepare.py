"""`prepare` on a cluster: the same folder, byte for byte, made by tasks over stretches of the input.

Read and count each stretch; add up each shard of the tracks; sort all tracks in blocks; give each shard its
numbers; write each stretch in them; put texts in order; join. Between the steps the data lies beside the
output, on the command's node; nodes that see neither that nor the input are sent what they need.

Playlists to final numbers, the texts of tracks to their final order, and both joined into a corpus.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from segue.core.arrays import load_array
from segue.core.cluster.counting import (
    TEXTS,
    Counted,
    Merged,
    Ranked,
    count_stretch,
    merge_shard,
    number_shard,
    rank_block,
    splitters_of,
)
from segue.core.cluster.session import LOCAL, CommandNode, Run, connect, run_with, workers_of
from segue.core.cluster.spool import Ask, Spool, mapped, raw_part, read_bytes
from segue.core.cluster.stretches import cut
from segue.core.corpus.corpus import fingerprint
from segue.core.corpus.encoding import Part, line_ends, renumber, reorder_lines, write_header
from segue.core.corpus.loading import METADATA
from segue.core.corpus.prepare import SPOOL, Prepared, prepare_once, without_last_byte
from segue.core.corpus.readers import Columns
from segue.core.corpus.readers.batch import RecordCounts, refuse_mostly_bad
from segue.core.corpus.readers.reading import open_source
from segue.core.errors import SegueError


@dataclass(frozen=True)
class Encoded:
    """A stretch in final numbers."""

    playlists: int
    positions: int
    """Positions kept."""


def encode_stretch(spool: Spool, stretch: int, bounds: Sequence[int]) -> Encoded:
    """Write a stretch in final numbers, asking for those of its own tracks only.

    The texts of the tracks that occur first in this stretch are written in the order of their numbers.

    Parameters
    ----------
    bounds
        The number of the first track of each block of texts, and how many tracks there are.
    """
    names = ("codes", "lengths", *TEXTS, "codes_by_shard.npy", "starts.npy")
    with (
        spool.copied(spool.of_stretch(stretch), names) as read,
        spool.finished(spool.of_encoded(stretch)) as folder,
    ):
        new, is_first = _numbers(spool, read, stretch)
        with (folder / "items").open("wb") as items:
            offsets = renumber(read / "codes", read / "lengths", new, items)
        offsets[1:].tofile(folder / "offsets")
        own = np.flatnonzero(is_first & (new >= 0))
        own = own[np.argsort(new[own])]
        lines = np.searchsorted(new[own], bounds)
        np.save(folder / "text_numbers.npy", new[own])
        np.save(folder / "text_starts.npy", lines)
        for name in TEXTS:
            reorder_lines(read / name, own, folder / name)
            ends = np.concatenate([[0], line_ends(np.fromfile(folder / name, np.uint8))])
            np.save(folder / f"{name}_bytes.npy", ends[lines])
    return Encoded(len(offsets) - 1, int(offsets[-1]))


def _numbers(spool: Spool, read: Path, stretch: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """The final number of each of the stretch's own numbers, and whether the track occurs first here."""
    codes, starts = mapped(read / "codes_by_shard.npy"), mapped(read / "starts.npy")
    new, is_first = np.empty(len(codes), np.int32), np.empty(len(codes), np.bool_)
    for shard in range(spool.n_shards):
        own = codes[starts[shard] : starts[shard + 1]]
        new[own], is_first[own] = spool.read(
            numbers_for, spool.of_shard(shard), spool.of_numbers(shard), stretch
        )
    return new, is_first


def numbers_for(
    shard: Path, numbers: Path, stretch: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """The final numbers of a shard's tracks that a stretch holds, and whether each occurs first there."""
    start, end = mapped(shard / "starts.npy")[stretch : stretch + 2].tolist()
    return (
        raw_part(numbers / "numbers", np.int32, start, end),
        raw_part(shard / "fresh", np.bool_, start, end),
    )


def write_texts(spool: Spool, block: int, n_stretches: int) -> int:
    """Write the metadata of each track of a block in their order; returns how many are described."""
    with spool.finished(spool.of_texts(block)) as folder:
        encoded = [spool.of_encoded(stretch) for stretch in range(n_stretches)]
        order = np.argsort(np.concatenate([spool.read(text_numbers, each, block) for each in encoded]))
        for name in TEXTS:
            gathered = folder / f"{name}.gathered"
            with gathered.open("wb") as file:
                for each in encoded:
                    file.write(spool.read(texts_of, each, name, block))
            written = reorder_lines(gathered, order, folder / name, drop_empty=name == "metadata")
            gathered.unlink()
    return written  # of the last, the metadata


def text_numbers(encoded: Path, block: int) -> npt.NDArray[np.int32]:
    """The numbers of the tracks of a block that occur first in a stretch."""
    start, end = mapped(encoded / "text_starts.npy")[block : block + 2]
    return np.array(mapped(encoded / "text_numbers.npy")[start:end])


def texts_of(encoded: Path, name: str, block: int) -> bytes:
    """Their texts, a line each."""
    start, end = mapped(encoded / f"{name}_bytes.npy")[block : block + 2].tolist()
    return read_bytes(encoded / name, start, end - start)


def join(
    spool: Spool, folder: Path, encoded: Sequence[Encoded], ranked: Sequence[Ranked], described: int
) -> dict[str, int | str]:
    """Write the files of the corpus; returns what the record says of them."""
    playlists, positions = sum(each.playlists for each in encoded), sum(each.positions for each in encoded)
    tracks = sum(block.size for block in ranked)
    stretches = [spool.of_encoded(number) for number in range(len(encoded))]
    with (folder / "items.npy").open("wb") as file:
        write_header(file, np.int32, positions)
        _append(file, (stretch / "items" for stretch in stretches))
    _write_offsets(folder / "offsets.npy", stretches, encoded)
    with (folder / "counts.npy").open("wb") as file:
        write_header(file, np.int64, tracks)
        _append(file, (spool.of_block(block) / "counts" for block in range(len(ranked))))
    texts = [("ids", "tracks.txt"), ("artists", "artists.txt")] + [("metadata", METADATA)] * (described > 0)
    for name, target in texts:
        with (folder / target).open("wb") as file:
            _append(file, (spool.of_texts(block) / name for block in range(len(ranked))))
    items, offsets = load_array(folder / "items.npy", np.int32), load_array(folder / "offsets.npy", np.int64)
    return {
        "playlists": playlists,
        "positions": positions,
        "tracks": tracks,
        "described": described,
        "fingerprint": fingerprint(items, offsets, without_last_byte(folder / "tracks.txt")),
    }


def _append(target: BinaryIO, sources: Iterable[Path]) -> None:
    for source in sources:
        with source.open("rb") as file:
            shutil.copyfileobj(file, target, 1 << 20)


def _write_offsets(target: Path, stretches: Sequence[Path], encoded: Sequence[Encoded]) -> None:
    """The offsets of each stretch, counted from the beginning of the corpus."""
    with target.open("wb") as file:
        write_header(file, np.int64, 1 + sum(each.playlists for each in encoded))
        file.write(np.zeros(1, np.int64).data)
        base = 0
        for stretch, each in zip(stretches, encoded, strict=True):
            file.write((np.fromfile(stretch / "offsets", np.int64) + base).data)
            base += each.positions


SMALLEST, LARGEST = 1 << 20, 64 << 20
"""Bytes of a stretch, unless a file can't be cut."""
OF_A_SHARD = 256 << 20
"""Bytes of the input for each shard of the tracks."""
MOST_SHARDS = 1024


def prepare_on_cluster(
    address: str,
    paths: Sequence[Path],
    out: Path,
    *,
    processes: int | None = None,
    **options: Any,  # noqa: ANN401 - those of `prepare_with`
) -> tuple[Prepared, bool]:
    """Run `prepare_with` on the Ray cluster at an address, or on one of this machine.

    Parameters
    ----------
    address
        As for `connect`.
    paths, out, options
        As for `prepare_with`.
    processes
        Of a cluster on this machine.

    Raises
    ------
    SegueError
        As `connect` and `prepare_with`.
    """
    with connect(address, processes=processes) as ray:
        ask = None if address == LOCAL else CommandNode(ray)
        return prepare_with(run_with(ray), workers_of(ray), paths, out, ask=ask, **options)


def prepare_with(
    run: Run,
    workers: int,
    paths: Sequence[Path],
    out: Path,
    *,
    min_count: int = 2,
    format: str | None = None,  # noqa: A002 - the word that users know
    columns: Columns | None = None,
    again: bool = False,
    progress: Callable[[float], None] | None = None,
    remark: Callable[[str], None] | None = None,
    stretch: int | None = None,
    shards: int | None = None,
    ask: Ask | None = None,
) -> tuple[Prepared, bool]:
    """Read, count and encode playlist files as `core.corpus.prepare.prepare` does, in tasks.

    Parameters
    ----------
    run
        Runs the tasks.
    workers
        How many run at once.
    paths, out, min_count, format, columns, again, progress
        As for `prepare`.
    remark
        Called with the files that are read in one piece, and why.
    stretch
        Bytes of a stretch; by default four stretches a worker, of 1 to 64 MB each.
    shards
        Into how many shards the tracks are dealt.
    ask
        How tasks that don't see the files or the folder that holds `out` get at them.

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
    columns, out = columns or Columns(), out.absolute()
    opened = [open_source(path.absolute(), format=format, columns=columns) for path in paths]
    parts = [part for found in opened for part in found.parts]
    total = sum(source.size for _, source in parts)
    size = stretch or min(max(total // (4 * workers), SMALLEST), LARGEST)
    listeners = _Listeners(progress or (lambda _bytes: None), remark or (lambda _text: None))

    def work(folder: Path) -> dict[str, object]:
        n_shards = shards or min(max(total // OF_A_SHARD, workers), MOST_SHARDS)
        spool = Spool(folder / SPOOL, n_shards, ask)
        return _Preparation(run, spool, min_count, str(out), listeners).run(parts, size)

    return prepare_once(parts, out, work, min_count=min_count, columns=columns, again=again)


@dataclass(frozen=True)
class _Listeners:
    progress: Callable[[float], None]
    remark: Callable[[str], None]


@dataclass(frozen=True)
class _Preparation:
    """The steps, one after the other; what passes through this process is small."""

    _run: Run
    _spool: Spool
    _min_count: int
    _out: str
    _listeners: _Listeners

    def run(self, parts: Sequence[Part], size: int) -> dict[str, object]:
        """Take every step; returns what the record says of the result."""
        counted = self._count(parts, size)
        merged = self._merge(counted)
        ranked = self._rank(merged)
        encoded = self._encode(len(counted), ranked)
        texts = ((self._spool, block, len(counted)) for block in range(len(ranked)))
        described = sum(self._run(write_texts, texts))
        return {
            **join(self._spool, self._spool.folder.parent, encoded, ranked, described),
            "read": sum(each.positions for each in counted),
            "distinct": sum(each.distinct for each in merged),
            "skipped": dict(sorted(sum((each.skipped for each in counted), Counter[str]()).items())),
        }

    def _count(self, parts: Sequence[Part], size: int) -> list[Counted]:
        stretches, remarks = cut(parts, size, self._spool, self._run)
        for text in remarks:
            self._listeners.remark(text)
        counted = []
        calls = ((self._spool, number, pieces) for number, pieces in enumerate(stretches))
        for result in self._run(count_stretch, calls):
            counted.append(result)
            self._listeners.progress(result.size)
        _refuse(parts, counted)
        return counted

    def _merge(self, counted: Sequence[Counted]) -> list[Merged]:
        bases = [0]
        for each in counted[:-1]:
            bases.append(bases[-1] + each.positions)
        calls = ((self._spool, shard, bases, self._min_count) for shard in range(self._spool.n_shards))
        return list(self._run(merge_shard, calls))

    def _rank(self, merged: Sequence[Merged]) -> list[Ranked]:
        splitters = splitters_of([each.samples for each in merged], self._spool.n_shards)
        blocks = ((self._spool, block, splitters) for block in range(len(splitters) + 1))
        ranked: list[Ranked] = list(self._run(rank_block, blocks))
        if not sum(block.size for block in ranked):
            raise SegueError(
                f"{self._out}: no track occurs {self._min_count} times; lower --min-count or add playlists"
            )
        shards = ((self._spool, shard, each.distinct, len(ranked)) for shard, each in enumerate(merged))
        for _ in self._run(number_shard, shards):
            pass
        return ranked

    def _encode(self, n_stretches: int, ranked: Sequence[Ranked]) -> list[Encoded]:
        bounds = [*(block.start for block in ranked), ranked[-1].start + ranked[-1].size]
        calls = ((self._spool, stretch, bounds) for stretch in range(n_stretches))
        return list(self._run(encode_stretch, calls))


def _refuse(parts: Sequence[Part], counted: Sequence[Counted]) -> None:
    """Refuse a file whose records are mostly bad, which no stretch could tell for itself."""
    of_file: dict[int, list[RecordCounts]] = {}
    for each in counted:
        for file, judged in each.judged:
            of_file.setdefault(file, []).append(judged)
    for file in sorted(of_file):
        refuse_mostly_bad(parts[file][1].path, of_file[file])
