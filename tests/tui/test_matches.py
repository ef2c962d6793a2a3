"""E changes what a line of a playlist is taken for, and which recording at Deezer is heard."""

import pytest
from textual.widgets import Input, OptionList, TextArea

from segue.core.catalogue.overlay import title_overlay
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.previews import DeezerPreviews, Preview
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.explore.titles import DeezerTitles
from segue.core.library import Library
from segue.core.own_files.index import OwnFilesFirst, file_index
from segue.tui.screens.ask import ChoiceScreen, LineScreen
from tests.end_to_end.deezer_server import FakeDeezer
from tests.tui.support import Stage, make_stage, press, prompts, until


def listed(stage: Stage) -> list[str]:
    found = stage.app.screen.query_one(OptionList)
    return prompts(found)


async def test_a_line_of_a_playlist_is_matched_to_another_track(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        lines = "Salt\nThe Lanterns - Blue Monday Morning\nNobody Knows This Qqqq\n"

        async def open_it() -> None:
            await press(pilot, "o")
            stage.app.screen.query_one(TextArea).text = lines
            await press(pilot, "ctrl+s", "t", "t")

        await open_it()
        assert stage.titles() == ["Salt", "Blue Monday Morning"]
        await press(pilot, "j", "E")
        assert listed(stage)[1:] == [
            "Salt  Salt — Oda (by exact)",
            "Blue Monday Morning — The Lanterns  by exact",
            "Nobody Knows This Qqqq  not found",
        ]
        assert stage.app.screen.query_one(OptionList).highlighted == 2, "the line under the cursor"
        await press(pilot, *"not found", "enter")
        assert isinstance(stage.app.screen, LineScreen)
        stage.app.screen.query_one(Input).value = "comet vale"
        await press(pilot, "enter")
        assert listed(stage)[0].startswith("Slow Comet — Mira Vale  Greenhouse")
        await press(pilot, "enter")
        assert stage.titles() == ["Salt", "Blue Monday Morning", "Slow Comet"]
        await press(pilot, "u")
        assert stage.titles() == ["Salt", "Blue Monday Morning"]
        await press(pilot, "ctrl+r", "h")
        await open_it()
        assert stage.titles() == ["Salt", "Blue Monday Morning", "Slow Comet"], "it is kept"
        await press(pilot, "E", "down", "down", "enter", "enter")
        assert listed(stage)[0].startswith("what Segue finds by itself")
        await press(pilot, "enter")
        assert stage.titles() == ["Salt", "Blue Monday Morning"]


async def test_a_playlist_of_which_nothing_was_found_is_matched_line_by_line(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "o")
        stage.app.screen.query_one(TextArea).text = "Nobody Knows This Qqqq\nNor That Zzzz\n"
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(stage.app.screen, ChoiceScreen))
        assert listed(stage) == ["Nobody Knows This Qqqq  not found", "Nor That Zzzz  not found"]
        await press(pilot, "down", "enter")
        stage.app.screen.query_one(Input).value = "comet vale"
        await press(pilot, "enter", "enter", "t", "t")
        assert stage.titles() == ["Slow Comet"]
        await press(pilot, "u")
        assert stage.app.walk.here.kind == "browse", "the playlist is gone"
        await press(pilot, "ctrl+r", "t", "t")
        assert stage.titles() == ["Slow Comet"]


async def test_a_playlist_that_is_too_long_is_said_to_be_cut(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.tui.controllers.playlists.LONGEST", 2)
    async with stage.on_screen() as pilot:
        await press(pilot, "o")
        stage.app.screen.query_one(TextArea).text = "Salt\nSlow Comet\nGlass Garden\n"
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: bool(stage.toasts))
        assert stage.toasts == ["2 of 2 tracks found; only the first 2 of 3 are used"]


async def test_another_recording_at_deezer_is_heard(small_library: Library) -> None:
    with FakeDeezer(quota=10_000) as deezer:
        deezer.add(77, "Salt (Live)", "Oda")
        transport = Transport(loopback=True, bucket=TokenBucket(tokens=10_000, reserve=0))
        client = DeezerClient(deezer.base_url, transport, learn=title_overlay().learn)
        stage = make_stage(small_library, titles=DeezerTitles(client=client))
        source = OwnFilesFirst(file_index(), DeezerPreviews(client), chosen=stage.state.recording)
        salt = small_library.catalogue.info(stage.row("Salt"))

        def heard() -> Preview:
            found = source.fetch(salt)
            assert isinstance(found, Preview)
            assert found.track == salt
            return found

        assert heard().link == f"https://www.deezer.com/track/{salt.track_id.removeprefix('track_')}"
        async with stage.on_screen() as pilot:
            await press(pilot, "/", *"salt", "enter", "E")
            assert isinstance(stage.app.screen, LineScreen)
            assert stage.app.screen.query_one(Input).value == "Oda Salt"
            await press(pilot, "enter")
            at = next(at for at, each in enumerate(listed(stage)) if each.startswith("Salt (Live) — Oda"))
            await press(pilot, *"j" * at, "enter")
            await until(pilot, lambda: stage.playing == stage.row("Salt"))
            assert heard().link == "https://www.deezer.com/track/77"
            assert heard().note == "the recording that you have chosen"
            await press(pilot, "u")
            assert heard().note == ""
