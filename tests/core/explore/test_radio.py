"""The radio's plan: the notebook's walk, steering, bans, and never being out of tracks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.errors import SegueError
from segue.core.explore.radio import FARTHEST, PLANNED, Mode, Planned, RadioDials, RadioPlanner, _Felt
from segue.core.explore.variety import OFF, Guard, artist_key
from segue.core.library import Library
from segue.core.rankers.playlist import continue_ranker
from segue.core.state import State

MODES: tuple[Mode, ...] = ("walk", "steer")


def planner(
    library: Library,
    seed: int = 3,
    *,
    mode: Mode = "steer",
    draws: int = 0,
    dials: RadioDials | None = None,
    state: State | None = None,
    limit: int | None = None,
) -> RadioPlanner:
    rng = np.random.default_rng(draws)
    return RadioPlanner(library, seed, rng=rng, mode=mode, dials=dials, state=state, limit=limit)


def play(radio: RadioPlanner, n: int) -> list[int]:
    return [planned.row for planned in (radio.advance() for _ in range(n)) if planned is not None]


def test_the_walk_is_the_notebooks(tiny_library: Library) -> None:
    rows = play(planner(tiny_library, mode="walk", dials=RadioDials(candidates=8)), 40)
    assert rows[0] == 3
    for at in range(1, 40):
        cosines = tiny_library.vectors @ tiny_library.vectors[rows[at - 1]]
        cosines[rows[at - 1]] = -np.inf
        near = set(np.argsort(-cosines)[:8].tolist())
        if near - set(rows[:at]):
            assert rows[at] in near
    assert len(set(rows)) == 40


@pytest.mark.parametrize("mode", MODES)
def test_the_same_draws_give_the_same_radio_and_others_another(tiny_library: Library, mode: Mode) -> None:
    one, same, other = (play(planner(tiny_library, mode=mode, draws=draws), 20) for draws in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize("mode", MODES)
def test_five_are_planned_with_reasons_and_played_as_planned(tiny_library: Library, mode: Mode) -> None:
    radio = planner(tiny_library, mode=mode)
    for _ in range(10):
        plan = radio.plan
        assert len(plan) == PLANNED
        assert all(planned.reason for planned in plan)
        assert radio.advance() == plan[0]
        assert radio.current == plan[0].row
        assert radio.plan[:4] == plan[1:]


@pytest.mark.parametrize("mode", MODES)
def test_every_track_is_played_before_one_is_repeated_and_then_the_oldest(
    tiny_library: Library, mode: Mode
) -> None:
    radio = planner(tiny_library, mode=mode)
    size = len(tiny_library)
    rows = play(radio, size)
    assert sorted(rows) == list(range(size))
    following = radio.advance()
    assert following is not None
    assert following.row == rows[0]
    assert following.notice == "everything has been played"


@given(
    steps=st.lists(
        st.sampled_from(
            [
                "advance",
                "skip",
                "love",
                "ban",
                "ban_artist",
                "drop",
                "drop_next",
                "farther",
                "drift",
                "reseed",
            ]
        ),
        max_size=25,
    ),
    mode=st.sampled_from(MODES),
    unheard=st.booleans(),
)
@settings(max_examples=25)
def test_whatever_the_listener_does_the_plan_keeps_its_word(
    tiny_library: Library, steps: list[str], mode: Mode, unheard: bool
) -> None:
    state = State.in_memory()
    radio = planner(tiny_library, mode=mode, state=state, dials=RadioDials(unheard_only=unheard))
    radio.advance()
    dropped: set[int] = set()
    for step in steps:
        playing = radio.current
        if step == "drop" and playing is not None:
            radio.drop(playing)
            dropped.add(playing)
        elif step == "drop_next":
            dropped.add(radio.plan[2].row)
            radio.drop(radio.plan[2].row)
        elif step == "farther":
            radio.turn(radio.dials.farther())
        elif step == "drift":
            radio.turn(replace(radio.dials, drift=0.2))
        elif step == "reseed":
            radio.reseed(17)
        elif playing is not None or step == "advance":
            getattr(radio, step)()
        if step not in {"advance", "drop"}:
            assert radio.current == playing
        rows = [planned.row for planned in radio.plan]
        assert len(rows) == PLANNED
        assert not set(rows) & (set(radio.history) | dropped)
        infos = tiny_library.catalogue.infos(rows)
        assert not {info.track_id for info in infos} & state.bans().tracks
        assert not {info.artist_id for info in infos} & state.bans().artists


def test_the_guard_holds_over_the_whole_radio(tiny_library: Library) -> None:
    rows = play(planner(tiny_library, dials=RadioDials(guard=Guard(artist_gap=4))), 60)
    artists = [info.artist_id for info in tiny_library.catalogue.infos(rows)]
    assert all(artist not in artists[at + 1 : at + 5] for at, artist in enumerate(artists))
    songs = tiny_library.catalogue.song_codes[rows].tolist()
    assert len(set(songs)) == len(songs)


def mean_similarity(library: Library, dials: RadioDials, to: int = 3) -> float:
    rows = [row for draws in range(6) for row in play(planner(library, dials=dials, draws=draws), 12)[1:]]
    return float((library.vectors[rows] @ library.vectors[to]).mean())


def test_farther_is_farther_and_sticking_stays_near_the_seed(tiny_library: Library) -> None:
    near, far = (
        mean_similarity(tiny_library, RadioDials(distance=distance, drift=0.0)) for distance in (0, 3)
    )
    assert near > far
    stuck, drifting = (mean_similarity(tiny_library, RadioDials(drift=drift)) for drift in (0.0, 1.0))
    assert stuck > drifting


def test_a_change_of_mode_goes_on_from_what_plays(tiny_library: Library) -> None:
    radio = planner(tiny_library, mode="steer")
    played = play(radio, 3)
    radio.change_mode("walk")
    assert radio.mode == "walk"
    assert radio.history == tuple(played)
    plan = [planned.row for planned in radio.plan]
    assert len(plan) == PLANNED
    assert not set(plan) & set(played)
    walking = planner(tiny_library, mode="walk")
    assert ", near" not in radio.plan[0].reason
    assert ", near" not in walking.plan[1].reason  # a walk looks at the last track alone


def test_the_reasons_of_a_steered_radio_are_what_its_scores_are_made_of(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tiny_library.occurrences is not None
    strangers = (row for row in range(len(tiny_library)) if not tiny_library.occurrences.together(3, row))
    row, nobody = next(strangers), _Felt([], [])
    radio, title = planner(tiny_library), tiny_library.catalogue.info(3).title
    assert radio._reasons(3, row, {"s-knn": 0.9, "cosine 8": 0.1}, nobody) == ["in similar playlists"]
    assert radio._reasons(3, row, {"s-knn": 0.1, "cosine 8": 0.9}, nobody) == [f"near {title}"]
    loved = _Felt([row], [])
    assert radio._reasons(3, row, {"cosine 8": 0.9}, loved)[1:] == ["you loved one like it"]
    far = int(np.argmin(tiny_library.vectors @ tiny_library.vectors[row]))
    assert "loved" not in str(radio._reasons(3, far, {"cosine 8": 0.9}, loved))
    monkeypatch.setattr(tiny_library.manifest, "continue_weights", {"s-knn": 0.4, "plays": 0.3})
    order = radio._order(3, [3, 9], *(radio._aim(3)[0], np.zeros(1, np.float32)))
    whole = continue_ranker(tiny_library)
    assert whole is not None
    expected = 0.5 * whole.scores([3]) + 0.5 * whole.scores([3, 9])
    for row in order.best(5).tolist():
        assert row in (3, 9) or sum(order.parts(row).values()) == pytest.approx(expected[row], abs=1e-5)


def test_the_dials_stop_at_their_ends() -> None:
    assert RadioDials().farther(100).distance == FARTHEST
    assert RadioDials().farther(-1).distance == 0


def test_a_love_pulls_and_an_early_skip_pushes(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    # those of its own, whatever another test has fitted for this library
    monkeypatch.setattr(tiny_library.manifest, "continue_weights", {})
    other = int(np.argsort(-(tiny_library.vectors @ tiny_library.vectors[3]))[60])

    def similarity(feedback: str) -> float:
        found = []
        for draws in range(8):
            radio = planner(tiny_library, draws=draws, dials=RadioDials(drift=0.0))
            radio.advance()
            if feedback == "love":
                radio.love(other)
            elif feedback == "skip":
                radio._played.append(other)
                radio.skip(heard=2.0)
            found += [planned.row for planned in radio.plan]
        return float((tiny_library.vectors[found] @ tiny_library.vectors[other]).mean())

    assert similarity("love") > similarity("nothing") > similarity("skip")


def test_a_love_in_another_corner_does_not_pull(tiny_library: Library) -> None:
    far = int(np.argmin(tiny_library.vectors @ tiny_library.vectors[3]))
    radio = planner(tiny_library, dials=RadioDials(drift=0.0))
    aim, reasons, _ = radio._aim(3)
    radio.love(far)
    np.testing.assert_array_equal(radio._aim(3)[0], aim)
    assert radio._aim(3)[1] == reasons


def test_a_late_skip_says_nothing(tiny_library: Library) -> None:
    radio = planner(tiny_library)
    radio.advance()
    plan = radio.plan
    radio.skip(heard=29.0)
    assert radio.plan == plan


def test_unheard_only_leaves_out_the_journal_and_widens_when_all_was_heard(tiny_library: Library) -> None:
    state = State.in_memory()
    for row in range(0, len(tiny_library), 2):
        state.record(tiny_library.track_ids[row], source="test")
    radio = planner(tiny_library, 3, state=state, dials=RadioDials(unheard_only=True))
    assert all(planned.row % 2 for planned in radio.plan)
    for row in range(1, len(tiny_library), 2):
        state.record(tiny_library.track_ids[row], source="test")
    radio.refresh()
    assert len(radio.plan) == PLANNED
    assert radio.notice == "widened past the filters"


def test_undoing_a_ban_brings_the_artist_back(tiny_library: Library, tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.sqlite")
    radio = planner(tiny_library, mode="walk", state=state, dials=RadioDials(candidates=500))
    banned = set(tiny_library.catalogue.rows_of_artist(artist_key(tiny_library, 0)).tolist())
    radio.ban_artist(0)
    assert banned.isdisjoint(play(radio, len(tiny_library) - len(banned)))
    assert state.undo() is not None
    radio.refresh()
    assert {planned.row for planned in radio.plan[: len(banned)]} <= banned
    state.close()


def test_the_limit_is_the_notebooks_nb_track(tiny_library: Library) -> None:
    radio = planner(tiny_library, mode="walk", limit=7)
    assert len(play(radio, 20)) == 7
    assert radio.advance() is None
    assert radio.plan == ()


def test_a_seed_that_cannot_be_played_is_passed_over(tiny_library: Library) -> None:
    radio = planner(tiny_library)
    radio.drop(3)
    following = radio.advance()
    assert following is not None
    assert following.row != 3
    assert radio.seed == 3


def test_when_all_is_banned_nothing_is_planned(tiny_library: Library) -> None:
    state = State.in_memory()
    radio = planner(tiny_library, state=state)
    for track_id in tiny_library.track_ids:
        state.ban_track(track_id)
    radio.refresh()
    assert radio.plan == ()
    assert radio.advance() is None


def test_nothing_plays_nothing_to_love(tiny_library: Library) -> None:
    with pytest.raises(SegueError, match="nothing plays"):
        planner(tiny_library).love()


def test_a_plan_of_a_lone_track_is_that_track_only(tiny_library: Library) -> None:
    assert planner(tiny_library).plan[0] == Planned(3, "where the radio starts", 1.0)


def test_steering_goes_on_as_playlists_do_from_what_was_really_heard(tiny_library: Library) -> None:
    whole = continue_ranker(tiny_library)
    assert whole is not None
    dials = RadioDials(candidates=1, drift=1.0, guard=OFF)
    radio = planner(tiny_library, dials=dials)
    heard = [3]
    for planned in radio.plan[1:]:
        scores = whole.scores(heard)
        scores[heard] = -np.inf
        assert planned.row == int(np.argmax(scores))
        heard.append(planned.row)
    radio.hear([40, 7, 12], skipped=[9])
    scores = whole.scores([40, 7, 12, 3])
    without_skip = np.argsort(-scores, kind="stable")
    assert radio.plan[0].row == 3
    pushed = radio.plan[1].row
    assert radio._before == [40, 7, 12]
    away = float(tiny_library.vectors[pushed] @ tiny_library.vectors[9])
    first = next(row for row in without_skip.tolist() if row != 3)
    assert away <= float(tiny_library.vectors[first] @ tiny_library.vectors[9]) + 1e-6


def test_what_was_skipped_is_not_gone_on_from(tiny_library: Library) -> None:
    whole = continue_ranker(tiny_library)
    assert whole is not None
    radio = planner(tiny_library, dials=RadioDials(candidates=1, drift=1.0, guard=OFF))
    radio.advance()
    skipped = radio.advance()
    assert skipped is not None
    radio.skip(2.0)
    scores = whole.scores([3])
    scores += tiny_library.vectors @ (radio._aim(skipped.row)[2] * np.float32(sum(whole.weights.values())))
    scores[[3, skipped.row]] = -np.inf
    assert radio.plan[0].row == int(np.argmax(scores))
