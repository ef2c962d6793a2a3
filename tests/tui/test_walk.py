"""The walk is a history: checked against a plain list and a pointer."""

from hypothesis import given
from hypothesis import strategies as st

from segue.tui.walk import Place, Walk

moves = st.lists(
    st.one_of(
        st.tuples(st.just("into"), st.integers(0, 9)),
        st.tuples(st.sampled_from(["back", "forward"]), st.just(0)),
    ),
    max_size=40,
)


@given(moves)
def test_walk_is_a_browsers_history(moves: list[tuple[str, int]]) -> None:
    walk, pages, at = Walk(), [Place()], 0
    for move, row in moves:
        if move == "into":
            place = Place("track", (row,))
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
    walk = Walk().resting(4).into(Place("track", (1,))).resting(7).into(Place("track", (2,)))
    assert walk.cursor == 0
    assert walk.back().cursor == 7
    assert walk.back().back().cursor == 4
    assert walk.back().forward().cursor == 0


def test_trail_shows_the_last_seven_hops_up_to_here() -> None:
    walk = Walk()
    for row in range(10):
        walk = walk.into(Place("track", (row,)))
    assert [place.rows[0] for _, place in walk.trail()] == [3, 4, 5, 6, 7, 8, 9]
    assert [place.rows[0] for _, place in walk.back().back().trail()] == [1, 2, 3, 4, 5, 6, 7]


def test_hops_to_tracks_that_are_gone_are_dropped() -> None:
    walk = Walk().into(Place("track", (50,))).into(Place("track", (3,)))
    kept = Walk.from_json(walk.to_json(), tracks=10)
    assert [hop.place for hop in kept.hops] == [Place(), Place("track", (3,))]
    assert kept.here == Place("track", (3,))


def test_a_very_long_walk_forgets_its_beginning() -> None:
    walk = Walk()
    for row in range(500):
        walk = walk.into(Place("track", (row,)))
    assert len(walk.hops) == 200
    assert walk.here == Place("track", (499,))
