"""Intervals against drawing pairs one by one, and against what they promise."""

import numpy as np
import pytest

from segue.core.evaluation.metrics import bootstrap, paired_bootstrap, spread


def test_it_is_the_interval_of_drawing_pairs_with_replacement() -> None:
    rng = np.random.default_rng(0)
    values = rng.choice([0, 0, 0, 1 / 3, 0.5, 1], 400)
    drawn = [values[rng.integers(0, 400, 400)].mean() for _ in range(4_000)]
    found = bootstrap(values)
    assert found.mean == pytest.approx(values.mean())
    np.testing.assert_allclose([found.low, found.high], np.quantile(drawn, [0.025, 0.975]), atol=0.004)


def test_it_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    holds = 0
    for number in range(200):
        found = bootstrap((rng.random(300) < 0.2).astype(np.float64), seed=number)
        holds += found.low <= 0.2 <= found.high
    assert 180 <= holds <= 199


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(2).random(50)
    assert bootstrap(values, seed=3) == bootstrap(values, seed=3)


def test_no_pairs_and_one_value() -> None:
    assert bootstrap(np.empty(0)).mean == 0
    alone = bootstrap(np.ones(30))
    assert (alone.mean, alone.low, alone.high) == (1, 1, 1)


def test_a_paired_difference_is_seen_where_two_intervals_overlap() -> None:
    rng = np.random.default_rng(4)
    other = (rng.random(2_000) < 0.3).astype(np.float64)
    # the better ranker finds what the other finds, and 2 % of the rest
    one = np.maximum(other, (rng.random(2_000) < 0.02).astype(np.float64))
    difference = paired_bootstrap(one, other)
    assert difference.low > 0
    assert difference.mean == pytest.approx(one.mean() - other.mean())
    assert bootstrap(one).low < bootstrap(other).high


def test_equal_rankers_differ_by_nothing() -> None:
    values = np.random.default_rng(5).random(100)
    assert paired_bootstrap(values, values).low == paired_bootstrap(values, values).high == 0


def test_spread_over_seeds() -> None:
    assert spread(np.array([1.0, 2.0, 3.0])) == (2.0, 1.0)
    assert spread(np.array([1.0])) == (1.0, 0.0)
