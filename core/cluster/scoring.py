"""hit@10 on validation pairs of a table that lies in blocks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segue.core.neighbours import unit

if TYPE_CHECKING:
    from segue.core.cluster.blocks import Ints, Layout, State


AT_ONCE = 4096
"""Rows compared at once: 32 MB of cosines with 2,000 seeds."""


@dataclass(frozen=True)
class Question:
    """Seeds and targets, with their unit vectors."""

    pairs: "Ints"
    """int32 (n, 2): seed, target."""
    seeds: npt.NDArray[np.float32]
    """float32 (n, d)."""
    near: npt.NDArray[np.float32]
    """float32 (n,): the cosine of each seed and its target."""


class Gatherer:
    """Picks the vectors of the pairs' tracks out of blocks that pass by, one at a time."""

    def __init__(self, pairs: "Ints", layout: "Layout", dim: int) -> None:
        self.pairs, self._layout = pairs, layout
        self._vectors = np.zeros((*pairs.shape, dim), np.float32)

    def see(self, block: int, state: "State") -> None:
        """Take what is needed of a block."""
        which = self.pairs % self._layout.n_blocks == block
        self._vectors[which] = unit(state[0][self.pairs[which] // self._layout.n_blocks])

    def question(self) -> Question:
        """What to ask of each block, once all have been seen."""
        seeds, targets = self._vectors[:, 0], self._vectors[:, 1]
        return Question(self.pairs, seeds, np.sum(seeds * targets, axis=1))


def nearer(state: "State", block: int, layout: "Layout", question: Question) -> npt.NDArray[np.int64]:
    """How many tracks of a block are nearer to each seed than its target is, int64 (n,)."""
    found = np.zeros(len(question.pairs), np.int64)
    vectors = unit(state[0])
    own = np.where(question.pairs % layout.n_blocks == block, question.pairs // layout.n_blocks, -1)
    for start in range(0, len(vectors), AT_ONCE):
        counted = question.seeds @ vectors[start : start + AT_ONCE].T > question.near[:, None]
        for rows in own.T:
            here = np.flatnonzero((rows >= start) & (rows < start + counted.shape[1]))
            counted[here, rows[here] - start] = False
        found += np.count_nonzero(counted, axis=1)
    return found


def hit_at_10(pairs: "Ints", before: npt.NDArray[np.int64]) -> float:
    """Share of pairs with fewer than 10 tracks before the target; a target that is its seed is never hit."""
    return float(np.mean((before < 10) & (pairs[:, 0] != pairs[:, 1])))
