"""`prepare` on a cluster: the same folder, byte for byte, made by tasks over stretches of the input.

Read and count each stretch; add up each shard of the tracks; sort all tracks in blocks; give each shard its
numbers; write each stretch in them; put texts in order; join. Between the steps the data lies beside the
output, where every node must see it under the same path, as it must see the input.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.core.cluster.counting import (
    Counted,
    Merged,
    Ranked,
    count_stretch,
    merge_shard,
    number_shard,
    rank_block,
    splitters_of,
)
from segue.core.cluster.encoding import Encoded, encode_stretch, join, write_texts
from segue.core.cluster.session import Run, connect, run_with, workers_of
from segue.core.cluster.spool import Spool
from segue.core.cluster.stretches import cut
from segue.core.corpus.encoding import Part
from segue.core.corpus.prepared import SPOOL, Prepared, prepare_once
from segue.core.corpus.readers import Columns
from segue.core.corpus.readers.batch import RecordCounts, refuse_mostly_bad
from segue.core.corpus.readers.reading import open_source
from segue.core.errors import SegueError

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
        return prepare_with(run_with(ray), workers_of(ray), paths, out, **options)


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
) -> tuple[Prepared, bool]:
    """Read, count and encode playlist files as `core.corpus.prepare.prepare` does, in tasks.

    Parameters
    ----------
    run
        Runs the tasks.
    workers
        How many run at once.
    paths, out, min_count, format, columns, again, progress
        As for `prepare`. The folder that holds `out` must be seen by all nodes, and so must the files.
    remark
        Called with the files that are read in one piece, and why.
    stretch
        Bytes of a stretch; by default four stretches a worker, of 1 to 64 MB each.
    shards
        Into how many shards the tracks are dealt.

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
        spool = Spool(folder / SPOOL, shards or min(max(total // OF_A_SHARD, workers), MOST_SHARDS))
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
