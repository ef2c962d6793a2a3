"""Playlists dealt out to shards, which rows of the table a shard needs, and a shard's round of training.

A worker keeps the compiled loop from task to task: tracing it again costs a second each time.
"""

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segue.core.cluster.blocks import Piece
from segue.core.corpus import Corpus, Vocabulary
from segue.core.errors import UsageError
from segue.core.track2vec.epoch import EpochMaker, SoftmaxLoop, Steps
from segue.core.track2vec.model import build_model, tensorflow

if TYPE_CHECKING:
    from segue.core.cluster.blocks import Ints, Layout, State
    from segue.core.track2vec.config import FastConfig
    from segue.core.track2vec.epoch import Distribution, Floats

    Places = npt.NDArray[np.int64]

PLAY = 10
"""A play teaches a track as much as so many draws as a negative, which only push it about a little.

Were they to count the same, a rare track would hardly move: one shard has heard it, all others have drawn it.
"""


@dataclass(frozen=True)
class Shard:
    """Some of the playlists, under the numbers of the whole vocabulary."""

    number: int
    items: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]


@dataclass(frozen=True)
class TrainSpec:
    """What all tasks of a training share."""

    config: "FastConfig"
    """Nothing left None; an epoch is a round."""
    seed: int
    shards: int
    layout: "Layout"


@dataclass(frozen=True)
class ShardPlan:
    """A shard's round: the arrays that train it, and the rows they need."""

    steps: Steps
    """Their tracks are numbers of `tracks`, not of the vocabulary."""
    tracks: "Ints"
    """int32 (n,), rising: the tracks in the shard's playlists and among its negatives."""
    counts: npt.NDArray[np.int64]
    """int64 (n,): `PLAY` for each play in the shard, and one for each draw as a negative."""
    log_expected: npt.NDArray[np.float32]
    """float32 (n,): see `EpochMaker.log_expected`."""


def deal(corpus: Corpus, shards: int, number: int) -> Shard:
    """One shard's playlists: of those with two tracks or more, every `shards`-th.

    Raises `UsageError` when there are more shards than such playlists.
    """
    teaching = np.flatnonzero(corpus.lengths >= 2)
    if len(teaching) < shards:
        raise UsageError(f"--shards {shards}: only {len(teaching):,} playlists have two tracks; use fewer")
    mine = teaching[number::shards]
    lengths = corpus.lengths[mine]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    positions = np.arange(offsets[-1]) + np.repeat(corpus.offsets[mine] - offsets[:-1], lengths)
    return Shard(number, np.asarray(corpus.items[positions]), offsets)


def plan_shard(spec: TrainSpec, shard: Shard, distribution: "Distribution", round_number: int) -> ShardPlan:
    """The arrays of a round, from the random stream `(seed, round, shard)`; the state has no part in them."""
    playlists = Corpus(shard.items, shard.offsets, Vocabulary([], np.zeros(0, np.int64), []))
    maker = EpochMaker(playlists, spec.config, spec.seed, distribution=distribution, stream=(shard.number,))
    steps = maker.make(round_number)
    heard, plays = np.unique(shard.items, return_counts=True)
    drawn, draws = np.unique(steps.pools, return_counts=True)
    filling = np.zeros(1, np.int32)  # fills up the last step, and learns nothing
    tracks = np.unique(np.concatenate([filling, heard, drawn]))
    counts = np.zeros(len(tracks), np.int64)
    counts[np.searchsorted(tracks, heard)] += PLAY * plays
    counts[np.searchsorted(tracks, drawn)] += draws
    local = Steps(_numbers(tracks, steps.items), steps.weights, _numbers(tracks, steps.pools), steps.rates)
    return ShardPlan(local, tracks, counts, maker.log_expected()[tracks])


def rows_needed(
    spec: TrainSpec, shard: Shard, distribution: "Distribution", round_number: int
) -> list["Ints"]:
    """The rows of each block that a shard needs in a round, known before any of it is trained."""
    tracks = plan_shard(spec, shard, distribution, round_number).tracks
    layout = spec.layout
    return [
        tracks[layout.places(tracks, block)] // np.int32(layout.n_blocks) for block in range(layout.n_blocks)
    ]


def _numbers(tracks: "Ints", values: "Ints") -> "Ints":
    return np.searchsorted(tracks, values).astype(np.int32)


STEPS_A_CALL = 64
SPARE = 1 / 16
"""Room for more rows than the first shard has, as the next may have a few more."""
WASTE = 1.5
"""A table with more than this many times the rows that are asked for is not worth its memory."""


@dataclass(frozen=True)
class ShardResult:
    """What a shard says of its round."""

    loss: float
    """Sum of the weighted costs."""
    weight: float
    """What to divide it by."""
    positives: int
    seconds: float
    moved: int
    """Bytes of rows that came and went."""
    memory: int
    """Bytes at the peak of the process, what it shares with others included; 0 where unknown."""


def train_shard(
    spec: "TrainSpec", shard: "Shard", distribution: "Distribution", round_number: int, *came: "State"
) -> tuple[ShardResult, *tuple[Piece, ...]]:
    """Train a shard for a round.

    `came` is, for each block, the state of the rows that `rows_needed` has named. Returns the result of the
    round, and then for each block what became of the rows that were touched.
    """
    begun = time.perf_counter()
    use_one_thread()
    config, layout = spec.config, spec.layout
    plan = plan_shard(spec, shard, distribution, round_number)
    kept = LOOPS.start(config, plan.log_expected)
    for block, state in enumerate(came):
        kept.put(layout.places(plan.tracks, block), state)
    loss = sum(kept.loop.run(part) for part in plan.steps.slices(STEPS_A_CALL))
    pieces = []
    for block in range(layout.n_blocks):
        places = layout.places(plan.tracks, block)
        places = places[plan.counts[places] > 0]
        rows = plan.tracks[places] // np.int32(layout.n_blocks)
        pieces.append(Piece(rows, kept.take(places), plan.counts[places]))
    moved = sum(array.nbytes for piece in pieces for array in piece) + sum(state.nbytes for state in came)
    weight = float(plan.steps.weights.sum(dtype=np.float64)) * 2
    seconds = time.perf_counter() - begun
    return ShardResult(loss, weight, plan.steps.positives, seconds, moved, peak_memory()), *pieces


def use_one_thread() -> None:
    """Let TensorFlow sum in one order only; it looks at this while it is imported."""
    if "tensorflow" not in sys.modules:
        os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"


def peak_memory() -> int:
    """Bytes of this process at its peak; 0 where that can't be asked."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@dataclass(frozen=True)
class KeptLoop:
    """A model with room for some rows, and the loop that trains it."""

    rows: int
    kind: tuple[int, int, float]
    """Dimensions, window and temperature, which the traced code holds."""
    model: Any
    loop: SoftmaxLoop

    def fits(self, rows: int, kind: tuple[int, int, float]) -> bool:
        """Whether so many rows can be trained in it. Those that are too many are never read, nor written."""
        return self.kind == kind and rows <= self.rows <= WASTE * rows

    def put(self, places: "Places", state: "State") -> None:
        """Set some rows: vectors and accumulators, float32 (2, n, d)."""
        slices = tensorflow().IndexedSlices
        for variable, values in zip(self._variables(), state, strict=True):
            variable.scatter_update(slices(values, places))

    def take(self, places: "Places") -> "State":
        """Some rows as they are now, float32 (2, n, d)."""
        gather = tensorflow().gather
        return np.stack([gather(variable, places).numpy() for variable in self._variables()])

    def _variables(self) -> tuple[Any, Any]:
        return self.model.get_layer("embedding").embeddings.value, self.loop.accumulator


class LoopKeeper:
    """Hands out the loop of a process, kept as long as tasks are of about one size."""

    def __init__(self) -> None:
        self.kept: KeptLoop | None = None

    def start(self, config: "FastConfig", correction: "Floats") -> KeptLoop:
        """A loop with room for so many rows, which are yet to be put there.

        `correction`, float32 (n,), is that of `EpochMaker.log_expected`.
        """
        rows = len(correction)
        kind = (config.dim, config.window, config.temperature)
        if self.kept is None or not self.kept.fits(rows, kind):
            self.kept = None  # its memory goes before the next takes its own
            self.kept = _make(rows + int(SPARE * rows), kind)
        filled = np.zeros(self.kept.rows, np.float32)
        filled[:rows] = correction
        self.kept.loop.correction.assign(filled)
        return self.kept


def _make(rows: int, kind: tuple[int, int, float]) -> KeptLoop:
    dim, window, temperature = kind
    model = build_model(rows, dim, weight=temperature)
    return KeptLoop(rows, kind, model, SoftmaxLoop(model, np.zeros(rows, np.float32), window))


LOOPS = LoopKeeper()
"""Of this process; what a task learns does not depend on what it finds here."""
