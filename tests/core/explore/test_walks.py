"""Paths, blends, jumps, artists and explanations, each against a plainer way to the same."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segue.core.errors import SegueError, UsageError
from segue.core.explore.artists import _clusters, artist_page
from segue.core.explore.explain import Term, explain, strengths, sum_in_words
from segue.core.explore.explain_playlist import explain_in_playlist
from segue.core.explore.neighbours import Filters, neighbourhood
from segue.core.explore.path import blend, find_path, surprise
from segue.core.explore.projection import project
from segue.core.explore.surgeon import Ask, complete
from segue.core.explore.variety import OFF, Guard
from segue.core.library import Library
from segue.core.neighbours import unit
from segue.core.rankers import available_rankers, ranker, set_next_weights
from tests.libraries import make_library

ROWS = st.integers(0, 199)


@given(
    stops=st.lists(ROWS, min_size=2, max_size=4, unique=True),
    between=st.integers(0, 12),
    gap=st.integers(0, 5),
    variance=st.sampled_from([0.0, 0.5, 1.0]),
    banned=st.sets(ROWS, max_size=199),
    draws=st.integers(0, 5),
)
@example(stops=[106, 183, 70], between=1, gap=3, variance=0.0, banned=set(), draws=0)
@settings(max_examples=60)
def test_a_path_keeps_its_stops_repeats_nothing_and_keeps_the_rules(
    tiny_library: Library,
    *,
    stops: list[int],
    between: int,
    gap: int,
    variance: float,
    banned: set[int],
    draws: int,
) -> None:
    found = find_path(
        tiny_library,
        stops,
        between=between,
        filters=Filters(Guard(gap), banned=banned),
        variance=variance,
        rng=np.random.default_rng(draws),
    )
    rows = [step.row for step in found.steps]
    assert rows[0] == stops[0]
    assert rows[-1] == stops[-1]
    assert [step.row for step in found.steps if step.stop] == stops
    assert len(set(rows)) == len(rows)
    assert len(rows) == len(stops) + between * (len(stops) - 1) - found.missing
    waypoints = [row for row in rows if row not in stops]
    assert not set(waypoints) & banned
    artists = tiny_library.catalogue.artist_codes[rows].tolist()
    for at, row in enumerate(rows):
        if row not in stops:
            assert artists[at] not in artists[max(at - gap, 0) : at] + artists[at + 1 : at + 1 + gap]
    songs = Counter(tiny_library.catalogue.song_codes[rows].tolist())
    assert all(songs[int(tiny_library.catalogue.song_codes[row])] == 1 for row in waypoints)


def test_a_path_leads_from_one_end_to_the_other(tiny_library: Library) -> None:
    leaving, nearing = [], []
    order = np.argsort(-(tiny_library.vectors @ tiny_library.vectors[3]))
    for end in order[40:80].tolist():
        rows = [step.row for step in find_path(tiny_library, [3, end], between=6).steps]
        to_start, to_end = (tiny_library.vectors[rows] @ tiny_library.vectors[row] for row in (3, end))
        leaving.append(np.corrcoef(np.arange(len(rows)), to_start)[0, 1])
        nearing.append(np.corrcoef(np.arange(len(rows)), to_end)[0, 1])
    assert np.mean(leaving) < -0.5
    assert np.mean(nearing) > 0.5


def test_variance_gives_another_path_each_time_and_none_the_same(tiny_library: Library) -> None:
    def rows(variance: float, draws: int) -> list[int]:
        found = find_path(tiny_library, [3, 90], variance=variance, rng=np.random.default_rng(draws))
        return [step.row for step in found.steps]

    assert rows(0, 1) == rows(0, 2)
    assert rows(0.5, 1) != rows(0.5, 2)


def test_waypoints_lie_at_equal_angles() -> None:
    from segue.core.explore.path import _great_circle

    start, end = unit(np.array([[1, 0, 0.2], [0.1, 1, 0]], np.float32))
    points = np.vstack([start, _great_circle(start, end, 4), end])
    angles = np.arccos(np.clip(np.einsum("ij,ij->i", points[:-1], points[1:]), -1, 1))
    np.testing.assert_allclose(angles, angles.mean(), rtol=1e-3)
    assert np.isfinite(_great_circle(start, -start, 3)).all()
    assert np.isfinite(_great_circle(start, start, 3)).all()


@pytest.mark.parametrize("stops", [[1], [1, 1], [1, 9999]])
def test_a_path_without_two_different_ends_is_refused(tiny_library: Library, stops: list[int]) -> None:
    with pytest.raises(UsageError):
        find_path(tiny_library, stops)


def test_a_path_of_a_thousand_million_tracks_is_refused_before_memory_is_taken(tiny_library: Library) -> None:
    with pytest.raises(UsageError, match=r"0 to 10,000 tracks per leg"):
        find_path(tiny_library, [1, 2], between=1_000_000_000)


@given(seed=ROWS, ranker=st.sampled_from(["nearest", "next", "cooccurrence"]), weight=st.floats(0.1, 3))
@settings(max_examples=30)
def test_a_blend_of_one_plus_is_its_neighbourhood(
    tiny_library: Library, seed: int, ranker: str, weight: float
) -> None:
    # without the guard, which keeps one of two equals, whichever comes first, and then hides others
    one = blend(tiny_library, {seed: weight}, n=20, ranker=ranker, filters=Filters(OFF))
    near = neighbourhood(tiny_library, seed, 20, ranker=ranker, filters=Filters(OFF))
    scores = [row.score for row in near.rows]
    np.testing.assert_allclose([row.score / weight for row in one.rows], scores, rtol=1e-4, atol=1e-5)


def test_a_blend_lies_between_its_plus_tracks_and_away_from_the_minus(tiny_library: Library) -> None:
    mixed = blend(tiny_library, {3: 1.0, 90: 1.0}, n=20, ranker="nearest", filters=Filters(OFF))
    centre = unit((tiny_library.vectors[3] + tiny_library.vectors[90])[None])[0]
    cosines = np.delete(tiny_library.vectors @ centre, [3, 90])
    np.testing.assert_allclose([row.similarity for row in mixed.rows], np.sort(cosines)[::-1][:20], atol=1e-5)
    without = blend(tiny_library, {3: 1.0, 90: 1.0}, {40: 0.5}, n=20, ranker="nearest", filters=Filters(OFF))

    def to_minus(rows: list[int]) -> float:
        return float((tiny_library.vectors[rows] @ tiny_library.vectors[40]).mean())

    assert to_minus([row.row for row in without.rows]) < to_minus([row.row for row in mixed.rows])
    gone = {row.row for row in mixed.rows} - {row.row for row in without.rows} - {40}
    assert {removed.row for removed in without.removed} == gone
    assert all(removed.minus == 40 for removed in without.removed)


def test_an_emptied_blend_names_the_rule(tiny_library: Library) -> None:
    found = blend(tiny_library, {3: 1.0}, filters=Filters(banned=range(len(tiny_library))))
    assert found.rows == []
    assert found.emptied_by == "banned"


@pytest.mark.parametrize(
    ("plus", "minus"), [({}, {}), ({1: 0.0}, {}), ({1: 1.0}, {1: 1.0}), ({9999: 1.0}, {})]
)
def test_a_wrong_recipe_is_refused(
    tiny_library: Library, plus: dict[int, float], minus: dict[int, float]
) -> None:
    with pytest.raises(UsageError):
        blend(tiny_library, plus, minus)


def test_an_explanation_says_what_can_be_counted_by_hand(tiny_library: Library) -> None:
    corpus = tiny_library.corpus
    assert corpus is not None
    playlists = [set(corpus.playlist(number).tolist()) for number in range(corpus.n_playlists)]
    order = np.argsort(-(tiny_library.vectors @ tiny_library.vectors[3]), kind="stable").tolist()
    order.remove(3)
    for rank, row in enumerate(order[:5], start=1):
        reported = explain(tiny_library, 3, row)
        assert reported.rank == rank
        assert reported.together == sum({3, row} <= playlist for playlist in playlists)
        assert reported.similarity == pytest.approx(
            float(tiny_library.vectors[3] @ tiny_library.vectors[row])
        )
        assert reported.rank_back == explain(tiny_library, row, 3).rank
        assert reported.track.training_plays == sum(
            corpus.playlist(n).tolist().count(row) for n in range(corpus.n_playlists)
        )
        assert f"rank {rank}" in " ".join(reported.sentences())


def test_an_explanation_adds_up_what_next_scores(tmp_path: Path) -> None:
    library = make_library(tmp_path / "added")
    set_next_weights(library, 0.2, 0.03, 0.4)
    assert library.corpus is not None
    pairs = Counter(
        pair for number in range(100) for pair in pairwise(library.corpus.playlist(number).tolist())
    )
    (seed, row), _ = next(one for one in pairs.most_common() if one[0][0] != one[0][1])
    reported = explain(library, seed, row)
    assert reported.counts_share is not None
    assert reported.followed is not None
    assert reported.followed_share is not None
    assert reported.plays_share is not None
    assert reported.followed >= pairs[seed, row]
    total = reported.similarity + reported.counts_share + reported.followed_share + reported.plays_share
    assert total == pytest.approx(float(ranker(library, "next").scores(seed)[row]), abs=1e-5)
    times = f"{reported.followed} time" + "s" * (reported.followed > 1)
    shown = strengths(library, "next", [total])[0]
    assert any(
        f"+ followed the seed {times} {reported.followed_share:.2f}" in sentence
        and f"= {total:.2f}, {shown:.2f} of the highest possible:" in sentence
        for sentence in reported.sentences()
    )


def test_an_explanation_adds_up_what_any_ranker_scores(tiny_library: Library) -> None:
    for name in available_rankers(tiny_library):
        scores = ranker(tiny_library, name).scores(3)
        for row in (4, 5, int(np.argmax(np.where(np.arange(len(scores)) == 3, -np.inf, scores)))):
            reported = explain(tiny_library, 3, row, by=name)
            assert reported.score == pytest.approx(float(scores[row]), abs=1e-5), name


@pytest.mark.parametrize("ranker_name", [None, "next", "item-knn"])
@pytest.mark.parametrize("ask", ["continue", "missing"])
def test_an_explanation_for_a_playlist_adds_up_what_orders_its_list(
    tiny_library: Library, ask: Ask, ranker_name: str | None
) -> None:
    library, playlist = tiny_library, [4, 9, 9, 20, 3]
    listed = complete(library, playlist, 3, ask=ask, ranker=ranker_name, filters=Filters(OFF)).rows
    for place, neighbour in enumerate(listed, start=1):
        reported = explain_in_playlist(library, playlist, neighbour.row, ask=ask, ranker=ranker_name)
        assert reported.place == place
        assert reported.score == pytest.approx(neighbour.score, abs=1e-5)
        assert sum(term.value for term in reported.terms) == pytest.approx(neighbour.score, abs=1e-4)
        first, together, *_ = reported.sentences()
        assert f"= {neighbour.score:.2f}" in first
        assert first.split(": ", 1)[1] == sum_in_words(reported.terms)
        assert together == f"together in playlists with {reported.met} of the 4 tracks"
    with pytest.raises(UsageError):
        explain_in_playlist(library, playlist, 9)


@given(st.lists(st.floats(-3, 3, allow_nan=False), min_size=1, max_size=7))
@example([0.814, 0.094, 0.254])
@example([0.004, -0.004])
@example([-0.1, 0.04, -0.09])
def test_the_parts_of_a_sum_add_up_as_they_are_shown(values: list[float]) -> None:
    shown = sum_in_words([Term(f"part{at}", value) for at, value in enumerate(values)])
    words, _, total = shown.partition(" = ")
    named = re.findall(r"(- )?part(\d) (-?[\d.]+)", words)
    parts = {int(at): -float(part) if minus else float(part) for minus, at, part in named}
    assert len(parts) == words.count("part")
    assert round(sum(parts.values()), 2) == pytest.approx(float(total or sum(parts.values())))
    assert round(sum(parts.values()), 2) == pytest.approx(sum(values), abs=0.0051)
    assert all(abs(parts.get(at, 0.0) - value) < 0.0101 for at, value in enumerate(values))
    assert "-0.00" not in shown


def test_a_track_is_not_explained_by_itself(tiny_library: Library) -> None:
    with pytest.raises(UsageError, match="is the seed itself; name another track"):
        explain(tiny_library, 3, 3)


def test_what_is_not_near_is_not_called_near(tiny_library: Library) -> None:
    vectors = tiny_library.vectors
    seed, far = np.unravel_index(np.argmin(vectors @ vectors.T), (len(vectors), len(vectors)))
    reported = explain(tiny_library, int(seed), int(far))
    assert reported.similarity < 0
    assert not any("near" in sentence for sentence in reported.sentences())


def test_a_thin_vector_is_warned_of(tiny_library: Library) -> None:
    rarest = len(tiny_library) - 1
    reported = explain(tiny_library, 0, rarest)
    assert reported.track.thin
    assert "careful: this track was learned from" in reported.sentences()[-1]


def test_a_surprise_is_far_mutual_and_by_somebody_else(tiny_library: Library) -> None:
    for draws in range(10):
        jump = surprise(tiny_library, 3, rng=np.random.default_rng(draws))
        assert jump is not None
        reported = explain(tiny_library, 3, jump.row)
        assert (reported.rank, reported.rank_back) == (jump.rank, jump.rank_back)
        assert max(jump.rank, jump.rank_back) <= 100
        assert jump.rank > 10
        assert not reported.same_artist
    again = surprise(tiny_library, 3, rng=np.random.default_rng(0), without=range(len(tiny_library)))
    assert again is None


def test_farther_surprises_are_farther(tiny_library: Library) -> None:
    def mean_rank(farther: int) -> float:
        jumps = [
            surprise(tiny_library, 3, farther=farther, rng=np.random.default_rng(draws))
            for draws in range(20)
        ]
        return float(np.mean([jump.rank for jump in jumps if jump is not None]))

    assert mean_rank(0) < mean_rank(2)


def test_an_artists_page_holds_every_track_once(tiny_library: Library) -> None:
    name = tiny_library.catalogue.info(3).artist
    page = artist_page(tiny_library, name)
    expected = [row for row in range(len(tiny_library)) if tiny_library.catalogue.info(row).artist == name]
    assert sorted(page.rows) == expected
    assert sorted(row for cluster in page.clusters for row in cluster.rows) == expected
    assert page.artist not in [near.artist for near in page.nearest]
    similarities = [near.similarity for near in page.nearest]
    assert similarities == sorted(similarities, reverse=True)
    assert len(page.nearest) == 20
    with pytest.raises(SegueError, match="no artist"):
        artist_page(tiny_library, "qqqqqq")


def test_tracks_in_two_corners_are_two_clusters_and_in_one_are_one() -> None:
    rng = np.random.default_rng(0)
    corners = unit(rng.normal(size=(2, 16)).astype(np.float32))
    near = [unit(corner + 0.1 * rng.normal(size=(8, 16)).astype(np.float32)) for corner in corners]
    rows = np.arange(16, dtype=np.int32)
    split = _clusters(rows, np.vstack(near), np.random.default_rng(1))
    assert sorted(sorted(cluster.rows) for cluster in split) == [list(range(8)), list(range(8, 16))]
    assert len(_clusters(rows[:8], near[0], np.random.default_rng(1))) == 1
    assert len(_clusters(rows[:1], near[0][:1], np.random.default_rng(1))) == 1


def test_the_map_keeps_the_two_directions_of_most_variance() -> None:
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(500, 2)) @ np.linalg.qr(rng.normal(size=(16, 2)))[0].T
    places = project((plane + 0.01 * rng.normal(size=(500, 16))).astype(np.float32))
    assert places.shape == (500, 2)
    assert np.abs(places).max() <= 1
    full = np.linalg.norm(plane[:, None] - plane[None], axis=-1)
    flat = np.linalg.norm(places[:, None] - places[None], axis=-1)
    assert np.corrcoef(full.ravel(), flat.ravel())[0, 1] > 0.95


def test_the_map_of_few_or_equal_tracks_is_finite() -> None:
    assert project(np.ones((1, 4), np.float32)).tolist() == [[0, 0]]
    assert np.isfinite(project(np.ones((7, 1), np.float32))).all()


def test_an_unknown_map_is_refused(tiny_library: Library) -> None:
    with pytest.raises(UsageError, match="pca"):
        project(np.asarray(tiny_library.vectors), method="tsne")
