"""Quit and come back: everything is where it was, and paused."""

import pytest

from segue.core.library import Library
from segue.core.state import State
from segue.tui.screens.help import STEPS, TourScreen
from tests.tui.support import make_stage, opened, press, until


async def test_the_next_start_goes_on_from_here(small_library: Library) -> None:
    state = State.in_memory()
    first = make_stage(small_library, state=state)
    async with first.on_screen() as pilot:
        await press(pilot, *"jjj", "enter", "j", "j", "enter", "j", "h", "F", ">", "+")
        await press(pilot, "r")
        await until(pilot, lambda: first.playing is not None)
        playing = first.playing
        walk, cursor, dials, basket = first.app.walk, first.tracks.cursor, first.app.dials, first.app.basket
        await press(pilot, "q")
    second = make_stage(small_library, state=state, greeted=False)
    async with second.app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: len(second.radio.upcoming) == 6)
        assert second.app.walk.here == walk.here
        assert [hop.place for hop in second.app.walk.hops] == [hop.place for hop in walk.hops]
        assert second.tracks.cursor == cursor
        assert (second.app.dials, second.app.basket) == (dials, basket)
        assert second.radio.distance == 1
        assert second.radio.seed == playing
        assert second.radio.paused
        assert second.playing is None, "nothing plays before the listener asks"
        await press(pilot, "P")
        await until(pilot, lambda: second.playing == playing)


async def test_a_radio_goes_on_to_the_second_and_keeps_its_seed(small_library: Library) -> None:
    state = State.in_memory()
    first = make_stage(small_library, state=state)
    async with first.on_screen() as pilot:
        await press(pilot, "r")
        await until(pilot, lambda: first.playing is not None)
        seed = first.playing
        await press(pilot, "n")
        await until(pilot, lambda: first.playing not in {None, seed})
        playing = first.playing
        first.clock.now += 7
        await until(pilot, lambda: first.app.position >= 7)
        await press(pilot, "q")
    second = make_stage(small_library, state=state, greeted=False)
    async with second.app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: len(second.radio.upcoming) == 6)
        await press(pilot, "q")  # it was not even heard: the next start knows the place still
    third = make_stage(small_library, state=state, greeted=False)
    async with third.app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: len(third.radio.upcoming) == 6)
        await press(pilot, "P")
        await until(pilot, lambda: third.playing == playing)
        assert third.radio.seed == seed
        await until(pilot, lambda: 7 <= third.app.position < 8)
        await press(pilot, "W")
        await until(pilot, lambda: third.radio.mode == "walk" and third.playing == playing)
        await until(pilot, lambda: 7 <= third.app.position < 8)


async def test_a_change_of_mode_leaves_what_plays_and_one_line_in_the_journal(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing is not None)
        playing, plan = stage.playing, stage.radio.upcoming
        await press(pilot, "W")
        await until(pilot, lambda: stage.radio.upcoming != plan and len(stage.radio.upcoming) == 5)
        assert stage.playing == playing
        await press(pilot, "n")
        await until(pilot, lambda: stage.playing not in {None, playing})
        await until(pilot, lambda: len(stage.app.state.journal(9)) > 0)
        assert len(stage.app.state.journal(9)) == 1


async def test_the_place_is_kept_while_it_runs_so_that_a_crash_costs_seconds(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.tui.app.SAVED_EVERY", 0.05)
    state = State.in_memory()
    async with opened(small_library, state=state) as (_, pilot):
        await press(pilot, "j", "enter")
        name = f"tui {small_library.name} {len(small_library)}"
        await until(pilot, lambda: state.session(name=name)["walk"]["at"] == 1)


async def test_libraries_keep_their_places_apart(small_library: Library, tiny_library: Library) -> None:
    state = State.in_memory()
    first = make_stage(small_library, state=state)
    async with first.on_screen() as pilot:
        await press(pilot, "j", "enter", "q")
    other = make_stage(tiny_library, state=state)
    async with other.on_screen() as pilot:
        assert other.app.walk.here.kind == "browse"


async def test_a_first_run_gives_the_tour_once(small_library: Library) -> None:
    state = State.in_memory()
    first = make_stage(small_library, state=state, greeted=False)
    async with first.on_screen() as pilot:
        assert isinstance(first.app.screen, TourScreen)
        for step in range(len(STEPS)):
            assert isinstance(first.app.screen, TourScreen)
            assert first.app.screen.step == step
            await press(pilot, "enter")
        assert first.app.focused is first.tracks
        await press(pilot, "q")
    second = make_stage(small_library, state=state, greeted=False)
    async with second.on_screen() as pilot:
        assert not isinstance(second.app.screen, TourScreen)


async def test_a_tour_left_at_once_is_left_in_peace(small_library: Library) -> None:
    async with opened(small_library, greeted=False) as (stage, pilot):
        tour = stage.app.screen
        assert isinstance(tour, TourScreen)
        await press(pilot, "escape")
        tour.watch_step()  # as its first page does that comes after the key
        tour.step += 1
        await press(pilot, "j")
        assert stage.tracks.cursor == 1
    assert stage.app.broken_by is None


async def test_another_library_can_be_opened_from_within(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        stage.app.open_library(small_library.path)
        await pilot.pause()
    assert stage.app.return_value == small_library.path


async def test_a_session_of_the_first_version_is_resumed(small_library: Library) -> None:
    state = State.in_memory()
    place = {"rows": [3], "weights": [], "variant": 0, "name": ""}
    state.save_session(
        {
            "version": 1,
            "walk": {
                "at": 1,
                "hops": [
                    {"place": {**place, "kind": "browse", "rows": []}, "cursor": 3},
                    {"place": {**place, "kind": "path", "rows": [3, 40], "weights": [6]}, "cursor": 2},
                ],
            },
            "basket": [[3, 2], [4, -1]],
            "dials": {"ranker": "nearest", "familiarity": "deep cuts", "unheard": False, "variety": True},
            "radio": {
                "on": False, "track": None, "at": 0.0, "seed": None, "mode": "walk", "distance": 2,
                "drift": 0.25,
            },
        },
        name=f"tui {small_library.name} {len(small_library)}",
    )  # fmt: skip
    async with opened(small_library, state=state, greeted=False) as (stage, pilot):
        assert len(stage.app.listing.rows) == 6
        assert stage.tracks.cursor == 2
        assert stage.app.basket.weights == ((3, 2), (4, -1))
        assert stage.app.dials.familiarity == "deep"
        assert (stage.radio.mode, stage.radio.distance, stage.radio.drift) == ("walk", 2, 0.25)
        await press(pilot, "h")
        assert stage.tracks.cursor == 3


async def test_a_station_of_the_first_version_is_opened(small_library: Library) -> None:
    state = State.in_memory()
    ids = [small_library.track_ids[row] for row in (3, 40)]
    saved = {"kind": "playlist", "rows": [], "weights": [], "variant": 2, "name": "mine", "tracks": ids}
    state.save_station("mine", saved)
    async with opened(small_library, state=state) as (stage, pilot):
        await press(pilot, "S", "enter")
        assert stage.app.listing.rows == (3, 40)
