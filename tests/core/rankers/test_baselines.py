"""What each baseline counts, against counting by hand."""

from collections import Counter, defaultdict
from itertools import pairwise
from math import log, sqrt
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pytest

from segue.core.corpus import Corpus, Occurrences, Playlists, build_corpus, cooccurrence, following
from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.neighbours import ExactIndex, unit
from segue.core.rankers import available_rankers, ranker, registry, save_ppmi_svd, set_next_weights
from segue.core.rankers.sparse import (
    RIDGE,
    EaseRanker,
    Followers,
    PlaylistCosine,
    PopularityRanker,
    RandomRanker,
    SparseRanker,
    count_ranker,
    ppmi_svd,
    tie_order,
)
from segue.core.rankers.vector import MET, LikeRanker, NextRanker
from tests.libraries import make_library

LISTS = [
    ["a", "b", "c", "a"],
    ["a", "b", "a", "b", "d"],
    ["c", "d", "b"],
    ["d", "c"],
    ["e", "e"],
]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return build_corpus(Playlists.from_lists(LISTS), min_count=1)


def test_popularity_is_the_count_and_leaves_the_seed_out(corpus: Corpus) -> None:
    by_hand = Counter(track for playlist in LISTS for track in playlist)
    assert corpus.counts.tolist() == [by_hand[track] for track in corpus.vocabulary.track_ids]
    indices, scores = PopularityRanker(corpus.counts).rank(np.array([0, 4]), 3)
    for seed, row, values in zip((0, 4), indices, scores, strict=True):
        others = np.delete(corpus.counts, seed)
        assert values.tolist() == sorted(others.tolist(), reverse=True)[:3]
        assert corpus.counts[row].tolist() == values.tolist()
        assert seed not in row


def test_following_is_directed(corpus: Corpus) -> None:
    by_hand = Counter((one, other) for playlist in LISTS for one, other in pairwise(playlist) if one != other)
    rows = count_ranker("following", following(corpus), corpus.counts)
    ids = corpus.vocabulary.track_ids
    for seed in range(5):
        scores = rows.scores(seed)
        assert scores.tolist() == [by_hand[ids[seed], track] for track in ids]


def test_cooccurrence_weighs_a_meeting_by_its_distance(corpus: Corpus) -> None:
    by_hand: dict[tuple[str, str], float] = defaultdict(float)
    for playlist in LISTS:
        for i, one in enumerate(playlist):
            for j, other in enumerate(playlist):
                if one != other and 0 < abs(i - j) <= 3:
                    by_hand[one, other] += 1 / abs(i - j)
    rows = count_ranker("cooccurrence", cooccurrence(corpus), corpus.counts)
    ids = corpus.vocabulary.track_ids
    for seed in range(5):
        np.testing.assert_allclose(rows.scores(seed), [by_hand[ids[seed], track] for track in ids])


def test_item_knn_is_the_cosine_of_sets_of_playlists(corpus: Corpus) -> None:
    holders = {
        track: {number for number, playlist in enumerate(LISTS) if track in playlist}
        for track in corpus.vocabulary.track_ids
    }
    knn = SparseRanker("item-knn", PlaylistCosine(corpus, Occurrences.of(corpus)), np.arange(5))
    ids = corpus.vocabulary.track_ids
    for seed in range(5):
        expected = [
            len(holders[ids[seed]] & holders[track]) / sqrt(len(holders[ids[seed]]) * len(holders[track]))
            for track in ids
        ]
        expected[seed] = 0
        np.testing.assert_allclose(knn.scores(seed), expected, rtol=1e-6)
    alone = ids.index("e")
    assert (knn.rank(np.array([alone]), 3)[0] == -1).all()


def test_asymmetric_item_knn_leans_to_the_popular_by_its_alpha(corpus: Corpus) -> None:
    holders = [
        {number for number, playlist in enumerate(LISTS) if track in playlist}
        for track in corpus.vocabulary.track_ids
    ]
    one = PlaylistCosine(corpus, Occurrences.of(corpus), alpha=0.8)
    for seed in range(5):
        for row, value in zip(*one(seed), strict=True):
            both = len(holders[seed] & holders[row])
            assert value == pytest.approx(both / (len(holders[seed]) ** 0.8 * len(holders[row]) ** 0.2))


def test_ease_is_the_best_reconstruction_without_a_diagonal(corpus: Corpus) -> None:
    """Column by column a ridge regression of a track on all others, which is what the closed form solves."""
    held = np.array(
        [[track in playlist for track in corpus.vocabulary.track_ids] for playlist in LISTS], float
    )
    one = EaseRanker(corpus)
    for track in range(5):
        others = np.delete(held, track, axis=1)
        solved = np.linalg.solve(others.T @ others + RIDGE * np.eye(4), others.T @ held[:, track])
        expected = np.insert(solved, track, 0)
        np.testing.assert_allclose(
            [one.scores(seed)[track] for seed in range(5)], expected, rtol=1e-4, atol=1e-9
        )


def test_ease_refuses_a_catalogue_too_large_for_its_matrix(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MOST_TRACKS", 100)
    assert "ease" not in available_rankers(tiny_library)
    monkeypatch.setattr(registry, "_built", WeakKeyDictionary())
    with pytest.raises(SegueError, match="at most 100 tracks"):
        ranker(tiny_library, "ease")


@pytest.mark.parametrize("popularity", [0, 0.1])
def test_next_is_the_cosine_lifted_by_the_counts_and_the_plays(corpus: Corpus, popularity: float) -> None:
    vectors = unit(np.random.default_rng(0).standard_normal((5, 3)))
    counts, plays = cooccurrence(corpus), corpus.counts
    blended = NextRanker(
        vectors,
        ExactIndex(vectors),
        counts,
        plays,
        weight=0.4,
        popularity=popularity,
        after=Followers(corpus, Occurrences.of(corpus)),
        following=0.2,
    )
    after = count_ranker("following", following(corpus), plays)
    plain = count_ranker("cooccurrence", counts, plays)
    for seed in range(5):
        expected = [
            float(vectors[seed] @ vectors[row])
            + 0.4 * log(1 + plain.scores(seed)[row])
            + 0.2 * log(1 + after.scores(seed)[row])
            + popularity * log(1 + plays[row])
            for row in range(5)
        ]
        np.testing.assert_allclose(blended.scores(seed), expected, atol=1e-6)
        order = sorted((row for row in range(5) if row != seed), key=lambda row: -expected[row])
        assert blended.rank(np.array([seed]), 2)[0][0].tolist() == order[:2]


@pytest.mark.parametrize(
    ("weight", "popularity", "followed"),
    [(0, 0, 0), (0.3, 0, 0), (0, 0.08, 0.4), (0.3, 0.08, 0.2), (0, 0, 0.3)],
)
@pytest.mark.parametrize("exclude", [None, np.arange(0, 150, 3)])
def test_next_lists_the_best_of_its_scores(
    tiny_library: Library,
    weight: float,
    popularity: float,
    followed: float,
    exclude: npt.NDArray[np.int64] | None,
) -> None:
    assert tiny_library.cooccurrence is not None
    assert tiny_library.corpus is not None
    assert tiny_library.occurrences is not None
    vectors, plays = tiny_library.vectors, tiny_library.counts
    one = NextRanker(
        vectors,
        ExactIndex(vectors),
        tiny_library.cooccurrence,
        plays,
        weight=weight,
        popularity=popularity,
        after=Followers(tiny_library.corpus, tiny_library.occurrences),
        following=followed,
    )
    seeds = np.arange(80)
    indices, scores = one.rank(seeds, 10, exclude=exclude)
    for seed in seeds:
        row = one.scores(int(seed))
        row[[seed, *([] if exclude is None else exclude)]] = -np.inf
        np.testing.assert_allclose(scores[seed], np.sort(row)[::-1][:10], atol=1e-5)
        np.testing.assert_allclose(row[indices[seed]], scores[seed], atol=1e-5)
        assert len(set(indices[seed].tolist())) == 10


def test_next_pads_where_there_are_fewer(tiny_library: Library) -> None:
    assert tiny_library.cooccurrence is not None
    vectors = tiny_library.vectors
    one = NextRanker(vectors, ExactIndex(vectors), tiny_library.cooccurrence, tiny_library.counts)
    indices, scores = one.rank(np.array([3]), 10, exclude=np.arange(5, len(vectors)))
    assert sorted(indices[0][:4].tolist()) == [0, 1, 2, 4]
    assert (indices[0][4:] == -1).all()
    assert np.isneginf(scores[0][4:]).all()
    assert one.rank(np.array([], np.int64), 10)[0].shape == (0, 10)


def test_next_without_weights_is_nearest(tiny_library: Library) -> None:
    seeds = np.arange(50)
    index = ExactIndex(tiny_library.vectors)
    assert tiny_library.cooccurrence is not None
    unweighted = NextRanker(
        tiny_library.vectors, index, tiny_library.cooccurrence, tiny_library.counts, weight=0
    )
    np.testing.assert_allclose(unweighted.rank(seeds, 10)[1], index.query(seeds, 10)[1], atol=1e-6)


def test_of_equal_scores_the_one_played_more_in_training_is_first_and_rows_tell_nothing() -> None:
    """Rows are numbered by all plays, so that a held-out play must not lift its track."""
    plays = np.array([3, 1, 5, 1, 5, 0])
    places = tie_order(plays)
    assert sorted(np.argsort(places)[:2].tolist()) == [2, 4]
    assert np.argsort(places)[[2, 5]].tolist() == [0, 5]
    rows = np.argsort(np.argsort(tie_order(np.zeros(2000, np.int64))))
    assert abs(np.corrcoef(rows, np.arange(2000))[0, 1]) < 0.1

    def all_equal(_: int, /) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        return np.arange(1, 6, dtype=np.int32), np.ones(5, np.float32)

    equal = SparseRanker("equal", all_equal, places)
    assert equal.rank(np.array([0]), 2)[0][0].tolist() == np.argsort(places)[:2].tolist()


def test_random_is_a_shuffle_that_its_seed_repeats() -> None:
    one = RandomRanker(100, seed=1)
    indices, _ = one.rank(np.arange(100), 99)
    for seed, row in enumerate(indices):
        assert sorted(row.tolist()) == sorted(set(range(100)) - {seed})
    np.testing.assert_array_equal(indices, RandomRanker(100, seed=1).rank(np.arange(100), 99)[0])
    assert (indices != RandomRanker(100, seed=2).rank(np.arange(100), 99)[0]).mean() > 0.9


def test_ppmi_vectors_put_tracks_of_one_kind_together() -> None:
    rng = np.random.default_rng(0)
    # two kinds of music that never share a playlist
    lists = [[f"{kind}{number}" for number in rng.integers(0, 20, 8)] for kind in "xy" for _ in range(200)]
    corpus = build_corpus(Playlists.from_lists(lists), min_count=1)
    vectors = ppmi_svd(cooccurrence(corpus), dimensions=8)
    assert vectors.shape == (40, 8)
    kinds = np.array([track[0] for track in corpus.vocabulary.track_ids])
    nearest = ExactIndex(vectors).query(np.arange(40), 10)[0]
    assert (kinds[nearest] == kinds[:, None]).all()


def test_ppmi_is_the_smoothed_formula_on_a_plain_matrix(corpus: Corpus) -> None:
    counts = cooccurrence(corpus)
    dense = np.stack([count_ranker("", counts, corpus.counts).scores(seed) for seed in range(5)]).astype(
        float
    )
    smoothed = dense.sum(axis=1) ** 0.75
    with np.errstate(divide="ignore", invalid="ignore"):
        pmi = np.log(dense * smoothed.sum() / (dense.sum(axis=1)[:, None] * smoothed[None, :]))
    ppmi = np.where(dense > 0, np.maximum(pmi, 0), 0)
    left, values, _ = np.linalg.svd(ppmi)
    expected = unit(left[:, :3] * np.sqrt(values[:3]))
    found = ppmi_svd(counts, dimensions=3)
    # the sign of a singular vector is free, the cosines are not
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-4)


def test_like_is_the_cosine_without_popularity_and_with_meetings_beyond_chance() -> None:
    rng = np.random.default_rng(4)
    lists = [[f"t{track}" for track in rng.zipf(1.6, rng.integers(2, 9)) % 40] for _ in range(150)]
    corpus = build_corpus(Playlists.from_lists(lists), min_count=1)
    size = len(corpus.vocabulary)
    vectors = unit(rng.standard_normal((size, 6)) + np.outer(np.log1p(corpus.counts), rng.standard_normal(6)))
    counts = cooccurrence(corpus)
    whole = np.zeros((size, size))
    for row in range(size):
        columns, values = counts.row(row)
        whole[row, columns] = values
    logs = np.log1p(corpus.counts)
    # the slope of an ordinary least-squares line through each dimension
    slope = np.array([np.polyfit(logs, vectors[:, axis], 1)[0] for axis in range(6)])
    like = LikeRanker(vectors, counts, corpus.counts)
    seeds = np.arange(size)
    together, _ = like.rank(seeds, 7, exclude=np.array([2]))
    for seed in seeds.tolist():
        expected = np.zeros(size)
        for track in range(size):
            expected[track] = vectors[seed] @ (vectors[track] - slope * (logs[track] - logs.mean()))
            if whole[seed, track]:
                chance = whole[seed].sum() * whole[track].sum() / whole.sum()
                expected[track] += MET * max(0.0, log(whole[seed, track] / (chance + 1)))
        np.testing.assert_allclose(like.scores(seed), expected, atol=1e-5)
        expected[[seed, 2]] = -np.inf
        assert together[seed].tolist() == np.argsort(-expected, kind="stable")[:7].tolist()
        assert like.rank(np.array([seed]), 7, exclude=np.array([2]))[0][0].tolist() == together[seed].tolist()


def test_ppmi_vectors_are_kept_in_the_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("kept") / "kept"
    library = make_library(path)
    computed = ranker(library, "ppmi-svd").rank(np.arange(20), 5)[0]
    save_ppmi_svd(library)
    assert (path / "ppmi_svd.npy").exists()
    reopened = Library.open(path)
    np.testing.assert_array_equal(ranker(reopened, "ppmi-svd").rank(np.arange(20), 5)[0], computed)


def test_a_new_weight_reaches_the_ranker(tmp_path_factory: pytest.TempPathFactory) -> None:
    library = make_library(tmp_path_factory.mktemp("weight") / "weight")
    set_next_weights(library, 0.1, 0, 0)
    low = ranker(library, "next").scores(3)
    set_next_weights(library, 0.9, 0, 0)
    high = ranker(library, "next").scores(3)
    assert library.cooccurrence is not None
    met, _ = library.cooccurrence.row(3)
    assert (high[met] > low[met]).all()
