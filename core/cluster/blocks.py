"""The table of vectors in blocks of rows: averaging what several shards made of it, scoring, and its files.

Row `r` lies in block `r % n_blocks`, so that every block has its share of the frequent tracks, which are the
first rows and those that every shard sends back.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from segue.core.arrays import map_array, one_line
from segue.core.errors import SegueError, UsageError
from segue.core.files import atomic_file, atomic_folder, read_regular
from segue.core.library import EMBEDDING
from segue.core.neighbours import unit
from segue.core.track2vec.epoch import FIRST_ACCUMULATOR
from segue.core.track2vec.model import build_model
from segue.core.track2vec.recipes import WITHOUT_RESUME, facts_of, read_facts

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    """int64 (n,): what the shard's word on each row weighs, see `ShardPlan.counts`; above 0."""


def first_block(layout: Layout, block: int, dim: int, seed: int) -> State:
    """A block before any training, from its own random stream `(seed, block)`."""
    rng = np.random.default_rng([seed, block])
    shape = (layout.size(block), dim)
    vectors = rng.random(shape, np.float32) * np.float32(2 * FIRST_REACH) - np.float32(FIRST_REACH)
    return np.stack([vectors, np.full(shape, FIRST_ACCUMULATOR, np.float32)])


def take(state: State, *rows_of_shards: Ints) -> list[State]:
    """The rows of a block that each shard asks for."""
    return [state[:, rows] for rows in rows_of_shards]


def average(state: State, *pieces: Piece) -> State:
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


FACTS = "round.json"


@dataclass(frozen=True)
class Round:
    """The end of a round."""

    folder: Path
    history: list[dict[str, Any]]
    """A line for each finished round."""
    seconds: float
    """Time spent training."""

    def block(self, number: int) -> "State":
        """Map a block's state, float32 (2, n, d)."""
        return map_array(self.folder / _name(number), hint=WITHOUT_RESUME)


class RoundFiles:
    """The rounds of one training in a folder; only the last one is kept.

    `folder` holds them and is made when the first is saved. `identity` is what must be the same to go on.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        self.folder, self._identity = folder, identity

    def save(self, blocks: "Iterable[State]", history: list[dict[str, Any]], seconds: float) -> Round:
        """Write a round, a block at a time; the one before goes once it is there."""
        path = self.folder / f"round-{len(history):05}"
        with atomic_folder(path) as folder:
            for number, state in enumerate(blocks):
                np.save(folder / _name(number), state)
            facts = facts_of(self._identity, history, seconds)
            (folder / FACTS).write_text(f"{facts}\n", encoding="utf-8")
        for other in self._rounds():
            if other != path:
                shutil.rmtree(other, ignore_errors=True)
        return Round(path, history, seconds)

    def open(self, layout: "Layout", dim: int) -> Round:
        """The last finished round of this very training.

        Raises `SegueError` when there is none, it is damaged, or it belongs to another training.
        """
        rounds = self._rounds()
        if not rounds:
            raise UsageError(f"{self.folder}: no checkpoint to resume from; {WITHOUT_RESUME}")
        path = rounds[-1] / FACTS
        try:
            text = read_regular(path)
        except OSError as error:
            raise SegueError(f"{path}: can't be read ({one_line(error)}); {WITHOUT_RESUME}") from None
        found = Round(rounds[-1], *read_facts(path, text, self._identity))
        for block in range(layout.n_blocks):
            state = found.block(block)
            if state.shape != (2, layout.size(block), dim) or state.dtype != np.float32:
                raise SegueError(
                    f"{found.folder / _name(block)}: holds {state.dtype} {state.shape}; {WITHOUT_RESUME}"
                )
        return found

    def _rounds(self) -> list[Path]:
        return sorted(path.parent for path in self.folder.glob(f"round-*/{FACTS}"))


def _name(block: int) -> str:
    return f"block-{block:05}.npy"


def unit_vectors(path: Path, last: "Round", layout: "Layout") -> npt.NDArray[np.float32]:
    """Write a round's vectors as unit rows, float32 (V, d), and map them."""
    dim = last.block(0).shape[2]
    with atomic_file(path) as temporary:
        rows = np.lib.format.open_memmap(temporary, "w+", np.float32, (layout.n_tracks, dim))
        for block in range(layout.n_blocks):
            rows[layout.tracks_of(block)] = unit(last.block(block)[0])
        rows.flush()
        del rows
    return map_array(path, hint="train again")


def save_weights(path: Path, last: "Round", layout: "Layout", temperature: float) -> None:
    """Write the model's weights in Keras' own form; Keras wants the name to end in `.weights.h5`.

    Keras writes those of a model of one track, whose embedding is then put in place of a whole one.
    """
    import h5py  # 0.1 s; comes with keras

    dim = last.block(0).shape[2]
    build_model(1, dim, weight=temperature).save_weights(path)
    with h5py.File(path, "r+") as file:
        del file[EMBEDDING]
        rows = file.create_dataset(EMBEDDING, (layout.n_tracks, dim), np.float32)
        for block in range(layout.n_blocks):
            rows[layout.tracks_of(block)] = last.block(block)[0]
