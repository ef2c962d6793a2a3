"""The samplers draw from their distributions."""

import numpy as np
import pytest
from scipy.stats import chisquare

from segue.core.track2vec.epoch import DrawTable, drop_probability, smoothed, window_pairs
from segue.core.track2vec.model import build_model, keep_positive, keras, raw_vectors


@pytest.mark.parametrize("exponent", [-0.5, 0.0, 0.5, 1.0])
def test_draws_follow_the_smoothed_counts(exponent: float) -> None:
    counts = np.array([40, 25, 10, 10, 5, 2, 1, 1])
    distribution = smoothed(counts, exponent)
    np.testing.assert_allclose(distribution, counts**exponent / sum(counts**exponent))
    drawn = DrawTable(distribution).draw(20_000, np.random.default_rng(3))
    assert chisquare(np.bincount(drawn, minlength=8), distribution * 20_000).pvalue > 0.001


def test_a_wrong_law_fails_the_same_chi_square() -> None:
    counts = np.array([40, 25, 10, 10, 5, 2, 1, 1])
    drawn = DrawTable(smoothed(counts, 0.5)).draw(20_000, np.random.default_rng(3))
    assert chisquare(np.bincount(drawn, minlength=8), smoothed(counts, 0.6) * 20_000).pvalue < 0.001


def test_a_track_never_played_is_drawn_as_half_a_play() -> None:
    np.testing.assert_allclose(smoothed([2, 0], -1.0), np.array([0.5, 2.0]) / 2.5)


def test_an_impossible_track_is_never_drawn() -> None:
    drawn = DrawTable(np.array([0.0, 0.5, 0.0, 0.5, 0.0])).draw((100, 50), np.random.default_rng(0))
    assert drawn.shape == (100, 50)
    assert drawn.dtype == np.int32
    assert set(drawn.ravel()) == {1, 3}


def test_drop_probability_is_the_notebooks_formula() -> None:
    f = np.array([1e-6, 1e-5, 2.7e-5, 1e-3, 0.2])
    sub_t = 1e-5
    subprob = ((f - sub_t) / f) - np.sqrt(sub_t / f)  # as the notebook writes it
    np.testing.assert_array_equal(drop_probability(f, sub_t), subprob)
    assert (drop_probability(f, sub_t) > 0).tolist() == [False, False, True, True, True]


@pytest.mark.parametrize("window", [1, 2, 3, 10])
def test_window_pairs_are_those_of_a_double_loop(window: int) -> None:
    rng = np.random.default_rng(window)
    playlists = [rng.integers(6, size=length) for length in (4, 0, 1, 7, 2)]
    expected = sorted(
        (int(one), int(playlist[j]))
        for playlist in playlists
        for i, one in enumerate(playlist)
        for j in range(max(0, i - window), min(len(playlist), i + window + 1))
        if i != j
    )
    items = np.concatenate(playlists).astype(np.int32)
    offsets = np.cumsum([0, *map(len, playlists)])
    assert sorted(map(tuple, window_pairs(items, offsets, window).tolist())) == expected


def test_no_positions_give_no_pairs() -> None:
    assert window_pairs(np.empty(0, np.int32), np.array([0]), 3).shape == (0, 2)
    assert window_pairs(np.array([5], np.int32), np.array([0, 1]), 3).shape == (0, 2)


def test_the_notebooks_model_has_the_notebooks_3_697_232_weights() -> None:
    assert build_model(123_241, 30).count_params() == 3_697_232


def test_output_is_a_sigmoid_of_the_cosine() -> None:
    model = build_model(7, 5, weight=3.0, seed=1)
    targets, contexts = np.array([[0], [3], [6]]), np.array([[1], [3], [2]])
    out = np.asarray(model([targets, contexts]))
    vectors = raw_vectors(model).astype(float)
    for row, (target, context) in enumerate(zip(targets.ravel(), contexts.ravel(), strict=True)):
        one, other = vectors[target], vectors[context]
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        np.testing.assert_allclose(out[row], 1 / (1 + np.exp(-3 * cosine)), rtol=1e-5)


def test_every_seed_starts_with_a_positive_weight_and_other_vectors() -> None:
    models = [build_model(4, 3, seed=seed) for seed in range(5)]
    assert [float(model.get_layer("classif").kernel[0, 0]) for model in models] == [1.0] * 5
    assert len({raw_vectors(model).tobytes() for model in models}) == 5


def test_the_weight_is_kept_positive() -> None:
    pushed = keras().ops.convert_to_tensor([[-2.0], [1.5]])
    kept = np.asarray(keep_positive(pushed)).ravel()
    assert kept[0] > 0
    assert kept[1] == 1.5
