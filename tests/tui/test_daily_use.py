"""What annoyed in half an hour of use, and does no longer."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from textual import events
from textual.content import Content
from textual.widgets import TextArea

from segue.core.cli import main
from segue.core.explore.variety import FAMILIARITY, Taste
from segue.core.library import Library
from segue.core.state import State
from segue.core.text import LONGEST
from segue.tui.model.glyphs import UNICODE, sparkline
from segue.tui.model.listing import Listing, ListingRequest
from segue.tui.model.places import TrackPlace
from segue.tui.model.settings import Settings
from segue.tui.model.values import Dials
from segue.tui.opening import PreviewsWhenAsked
from segue.tui.panes.explore.headers import PlaceHeader
from segue.tui.panes.explore.view import SearchBox
from segue.tui.screens.ask import ChoiceScreen, KeyScreen, LineScreen, PasteScreen
from segue.tui.screens.help import TextScreen, TourScreen
from segue.tui.widgets.detail import Detail
from tests.end_to_end.deezer_server import FakeDeezer
from tests.tui.support import Stage, make_stage, opened, press, settle, type_job, until


def test_a_song_unfolds_its_versions_and_folds_them_again() -> None:
    listing = Listing([3, 5, 8], [0.9, 0.8, 0.7], {0: "+2", 2: "last"}, versions={3: (6, 7)})
    unfolded = listing.with_versions_toggled(0)
    assert unfolded.rows == [3, 6, 7, 5, 8]
    assert unfolded.notes == {0: "+2", 1: "version", 2: "version", 4: "last"}
    assert unfolded.values is not None
    assert np.isnan(unfolded.values).tolist() == [False, True, True, False, False]
    folded = unfolded.with_versions_toggled(0)
    assert folded.rows == listing.rows
    assert folded.notes == listing.notes
    assert listing.with_versions_toggled(1) is listing


async def test_versions_unfold_in_place(small_library: Library) -> None:
    stage = make_stage(small_library)
    studio, live = stage.row("Blue Monday Morning"), stage.row("Blue Monday Morning (Live)")
    async with stage.on_screen() as pilot:
        await press(pilot, "/", *"paper boats", "enter")
        kept = next(row for row in (studio, live) if row in stage.app.listing.rows)
        line = stage.app.listing.rows.index(kept)
        await press(pilot, *str(line + 1), "G", "e")
        assert set(stage.app.listing.rows) >= {studio, live}
        assert stage.tracks.row == kept
        await press(pilot, "j")
        assert stage.tracks.row == studio + live - kept
        await press(pilot, "k", "e")
        assert studio + live - kept not in stage.app.listing.rows


def on_screen(stage: Stage) -> list[str]:
    """The toasts in sight, the oldest first."""
    return [toast.message for toast in stage.app._notifications]


async def test_a_word_takes_the_place_of_the_word_before(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "f", "u")
        assert [shown[:6] for shown in on_screen(stage)] == ["Undone"]
        stage.app.say("Something is wrong", "warning")
        await press(pilot, "f")
        assert on_screen(stage)[0] == "Something is wrong", "a warning is not wiped away"


async def test_a_search_that_is_given_up_leaves_nothing_behind(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "/", *"zzzz")
        await press(pilot, "escape")
        assert stage.explore.query_one(SearchBox).value == ""
        assert stage.explore.query_one(Detail).row == stage.tracks.row


async def test_the_title_of_a_list_keeps_half_the_line(small_library: Library) -> None:
    async with opened(small_library, size=(60, 20)) as (stage, pilot):
        head = stage.explore.query_one(PlaceHeader)
        assert "ordered by" not in str(head.render()), "all tracks are ranked by plays"
        await press(pilot, "enter", "F", "U", "V", "K")
        assert str(head.render()).startswith(" Close to ")


async def test_a_station_can_be_removed_and_brought_back(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "enter", "s", "enter", "S")
        assert isinstance(stage.app.screen, ChoiceScreen)
        await press(pilot, *"no such", "delete")
        assert len(stage.state.stations()) == 1, "what is not listed stays"
        await press(pilot, "ctrl+u", "delete")
        assert len(stage.app.screen_stack) == 1, "it was the only one"
        assert not stage.state.stations()
        await press(pilot, "u")
        assert len(stage.state.stations()) == 1


async def test_enter_reads_a_line_that_names_a_file(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "o", *"Paper Boats", "enter")
        assert isinstance(stage.app.screen, PasteScreen), "more titles may follow"
        await press(pilot, "ctrl+s", "o", *"/no/such.m3u8", "enter")
        assert "such.m3u8" in stage.toasts[-1]
        assert isinstance(stage.app.screen, PasteScreen), "to be corrected"
        await press(pilot, "8")
        assert stage.app.screen.query_one(TextArea).text == "/no/such.m3u88"


@pytest.mark.parametrize(
    "link", ["www.deezer.com/playlist/1", "https://www.deezer.com/playlist/1", "WWW.DEEZER.COM/playlist/1"]
)
async def test_offline_a_link_asks_nothing(
    small_library: Library, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    stage = make_stage(small_library)
    stage.app.equipment = replace(stage.app.equipment, offline=True)
    with FakeDeezer() as deezer:
        monkeypatch.setenv("SEGUE_DEEZER_API", deezer.base_url)
        async with stage.on_screen() as pilot:
            await press(pilot, "o", *link, "enter")
            await until(pilot, lambda: bool(stage.toasts))
            assert "--offline" in stage.toasts[-1]
    assert deezer.asked == []


@pytest.mark.parametrize("key", ["r", "space"])
async def test_offline_a_radio_says_why_it_ends_and_asks_nothing(
    small_library: Library, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    stage = make_stage(small_library)
    previews = PreviewsWhenAsked(offline=True)
    stage.app.equipment = replace(stage.app.equipment, offline=True, previews=previews)
    with FakeDeezer() as deezer:
        monkeypatch.setenv("SEGUE_DEEZER_API", deezer.base_url)
        async with stage.on_screen() as pilot:
            await press(pilot, key)
            await until(pilot, lambda: any("--offline" in printed for printed in stage.toasts))
            assert not stage.app.playing
    assert deezer.asked == []


async def test_each_row_tells_how_it_stands_with_its_preview(small_library: Library) -> None:
    stage = make_stage(small_library)
    ids = [info.track_id for info in stage.app.tracks.infos([0, 1, 2])]
    stage.previews.missing = {ids[1]: "Deezer has no preview of it"}
    async with stage.on_screen() as pilot:
        await press(pilot, "A")
        await until(pilot, lambda: stage.playing == 0)
        stage.app.controllers.auditions.cursor_rested(0, [1, 2])
        await until(pilot, lambda: stage.app.previews == {ids[1]: "none", ids[2]: "ready"})
        sign, glyphs = stage.app.sign, stage.app.glyphs
        assert [sign(row) for row in (0, 1, 2, 3)] == [glyphs.playing, glyphs.silent, glyphs.dot, " "]
        await press(pilot, "A", "j")
        assert "no preview" in str(stage.explore.query_one(Detail).render())


def test_a_sparkline_is_full_where_most_was_heard() -> None:
    assert sparkline([0, 1, 4, 8], UNICODE) == "▁▂▅█"
    assert sparkline([0, 0], UNICODE) == "▁▁"


async def test_what_is_selected_is_loved_at_once_and_one_undo_takes_it_back(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "j", "f", "k", "v", "j", "j")
        assert [stage.tracks.selected(line) for line in range(4)] == [True, True, True, False]
        await press(pilot, "f")
        assert set(stage.app.taste.loved) == {0, 1, 2}, "the one that was loved stays so"
        assert not stage.tracks.selected(0)
        await press(pilot, "u")
        assert set(stage.app.taste.loved) == {1}
        await press(pilot, "ctrl+r")
        assert set(stage.app.taste.loved) == {0, 1, 2}
        await press(pilot, "G", "v", "k", "+")
        assert {row for row, _ in stage.app.basket.weights} == {
            len(small_library) - 1,
            len(small_library) - 2,
        }
        await press(pilot, "v", "escape", "g", "g", ".")
        assert stage.app.basket.weight(0) == 1


async def test_the_explorer_and_the_shell_undo_in_one_history(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        state, ids = stage.app.state, small_library.track_ids
        await press(pilot, "f", "u")
        assert state.undo() is None, "`segue state undo` does not bring the love back"
        assert state.loves() == []
        await press(pilot, "ctrl+r", "j", "x")
        assert state.loves() == [ids[0]]
        assert str(state.undo()) == f"ban {ids[1]}: gone"
        await press(pilot, "u")
        assert state.loves() == [], "what the shell has undone is passed over"
        assert stage.app.taste.loved == ()
        await press(pilot, "u")
        assert stage.toasts[-1] == "Nothing to undo."


@pytest.mark.parametrize("word", FAMILIARITY)
def test_the_familiarity_dial_means_the_same_in_the_shell(
    word: str, small_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    request = ListingRequest(
        small_library, State.in_memory(), Taste(), Dials(familiarity=word), Settings(), time.time
    )
    there = [small_library.track_ids[row] for row in TrackPlace((0,)).list(request).rows[1:]]
    call = ["neighbours", small_library.track_ids[0], "-l", str(small_library.path), "--json"]
    assert main([*call, "-n", str(Settings().neighbours), "--familiarity", word, "--ranker", "like"]) == 0
    assert [track["track_id"] for track in json.loads(capsys.readouterr().out)["tracks"]] == there


async def test_keys_typed_faster_than_a_screen_leaves_go_to_what_lies_below(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "m")
        asking = stage.app.screen
        assert isinstance(asking, KeyScreen)
        for key in "qjj":  # all of them are in its queue before the first has been answered
            asking.post_message(events.Key(key, key))
        await until(pilot, lambda: stage.tracks.row == stage.app.listing.rows[2])
        assert stage.app.screen is not asking


async def test_a_box_that_is_left_twice_takes_nothing_else_with_it(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        below = stage.app.screen
        for screen in (LineScreen("title", "hint"), TextScreen("title", Content("text")), TourScreen()):
            await stage.app.push_screen(screen)
            screen.action_leave()
            screen.action_leave()
            await settle(pilot)
            assert stage.app.screen is below


async def test_a_long_paste_into_the_search_is_cut(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "slash")
        box = stage.app.screen.query_one(SearchBox)
        box.post_message(events.Paste("a" + "\u0315\u0300" * 300_000))
        await until(pilot, lambda: bool(box.value))
        await settle(pilot)
        assert len(box.value) == LONGEST
        await press(pilot, "escape", "q")
    assert not stage.app.is_running


async def test_listening_takes_no_more_keys_than_it_did(stage: Stage) -> None:
    app = stage.app
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await type_job(pilot, 3, "/", "=glass garden", "down", "space")  # find a song and hear it
        glass = stage.row("Glass Garden")
        await until(pilot, lambda: stage.playing == glass)
        await type_job(pilot, 1, "&")  # love what plays
        assert app.taste.loved == (glass,)
        await press(pilot, "escape", "escape")
        await type_job(pilot, 1, "r")  # start a radio
        await until(pilot, lambda: stage.radio.seed == app.current_row() == stage.playing)
        first = stage.playing
        await type_job(pilot, 1, "n")  # skip
        await until(pilot, lambda: stage.playing not in {None, first})
        second = stage.playing
        assert second is not None
        await type_job(pilot, 1, "#")  # ban what plays
        await until(pilot, lambda: stage.playing not in {None, first, second})
        assert app.taste.banned == {second}
        drift = stage.radio.drift
        await type_job(pilot, 1, ">")  # steer
        await type_job(pilot, 1, "}")
        assert stage.radio.distance == 1
        assert stage.radio.drift > drift
        await type_job(pilot, 1, "backslash")


async def test_lists_paths_and_playlists_take_no_more_keys_than_they_did(
    stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "mine.m3u8").write_text(
        "#EXTINF:180,Oda - Salt\na.mp3\n#EXTINF:180,Mira Vale - Slow Comet\nb\n"
    )
    app, written = stage.app, tmp_path / "longer.m3u8"
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        before = app.walk.here
        await type_job(pilot, 10, *["enter"] * 5, *["h"] * 5)  # five hops and back
        assert app.walk.here == before
        await press(pilot, "enter")
        await type_job(pilot, 1, "?")  # why is this near
        assert isinstance(app.screen, TextScreen)
        await press(pilot, "escape")
        await type_job(pilot, 3, "/", "=southern rail", "down", "p")  # a path between two songs
        assert (app.walk.here.kind, app.walk.here.rows[-1]) == ("path", stage.row("Southern Rail"))
        await type_job(pilot, 4, "+", "j", "-", "B")  # a blend
        assert app.walk.here.kind == "blend"
        steps = ["o", f"={tmp_path / 'mine.m3u8'}", "enter", "w", f"={written}", "enter"]
        await type_job(pilot, 4, *steps)  # complete a playlist file and save it
        await until(pilot, written.exists)
        lines = [line for line in written.read_text().splitlines() if line.startswith("#EXTINF")]
        assert len(lines) == 22
        assert "Oda - Salt" in lines[0]
        assert "Slow Comet" in lines[1]
        theme = app.theme
        await type_job(
            pilot, 4, ":", "=theme", "enter", "down", "enter"
        )  # a theme, once a file and a restart
        assert app.theme != theme
        place = app.walk.here
        await type_job(pilot, 1, "q")
    again = make_stage(stage.library, state=stage.state, greeted=False)
    async with again.on_screen() as pilot:
        assert again.app.walk.here == place, "quit and resume"
