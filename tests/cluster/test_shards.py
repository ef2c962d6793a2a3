"""Playlists dealt out, and the rows that a shard needs."""

import numpy as np
import pytest

from segue.core.cluster.blocks import Layout
from segue.core.cluster.shards import Shard, ShardPlan, TrainSpec, deal, plan_shard, rows_needed
from segue.core.corpus import Corpus
from segue.core.errors import UsageError
from segue.core.track2vec import FastConfig
from segue.core.track2vec.epoch import Distribution, EpochMaker, smoothed
from tests.cluster.worlds import grouped_split

SHARDS = 3


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return grouped_split().train


@pytest.fixture(scope="module")
def spec(corpus: Corpus) -> TrainSpec:
    config = FastConfig(dim=4, batch=64, pool=10, epochs=3).fitted(corpus)
    return TrainSpec(config, 7, SHARDS, Layout.of(len(corpus.vocabulary), 50))


def _distribution(corpus: Corpus) -> Distribution:
    return smoothed(corpus.counts, 0.75)


def _rows(shard: Shard) -> list[list[int]]:
    return [shard.items[a:b].tolist() for a, b in zip(shard.offsets, shard.offsets[1:], strict=False)]


def _plan(corpus: Corpus, spec: TrainSpec, shard: int, number: int = 0) -> ShardPlan:
    return plan_shard(spec, deal(corpus, SHARDS, shard), _distribution(corpus), number)


@pytest.mark.parametrize("shards", [1, 3, 8])
def test_every_playlist_that_teaches_is_dealt_once(corpus: Corpus, shards: int) -> None:
    dealt = [row for number in range(shards) for row in _rows(deal(corpus, shards, number))]
    teaching = [corpus.playlist(i).tolist() for i in range(corpus.n_playlists) if corpus.lengths[i] >= 2]
    assert sorted(dealt) == sorted(teaching)


def test_more_shards_than_playlists_are_refused(corpus: Corpus) -> None:
    with pytest.raises(UsageError, match=r"--shards 9999: only \d+ playlists"):
        deal(corpus, 9999, 0)


def test_a_lesson_is_the_shards_epoch_under_local_numbers(corpus: Corpus, spec: TrainSpec) -> None:
    for number in range(SHARDS):
        found = _plan(corpus, spec, number, 2)
        shard = deal(corpus, SHARDS, number)
        maker = EpochMaker(
            Corpus(shard.items, shard.offsets, corpus.vocabulary),
            spec.config, spec.seed, distribution=_distribution(corpus), stream=(number,),
        )  # fmt: skip
        steps = maker.make(2)
        assert np.array_equal(found.tracks[found.steps.items], steps.items)
        assert np.array_equal(found.tracks[found.steps.pools], steps.pools)
        assert np.array_equal(found.steps.weights, steps.weights)
        assert np.array_equal(found.log_expected, maker.log_expected()[found.tracks])


def test_a_play_counts_for_ten_draws(corpus: Corpus, spec: TrainSpec) -> None:
    found = _plan(corpus, spec, 1)
    shard = deal(corpus, SHARDS, 1)
    drawn = found.tracks[found.steps.pools].ravel().tolist()
    for track, count in zip(found.tracks.tolist(), found.counts.tolist(), strict=True):
        assert count == 10 * shard.items.tolist().count(track) + drawn.count(track)


def test_negatives_are_drawn_from_the_whole_vocabulary_by_seed_round_and_shard(
    corpus: Corpus, spec: TrainSpec
) -> None:
    pools = [_plan(corpus, spec, shard, number) for shard in (0, 1) for number in (0, 1)]
    drawn = [each.tracks[each.steps.pools] for each in pools]
    for i in range(4):
        for j in range(i):
            assert not np.array_equal(drawn[i], drawn[j])
    again = _plan(corpus, spec, 0, 0)
    assert np.array_equal(again.tracks[again.steps.pools], drawn[0])


def test_the_rows_needed_are_those_of_the_lesson(corpus: Corpus, spec: TrainSpec) -> None:
    needed = rows_needed(spec, deal(corpus, SHARDS, 2), _distribution(corpus), 1)
    table = np.arange(len(corpus.vocabulary))
    named = [table[spec.layout.tracks_of(block)][rows] for block, rows in enumerate(needed)]
    assert spec.layout.n_blocks > 1
    assert sorted(np.concatenate(named).tolist()) == _plan(corpus, spec, 2, 1).tracks.tolist()
