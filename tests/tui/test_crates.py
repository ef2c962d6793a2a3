"""Crates are gathered with one key, ordered, undone, played and kept."""

from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from segue.core.library import Library
from segue.core.state import State
from segue.tui.model.places import CratePlace, PlaylistPlace
from segue.tui.screens.help import TextScreen
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, opened, press, settle, until


def crate(stage: Stage, name: str = "My crate") -> list[int]:
    """A crate's rows."""
    return [row for each in stage.state.crates()[name] for row in stage.library.catalogue.rows_of_ids([each])]


async def test_a_crate_is_gathered_ordered_undone_and_played(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "*", "j", "v", "j", "*")
        assert crate(stage) == [0, 1, 2]
        await press(pilot, "*")
        assert stage.toasts[-1] == "Already in crate My crate. Q opens the crates."
        await press(pilot, "Q", "enter")
        assert stage.app.walk.here.kind == "crate"
        assert list(stage.app.listing.rows) == [0, 1, 2]
        await press(pilot, "shift+down")
        await until(pilot, lambda: list(stage.app.listing.rows) == [1, 0, 2])
        assert stage.app.current_row() == 0
        await press(pilot, "D")
        await until(pilot, lambda: list(stage.app.listing.rows) == [1, 2])
        await press(pilot, "u")
        await until(pilot, lambda: list(stage.app.listing.rows) == [1, 0, 2])
        await press(pilot, "g", "g", "home", "space")
        await until(pilot, lambda: stage.playing == 1)
        assert [planned.row for planned in stage.radio.upcoming] == [0, 2]


async def test_a_crate_of_another_library_says_so(stage: Stage) -> None:
    stage.state.set_crate("Elsewhere", ["no track", "nor this"])
    async with stage.on_screen() as pilot:
        stage.app.go(CratePlace(name="Elsewhere"))
        await until(pilot, lambda: "None of the crate's 2 tracks" in text_of(stage))


async def test_a_named_crate_is_current_and_kept(small_library: Library, tmp_path: Path) -> None:
    async with opened(small_library, state=State.open(tmp_path / "state.sqlite")) as (stage, pilot):
        await press(pilot, "*", "Q", "down", "enter")
        stage.app.screen.query_one(Input).value = "night"
        await press(pilot, "enter")
        await until(pilot, lambda: stage.app.walk.here.name == "night")
        await press(pilot, "h", "j", "j", "*")
        assert crate(stage, "night") == [2]
        await press(pilot, "q")
    again = make_stage(small_library, state=State.open(tmp_path / "state.sqlite"), greeted=False)
    async with again.on_screen() as pilot:
        assert again.app.crate == "night"
        assert crate(again, "night") == [2]


async def test_w_asks_what_to_write_where_there_is_a_choice(stage: Stage, tmp_path: Path) -> None:
    def written(name: str) -> list[str]:
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        return [line.partition(",")[2] for line in lines if line.startswith("#EXTINF")]

    async def name_file(pilot: Pilot[Any], name: str) -> None:
        screen = stage.app.screen
        screen.query_one(Input).value = str(tmp_path / name)
        await press(pilot, "enter")
        await until(pilot, (tmp_path / name).exists)

    async with stage.on_screen() as pilot:
        stage.app.controllers.walks.go(PlaylistPlace((3, 4), "own", name="Evening"))
        await settle(pilot)
        await press(pilot, "w", "down")  # the playlist and as many as one says
        stage.app.screen.query_one(Input).value = str(tmp_path / "whole.m3u8")
        await press(pilot, "enter")
        stage.app.screen.query_one(Input).value = "5"
        await press(pilot, "enter")
        await until(pilot, (tmp_path / "whole.m3u8").exists)
        whole = written("whole.m3u8")
        assert len(whole) == 7
        assert len(set(whole)) == 7
        own = [stage.app.tracks.info(row).title for row in (3, 4)]
        assert [title in line for title, line in zip(own, whole, strict=False)] == [True, True]
        await press(pilot, "space")
        await until(pilot, lambda: stage.playing == 3)
        await press(pilot, "n")
        await until(pilot, lambda: stage.playing == 4)
        await press(pilot, "w", "down", "down", "down")  # what was played
        await name_file(pilot, "heard.m3u8")
        assert len(written("heard.m3u8")) == 2
        await press(pilot, "g", "g", "v", "w")  # the selection
        await name_file(pilot, "selection.m3u8")
        assert len(written("selection.m3u8")) == 1


async def test_the_question_mark_explains_what_continues_a_playlist(stage: Stage) -> None:
    async with stage.on_screen((110, 30)) as pilot:
        stage.app.controllers.walks.go(PlaylistPlace((3, 4, 9), name="Evening"))
        await settle(pilot)
        await press(pilot, "j", "?")
        await until(pilot, lambda: isinstance(stage.app.screen, TextScreen))
        shown = " ".join(text_of(stage).split())
        assert "for Evening" in shown
        assert "Place 2 by continue: " in shown
        assert "of the 3 tracks" in shown
