"""Every list is played, trailed and queued by one key, and keys on what plays hit nothing else."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.library import Library
from segue.core.state import State
from segue.tui.model.places import AllTracks, LovedPlace, Place, PlaylistPlace, RegionPlace
from segue.tui.model.settings import Settings
from segue.tui.panes.radio.view import RadioView
from segue.tui.widgets.track_list import TrackList
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, opened, press, settle, until

LISTS: dict[str, Any] = {
    "all tracks": (),
    "near": ("enter",),
    "artist": ("a",),
    "album": ("b",),
    "path": ("enter", "G", "p"),
    "blend": ("+", "j", "+", "B"),
    "playlist": PlaylistPlace((3, 4), name="Evening"),
    "region": RegionPlace((5, 6, 7)),
    "crate": ("*", "j", "*", "Q", "enter"),
    "loves": LovedPlace(),
    "journal": ("J",),
    "selection": ("v", "j", "j"),
    "saved place": ("enter", "m", "a", "h", "'", "a"),
    "search": ("/", "r", "a", "i", "l", "down"),
}


async def select_again(pilot: Pilot[Any], stage: Stage, name: str) -> None:
    """Select what a key has let go."""
    if name == "selection":
        stage.tracks.cursor = 0
        await press(pilot, "escape", *LISTS[name])


async def test_every_list_is_played_to_its_end_trailed_and_gathered_by_one_key_each(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        ids = stage.library.track_ids
        for row in (3, 5):
            stage.state.love(ids[row])
            stage.state.record(ids[row], source="test")
        stage.app.controllers.tastes.refresh()
        for name, way in LISTS.items():
            stage.app.controllers.walks.go(AllTracks())
            await settle(pilot)
            stage.tracks.cursor = 0
            stage.app.crate = "Walk"
            if isinstance(way, Place):
                stage.app.controllers.walks.go(way)
                await settle(pilot)
            else:
                await press(pilot, *way)
            listing, line = stage.app.current_list()
            if name not in {"selection", "search"}:  # two tracks before the end of a long list
                stage.tracks.cursor = line = max(len(listing.rows) - 2, 0)
            rows = [0, 1, 2] if name == "selection" else [int(row) for row in listing.rows[line:]]
            assert len(rows) > 1, name
            stage.app.crate = name
            await press(pilot, "*")
            gathered = rows if name == "selection" else rows[:1]
            assert stage.state.crates()[name] == [ids[row] for row in gathered], name
            await select_again(pilot, stage, name)
            await press(pilot, "space")
            for row in rows:
                await until(pilot, lambda row=row: stage.playing == row)  # type: ignore[misc]  # bound at once
                await press(pilot, "n")
            await until(pilot, lambda: not stage.radio.on)
            assert stage.toasts[-1].endswith("ended: that was the last track"), name
            await select_again(pilot, stage, name)
            await press(pilot, "T")
            await until(pilot, lambda: stage.app.playing is not None and stage.app.playing.trailer)
            assert stage.playing == rows[0], name
            assert stage.app.playing is not None
            assert stage.app.playing.duration == 6, name
            await press(pilot, "backslash", "escape", "escape")


async def test_enter_stays_with_what_a_trailer_plays(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "T")
        await until(pilot, lambda: stage.playing == 0)
        await press(pilot, "n")
        await until(pilot, lambda: stage.playing == 1)
        await press(pilot, "enter")
        await until(pilot, lambda: stage.radio.upcoming == ())
        assert stage.app.walk.here.rows == (1,)
        assert stage.playing == 1
        assert stage.app.playing is not None
        assert stage.app.playing.duration > 20


async def test_undo_brings_back_the_radio_that_a_list_replaced(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing == 0 and len(stage.radio.upcoming) == 5)
        plan = [planned.row for planned in stage.radio.upcoming]
        await press(pilot, "j", "j", "space")
        await until(pilot, lambda: stage.playing == 2)
        assert stage.radio.seed is None
        await press(pilot, "u")
        await until(pilot, lambda: stage.playing == 0)
        assert [planned.row for planned in stage.radio.upcoming] == plan
        assert stage.radio.seed == 0


async def test_rows_are_queued_first_and_last_and_undone(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        stage.tracks.cursor = len(stage.library) - 2
        await press(pilot, "space")
        last = len(stage.library) - 1
        await until(pilot, lambda: stage.playing == last - 1)
        stage.tracks.cursor = 3
        await press(pilot, "I", "j", "i")
        await until(pilot, lambda: [planned.row for planned in stage.radio.upcoming] == [4, last, 3])
        await press(pilot, "u")
        await until(pilot, lambda: [planned.row for planned in stage.radio.upcoming] == [last, 3])
        await press(pilot, "u")
        await until(pilot, lambda: [planned.row for planned in stage.radio.upcoming] == [last])


async def test_lines_of_the_queue_are_moved_taken_out_and_jumped_to(stage: Stage) -> None:
    def upcoming() -> list[int]:
        return [planned.row for planned in stage.radio.upcoming]

    async with stage.on_screen() as pilot:
        await press(pilot, "v", "j", "j", "j", "space")
        await until(pilot, lambda: upcoming() == [1, 2, 3])
        await press(pilot, "f3")
        await press(pilot, "shift+down")
        await until(pilot, lambda: upcoming() == [2, 1, 3])
        assert stage.app.current_row() == 1, "the cursor stays at the track that moved"
        await press(pilot, "D")
        await until(pilot, lambda: upcoming() == [2, 3])
        await press(pilot, "u")
        await until(pilot, lambda: upcoming() == [2, 1, 3])
        tracks = stage.app.focused
        assert isinstance(tracks, TrackList)
        tracks.cursor = 1
        await press(pilot, "space")
        await until(pilot, lambda: stage.playing == 1 and upcoming() == [3])


async def test_a_list_that_moves_by_itself_lets_no_key_hit_another_row(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "space")
        await until(pilot, lambda: stage.app.audio_trouble == "silent" and stage.playing == 0)
        await press(pilot, "f3")
        await press(pilot, "j")
        assert stage.app.current_row() == 2
        stage.app.controllers.playback.skip()
        await until(pilot, lambda: stage.playing == 1)
        assert stage.app.current_row() == 2, "the cursor stays at its track"
        stage.app.controllers.playback.skip()
        await until(pilot, lambda: stage.playing == 2)
        await press(pilot, "x")
        assert not stage.app.taste.banned, "its track has gone: the key hits nothing"
        await press(pilot, "j", "x")
        assert stage.app.taste.banned == {4}


async def test_keys_on_what_plays_leave_the_row_under_the_cursor_alone(stage: Stage) -> None:
    async with stage.on_screen((160, 30)) as pilot:
        await press(pilot, "space")
        await until(pilot, lambda: stage.playing == 0)
        assert "n next  & love  # ban  @ go to  % why  N previous  \\ stop" in text_of(stage)
        await press(pilot, "j", "j", "f3", "&")
        assert stage.app.taste.loved == (0,)
        await press(pilot, "#")
        assert stage.app.taste.banned == {0}
        await until(pilot, lambda: stage.playing == 1)
        await press(pilot, "@")
        assert stage.app.walk.here.rows == (1,)


async def test_the_bar_says_what_it_fetches_and_never_that_nothing_plays(stage: Stage) -> None:
    from threading import Event

    asked, go_on = Event(), Event()
    fetch = stage.previews.fetch

    def slowly(track: object, **options: object) -> object:
        asked.set()
        assert go_on.wait(60)
        return fetch(track, **options)  # type: ignore[arg-type]  # as it is given

    stage.previews.fetch = slowly  # type: ignore[assignment,method-assign]  # slower
    async with stage.on_screen() as pilot:
        await press(pilot, "space")
        title = stage.app.tracks.info(0).title
        try:
            await until(pilot, lambda: stage.app.busy.startswith("Fetching"))
            assert f"Fetching {title}" in text_of(stage)
            assert "Nothing plays" not in text_of(stage)
        finally:
            go_on.set()
        await until(pilot, lambda: stage.playing == 0 and not stage.app.busy)


async def test_the_bar_and_the_page_say_what_is_decoded(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Event

    from segue.core.audio.decode import decode_preview

    go_on = Event()

    def slowly(audio: bytes) -> object:
        assert go_on.wait(60)
        return decode_preview(audio)

    monkeypatch.setattr("segue.core.radio.fetcher.decode_preview", slowly)
    async with stage.on_screen() as pilot:
        await press(pilot, "space", "f3")
        title = stage.app.tracks.info(0).title
        try:
            await until(pilot, lambda: stage.app.busy.startswith("Decoding"))
            lines = text_of(stage).splitlines()
            assert sum(f"Decoding {title}" in line for line in lines) == 2, "on the page and in the bar"
            assert "Nothing plays" not in text_of(stage)
        finally:
            go_on.set()
        await until(pilot, lambda: stage.playing == 0 and not stage.app.busy)


async def test_a_radio_starts_from_the_whole_list_and_from_a_selection(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "a", "O")
        await until(pilot, lambda: stage.playing is not None and stage.radio.seed is not None)
        radio = stage.app.controllers.playback.queue.radio
        assert radio is not None
        artists = {info.artist for info in stage.app.tracks.infos(radio.seeds)}
        assert artists == {stage.app.tracks.info(0).artist}
        await press(pilot, "h", "v", "j", "r")
        await until(pilot, lambda: stage.app.controllers.playback.queue.radio is not radio)
        again = stage.app.controllers.playback.queue.radio
        assert again is not None
        assert len(again.seeds) == 2


async def test_a_list_flows_on_into_a_radio_where_the_settings_say_so(small_library: Library) -> None:
    async with opened(small_library, settings=Settings(after_list="radio")) as (stage, pilot):
        stage.tracks.cursor = len(small_library) - 1
        await press(pilot, "space")
        await until(pilot, lambda: stage.playing == len(small_library) - 1 and len(stage.radio.upcoming) == 5)
        assert stage.radio.seed == len(small_library) - 1


async def test_undo_ends_what_nothing_played_before(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "space")
        await until(pilot, lambda: stage.playing == 0)
        await press(pilot, "u")
        await until(pilot, lambda: stage.playing is None)
        assert stage.toasts[-1].startswith("Undone: ")
    assert stage.app.broken_by is None


async def test_the_shell_undoes_what_was_done_to_the_queue(small_library: Library, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    first = make_stage(small_library, state=State.open(path))
    async with first.on_screen() as pilot:
        await press(pilot, "v", "j", "j", "space")
        await until(pilot, lambda: first.playing == 0 and len(first.radio.upcoming) == 2)
        await press(pilot, "escape", "g", "g", "j", "j", "j", "I")
        await until(pilot, lambda: [line.row for line in first.radio.upcoming] == [1, 2, 3])
        with closing(State.open(path)) as shell:
            assert str(shell.undo()).startswith("queue ")
            first.app.session.keep()
            await until(pilot, lambda: [line.row for line in first.radio.upcoming] == [1, 2])
            assert first.playing == 0
            assert first.toasts[-1].startswith("Undone elsewhere: add ")
            shell.redo()
            first.app.session.keep()
            await until(pilot, lambda: [line.row for line in first.radio.upcoming] == [1, 2, 3])
        await press(pilot, "u")
        await until(pilot, lambda: [line.row for line in first.radio.upcoming] == [1, 2])
        await press(pilot, "ctrl+r")
        await until(pilot, lambda: [line.row for line in first.radio.upcoming] == [1, 2, 3])
        await press(pilot, "q")
    with closing(State.open(path)) as shell:
        shell.undo()
    second = make_stage(small_library, state=State.open(path), greeted=False)
    async with second.app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: second.radio.paused)
        assert [line.row for line in second.radio.upcoming] == [0, 1, 2]


async def test_a_queue_whose_radio_is_planned_again_outlives_an_end_meanwhile(small_library: Library) -> None:
    state = State.in_memory()
    first = make_stage(small_library, state=state)
    async with first.on_screen() as pilot:
        await press(pilot, "r")
        await until(pilot, lambda: first.playing == 0 and len(first.radio.upcoming) == 5)
        await press(pilot, "q")
    kept = state.queue(first.app.controllers.playback.queue_name)
    second = make_stage(small_library, state=state, greeted=False)
    second.app.controllers.planning.plan = lambda *_: None  # type: ignore[method-assign]  # it never ends
    async with second.app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: second.radio.on)
        await press(pilot, "q")
    assert state.queue(first.app.controllers.playback.queue_name) == kept


async def test_a_queue_comes_back_after_a_kill(small_library: Library) -> None:
    state = State.in_memory()
    first = make_stage(small_library, state=state)
    async with first.on_screen() as pilot:
        await press(pilot, "v", "j", "j", "j", "space")
        await until(pilot, lambda: first.playing == 0)
        await press(pilot, "n")
        await until(pilot, lambda: first.playing == 1)
        name = first.app.controllers.playback.queue_name
        await until(pilot, lambda: state.queue(name)["tracks"][0][0] == 1)
        kept = state.queue(name)  # what a kill leaves
    state.keep_queue(name, kept)
    second = make_stage(small_library, state=state, greeted=False)
    async with second.app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: second.radio.paused)
        assert [planned.row for planned in second.radio.upcoming] == [1, 2, 3]
        await settle(pilot)
        assert "Fetching" not in text_of(second)
        await press(pilot, "P")
        await until(pilot, lambda: second.playing == 1)
        await press(pilot, "N")
        await until(pilot, lambda: second.playing == 0)


async def test_a_click_on_the_progress_goes_on_there(stage: Stage) -> None:
    async with stage.on_screen((114, 30)) as pilot:
        await press(pilot, "space")
        await until(pilot, lambda: stage.app.audio_trouble == "silent" and stage.playing == 0)
        await press(pilot, "f3")
        await settle(pilot)
        now = stage.view(RadioView).query_one("#now")
        await pilot.click(now, offset=(now.size.width // 2, now.size.height - 3))
        await until(pilot, lambda: 14 < stage.app.position < 16)


async def test_an_audition_that_is_turned_off_leaves_no_word_of_fetching(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "A")
        await press(pilot, "A")
        await settle(pilot)
        assert not stage.app.busy
        assert "Fetching" not in text_of(stage)
