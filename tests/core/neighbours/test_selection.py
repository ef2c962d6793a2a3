"""The best of each row against a plain sort."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.neighbours import top_k
from segue.core.neighbours.tiles import padded_width


@pytest.mark.parametrize("width", [1, 31, 32, 33, 640, 5000, 5001])
@pytest.mark.parametrize("k", [0, 1, 10, 39, 700])
def test_it_is_the_head_of_a_sorted_row(width: int, k: int) -> None:
    scores = np.random.default_rng(width).standard_normal((5, width)).astype(np.float32)
    indices, best = top_k(scores, k)
    assert indices.shape == best.shape == (5, k)
    for row, columns, values in zip(scores, indices, best, strict=True):
        expected = sorted(row.tolist(), reverse=True)[:k]
        n_real = len(expected)
        assert values[:n_real].tolist() == expected
        assert row[columns[:n_real]].tolist() == expected
        assert columns[n_real:].tolist() == [-1] * (k - n_real)


def test_equal_scores_put_the_lower_column_first() -> None:
    scores = np.zeros((1, 6000), np.float32)
    scores[0, [5000, 70, 4000]] = 1
    assert top_k(scores, 3)[0].tolist() == [[70, 4000, 5000]]


def test_what_is_scored_minus_infinity_is_out() -> None:
    scores = np.full((1, 6000), -np.inf, np.float32)
    scores[0, 4321] = -7
    indices, best = top_k(scores, 3)
    assert indices.tolist() == [[4321, -1, -1]]
    assert best.tolist() == [[-7, -np.inf, -np.inf]]


@settings(max_examples=60)
@given(st.integers(1, 4), st.integers(1, 3000), st.integers(1, 30), st.integers(1, 12), st.randoms())
def test_tied_scores_keep_the_best_values(n: int, width: int, k: int, levels: int, random: object) -> None:
    del random
    scores = np.random.default_rng(width).integers(0, levels, (n, width)).astype(np.float32)
    indices, best = top_k(scores, k)
    for row, columns, values in zip(scores, indices, best, strict=True):
        real = columns[columns >= 0]
        assert len(set(real.tolist())) == len(real) == min(k, width)
        np.testing.assert_array_equal(values[: len(real)], np.sort(row)[::-1][: len(real)])
        np.testing.assert_array_equal(row[real], values[: len(real)])


def test_padded_width_is_a_multiple_of_the_group() -> None:
    assert [padded_width(n) for n in (0, 1, 32, 33)] == [0, 32, 32, 64]
