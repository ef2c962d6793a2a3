"""The arrays of an epoch hold exactly the pairs that a double loop finds."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare

from segue.core.corpus import Corpus, Playlists, build_corpus
from segue.core.track2vec.config import FastConfig
from segue.core.track2vec.epoch import EpochMaker, Steps


@pytest.fixture
def repeats() -> Corpus:
    """Few playlists, with repeated tracks, one of a single track and one empty."""
    rng = np.random.default_rng(4)
    rows = [[f"t{i}" for i in rng.integers(9, size=length)] for length in (5, 1, 8, 0, 3, 12)]
    return build_corpus(Playlists.from_lists(rows))


def _maker(corpus: Corpus, **settings: object) -> EpochMaker:
    return EpochMaker(corpus, FastConfig(**settings).fitted(corpus), seed=7)  # type: ignore[arg-type]  # tests' shorthand


def _pairs(steps: Steps) -> Counter[tuple[int, int, float]]:
    """(smaller track, larger track, weight) of every pair, read off the arrays."""
    found: Counter[tuple[int, int, float]] = Counter()
    for step, place, k in zip(*np.nonzero(steps.weights), strict=True):
        ends = sorted((int(steps.items[step, place]), int(steps.items[step, place + k + 1])))
        found[ends[0], ends[1], round(float(steps.weights[step, place, k]), 4)] += 1
    return found


@pytest.mark.parametrize("weight", ["harmonic", "flat"])
@pytest.mark.parametrize("window", [1, 3, 20])
def test_one_step_holds_the_pairs_of_a_double_loop(repeats: Corpus, window: int, weight: str) -> None:
    expected: Counter[tuple[int, int, float]] = Counter()
    for number in range(repeats.n_playlists):
        row = [int(track) for track in repeats.playlist(number)]
        for i in range(len(row)):
            for j in range(i + 1, min(len(row), i + window + 1)):
                if row[i] != row[j]:
                    value = round(1 / (j - i), 4) if weight == "harmonic" else 1.0
                    expected[min(row[i], row[j]), max(row[i], row[j]), value] += 1
    maker = _maker(repeats, window=window, distance_weight=weight, batch=64)
    for epoch in range(2):
        steps = maker.make(epoch)
        assert _pairs(steps) == expected
        assert steps.positives == 2 * sum(expected.values())


def test_pairs_across_two_steps_are_left_out_and_nothing_is_invented(repeats: Corpus) -> None:
    whole = _pairs(_maker(repeats, batch=64).make(3))
    cut = _pairs(_maker(repeats, batch=5).make(3))
    assert sum(cut.values()) < sum(whole.values())
    assert not cut - whole


def test_an_epoch_plays_every_position_once(train_corpus: Corpus) -> None:
    steps = _maker(train_corpus, batch=100).make(0)
    played = steps.items.ravel()[: train_corpus.n_positions]
    np.testing.assert_array_equal(
        np.bincount(played, minlength=len(train_corpus.vocabulary)), train_corpus.counts
    )
    assert len(steps) == -(-train_corpus.n_positions // 100)


def test_epochs_differ_and_repeat(train_corpus: Corpus) -> None:
    maker = _maker(train_corpus)
    first, second, again = maker.make(0), maker.make(1), _maker(train_corpus).make(1)
    assert not np.array_equal(first.items, second.items)
    assert not np.array_equal(first.pools, second.pools)
    np.testing.assert_array_equal(second.items, again.items)
    np.testing.assert_array_equal(second.pools, again.pools)


def test_pools_follow_the_law(train_corpus: Corpus) -> None:
    maker = _maker(train_corpus, batch=30, pool=128)
    drawn = np.bincount(maker.make(0).pools.ravel(), minlength=len(maker.distribution))
    assert chisquare(drawn, maker.distribution * drawn.sum()).pvalue > 0.001
    np.testing.assert_allclose(np.exp(maker.log_expected()), 128 * maker.distribution, rtol=1e-4)


def test_the_learning_rate_falls_in_a_line_over_all_epochs(train_corpus: Corpus) -> None:
    maker = _maker(train_corpus, epochs=4, learning_rate=0.2, final_rate=0.1)
    rates = np.concatenate([maker.make(epoch).rates for epoch in range(4)])
    assert rates[0] == pytest.approx(0.2)
    np.testing.assert_allclose(np.diff(rates, n=2), 0, atol=1e-6)
    assert rates[-1] > 0.02
    assert rates[-1] - (rates[0] - rates[1]) == pytest.approx(0.02, rel=1e-4)


def test_slices_are_the_steps_in_order(train_corpus: Corpus) -> None:
    steps = _maker(train_corpus, batch=50).make(0)
    parts = list(steps.slices(7))
    assert [len(part) for part in parts[:-1]] == [7] * (len(parts) - 1)
    np.testing.assert_array_equal(np.concatenate([part.items for part in parts]), steps.items)
    np.testing.assert_array_equal(np.concatenate([part.weights for part in parts]), steps.weights)
