"""Auditions, the radio and the taste, over a real player on a clock."""

from segue.core.audio.player import PauseChanged
from segue.core.library import Library
from segue.tui.model.settings import Settings
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, opened, press, until


async def test_a_second_space_pauses_and_a_third_goes_on(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "space")
        await until(pilot, lambda: stage.playing == 0)
        player = stage.app.controllers.sound.player
        await press(pilot, "space")
        await until(pilot, lambda: not player.playing)
        await press(pilot, "space")
        await until(pilot, lambda: player.playing)
        await press(pilot, "j", "space")
        await until(pilot, lambda: stage.playing == 1)


async def test_the_position_follows_the_player_while_it_plays(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "space")
        await until(pilot, lambda: stage.playing == 0 and stage.app.controllers.sound.player.playing)
        await until(pilot, lambda: stage.app.audio_trouble == "silent")
        stage.clock.now += 7
        await until(pilot, lambda: 6.5 < stage.app.position < 7.5)


async def test_space_plays_the_list_from_the_cursor_to_its_end_in_order(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        last = len(stage.library) - 2
        stage.tracks.cursor = last
        await press(pilot, "space")
        await until(pilot, lambda: stage.app.audio_trouble == "silent" and stage.playing == last)
        assert [planned.row for planned in stage.radio.upcoming] == [last + 1]
        stage.clock.now += 31
        stage.player._wake()
        await until(pilot, lambda: stage.playing == last + 1)
        stage.clock.now += 31
        stage.player._wake()
        await until(pilot, lambda: stage.playing is None and not stage.radio.on)
        assert stage.toasts[-1] == "All tracks, the most played first ended: that was the last track"
        ids = [info.track_id for info in stage.app.tracks.infos([last + 1, last])]
        assert [line.track_id for line in stage.state.journal()] == ids
        await press(pilot, "J")
        assert len(stage.titles()) == 2


async def test_an_audition_to_its_end_is_in_the_journal(small_library: Library) -> None:
    async with opened(small_library, settings=Settings(audition_rest=0.02)) as (stage, pilot):
        await press(pilot, "A")
        await until(pilot, lambda: stage.app.audio_trouble == "silent" and stage.playing == 0)
        stage.clock.now += 31
        stage.player._wake()
        await until(pilot, lambda: stage.playing is None)
        assert [line.source for line in stage.state.journal()] == ["audition"]


async def test_audition_hears_the_track_on_which_the_cursor_rests(small_library: Library) -> None:
    async with opened(small_library, settings=Settings(audition_rest=0.02)) as (stage, pilot):
        await press(pilot, "A")
        await until(pilot, lambda: stage.playing == 0)
        await press(pilot, "j")
        await until(pilot, lambda: stage.playing == 1)
        await press(pilot, "A")
        await until(pilot, lambda: stage.playing is None)


async def test_the_tracks_beside_a_rested_cursor_are_fetched_ahead(small_library: Library) -> None:
    stage = make_stage(small_library, settings=Settings(audition_rest=0.02))
    ids = [info.track_id for info in stage.app.tracks.infos(range(5))]
    async with stage.on_screen() as pilot:
        await press(pilot, "A", "j")
        await until(pilot, lambda: stage.playing == 1)
        await until(pilot, lambda: all(stage.app.previews.get(ids[n]) == "ready" for n in (0, 2, 3)))
        asked = len(stage.previews.asked)
        await press(pilot, "j")
        await until(pilot, lambda: stage.playing == 2)
        assert ids[2] not in stage.previews.asked[asked:], "it was there already"
        await press(pilot, "A")
        await until(pilot, lambda: "ready" not in stage.app.previews.values())


async def test_a_pause_by_the_player_itself_is_shown(small_library: Library) -> None:
    async with opened(small_library, settings=Settings(audition_rest=0.02)) as (stage, pilot):
        await press(pilot, "A")
        await until(pilot, lambda: stage.playing == 0)
        stage.app.controllers.sound._heard(PauseChanged(paused=True))
        assert stage.app.playing is not None
        assert stage.app.playing.paused


async def test_what_is_fetched_ahead_keeps_to_its_room(small_library: Library) -> None:
    async with opened(small_library, settings=Settings(audition_rest=0.02, preview_megabytes=6)) as (
        stage,
        pilot,
    ):
        await press(pilot, "A", "j")

        def ahead() -> list[str]:
            """How the previews of others than the one that plays stand."""
            playing = small_library.track_ids[1]
            return [status for key, status in stage.app.previews.items() if key != playing]

        await until(pilot, lambda: stage.playing == 1 and "ready" in ahead() and "fetching" not in ahead())
        assert ahead().count("ready") == 1, "one preview takes 5 MB"


async def test_moving_on_at_once_hears_only_the_last(small_library: Library) -> None:
    stage = make_stage(small_library, settings=Settings(audition_rest=1.0))
    heard: list[int | None] = []
    async with stage.on_screen() as pilot:
        stage.app.watch(stage.app, "playing", lambda: heard.append(stage.playing))
        await press(pilot, "A")
        await until(pilot, lambda: stage.playing == 0)
        await pilot.press(*"jjjj")
        await until(pilot, lambda: stage.playing == 4)
        assert set(heard) == {None, 0, 4}


async def test_an_audition_never_touches_the_radio(small_library: Library) -> None:
    async with opened(small_library, settings=Settings(audition_rest=0.02)) as (stage, pilot):
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing == 0 and len(stage.radio.upcoming) == 5)
        plan = stage.radio.upcoming
        await press(pilot, "j", "j", "A")
        await until(pilot, lambda: stage.playing == 2)
        assert stage.radio.upcoming == plan
        assert stage.app.playing is not None
        assert stage.app.playing.by == "audition"


async def test_steering_changes_what_comes_and_not_what_plays(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing == 0 and len(stage.radio.upcoming) == 5)
        plan = stage.radio.upcoming
        await press(pilot, ">", ">")
        await until(pilot, lambda: stage.radio.upcoming != plan)
        assert stage.playing == 0
        await press(pilot, "u")
        assert stage.radio.distance == 1


async def test_a_banned_track_leaves_the_radio_and_comes_back_with_undo(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing == 0)
        await press(pilot, "x")
        await until(pilot, lambda: stage.playing not in {0, None})
        assert 0 not in {planned.row for planned in stage.radio.upcoming}
        await press(pilot, "u")
        assert stage.app.taste.banned == frozenset()


async def test_the_radio_view_shows_plan_reasons_and_what_was_heard(stage: Stage) -> None:
    async with stage.on_screen((120, 40)) as pilot:
        stage.state.record(stage.app.tracks.info(3).track_id, source="radio", seconds=30)
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing == 0 and len(stage.radio.upcoming) == 5)
        await press(pilot, "f3")
        shown = text_of(stage)
        for planned in stage.radio.upcoming:
            assert planned.reason[:12] in shown  # the whole of it below, where the cursor is
        assert stage.app.tracks.info(3).title[:10] in shown
        await press(pilot, "n")
        await until(pilot, lambda: stage.playing not in {0, None})
        assert stage.app.playing is not None
        reason = stage.app.playing.reason
        await press(pilot, "%")
        await until(pilot, lambda: "Why this plays" in text_of(stage))
        explained = " ".join(text_of(stage).split())
        assert reason.split(",")[0] in explained
        assert "After what was heard place" in explained
        assert "by continue: " in explained
        assert "rdered by" not in explained, "no ranker of single tracks has ordered the plan"
        await press(pilot, "escape")
        second = stage.radio.upcoming[1].row
        await press(pilot, "j", "f")
        assert stage.app.taste.loved == (second,), "commands act on the list's own cursor"
        # the love has made another plan: where its track has gone, a key hits no other for a moment
        for _ in range(20):
            if stage.app.controllers.views.shown != "explore":
                await press(pilot, "enter")
                await pilot.pause(0.3)
        assert stage.app.controllers.views.shown == "explore"


async def test_undo_and_redo_walk_through_everything_done(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        before = (stage.app.taste, stage.app.basket, stage.app.dials)
        await press(pilot, "f", "+", "F", "U", "j", "x", "V")
        after = (stage.app.taste, stage.app.basket, stage.app.dials)
        await press(pilot, *"uuuuuu")
        assert (stage.app.taste, stage.app.basket, stage.app.dials) == before
        await press(pilot, *["ctrl+r"] * 6)
        assert (stage.app.taste, stage.app.basket, stage.app.dials) == after
