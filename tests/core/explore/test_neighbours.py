"""The neighbourhood against brute force, and the rules of variety for any library."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.errors import UsageError
from segue.core.evaluation.metrics import hubness
from segue.core.explore.neighbours import Filters, crowding, neighbourhood, wanted_popularity
from segue.core.explore.variety import OFF, Guard, Hidden
from segue.core.library import Library
from segue.core.rankers import RANKERS


@pytest.mark.parametrize("index", ["exact", "kdtree"])
def test_without_the_guard_neighbours_are_the_largest_cosines(tiny_library: Library, index: str) -> None:
    for seed in range(0, len(tiny_library), 61):
        cosines = tiny_library.vectors @ tiny_library.vectors[seed]
        expected = np.sort(np.delete(cosines, seed))[::-1][:20]
        found = neighbourhood(tiny_library, seed, 20, ranker="nearest", index=index, filters=Filters(OFF))
        np.testing.assert_allclose([row.similarity for row in found.rows], expected, atol=1e-5)
        assert [row.rank for row in found.rows] == list(range(1, 21))
        assert found.hidden.total == 0


@given(
    seed=st.integers(0, 199),
    n=st.integers(1, 80),
    gap=st.integers(0, 6),
    per_album=st.integers(1, 3),
    ranker=st.sampled_from(["nearest", "next", "cooccurrence"]),
    heard=st.sets(st.integers(0, 199), max_size=100),
    banned=st.sets(st.integers(0, 199), max_size=100),
    familiarity=st.none() | st.floats(0, 1),
)
@settings(max_examples=40)
def test_the_rules_hold_and_everything_left_out_is_counted(
    tiny_library: Library,
    *,
    seed: int,
    n: int,
    gap: int,
    per_album: int,
    ranker: str,
    heard: set[int],
    banned: set[int],
    familiarity: float | None,
) -> None:
    found = neighbourhood(
        tiny_library,
        seed,
        n,
        ranker=ranker,
        filters=Filters(Guard(gap, per_album), familiarity, heard, banned),
    )
    rows = [row.row for row in found.rows]
    infos = tiny_library.catalogue.infos(rows)
    artists = [info.artist_id for info in infos]
    assert len(rows) <= n
    assert len(set(rows)) == len(rows)
    assert seed not in rows
    assert not set(rows) & (heard | banned)
    assert all(artist not in artists[at + 1 : at + 1 + gap] for at, artist in enumerate(artists))
    assert max(Counter((info.artist_id, info.album) for info in infos).values(), default=0) <= per_album
    songs = tiny_library.catalogue.song_codes[rows].tolist()
    assert len(set(songs)) == len(songs)
    if len(rows) == n:
        assert found.rows[-1].rank == len(rows) + found.hidden.total
    scores = [row.score for row in found.rows]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("name", RANKERS)
def test_every_ranker_gives_a_neighbourhood(tiny_library: Library, name: str) -> None:
    found = neighbourhood(tiny_library, 3, 10, ranker=name)
    assert 0 < len(found.rows) <= 10


def test_the_familiarity_dial_moves_play_counts(tiny_library: Library) -> None:
    def plays(familiarity: float) -> float:
        found = neighbourhood(tiny_library, 5, 40, ranker="nearest", filters=Filters(OFF, familiarity))
        return float(tiny_library.counts[[row.row for row in found.rows]].mean())

    assert plays(0) < plays(0.5) < plays(1)


def test_the_dial_keeps_half() -> None:
    counts = np.array([9, 1, 5, 7, 3])
    assert counts[wanted_popularity(counts, 0)].tolist() == [1, 5, 3]
    assert counts[wanted_popularity(counts, 1)].tolist() == [9, 5, 7]
    assert wanted_popularity(counts, None).all()


def test_hidden_is_reported_in_one_line(tiny_library: Library) -> None:
    found = neighbourhood(tiny_library, 5, 40, filters=Filters(heard=range(0, 200, 2)))
    assert str(found.hidden).startswith(f"{found.hidden.total} hidden: ")
    assert f"{found.hidden.heard} heard" in str(found.hidden)
    assert str(Hidden(versions=1, heard=2)) == "3 hidden: 1 other version, 2 heard"


def test_a_wrong_row_or_index_is_refused(tiny_library: Library) -> None:
    with pytest.raises(UsageError, match="row 5000"):
        neighbourhood(tiny_library, 5000)
    with pytest.raises(UsageError, match="kdtree"):
        neighbourhood(tiny_library, 1, ranker="next", index="kdtree")


def test_crowding_is_the_mean_cosine_to_the_ten_nearest(tiny_library: Library) -> None:
    cosines = tiny_library.vectors @ tiny_library.vectors.T
    np.fill_diagonal(cosines, -1)
    expected = np.sort(cosines, axis=1)[:, -10:].mean(axis=1)
    np.testing.assert_allclose(crowding(tiny_library), expected, atol=1e-5)


def test_fewer_hubs_lists_tracks_more_evenly(tiny_library: Library) -> None:
    def skew(fewer_hubs: float) -> float:
        lists = [
            [
                row.row
                for row in neighbourhood(
                    tiny_library, seed, 10, filters=Filters(OFF), ranker="nearest", fewer_hubs=fewer_hubs
                ).rows
            ]
            for seed in range(len(tiny_library))
        ]
        return hubness(np.array(lists), len(tiny_library))

    assert skew(0.5) < skew(0)
