"""Counting, sharded by a hash of each track's key, so that no process holds the whole dictionary."""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.cluster.preparing_files import Spool, finished_folder, segment, starts_of
from segue.core.cluster.preparing_ranges import Piece
from segue.core.corpus.encoding import Coded, Encoder, End
from segue.core.corpus.growing import GrowingArray
from segue.core.corpus.keys import Keys, KeyTable
from segue.core.corpus.readers.batch import Judged

TEXTS = ("ids", "artists", "metadata")
"""The files of what is said of each track: a line a track."""
SAMPLES = 128
"""Tracks of a shard that tell how its counts are distributed."""


@dataclass(frozen=True)
class Counted:
    """What a stretch holds."""

    positions: int
    size: int
    """Bytes read."""
    skipped: Counter[str]
    judged: list[tuple[int, Judged]]
    """The file of each piece of a larger file, and what was said of its records."""


@dataclass(frozen=True)
class Merged:
    """What a shard holds."""

    distinct: int
    samples: npt.NDArray[np.int64]
    """int64 (m, 2): minus the count and the first position of tracks at even distances in their order."""


def shards_of(keys: Keys, n_shards: int) -> npt.NDArray[np.int64]:
    """int64 (n,): the shard of each key. `KeyTable` looks at other bits of it."""
    return ((keys[:, 1] >> np.uint64(32)) % np.uint64(n_shards)).astype(np.int64)


def count_stretch(spool: Spool, number: int, pieces: Sequence[Piece]) -> Counted:
    """Read a stretch: its playlists in numbers of its own, its distinct tracks by shard, and their texts.

    Raises
    ------
    SegueError
        When a file cannot be read.
    """
    skipped: Counter[str] = Counter()
    tally = _Tally()
    with finished_folder(spool.of_stretch(number)) as folder, ExitStack() as stack, _no_garbage():
        files = {
            name: stack.enter_context((folder / name).open("wb")) for name in ("codes", "lengths", *TEXTS)
        }
        encoder = Encoder()
        for piece in pieces:
            piece.refuse_other_copy()
            for result in encoder.encode((piece.format, piece.source)):
                if isinstance(result, End):
                    skipped += result.skipped
                    continue
                files["codes"].write(tally.add(result).data)
                files["lengths"].write(result.lengths[result.lengths > 0].data)
                files["ids"].write(result.new_ids)
                files["artists"].write(result.new_artists)
                files["metadata"].write(result.new_metadata)
        keys = np.concatenate([*tally.keys, np.empty((0, 2), np.uint64)])
        shards = shards_of(keys, spool.n_shards)
        order = np.argsort(shards, kind="stable")
        np.save(folder / "starts.npy", starts_of(shards, spool.n_shards))
        np.save(folder / "codes_by_shard.npy", order.astype(np.int32))
        np.save(folder / "keys.npy", keys[order])
        np.save(folder / "counts.npy", tally.counts.values[order])
        np.save(folder / "firsts.npy", tally.firsts.values[order])
    judged = [(piece.file, piece.source.judged) for piece in pieces if piece.source.judged is not None]
    return Counted(tally.positions, sum(piece.size for piece in pieces), skipped, judged)


class _Tally:
    """The distinct tracks of a stretch in order of appearance."""

    def __init__(self) -> None:
        self.positions = 0
        self.keys: list[Keys] = []
        self.counts = GrowingArray(np.int64)
        self.firsts = GrowingArray(np.int64)
        """Where in the stretch each track occurs first, in positions."""

    def add(self, batch: Coded) -> npt.NDArray[np.int32]:
        """Count a batch; returns the number at each position."""
        self.keys.append(batch.new_keys)
        self.counts.append(np.zeros(len(batch.new_keys), np.int64))
        np.add.at(self.counts.values, batch.numbers.astype(np.intp), 1)  # ten times as fast as with int32
        self.firsts.append(self.positions + batch.new_at)
        self.positions += len(batch.numbers)
        return batch.numbers


@contextmanager
def _no_garbage() -> Iterator[None]:
    gc.disable()  # JSON makes no cycles, and looking for them costs a quarter of the time
    try:
        yield
    finally:
        gc.enable()


def merge_shard(spool: Spool, shard: int, bases: Sequence[int], min_count: int) -> Merged:
    """Add up the tracks of a shard over all stretches, and put them in order.

    Parameters
    ----------
    bases
        The positions before each stretch.
    min_count
        Tracks at fewer positions are left out of the order.
    """
    table, counts, firsts = KeyTable(), GrowingArray(np.int64), GrowingArray(np.int64)
    starts = np.zeros(len(bases) + 1, np.int64)
    with finished_folder(spool.of_shard(shard)) as folder:
        with (folder / "numbers").open("wb") as numbers, (folder / "fresh").open("wb") as fresh:
            for stretch, base in enumerate(bases):
                read, known = spool.of_stretch(stretch), len(table)
                found = table.numbers(segment(read, "keys", shard))
                is_new = found >= known
                counts.append(np.zeros(len(table) - known, np.int64))
                counts.values[found] += segment(read, "counts", shard)
                firsts.append(base + segment(read, "firsts", shard)[is_new])
                numbers.write(found.data)
                fresh.write(is_new.data)
                starts[stretch + 1] = starts[stretch] + len(found)
        np.save(folder / "starts.npy", starts)
        falls, first = -counts.values, firsts.values
        kept = np.flatnonzero(counts.values >= min_count)
        order = kept[np.lexsort((first[kept], falls[kept]))]
        np.save(folder / "order.npy", order.astype(np.int32))
        np.save(folder / "falls.npy", falls[order])
        np.save(folder / "firsts.npy", first[order])
    sampled = order[np.linspace(0, len(order) - 1, min(SAMPLES, len(order)), dtype=np.int64)]
    return Merged(len(table), np.stack([falls[sampled], first[sampled]], axis=1))
