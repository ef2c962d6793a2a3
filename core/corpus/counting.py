"""Counting, sharded by a hash of each track's key, so that no process holds the whole dictionary.

The order of all tracks, by falling count and then first appearance, is a sort in blocks without any text:
every shard is sorted already, splitters chosen from samples divide the order into blocks, and one task per
block merges its part of each shard.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segue.core.corpus.encoding import Coded, Encoder, End, GrowingArray, Keys, KeyTable
from segue.core.corpus.readers.batch import RecordCounts
from segue.core.corpus.spool import Spool, mapped, segments, starts_of
from segue.core.corpus.stretches import Piece
from segue.core.lazy import no_cycle_search

TEXTS = ("ids", "artists", "metadata")
"""The files of each track's metadata: one line per track."""
SAMPLES = 128
"""Tracks of a shard that tell how its counts are distributed."""


@dataclass(frozen=True)
class Counted:
    """What a stretch holds."""

    positions: int
    unreported: int
    """Bytes read without a word to `progress`."""
    skipped: Counter[str]
    judged: list[tuple[int, RecordCounts]]
    """The file of each piece of a larger file, and how many of its records were good."""


@dataclass(frozen=True)
class Merged:
    """What a shard holds."""

    distinct: int
    samples: npt.NDArray[np.int64]
    """int64 (m, 2): minus the count and the first position of tracks at even distances in their order."""


def shards_of(keys: Keys, n_shards: int) -> npt.NDArray[np.int64]:
    """int64 (n,): the shard of each key. `KeyTable` looks at other bits of it."""
    return ((keys[:, 1] >> np.uint64(32)) % np.uint64(n_shards)).astype(np.int64)


def count_stretch(
    spool: Spool, number: int, pieces: Sequence[Piece], progress: Callable[[int], None] | None = None
) -> Counted:
    """Read a stretch: its playlists in numbers of its own, its distinct tracks by shard, and their texts.

    `progress` is called with the bytes read since the last call. Raises `SegueError` when a file cannot be
    read.
    """
    skipped: Counter[str] = Counter()
    tally = _Tally()
    with spool.finished(spool.of("stretch", number)) as folder, ExitStack() as stack, no_cycle_search():
        files = {
            name: stack.enter_context((folder / name).open("wb")) for name in ("codes", "lengths", *TEXTS)
        }
        encoder = Encoder()
        for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
            piece.source.following = following.source.place if following else None
            with piece.at_hand(spool) as source:
                for result in encoder.encode((piece.format, source)):
                    if progress is not None:
                        progress(result.read)
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
    unreported = sum(piece.size for piece in pieces) if progress is None else 0
    return Counted(tally.positions, unreported, skipped, judged)


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


def merge_shard(spool: Spool, shard: int, bases: Sequence[int], min_count: int) -> Merged:
    """Add up the tracks of a shard over all stretches, and put them in order.

    `bases` are the positions before each stretch; tracks at fewer than `min_count` are left out of the order.
    """
    table, counts, firsts = KeyTable(), GrowingArray(np.int64), GrowingArray(np.int64)
    starts = np.zeros(len(bases) + 1, np.int64)
    with spool.finished(spool.of("shard", shard)) as folder:
        with (folder / "numbers").open("wb") as numbers, (folder / "fresh").open("wb") as fresh:
            for stretch, base in enumerate(bases):
                known = len(table)
                keys, plays, places = spool.read(
                    segments, spool.of("stretch", stretch), ("keys", "counts", "firsts"), shard
                )
                found = table.numbers(keys)
                is_new = found >= known
                counts.append(np.zeros(len(table) - known, np.int64))
                counts.values[found] += plays
                firsts.append(base + places[is_new])
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


Rank = tuple[int, int]
"""Minus the count, and the first position: smaller comes first, and no two tracks have the same."""


@dataclass(frozen=True)
class Ranked:
    """A block of the order."""

    start: int
    """The number of its first track."""
    size: int


def splitters_of(samples: Sequence[npt.NDArray[np.int64]], n_blocks: int) -> list[Rank]:
    """Choose where the blocks after the first begin, so that they hold about as many samples each.

    Samples are, of each shard, int64 (m, 2): minus the count and the first position of some tracks. There are
    fewer blocks where there are fewer samples.
    """
    ranks = sorted(tuple(map(int, rank)) for each in samples for rank in each)
    places = {len(ranks) * block // n_blocks for block in range(1, n_blocks)} - {0}
    return [(ranks[place][0], ranks[place][1]) for place in sorted(places)]


def rank_block(spool: Spool, block: int, splitters: Sequence[Rank]) -> Ranked:
    """Number the tracks of a block; their counts are written in their order, their numbers for each shard."""
    lowest = splitters[block - 1] if block else None
    beyond = splitters[block] if block < len(splitters) else None
    start, falls, firsts, sizes = 0, [], [], []
    for shard in range(spool.n_shards):
        before, fall, first = spool.read(ranks_between, spool.of("shard", shard), lowest, beyond)
        start += before
        falls.append(fall)
        firsts.append(first)
        sizes.append(len(fall))
    joined = np.concatenate(falls)
    order = np.lexsort((np.concatenate(firsts), joined))
    numbers = np.empty(len(order), np.int32)
    numbers[order] = np.arange(start, start + len(order), dtype=np.int32)
    with spool.finished(spool.of("block", block)) as folder:
        (-joined[order]).tofile(folder / "counts")
        np.save(folder / "numbers.npy", numbers)
        np.save(folder / "starts.npy", np.cumsum([0, *sizes], dtype=np.int64))
    return Ranked(start, len(order))


def ranks_between(
    folder: Path, lowest: Rank | None, beyond: Rank | None
) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """How many tracks of a shard come before a block; the falls and firsts of those within."""
    falls, firsts = mapped(folder / "falls.npy"), mapped(folder / "firsts.npy")
    begin = 0 if lowest is None else _place(falls, firsts, lowest)
    end = len(falls) if beyond is None else _place(falls, firsts, beyond)
    return begin, np.array(falls[begin:end]), np.array(firsts[begin:end])


def _place(falls: npt.NDArray[np.int64], firsts: npt.NDArray[np.int64], rank: Rank) -> int:
    """How many tracks of a shard come before a rank."""
    begin, end = np.searchsorted(falls, rank[0], "left"), np.searchsorted(falls, rank[0], "right")
    return int(begin + np.searchsorted(firsts[begin:end], rank[1], "left"))


def number_shard(spool: Spool, shard: int, distinct: int, n_blocks: int) -> None:
    """Write the final number of each track of a shard for each stretch that asks; -1 for those dropped."""
    new = np.full(distinct, -1, np.int32)
    blocks = (spool.of("block", block) for block in range(n_blocks))
    numbers = [spool.read(segments, block, ("numbers",), shard)[0] for block in blocks]
    with spool.copied(spool.of("shard", shard), ("order.npy", "starts.npy", "numbers")) as read:
        new[np.load(read / "order.npy", allow_pickle=False)] = np.concatenate(numbers)
        with (
            spool.finished(spool.of("numbers", shard)) as folder,
            (folder / "numbers").open("wb") as file,
            (read / "numbers").open("rb") as asked,
        ):
            for size in np.diff(np.load(read / "starts.npy", allow_pickle=False)).tolist():
                file.write(new[np.fromfile(asked, np.int32, size)].data)
