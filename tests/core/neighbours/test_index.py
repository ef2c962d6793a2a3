"""One contract for every index, checked against plain cosines."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.errors import UsageError
from segue.core.neighbours import (
    Bonus,
    ExactIndex,
    KDTreeIndex,
    NeighbourIndex,
    build_index,
    predict_batch,
    tiles,
    top_k,
    unit,
)
from segue.core.neighbours.tiles import padded_width

KINDS = ("exact", "kdtree")
Vectors = npt.NDArray[np.float32]


def _vectors(n: int = 700, d: int = 8, seed: int = 0) -> Vectors:
    return unit(np.random.default_rng(seed).standard_normal((n, d)))


def _plain(vectors: Vectors, seed: int, banned: set[int]) -> list[tuple[float, int]]:
    """Every allowed row with its cosine, nearest first, computed pair by pair."""
    cosines = [
        (float(sum(float(a) * float(b) for a, b in zip(vectors[seed], vectors[row], strict=True))), row)
        for row in range(len(vectors))
        if row != seed and row not in banned
    ]
    return sorted(cosines, reverse=True)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("k", [1, 10, 300])
def test_the_nearest_are_those_of_a_plain_search(kind: str, k: int) -> None:
    vectors = _vectors()
    seeds = np.array([3, 0, 699, 3, 41])
    banned = np.array([5, 41, 5])
    indices, similarities = build_index(vectors, kind).query(seeds, k, exclude=banned)
    assert indices.dtype == np.int32
    assert similarities.dtype == np.float32
    for seed, row, cosines in zip(seeds, indices, similarities, strict=True):
        expected = _plain(vectors, int(seed), {5, 41})[:k]
        # cosines are compared, not rows: equal ones may change places
        np.testing.assert_allclose(cosines, [cosine for cosine, _ in expected], atol=1e-5)
        np.testing.assert_allclose(vectors[row] @ vectors[seed], cosines, atol=1e-5)
        assert len(set(row.tolist())) == k
        assert not {int(seed), 5, 41} & set(row.tolist())


def test_cosines_fall(kind: str) -> None:
    _, similarities = build_index(_vectors(), kind).query(np.arange(100), 20)
    assert np.all(np.diff(similarities, axis=1) <= 0)


def test_a_batch_is_its_single_queries(kind: str) -> None:
    index = build_index(_vectors(), kind)
    seeds = np.arange(90)
    together, cosines = index.query(seeds, 7)
    for seed in seeds:
        alone, cosine = index.query(seeds[seed : seed + 1], 7)
        np.testing.assert_array_equal(alone[0], together[seed])
        np.testing.assert_allclose(cosine[0], cosines[seed], atol=1e-6)


def test_many_blocks_at_once_give_what_one_seed_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = _vectors()
    whole, cosines = ExactIndex(vectors).query(np.arange(700), 9)
    monkeypatch.setattr("segue.core.neighbours.index.BLOCK_BYTES", 4 * 704 * 3)
    split, split_cosines = ExactIndex(vectors).query(np.arange(700), 9)
    np.testing.assert_array_equal(split, whole)
    np.testing.assert_allclose(split_cosines, cosines, atol=1e-6)
    with pytest.raises(IndexError):
        ExactIndex(vectors).query(np.arange(700), 9, exclude=np.array([700_000]))


def test_tiles_give_what_whole_rows_give(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = unit(np.random.default_rng(3).standard_normal((9_001, 12)).astype(np.float32))
    vectors[4_000:4_100] = vectors[:100]  # ties across tiles
    seeds, exclude = np.arange(50, 700), np.array([0, 3, 51, 4_095, 4_096, 9_000])
    assert tiles.fits(len(seeds), len(vectors), 9)
    indices, cosines = ExactIndex(vectors).query(seeds, 9, exclude=exclude)
    monkeypatch.setattr("segue.core.neighbours.tiles.fits", lambda *_: False)
    whole, whole_cosines = ExactIndex(vectors).query(seeds, 9, exclude=exclude)
    np.testing.assert_allclose(cosines, whole_cosines, atol=1e-6)
    np.testing.assert_allclose(np.einsum("nkd,nd->nk", vectors[indices], vectors[seeds]), cosines, atol=1e-6)
    assert not np.isin(indices, exclude).any()
    assert not (indices == seeds[:, None]).any()
    assert all(len(set(row)) == 9 for row in indices.tolist())
    assert np.mean(indices == whole) > 0.9  # the rest are ties


@pytest.mark.parametrize("whole_rows", [False, True])
def test_a_bonus_is_added_to_each_rows_product(monkeypatch: pytest.MonkeyPatch, *, whole_rows: bool) -> None:
    rng = np.random.default_rng(5)
    vectors = unit(rng.standard_normal((9_001, 12)).astype(np.float32))
    bonus, seeds, exclude = rng.random(9_001).astype(np.float32), np.arange(50, 700), np.array([51, 4_096])
    if whole_rows:
        monkeypatch.setattr("segue.core.neighbours.tiles.fits", lambda *_: False)
    indices, scores = ExactIndex(vectors).products(
        2 * vectors[seeds], 9, exclude=exclude, own=seeds, bonus=Bonus(bonus)
    )
    plain = 2 * vectors[seeds] @ vectors.T + bonus
    plain[np.arange(len(seeds)), seeds] = plain[:, exclude] = -np.inf
    np.testing.assert_allclose(scores, -np.sort(-plain, axis=1)[:, :9], atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(plain, indices, axis=1), scores, atol=1e-5)


@pytest.mark.parametrize("few", [False, True])
def test_one_product_gives_the_answers_without_and_with_each_bonus(*, few: bool) -> None:
    rng = np.random.default_rng(3)
    index = ExactIndex(_vectors(9_000))
    seeds = rng.choice(9_000, 20 if few else 700, replace=False)
    of_rows, of_queries = (rng.random(n).astype(np.float32) for n in (9_000, len(seeds)))
    bonuses = [None, Bonus(of_rows), Bonus(of_rows, -of_queries)]
    assert tiles.fits(len(seeds), 9_000, 10) is not few
    together = index.query_each(seeds, 10, bonuses)
    for found, bonus in zip(together, bonuses, strict=True):
        alone = index.products(index.vectors[seeds], 10, own=seeds, bonus=bonus)
        np.testing.assert_array_equal(found[0], alone[0])
        np.testing.assert_array_equal(found[1], alone[1])
    plain = index.vectors[seeds] @ index.vectors.T - of_queries[:, None] * of_rows
    plain[np.arange(len(seeds)), seeds] = -np.inf
    np.testing.assert_allclose(together[2][1], -np.sort(-plain, axis=1)[:, :10], atol=1e-5)
    assert len({found[0].tobytes() for found in together}) == 3


def test_tiles_pad_what_is_left_of_almost_nothing() -> None:
    vectors = unit(np.random.default_rng(4).standard_normal((5_000, 4)).astype(np.float32))
    seeds = np.arange(100)
    assert tiles.fits(len(seeds), len(vectors), 5)
    indices, cosines = ExactIndex(vectors).query(seeds, 5, exclude=np.arange(2, 5_000))
    assert indices[0].tolist() == [1, -1, -1, -1, -1]
    assert indices[2:, :2].tolist() == [[*np.argsort(-(vectors[:2] @ vectors[seed]))] for seed in seeds[2:]]
    assert np.isneginf(cosines[:, 2:]).all()


def test_more_asked_than_there_are_is_padded(kind: str) -> None:
    indices, similarities = build_index(_vectors(6), kind).query(np.array([2]), 10, exclude=np.array([0]))
    assert set(indices[0, :4].tolist()) == {1, 3, 4, 5}
    assert indices[0, 4:].tolist() == [-1] * 6
    assert np.isneginf(similarities[0, 4:]).all()


def test_nothing_left_is_all_padding(kind: str) -> None:
    index = build_index(_vectors(4), kind)
    indices, _ = index.query(np.array([1]), 3, exclude=np.arange(4))
    assert indices.tolist() == [[-1, -1, -1]]


def test_no_seeds_and_no_k(kind: str) -> None:
    index = build_index(_vectors(), kind)
    assert index.query(np.empty(0, np.int64), 5)[0].shape == (0, 5)
    assert index.query(np.array([1, 2]), 0)[0].shape == (2, 0)


def test_twins_of_the_seed_come_first_and_the_seed_does_not(kind: str) -> None:
    vectors = _vectors()
    vectors[[10, 20, 30, 40]] = vectors[50]
    indices, similarities = build_index(vectors, kind).query(np.array([50, 20]), 4)
    assert set(indices[0].tolist()) == {10, 20, 30, 40}
    assert set(indices[1].tolist()) == {10, 30, 40, 50}
    np.testing.assert_allclose(similarities, 1, atol=1e-6)


def test_a_vector_finds_the_rows_that_point_its_way(kind: str) -> None:
    vectors = _vectors()
    index = build_index(vectors, kind)
    indices, similarities = index.query_vectors(vectors[[7, 8]] * 25, 5)
    assert indices[:, 0].tolist() == [7, 8]
    np.testing.assert_allclose(similarities[:, 0], 1, atol=1e-6)
    np.testing.assert_array_equal(
        index.query_vectors(vectors[[7]], 5, exclude=np.array([7]))[0], index.query(np.array([7]), 5)[0]
    )


def test_a_row_of_zeros_never_comes_before_a_similar_row(kind: str) -> None:
    vectors = unit(np.array([[1, 0], [1, 1], [0, 0], [-1, 1]]))
    indices, _ = build_index(vectors, kind).query(np.array([0]), 1)
    assert indices.tolist() == [[1]]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UsageError, match="exact or kdtree"):
        build_index(_vectors(), "annoy")


@pytest.mark.parametrize("index_class", [ExactIndex, KDTreeIndex])
def test_a_memory_map_serves(
    index_class: type[ExactIndex] | type[KDTreeIndex], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("vectors") / "vectors.npy"
    np.save(path, _vectors())
    index: NeighbourIndex = index_class(np.load(path, mmap_mode="r"))
    np.testing.assert_array_equal(
        index.query(np.array([4]), 9)[0], build_index(_vectors()).query(np.array([4]), 9)[0]
    )


def test_unit_rows_have_length_one_and_zero_stays_zero() -> None:
    vectors = unit(np.array([[3.0, 4.0], [0.0, 0.0], [-1e-10, 0.0]]))
    np.testing.assert_allclose(vectors, [[0.6, 0.8], [0.0, 0.0], [-1.0, 0.0]])
    assert vectors.dtype == np.float32


class TestPredictBatch:
    """The notebook's function over the notebook's tree."""

    def test_it_is_the_notebooks_answer(self) -> None:
        from sklearn.neighbors import KDTree

        raw = np.random.default_rng(1).standard_normal((500, 6))
        tree = KDTree(raw, leaf_size=10, metric="euclidean")
        predicted = predict_batch(np.array([4, 77]), 5, raw, tree)
        for seed, row in zip([4, 77], predicted, strict=True):
            by_distance = np.argsort(np.linalg.norm(raw - raw[seed], axis=1))
            assert row.tolist() == by_distance[1:6].tolist()

    def test_the_seed_is_never_suggested_even_among_equals(self) -> None:
        from sklearn.neighbors import KDTree

        raw = np.ones((30, 3))
        predicted = predict_batch(np.arange(30), 4, raw, KDTree(raw, leaf_size=10))
        assert predicted.shape == (30, 4)
        assert not np.any(predicted == np.arange(30)[:, None])


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
