"""The walk is a history: checked against a plain list and a pointer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.tui.model.places import (
    AllTracks,
    BlendPlace,
    JournalPlace,
    PathPlace,
    Place,
    PlaylistPlace,
    TrackPlace,
    place_from_json,
)
from segue.tui.model.walk import Walk

moves = st.lists(
    st.one_of(
        st.tuples(st.just("into"), st.integers(0, 9)),
        st.tuples(st.sampled_from(["back", "forward"]), st.just(0)),
    ),
    max_size=40,
)


@given(moves)
def test_walk_is_a_browsers_history(moves: list[tuple[str, int]]) -> None:
    pages: list[Place] = [AllTracks()]
    walk, at = Walk(), 0
    for move, row in moves:
        if move == "into":
            place = TrackPlace((row,))
            walk = walk.into(place)
            if pages[at] != place:
                pages, at = [*pages[: at + 1], place], at + 1
        elif move == "back":
            walk, at = walk.back(), max(at - 1, 0)
        else:
            walk, at = walk.forward(), min(at + 1, len(pages) - 1)
        assert walk.here == pages[at]
        assert [hop.place for hop in walk.hops] == pages
        assert Walk.from_json(walk.to_json(), tracks=10) == walk


def test_each_hop_remembers_its_cursor() -> None:
    walk = Walk().with_cursor(4).into(TrackPlace((1,))).with_cursor(7).into(TrackPlace((2,)))
    assert walk.cursor == 1, "below the track itself"
    assert walk.back().cursor == 7
    assert walk.back().back().cursor == 4
    assert walk.back().forward().cursor == 1


def test_trail_shows_the_last_seven_hops_up_to_here() -> None:
    walk = Walk()
    for row in range(10):
        walk = walk.into(TrackPlace((row,)))
    assert [place.rows[0] for _, place in walk.trail()] == [3, 4, 5, 6, 7, 8, 9]
    assert [place.rows[0] for _, place in walk.back().back().trail()] == [1, 2, 3, 4, 5, 6, 7]


def test_hops_to_tracks_that_are_gone_are_dropped() -> None:
    walk = Walk().into(TrackPlace((50,))).into(TrackPlace((3,)))
    kept = Walk.from_json(walk.to_json(), tracks=10)
    assert [hop.place for hop in kept.hops] == [AllTracks(), TrackPlace((3,))]
    assert kept.here == TrackPlace((3,))


def test_a_very_long_walk_forgets_its_beginning() -> None:
    walk = Walk()
    for row in range(500):
        walk = walk.into(TrackPlace((row,)))
    assert len(walk.hops) == 200
    assert walk.here == TrackPlace((499,))


def test_places_written_by_the_first_version_are_read() -> None:
    before = {"rows": [1, 2], "weights": [], "variant": 0, "name": ""}
    old: list[tuple[dict[str, Any], Place]] = [
        ({**before, "kind": "browse", "rows": []}, AllTracks()),
        ({**before, "kind": "track", "rows": [1], "name": "night"}, TrackPlace((1,), name="night")),
        ({**before, "kind": "path", "weights": [12], "variant": 3}, PathPlace((1, 2), 12, 3)),
        ({**before, "kind": "path"}, PathPlace((1, 2))),
        ({**before, "kind": "blend", "weights": [2, -1]}, BlendPlace((1, 2), (2, -1))),
        (
            {**before, "kind": "playlist", "variant": 1, "name": "x"},
            PlaylistPlace((1, 2), "missing", name="x"),
        ),
        ({**before, "kind": "journal", "rows": []}, JournalPlace()),
    ]
    for value, place in old:
        assert place_from_json(value) == place
        assert place_from_json(place.to_json()) == place


@pytest.mark.parametrize(
    "value",
    [{"kind": "moon"}, {"kind": "blend", "rows": [1], "weights": []}, {"kind": "playlist", "part": "x"}, {}],
)
def test_what_is_not_a_place_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        place_from_json(value)
