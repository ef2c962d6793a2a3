"""The table of vectors in blocks of rows, and the averaging of what several shards made of a block.

Row `r` lies in block `r % n_blocks`, so that every block has its share of the frequent tracks, which are the
first rows and those that every shard sends back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from segue.core.track2vec.softmax import FIRST_ACCUMULATOR

Ints = npt.NDArray[np.int32]
State = npt.NDArray[np.float32]
"""float32 (2, n, d): the vectors of n rows, and their Adagrad accumulators."""

BLOCK_ROWS = 65_536
"""Rows of a block, at most: 32 MB at 64 dimensions."""

FIRST_REACH = 0.05
"""The first vectors are drawn evenly from within plus and minus this, as `build_model` does."""


@dataclass(frozen=True)
class Layout:
    """Which row of the table lies in which block."""

    n_tracks: int
    n_blocks: int

    @classmethod
    def of(cls, n_tracks: int, rows: int = BLOCK_ROWS) -> "Layout":
        """The fewest blocks of at most `rows` rows."""
        return cls(n_tracks, -(-n_tracks // rows))

    def tracks_of(self, block: int) -> slice:
        """The rows of the table that a block holds, in its order."""
        return slice(block, self.n_tracks, self.n_blocks)

    def size(self, block: int) -> int:
        """How many rows a block has."""
        return len(range(block, self.n_tracks, self.n_blocks))

    def places(self, tracks: Ints, block: int) -> npt.NDArray[np.int64]:
        """Where in `tracks` those of a block are."""
        return np.flatnonzero(tracks % self.n_blocks == block)


class Piece(NamedTuple):
    """What one shard made of its rows of one block."""

    rows: Ints
    """int32 (n,): rows of the block, rising."""
    state: State
    """float32 (2, n, d): the vectors and accumulators that the shard ended with."""
    counts: npt.NDArray[np.int64]
    """int64 (n,): what the shard's word on each row weighs, see `Lesson.counts`; above 0."""


def first_block(layout: Layout, block: int, dim: int, seed: int) -> State:
    """A block before any training, from its own random stream `(seed, block)`."""
    rng = np.random.default_rng([seed, block])
    shape = (layout.size(block), dim)
    vectors = rng.random(shape, np.float32) * np.float32(2 * FIRST_REACH) - np.float32(FIRST_REACH)
    return np.stack([vectors, np.full(shape, FIRST_ACCUMULATOR, np.float32)])


def take(state: State, rows_of_shards: Sequence[Ints]) -> list[State]:
    """The rows of a block that each shard asks for."""
    return [state[:, rows] for rows in rows_of_shards]


def average(state: State, pieces: Sequence[Piece]) -> State:
    """A block after a round.

    A row's new vector and accumulators are the means of what the shards made of them, weighted by how much
    each had to learn from. Rows that no shard touched stay. The sums are taken in the order of the shards, in
    double precision, so that the result does not depend on who was done first.
    """
    total = np.zeros(state.shape, np.float64)
    counts = np.zeros(state.shape[1], np.int64)
    for piece in pieces:
        total[:, piece.rows] += piece.state * piece.counts[:, None].astype(np.float64)
        counts[piece.rows] += piece.counts
    new = state.copy()
    touched = counts > 0
    new[:, touched] = total[:, touched] / counts[touched, None]
    return new
