"""One contract for every ranker, over a small library."""

import numpy as np
import pytest

from segue.core.errors import SegueError, UsageError
from segue.core.library import Library, Manifest, write_library
from segue.core.rankers import RANKERS, Ranker, available_rankers, default_ranker, ranker

SEEDS = np.array([0, 3, 250, 3, 17])


@pytest.fixture(params=RANKERS)
def one(request: pytest.FixtureRequest, tiny_library: Library) -> Ranker:
    return ranker(tiny_library, request.param)


def test_every_ranker_has_the_name_it_is_asked_by(tiny_library: Library) -> None:
    assert [ranker(tiny_library, name).name for name in RANKERS] == list(RANKERS)
    assert available_rankers(tiny_library) == RANKERS
    assert default_ranker(tiny_library) == "next"


def test_the_best_are_those_of_a_plain_sort_of_all_scores(one: Ranker, tiny_library: Library) -> None:
    exclude = np.array([1, 2, 40])
    indices, scores = one.rank(SEEDS, 20, exclude=exclude)
    assert indices.shape == scores.shape == (5, 20)
    assert indices.dtype == np.int32
    assert scores.dtype == np.float32
    for seed, row, values in zip(SEEDS.tolist(), indices, scores, strict=True):
        full = one.scores(seed)
        assert full.shape == (len(tiny_library),)
        assert full.dtype == np.float32
        allowed = set(range(len(tiny_library))) - {seed, 1, 2, 40}
        known = row >= 0
        # scores are compared, not rows: those that differ by a rounding error may change places
        expected = sorted((float(full[track]) for track in allowed), reverse=True)[: known.sum()]
        np.testing.assert_allclose(values[known], expected, atol=1e-5)
        np.testing.assert_allclose(values[known], full[row[known]], atol=1e-5)
        assert set(row[known].tolist()) <= allowed
        assert len(set(row[known].tolist())) == known.sum()
        if not known.all():
            # only tracks that the ranker knows nothing of are left out
            left = [full[track] for track in allowed - set(row[known].tolist())]
            assert max(left, default=0) <= 0


def test_scores_fall_and_padding_comes_last(one: Ranker) -> None:
    indices, scores = one.rank(np.arange(100), 30)
    for row, values in zip(indices, scores, strict=True):
        n_known = int((row >= 0).sum())
        assert (row[:n_known] >= 0).all()
        assert (np.diff(values[:n_known]) <= 0).all()
        assert np.isneginf(values[n_known:]).all()


def test_of_equal_scores_the_lower_row_or_the_one_played_more_in_training_comes_first(
    one: Ranker, tiny_library: Library
) -> None:
    assert tiny_library.corpus is not None
    plays = tiny_library.corpus.counts
    indices, scores = one.rank(np.arange(100), 30)
    tied = (scores[:, 1:] == scores[:, :-1]) & (indices[:, 1:] >= 0)
    later, earlier = indices[:, 1:][tied], indices[:, :-1][tied]
    assert ((later > earlier) | (plays[later] <= plays[earlier])).all()


def test_a_batch_is_its_single_queries(one: Ranker) -> None:
    indices, scores = one.rank(SEEDS, 10)
    for line in range(len(SEEDS)):
        alone, values = one.rank(SEEDS[line : line + 1], 10)
        np.testing.assert_array_equal(alone[0], indices[line])
        np.testing.assert_allclose(values[0], scores[line], atol=1e-6)


def test_more_asked_than_there_are_is_padded(one: Ranker, tiny_library: Library) -> None:
    n_tracks = len(tiny_library)
    indices, scores = one.rank(np.array([5]), n_tracks + 50, exclude=np.array([6]))
    known = indices[0][indices[0] >= 0]
    assert len(known) <= n_tracks - 2
    assert len(set(known.tolist())) == len(known)
    assert not {5, 6} & set(known.tolist())
    assert np.isneginf(scores[0, len(known) :]).all()


def test_nothing_left_is_all_padding(one: Ranker, tiny_library: Library) -> None:
    indices, _ = one.rank(np.array([5, 6]), 3, exclude=np.arange(len(tiny_library)))
    assert (indices == -1).all()


def test_no_seeds_and_no_k(one: Ranker) -> None:
    assert one.rank(np.empty(0, np.int64), 5)[0].shape == (0, 5)
    assert one.rank(np.array([1, 2]), 0)[0].shape == (2, 0)


def test_a_ranker_is_built_once_a_library(tiny_library: Library) -> None:
    assert ranker(tiny_library, "item-knn") is ranker(tiny_library, "item-knn")


def test_an_unknown_ranker_is_refused(tiny_library: Library) -> None:
    with pytest.raises(UsageError, match="nearest, next, like, popularity"):
        ranker(tiny_library, "oracle")


def test_vectors_that_came_alone_say_what_is_missing(
    tiny_library: Library, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from segue.core.corpus import Vocabulary

    bare = write_library(
        tmp_path_factory.mktemp("bare") / "bare",
        vectors=np.asarray(tiny_library.vectors),
        vocabulary=Vocabulary(
            list(tiny_library.track_ids), np.asarray(tiny_library.counts), [""] * len(tiny_library)
        ),
        tracks={},
        manifest=Manifest(name="bare", created="2026-01-01T00:00:00Z"),
    )
    assert available_rankers(bare) == ("nearest", "random")
    assert default_ranker(bare) == "nearest"
    for name in RANKERS:
        if name in available_rankers(bare):
            assert (ranker(bare, name).rank(np.array([1]), 4)[0] >= 0).all()
        else:
            with pytest.raises(SegueError, match="no playlists"):
                ranker(bare, name)
