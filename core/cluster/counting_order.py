"""The order of all tracks, by falling count and then first appearance: a sort in blocks, without any text.

Every shard is sorted already. Splitters chosen from samples part the order into blocks; a task a block merges
its part of each shard.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.cluster.preparing_files import Spool, finished_folder, segment

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

    Parameters
    ----------
    samples : int64 (m, 2)
        Of each shard: minus the count and the first position of some tracks.
    n_blocks
        How many blocks; there are fewer where there are fewer samples.
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
        folder = spool.of_shard(shard)
        fall, first = (
            np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in ("falls.npy", "firsts.npy")
        )
        begin = 0 if lowest is None else _place(fall, first, lowest)
        end = len(fall) if beyond is None else _place(fall, first, beyond)
        start += begin
        falls.append(np.array(fall[begin:end]))
        firsts.append(np.array(first[begin:end]))
        sizes.append(end - begin)
    joined = np.concatenate(falls)
    order = np.lexsort((np.concatenate(firsts), joined))
    numbers = np.empty(len(order), np.int32)
    numbers[order] = np.arange(start, start + len(order), dtype=np.int32)
    with finished_folder(spool.of_block(block)) as folder:
        (-joined[order]).tofile(folder / "counts")
        np.save(folder / "numbers.npy", numbers)
        np.save(folder / "starts.npy", np.cumsum([0, *sizes], dtype=np.int64))
    return Ranked(start, len(order))


def _place(falls: npt.NDArray[np.int64], firsts: npt.NDArray[np.int64], rank: Rank) -> int:
    """How many tracks of a shard come before a rank."""
    begin, end = np.searchsorted(falls, rank[0], "left"), np.searchsorted(falls, rank[0], "right")
    return int(begin + np.searchsorted(firsts[begin:end], rank[1], "left"))


def number_shard(spool: Spool, shard: int, distinct: int, n_blocks: int) -> None:
    """Write the final number of each track of a shard for each stretch that asks; -1 for those dropped."""
    read = spool.of_shard(shard)
    new = np.full(distinct, -1, np.int32)
    new[np.load(read / "order.npy", allow_pickle=False)] = np.concatenate(
        [segment(spool.of_block(block), "numbers", shard) for block in range(n_blocks)]
    )
    starts = np.load(read / "starts.npy", allow_pickle=False)
    with (
        finished_folder(spool.of_numbers(shard)) as folder,
        (folder / "numbers").open("wb") as file,
        (read / "numbers").open("rb") as numbers,
    ):
        for size in np.diff(starts).tolist():
            file.write(new[np.fromfile(numbers, np.int32, size)].data)
