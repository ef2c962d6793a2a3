"""Playlists dealt out to shards, and which rows of the table a shard needs in a round."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Corpus, Vocabulary
from segue.core.errors import UsageError
from segue.core.track2vec.epoch import EpochMaker, Steps

if TYPE_CHECKING:
    from segue.core.cluster.blocks import Ints, Layout
    from segue.core.track2vec.config import FastConfig
    from segue.core.track2vec.epoch import Distribution

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

    Raises
    ------
    UsageError
        When there are more shards than such playlists.
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
