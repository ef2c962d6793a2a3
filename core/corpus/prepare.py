"""Playlist files of any size to a corpus on disk, in memory that grows with the tracks alone.

Read and count each stretch of the input; add up each shard of the tracks; sort all tracks in blocks; give
each shard its numbers; write each stretch in them; put texts in order; join. Each step is made of tasks,
which run in processes of this machine or on a cluster. Between the steps the data lies beside the output.

The corpus records what it was prepared from, by which it is known whether it must be prepared again.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import cast

from segue.core.corpus.corpus import Corpus
from segue.core.corpus.counting import (
    Counted,
    Merged,
    Ranked,
    count_stretch,
    merge_shard,
    number_shard,
    rank_block,
    splitters_of,
)
from segue.core.corpus.encoding import Part
from segue.core.corpus.joining import encode_stretch, join, write_texts
from segue.core.corpus.loading import RECORD, is_prepared, read_record
from segue.core.corpus.processes import Run, cores, workers
from segue.core.corpus.readers import Columns
from segue.core.corpus.readers.batch import RecordCounts, refuse_mostly_bad
from segue.core.corpus.readers.sniff import files_of, find
from segue.core.corpus.spool import Ask, Spool
from segue.core.corpus.stretches import Piece, cut
from segue.core.errors import SegueError
from segue.core.files import atomic_folder, sweep
from segue.core.places import require_writable

VERSION = 1
TRAIN_AGAIN = "prepare again once it no longer changes"
SPOOL = "spool"
"""The folder of what is needed only meanwhile."""
SMALLEST_HERE = 64 << 20
"""Bytes of a stretch on this machine, below which another process isn't worth its start."""
SMALLEST, LARGEST = 1 << 20, 64 << 20
"""Bytes of a stretch on a cluster, unless a file can't be cut."""
OF_A_SHARD = 256 << 20
"""Bytes of the input for each shard of the tracks."""
MOST_SHARDS = 1024


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

    Raises `SegueError` when a file has gone, or has another size or time of change than the request says.
    """
    for (_, source), before in zip(parts, cast("list[object]", request["inputs"]), strict=True):
        try:
            now = _identity(source.path)
        except OSError as error:
            raise SegueError(
                f"{source.path}: disappeared while being read ({error.strerror}); {TRAIN_AGAIN}"
            ) from None
        if now != before:
            raise SegueError(f"{source.path}: changed while it was read; {TRAIN_AGAIN}")


def _identity(path: Path) -> list[str | int]:
    path = path.resolve()
    stat = path.stat()
    return [str(path), stat.st_size, stat.st_mtime_ns]


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
    run: Run | None = None,
    ask: Ask | None = None,
    remark: Callable[[str], None] | None = None,
    stretch: int | None = None,
    shards: int | None = None,
) -> tuple[Prepared, bool]:
    """Read, count and encode playlist files into a folder that `Corpus.open` maps.

    The result is that of `build_corpus(read_playlists(...))`, with the same fingerprint, wherever the tasks
    run and however the input is cut. A kill at any moment leaves what was there before.

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
        How many tasks run at once; as many as there are cores by default.
    again
        Prepare even when `out` was made from the same unchanged files.
    progress
        Called with the bytes of the files read since the last call.
    run
        Runs the tasks on a cluster, `processes` at once; by default they run on this machine.
    ask
        How tasks elsewhere that don't see the files or the folder of `out` get at them.
    remark
        Called with the files that are read in one piece, and why.
    stretch
        Bytes of a stretch; by default one for each process, and on a cluster four, of 1 to 64 MB each.
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
    started = time.perf_counter()
    columns, processes = columns or Columns(), processes or cores()
    if run is not None:
        paths, out = [path.absolute() for path in paths], out.absolute()
    opened = [find(path, columns, format=format) for path in paths]
    parts = [part for found in opened for part in found.parts]
    request = request_of(parts, min_count, columns)
    # brings back what an interrupted run put aside; `atomic_folder` removes what killed runs have left
    require_writable(out, record=RECORD, what="a prepared corpus", change="choose another --out")
    if not again and (record := already(out, request)) is not None:
        sweep(out)
        return record, False
    total = sum(source.size for _, source in parts)
    if run is None:
        size = stretch or max(-(-total // processes), SMALLEST_HERE if processes > 1 else total)
    else:
        size = stretch or min(max(total // (4 * processes), SMALLEST), LARGEST)
    with atomic_folder(out) as folder:
        n_shards = shards or min(max(total // OF_A_SHARD, processes), MOST_SHARDS)
        spool = Spool(folder / SPOOL, n_shards, ask)
        spool.folder.mkdir()
        try:
            stretches, remarks = cut(parts, size, spool, run)
            if remark is not None:
                for text in remarks:
                    remark(text)
            with nullcontext(run) if run else workers(min(processes, len(stretches))) as runner:
                report = progress or (lambda _bytes: None)
                found = _take_steps(
                    runner, spool, parts, stretches, min_count=min_count, out=out, progress=report
                )
        except (SegueError, OSError):
            check_unchanged(parts, request)
            raise
        check_unchanged(parts, request)
        shutil.rmtree(spool.folder)
        seconds = round(time.perf_counter() - started, 3)
        record = Prepared(**request, **found, seconds=seconds)  # type: ignore[arg-type] # values of its fields
        (folder / RECORD).write_text(json.dumps(asdict(record), indent=1) + "\n")
    return record, True


def total_size(paths: Sequence[Path]) -> int:
    """The bytes of all files behind these paths."""
    return sum(file.stat().st_size for path in paths for file in files_of(path))


def _take_steps(
    run: Run,
    spool: Spool,
    parts: Sequence[Part],
    stretches: Sequence[Sequence[Piece]],
    *,
    min_count: int,
    out: Path,
    progress: Callable[[float], None],
) -> dict[str, object]:
    """Take every step, of which little passes through this process; returns what the record says of them."""
    counted: list[Counted] = []
    calls = ((spool, number, pieces) for number, pieces in enumerate(stretches))
    for result in run(count_stretch, calls, progress):
        counted.append(result)
        if result.unreported:
            progress(result.unreported)
    _refuse(parts, counted)
    bases = [0, *accumulate(each.positions for each in counted[:-1])]
    merged: list[Merged] = [*run(merge_shard, ((spool, n, bases, min_count) for n in range(spool.n_shards)))]
    ranked = _rank(run, spool, merged)
    if not sum(block.size for block in ranked):
        raise SegueError(f"{out}: no track occurs {min_count} times; lower --min-count or add playlists")
    bounds = [*(block.start for block in ranked), ranked[-1].start + ranked[-1].size]
    encoded = list(run(encode_stretch, ((spool, number, bounds) for number in range(len(counted)))))
    described = sum(run(write_texts, ((spool, block, len(counted)) for block in range(len(ranked)))))
    return {
        **join(spool, spool.folder.parent, encoded, ranked, described),
        "read": sum(each.positions for each in counted),
        "distinct": sum(each.distinct for each in merged),
        "skipped": dict(sorted(sum((each.skipped for each in counted), Counter[str]()).items())),
    }


def _rank(run: Run, spool: Spool, merged: Sequence[Merged]) -> list[Ranked]:
    splitters = splitters_of([each.samples for each in merged], spool.n_shards)
    ranked = list(run(rank_block, ((spool, block, splitters) for block in range(len(splitters) + 1))))
    for _ in run(number_shard, ((spool, n, each.distinct, len(ranked)) for n, each in enumerate(merged))):
        pass
    return ranked


def _refuse(parts: Sequence[Part], counted: Sequence[Counted]) -> None:
    """Refuse a file whose records are mostly bad, which no stretch could tell for itself."""
    of_file: dict[int, list[RecordCounts]] = {}
    for each in counted:
        for file, judged in each.judged:
            of_file.setdefault(file, []).append(judged)
    for file in sorted(of_file):
        refuse_mostly_bad(parts[file][1].path, of_file[file])
