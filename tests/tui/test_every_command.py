"""Each command once, by its key, for what a listener would see of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, OptionList, TextArea

from segue.core.library import Library
from segue.tui.controllers import APP_COMMANDS
from segue.tui.controllers.views import VIEWS
from segue.tui.panes.explore.view import SearchBox
from segue.tui.screens.ask import ChoiceScreen, FileScreen, LineScreen, PasteScreen
from segue.tui.screens.help import KeysScreen, TextScreen, TourScreen
from segue.tui.widgets.track_list import TrackList
from tests.tui.support import Stage, make_stage, press, until

Seen = Callable[[Any], object]
EVERY = {
    command.id: command.keys for command in (*APP_COMMANDS, *TrackList.OWN_COMMANDS, *SearchBox.OWN_COMMANDS)
}

# command id: the keys before it, from the list of all tracks on, and what is to be seen after it
INTO = ("enter",)
SEEN: dict[str, tuple[tuple[str, ...], Seen]] = {
    "walk.back": (INTO, lambda s: s.app.walk.here.kind == "browse"),
    "walk.forward": ((*INTO, "h"), lambda s: s.app.walk.here.kind == "track"),
    "walk.artist": (
        (),
        lambda s: s.app.walk.here.kind == "artist" and "nearest artists" in s.app.listing.summary,
    ),
    "walk.album": ((), lambda s: s.app.walk.here.kind == "album" and len(s.app.listing.rows) > 0),
    "walk.browse": (INTO, lambda s: s.app.walk.here.kind == "browse" and s.app.walk.at == 2),
    "walk.loves": (("f",), lambda s: s.app.listing.title == "Loved" and len(s.app.listing.rows) == 1),
    "walk.bans": (("x",), lambda s: s.app.listing.title == "Banned" and len(s.app.listing.rows) == 1),
    "walk.journal": ((), lambda s: "Nothing heard yet" in s.app.listing.empty),
    "walk.versions": ((), lambda s: "no hidden versions" in s.toasts[-1]),
    "walk.playing": (("j", "j", "space", "WAIT", "k"), lambda s: s.app.walk.here.rows == (s.playing,)),
    "search.open": (("f3",), lambda s: isinstance(s.app.focused, SearchBox)),
    "sound.toggle": (("j",), lambda s: s.playing == 1),
    "sound.pause": (("space", "WAIT"), lambda s: s.app.playing and s.app.playing.paused),
    "sound.audition": (("j",), lambda s: s.app.audition and s.playing == 1),
    "sound.back": (("space", "WAIT", ";"), lambda s: s.app.position == 0),
    "sound.ahead": (("space", "WAIT"), lambda s: s.app.position == pytest.approx(5, abs=0.1)),
    "sound.quieter": ((), lambda s: "Volume 70%" in s.toasts),
    "sound.louder": ((), lambda s: "Volume 90%" in s.toasts),
    "sound.mute": ((), lambda s: s.app.controllers.sound.player.muted),
    "radio.start": (("j",), lambda s: s.radio.on and s.radio.seed == 1 and len(s.radio.upcoming) == 5),
    "radio.skip": (("r", "WAIT"), lambda s: s.playing not in {0, None}),
    "radio.previous": (("space", "WAIT", "n", "WAIT"), lambda s: s.playing == 0),
    "queue.trailer": ((), lambda s: s.app.playing is not None and s.app.playing.trailer),
    "queue.play_next": (("space", "WAIT", "j", "j"), lambda s: s.radio.upcoming[0].row == 2),
    "queue.add": (("v", "j", "space", "WAIT", "j"), lambda s: [p.row for p in s.radio.upcoming] == [1, 2]),
    "queue.radio": (("a",), lambda s: s.playing is not None and s.radio.seed is not None),
    "queue.remove": (
        ("v", "j", "j", "space", "WAIT", "f3"),
        lambda s: [p.row for p in s.radio.upcoming] == [2],
    ),
    "queue.down": (
        ("v", "j", "j", "space", "WAIT", "f3"),
        lambda s: [p.row for p in s.radio.upcoming] == [2, 1],
    ),
    "queue.up": (
        ("v", "j", "j", "space", "WAIT", "f3", "j"),
        lambda s: [p.row for p in s.radio.upcoming] == [2, 1],
    ),
    "queue.clear": (("space", "WAIT"), lambda s: s.playing == 0 and s.radio.upcoming == ()),
    "crates.add": (("j",), lambda s: [len(ids) for ids in s.state.crates().values()] == [1]),
    "crates.add_playing": (
        ("space", "WAIT", "j", "j"),
        lambda s: s.state.crates() == {"My crate": [s.app.tracks.info(0).track_id]},
    ),
    "crates.complete": (
        ("*", "j", "*", "Q", "enter"),
        lambda s: s.app.walk.here.kind == "playlist" and s.app.walk.here.rows == (0, 1),
    ),
    "crates.blend": (
        ("*", "j", "*", "Q", "enter"),
        lambda s: s.app.walk.here.kind == "blend" and s.app.walk.here.rows == (0, 1),
    ),
    "crates.open": (("*",), lambda s: isinstance(s.app.screen, ChoiceScreen)),
    "playing.love": (("space", "WAIT", "j", "j"), lambda s: s.app.taste.loved == (0,)),
    "playing.ban": (("space", "WAIT", "j", "j"), lambda s: s.app.taste.banned == {0}),
    "playing.explain": (("space", "WAIT", "n", "WAIT"), lambda s: isinstance(s.app.screen, TextScreen)),
    "radio.closer": ((">", ">"), lambda s: s.radio.distance == 1),
    "radio.farther": ((), lambda s: s.radio.distance == 1),
    "radio.stick": ((), lambda s: s.radio.drift == 0.25),
    "radio.drift": ((), lambda s: s.radio.drift == 0.75),
    "radio.reseed": (("r", "WAIT", "j", "j"), lambda s: s.radio.seed == 2 and s.playing == 0),
    "radio.mode": ((), lambda s: s.radio.mode == "walk"),
    "radio.stop": (("r", "WAIT"), lambda s: not s.radio.on and s.app.playing is None),
    "taste.love": (("j",), lambda s: s.app.taste.loved == (1,) and len(s.state.loves()) == 1),
    "taste.ban": (("j",), lambda s: s.app.taste.banned == {1}),
    "taste.ban_artist": ((), lambda s: 0 in s.app.taste.banned and len(s.state.bans().artists) == 1),
    "undo.undo": (("f",), lambda s: s.app.taste.loved == () and s.state.loves() == []),
    "undo.redo": (("f", "u"), lambda s: s.app.taste.loved == (0,)),
    "undo.repeat": (("f", "j"), lambda s: set(s.app.taste.loved) == {0, 1}),
    "path.mark": (("j",), lambda s: s.app.mark == 1),
    "path.jump": (("j", "m", "q", "j"), lambda s: s.app.screen.id == "key-screen"),
    "path.draw": ((*INTO, "G"), lambda s: s.app.walk.here.kind == "path" and len(s.app.listing.rows) > 2),
    "path.reroll": ((*INTO, "G", "p"), lambda s: s.app.walk.here.draw == 1),
    "path.longer": ((*INTO, "G", "p"), lambda s: s.app.walk.here.steps == 12),
    "path.shorter": ((*INTO, "G", "p"), lambda s: s.app.walk.here.steps == 8),
    "basket.plus": (("j",), lambda s: s.app.basket.weights == ((1, 1),)),
    "basket.minus": (("j",), lambda s: s.app.basket.weights == ((1, -1),)),
    "basket.show": (("+",), lambda s: s.app.walk.here.kind == "blend" and len(s.app.listing.rows) > 5),
    "basket.clear": (("+",), lambda s: len(s.app.basket) == 0),
    "explain.show": (INTO, lambda s: isinstance(s.app.screen, TextScreen)),
    "surprise.jump": ((), lambda s: s.app.walk.here.kind == "track" and s.app.walk.here.rows != (0,)),
    "dials.familiarity": ((), lambda s: s.app.dials.familiarity == "familiar"),
    "dials.unheard": ((), lambda s: s.app.dials.unheard),
    "dials.variety": ((), lambda s: not s.app.dials.variety),
    "dials.ranker": ((), lambda s: s.app.dials.ranker == "next"),
    "dials.order": ((), lambda s: isinstance(s.app.screen, ChoiceScreen)),
    "places.save": ((), lambda s: isinstance(s.app.screen, LineScreen)),
    "places.stations": (("s", "enter"), lambda s: isinstance(s.app.screen, ChoiceScreen)),
    "places.share": (INTO, lambda s: s.app.clipboard.startswith("track:(")),
    "playlists.read": ((), lambda s: isinstance(s.app.screen, PasteScreen)),
    "match.another": ((), lambda s: "Deezer can't be searched offline; start without --offline." in s.toasts),
    "playlists.turn": ((), lambda s: "t works on a playlist; o opens one." in s.toasts),
    "playlists.write": ((), lambda s: isinstance(s.app.screen, FileScreen)),
    "playlists.link": ((), lambda s: s.app.clipboard.startswith("https://www.deezer.com/track/")),
    "views.next": ((), lambda s: s.app.controllers.views.shown == list(VIEWS)[1]),
    "views.previous": ((), lambda s: s.app.controllers.views.shown == list(VIEWS)[-1]),
    "help.palette": ((), lambda s: type(s.app.screen).__name__ == "PaletteScreen"),
    "help.context": ((), lambda s: isinstance(s.app.screen, KeysScreen)),
    "help.keys": ((), lambda s: isinstance(s.app.screen, KeysScreen)),
    "help.tour": ((), lambda s: isinstance(s.app.screen, TourScreen)),
    "help.quit": ((), lambda s: s.app._exit),
    "list.choose": (("j",), lambda s: s.app.walk.here.rows == (1,) and s.app.listing.values is not None),
    "list.down": ((), lambda s: s.tracks.cursor == 1),
    "list.up": (("j", "j"), lambda s: s.tracks.cursor == 1),
    "list.half_down": ((), lambda s: s.tracks.cursor > 3),
    "list.half_up": (("G",), lambda s: 3 < s.tracks.cursor < 57),
    "list.page_down": ((), lambda s: s.tracks.cursor > 8),
    "list.page_up": (("G",), lambda s: s.tracks.cursor < 55),
    "list.top": (("G",), lambda s: s.tracks.cursor == 0),
    "list.bottom": ((), lambda s: s.tracks.cursor == len(s.tracks) - 1),
    "list.g": ((), lambda s: s.tracks.pending == "g"),
    "list.z": ((), lambda s: s.tracks.pending == "z"),
    "list.select": (("j",), lambda s: s.tracks.selecting_from == 1),
    "list.next_match": (
        ("/", "/", "r", "a", "i", "l", "enter"),
        lambda s: "Rail" in s.titles()[s.tracks.cursor],
    ),
    "list.previous_match": (
        ("/", "/", "r", "a", "i", "l", "enter"),
        lambda s: "Rail" in s.titles()[s.tracks.cursor],
    ),
    "list.end_find": (("/", "/", "r", "a", "i", "l", "enter"), lambda s: s.tracks.finding is None),
    "searching.leave": (("/",), lambda s: s.app.focused is s.tracks),
    "searching.choose": (("/", "s", "a", "l", "t"), lambda s: s.app.walk.here.rows == (s.row("Salt"),)),
    "searching.down": (("/", "s", "a", "l", "t"), lambda s: s.app.focused is s.explore.results),
    "searching.scope": (("/",), lambda s: s.explore.query_one(SearchBox).scope == "list"),
}
OF_OTHERS = {
    "help.suspend", "settings.theme", "settings.open", "settings.keys", "libraries.open",
    *(f"views.{name}" for name in VIEWS),
}  # fmt: skip
"""Commands that the views' own tests do, or one in a real terminal."""


def test_every_command_is_done_here_or_by_its_view() -> None:
    assert set(EVERY) - OF_OTHERS == set(SEEN)


@pytest.mark.parametrize("name", SEEN)
async def test_command(name: str, small_library: Library) -> None:
    before, seen = SEEN[name]
    stage = make_stage(small_library)
    keys = EVERY[name]
    async with stage.on_screen() as pilot:
        for key in before:
            if key == "WAIT":
                await until(pilot, lambda: stage.app.playing is not None)
            else:
                await press(pilot, key)
        if keys:
            await press(pilot, keys.split(",")[-1 if name == "searching.scope" else 0].strip())
        else:
            await stage.app.run_action(f"app.do('{name}')")
        await until(pilot, lambda: bool(seen(stage)))


async def test_a_mark_is_kept_and_found_again(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "j", "m", "a", "j", "j", "'", "a")
        assert stage.app.walk.here.rows == (1,)
        await press(pilot, "'", "z")
        assert "No place is marked z. m marks one." in stage.toasts


async def test_a_station_is_saved_and_opened(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "j", "enter", "s")
        stage.app.screen.query_one(Input).value = "night drive"
        await press(pilot, "enter", "h", "S")
        assert stage.app.screen.query_one(OptionList).option_count == 1
        await press(pilot, "enter")
        assert stage.app.walk.here.rows == (1,)
        assert stage.app.walk.here.name == "night drive"


async def test_a_pasted_playlist_is_continued_and_its_unknown_lines_are_reported(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "o")
        stage.app.screen.query_one(TextArea).text = "Salt\nNorthern Rail\nNobody Knows This Qqqq\n"
        await press(pilot, "ctrl+s")
        assert stage.app.listing.title == "pasted titles: what continues it"
        assert any(
            "2 of 3 tracks found; not found: Nobody Knows This Qqqq" in toast for toast in stage.toasts
        )
        assert "Salt" not in stage.titles()
        await press(pilot, "t")
        assert stage.app.listing.title == "pasted titles: what is missing from it"
        await press(pilot, "t")
        assert stage.titles() == ["Salt", "Northern Rail"]


async def test_t_weaves_orders_and_doubts_a_playlist(stage: Stage) -> None:
    own = ["Salt", "Northern Rail", "Paper Boats", "Glass Garden"]
    async with stage.on_screen((140, 30)) as pilot:
        await press(pilot, "o")
        stage.app.screen.query_one(TextArea).text = "\n".join(own) + "\n"
        await press(pilot, "ctrl+s", "t", "t", "t")
        assert stage.app.listing.title.endswith("a fresh track after every 3 of its own")
        fresh = [at for at, note in stage.app.listing.notes.items() if note == "fresh"]
        assert fresh == [3]
        assert [title for at, title in enumerate(stage.titles()) if at not in fresh] == own
        await press(pilot, "t")
        assert sorted(stage.titles()) == sorted(own)
        assert stage.titles()[0] == own[0]
        await press(pilot, "t")
        assert sorted(stage.titles()) == sorted(own)
        assert all("closest to" in stage.app.listing.notes[at] for at in range(len(own)))
        await press(pilot, "t")
        assert stage.app.listing.title.endswith("what continues it")


async def test_a_list_is_written_as_a_playlist_and_never_over_a_file(stage: Stage, tmp_path: Path) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "enter")
        for _ in range(2):
            await press(pilot, "w")
            stage.app.screen.query_one(Input).value = str(tmp_path / "mine.m3u8")
            await press(pilot, "enter")
        text = (tmp_path / "mine.m3u8").read_text(encoding="utf-8")
        assert text.startswith("#EXTM3U")
        assert all(title in text for title in stage.titles() if title.startswith("Song"))
        assert any("exists; choose another name" in toast for toast in stage.toasts)
