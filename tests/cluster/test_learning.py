"""What a worker keeps from one task to the next changes nothing that a task learns."""

import numpy as np
import pytest

from segue.core.cluster import shards
from segue.core.cluster.blocks import Layout, Piece, first_block, take
from segue.core.cluster.shards import KeptLoop, LoopKeeper, TrainSpec, deal, rows_needed, train_shard
from segue.core.track2vec import FastConfig
from segue.core.track2vec.epoch import smoothed
from tests.cluster.worlds import grouped_split

CONFIG = FastConfig(dim=8, window=2)


def _start(keeper: LoopKeeper, rows: int, config: FastConfig = CONFIG) -> KeptLoop:
    return keeper.start(config, np.ones(rows, np.float32))


def test_rows_are_taken_as_they_were_put() -> None:
    kept = _start(LoopKeeper(), 50)
    state = np.random.default_rng(1).standard_normal((2, 50, CONFIG.dim)).astype(np.float32)
    state.flags.writeable = False  # as Ray hands it over
    for part in (slice(0, 50, 2), slice(1, 50, 2)):
        kept.put(np.arange(50)[part], state[:, part])
    assert np.array_equal(kept.take(np.array([7, 0, 49])), state[:, [7, 0, 49]])
    assert kept.take(np.zeros(0, np.int64)).shape == (2, 0, CONFIG.dim)


@pytest.mark.parametrize(
    ("rows", "config", "same"),
    [
        (100, CONFIG, True),
        (106, CONFIG, True),
        (71, CONFIG, True),
        (107, CONFIG, False),  # no room
        (70, CONFIG, False),  # a third would lie idle
        (100, FastConfig(dim=4, window=2), False),
        (100, FastConfig(dim=8, window=3), False),
        (100, FastConfig(dim=8, window=2, temperature=9), False),
    ],
)
def test_a_loop_is_kept_for_tasks_of_its_size_and_kind(rows: int, config: FastConfig, same: bool) -> None:
    keeper = LoopKeeper()
    first = _start(keeper, 100)
    assert (_start(keeper, rows, config) is first) == same


def _trained(number: int) -> list[Piece]:
    corpus = grouped_split().train
    config = FastConfig(dim=8, batch=32, pool=20, epochs=3).fitted(corpus)
    spec = TrainSpec(config, 7, 4, Layout.of(len(corpus.vocabulary), 50))
    distribution = smoothed(corpus.counts, config.exponent)
    shard = deal(corpus, spec.shards, number)
    came = [
        take(first_block(spec.layout, block, config.dim, spec.seed), rows)[0]
        for block, rows in enumerate(rows_needed(spec, shard, distribution, 0))
    ]
    return list(train_shard(spec, shard, distribution, 0, *came)[1:])


def test_a_shard_learns_the_same_bits_whatever_was_trained_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "LOOPS", LoopKeeper())
    fresh = _trained(0)
    kept = shards.LOOPS.kept
    _trained(1)
    again = _trained(0)
    assert shards.LOOPS.kept is kept
    for one, other in zip(fresh, again, strict=True):
        assert np.array_equal(one.rows, other.rows)
        assert np.array_equal(one.state, other.state)
        assert np.array_equal(one.counts, other.counts)
