"""Every metric against the naive one, on random data and by hand."""

from math import log2

import numpy as np
import pytest

from segue.core.evaluation.metrics import (
    bootstrap,
    coverage,
    hit_at_k,
    hubness,
    ndcg_at_k,
    occurrences,
    paired_bootstrap,
    ranks_of,
    reciprocal_rank,
    same_artist,
    spread,
)
from tests.core.evaluation import naive


def _lists(rng: np.random.Generator, n: int, n_tracks: int, k: int) -> np.ndarray:
    """Lists without repetition, some of them padded with -1."""
    lists = np.stack([rng.permutation(n_tracks)[:k] for _ in range(n)]).astype(np.int32)
    for row in lists[rng.random(n) < 0.3]:
        row[rng.integers(0, k) :] = -1
    return lists


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("k", [1, 3, 10])
def test_random_lists_score_as_in_the_naive_way(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    lists, targets = _lists(rng, 200, 25, 10), rng.integers(0, 25, 200)
    ranks = ranks_of(lists, targets)
    assert ranks.tolist() == [
        naive.rank(row, target) for row, target in zip(lists.tolist(), targets, strict=True)
    ]
    for fast, plain in ((hit_at_k, naive.hit), (ndcg_at_k, naive.ndcg), (reciprocal_rank, naive.reciprocal)):
        expected = [plain(row, target, k) for row, target in zip(lists.tolist(), targets, strict=True)]
        np.testing.assert_allclose(fast(ranks, k), expected)


@pytest.mark.parametrize("seed", range(5))
def test_random_lists_spread_as_in_the_naive_way(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lists = _lists(rng, 60, 25, 10)
    real = [[track for track in row if track >= 0] for row in lists.tolist()]
    counts = naive.k_occurrences(real, 25)
    assert occurrences(lists, 25).tolist() == counts
    assert coverage(lists, 25) == sum(count > 0 for count in counts) / 25
    assert hubness(lists, 25) == pytest.approx(naive.skewness(counts))
    seeds, artists = rng.integers(0, 25, 60), rng.integers(-1, 4, 25)
    pairs = [
        (artists[seed], artists[track])
        for seed, row in zip(seeds, real, strict=True)
        for track in row
        if artists[seed] >= 0 and artists[track] >= 0
    ]
    assert same_artist(seeds, lists, artists) == pytest.approx(
        np.mean([one == other for one, other in pairs])
    )


def test_by_hand() -> None:
    lists = np.array([[7, 8, 9], [7, 8, 9], [7, 8, 9], [7, 8, 9]])
    ranks = ranks_of(lists, np.array([7, 9, 3, 8]))
    assert ranks.tolist() == [1, 3, 0, 2]
    assert hit_at_k(ranks, 3).tolist() == [1, 1, 0, 1]
    assert hit_at_k(ranks, 2).tolist() == [1, 0, 0, 1]
    np.testing.assert_allclose(ndcg_at_k(ranks, 3), [1, 1 / 2, 0, 1 / log2(3)])
    np.testing.assert_allclose(reciprocal_rank(ranks, 3), [1, 1 / 3, 0, 1 / 2])


def test_fewer_than_k_items_are_padding_and_never_a_hit() -> None:
    lists = np.array([[4, -1, -1], [-1, -1, -1]])
    ranks = ranks_of(lists, np.array([4, 2]))
    assert ranks.tolist() == [1, 0]
    assert hit_at_k(ranks, 10).tolist() == [1, 0]
    assert occurrences(lists, 5).tolist() == [0, 0, 0, 0, 1]


def test_an_empty_set_and_empty_lists() -> None:
    nothing = ranks_of(np.empty((0, 10), np.int32), np.empty(0, np.int32))
    assert nothing.shape == hit_at_k(nothing, 10).shape == ndcg_at_k(nothing, 10).shape == (0,)
    assert ranks_of(np.empty((2, 0), np.int32), np.array([1, 2])).tolist() == [0, 0]
    assert coverage(np.empty((0, 10), np.int32), 5) == 0
    assert hubness(np.empty((0, 10), np.int32), 5) == 0
    assert coverage(np.empty((0, 10), np.int32), 0) == hubness(np.empty((0, 10), np.int32), 0) == 0


def test_hubness_is_none_when_all_are_equal_and_large_for_a_hub() -> None:
    assert hubness(np.array([[1], [2], [0]]), 3) == 0
    assert hubness(np.zeros((50, 1), np.int32), 100) > 9


def test_without_known_artists_there_is_no_share() -> None:
    assert same_artist(np.array([0]), np.array([[1, 2]]), np.full(3, -1)) is None
    assert same_artist(np.array([0]), np.array([[1, 2, -1]]), np.array([5, 5, 6])) == 0.5


def test_it_is_the_interval_of_drawing_pairs_with_replacement() -> None:
    rng = np.random.default_rng(0)
    values = rng.choice([0, 0, 0, 1 / 3, 0.5, 1], 400)
    drawn = [values[rng.integers(0, 400, 400)].mean() for _ in range(4_000)]
    found = bootstrap(values)
    assert found.mean == pytest.approx(values.mean())
    np.testing.assert_allclose([found.low, found.high], np.quantile(drawn, [0.025, 0.975]), atol=0.004)


def test_the_interval_holds_the_true_mean_about_as_often_as_it_should() -> None:
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
