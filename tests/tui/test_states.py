"""What stands there when something is missing: every state says what to do."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.core.cli import main as command_line
from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.state import State
from segue.tui.__main__ import main
from segue.tui.child import Child
from segue.tui.model.places import TrackPlace
from segue.tui.model.settings import Settings
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, opened, press, settle, until, write_small_library


async def test_nothing_found_says_how_to_find(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "/", *"qqqqzzzz")
        assert "No match for 'qqqqzzzz'" in text_of(stage)
        await press(pilot, "down", "enter", "r", "escape")
        assert not stage.radio.on


async def test_a_track_without_metadata_shows_its_id_and_how_to_get_titles(stage: Stage) -> None:
    async with stage.on_screen((120, 30)) as pilot:
        bare = stage.library.catalogue.rows_of_ids(["track_3000"])[0]
        stage.app.controllers.walks.go(TrackPlace((bare,)))
        await settle(pilot)
        assert "Close to track_3000" in text_of(stage)
        await press(pilot, "h")
        stage.tracks.cursor = bare
        await settle(pilot)
        assert "no metadata; add it with segue train" in " ".join(text_of(stage).split())


async def test_a_missing_preview_is_reported_and_the_app_goes_on(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        stage.previews.missing[stage.app.tracks.info(0).track_id] = "Deezer has no preview of it"
        await press(pilot, "space")
        await until(pilot, lambda: bool(stage.toasts))
        assert "can't be heard: Deezer has no preview of it" in stage.toasts[-1]
        await until(pilot, lambda: stage.playing == 1)


async def test_the_players_line_keeps_the_reason_while_nothing_plays(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        stage.previews.missing |= {info.track_id: "no preview" for info in stage.app.tracks.infos(range(60))}
        stage.tracks.cursor = len(stage.library) - 1
        await press(pilot, "space")
        await until(pilot, lambda: bool(stage.toasts) and not stage.radio.on)
        assert stage.app.playing is None
        assert "can't be heard: no preview" in text_of(stage)


async def test_the_radio_skips_a_track_without_preview_and_says_so(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        stage.previews.missing[stage.app.tracks.info(0).track_id] = "no preview"
        await press(pilot, "r")
        await until(pilot, lambda: stage.app.playing is not None)
        assert stage.app.playing is not None
        assert stage.app.playing.row != 0
        assert any("no preview" in remark for remark in stage.radio.remarks)


async def test_offline_is_said_and_everything_else_works(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        stage.previews.outage = True
        await press(pilot, "space")
        await until(pilot, lambda: bool(stage.toasts))
        assert "out of reach" in stage.toasts[-1]
        await press(pilot, "enter", "r")
        await until(
            pilot, lambda: stage.radio.on and any("out of reach" in remark for remark in stage.radio.remarks)
        )
        assert len(stage.radio.upcoming) == 5, "the plan is there all the same"


async def test_audition_offline_does_not_shower_toasts(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        stage.previews.outage = True
        await press(pilot, "A")
        printed = len(stage.toasts)
        for key in "jjj":
            await press(pilot, key)
            await until(pilot, lambda: bool(stage.app.unheard))
        assert len(stage.toasts) == printed


async def test_a_silent_player_is_said_on_its_line(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "space")
        await until(pilot, lambda: stage.app.audio_trouble == "silent")
        await until(pilot, lambda: stage.app.playing is not None)
        assert "silent" in text_of(stage)


async def test_a_failing_job_is_a_toast_and_no_crash(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise SegueError("catalogue.sqlite: is damaged; train the library again")

    async with stage.on_screen() as pilot:
        monkeypatch.setattr("segue.tui.panes.explore.view.search", broken)
        await press(pilot, "/", "a")
        assert any("The search failed: catalogue.sqlite: is damaged" in toast for toast in stage.toasts)
        await press(pilot, "escape", "j")
        assert stage.tracks.cursor == 1


async def test_a_state_that_cannot_be_written_is_a_toast(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async with stage.on_screen() as pilot:
        monkeypatch.setattr(stage.state, "love", full)
        await press(pilot, "f")
        assert any("disk is full" in toast for toast in stage.toasts)
        assert stage.app.taste.loved == ()


async def test_dials_that_leave_nothing_say_which_to_turn(stage: Stage) -> None:
    async with stage.on_screen((120, 30)) as pilot:
        for info in stage.app.tracks.infos(range(len(stage.library))):
            stage.state.record(info.track_id, source="test")
        stage.app.controllers.tastes.refresh()
        await press(pilot, "enter", "U")
        assert len(stage.app.listing.rows) == 1, "the track itself"
        assert "U lifts unheard" in text_of(stage)
        await press(pilot, "u")
        assert len(stage.app.listing.rows) > 1


async def test_a_blend_of_minus_alone_says_what_is_wanting(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "-", "B")
        assert "a track to be like" in stage.app.listing.empty
        assert "A blend needs a track to be like" in text_of(stage)


@pytest.mark.parametrize(
    ("keys", "printed"),
    [
        ("B", "The basket is empty"), ("'", "No place is marked"), ("S", "No station is saved"),
        ("n", "r starts a radio"), ("u", "Nothing to undo"), ("ctrl+r", "Nothing to redo"),
        ("h", "where the walk began"), ("L", "Nothing ahead"), ("R", "R draws another path"),
        ("P", "Nothing plays"), ("p", "A path needs two ends"), ("?", "open a track"),
        ("{ { {", "end of the range"), ("<", "end of the range"),
        ("+ + + +", "Maximum weight is 3"), ("g p", "Nothing plays"),
    ],
)  # fmt: skip
async def test_a_command_that_can_do_nothing_says_why(keys: str, printed: str, stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, *keys.split())
        assert any(printed in toast for toast in stage.toasts), stage.toasts


async def test_commands_on_a_track_need_one(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await stage.app.run_action("app.do('walk.loves')")
        await settle(pilot)
        assert "No loved tracks yet" in text_of(stage)
        for key in ("r", "space", "f", "x", "X", "m", "p", "+", "-", "a", "b", "y", "?"):
            await press(pilot, key)
        assert all("No track is under the cursor" in toast for toast in stage.toasts)


def test_a_broken_library_is_one_line_and_no_screen(
    folder_of_library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder_of_library / "vectors.npy").write_bytes(b"\x93NUMPY broken")
    assert main(["--library", str(folder_of_library)]) == 1
    reported = capsys.readouterr().err
    assert reported.startswith("segue: ")
    assert "vectors.npy" in reported
    assert reported.count("\n") == 1


def test_a_library_that_is_not_there_says_how_to_make_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--library", "no/such/library"]) == 1
    assert "segue train" in capsys.readouterr().err


def test_vectors_that_are_not_finite_are_refused_when_they_are_asked(folder_of_library: Path) -> None:
    vectors = np.load(folder_of_library / "vectors.npy")
    vectors[0, 0] = np.nan
    np.save(folder_of_library / "vectors.npy", vectors)
    library = Library.open(folder_of_library)
    with pytest.raises(SegueError, match="length is not 1"):
        library.index()


async def test_a_session_of_nonsense_is_no_reason_not_to_open(small_library: Library) -> None:
    state = State.in_memory()
    saved: list[Any] = [{"version": 1}, {"version": 99}, [], "x", {"version": 1, "walk": {"hops": [{}]}}]
    for nonsense in saved:
        state.save_session(nonsense, name=f"tui {small_library.name} {len(small_library)}")
        async with opened(small_library, state=state, greeted=False) as (stage, _):
            assert len(stage.app.listing.rows) == len(small_library)
        stage.app.session._saved = None


async def test_settings_shape_the_app(small_library: Library) -> None:
    stage = make_stage(
        small_library, settings=Settings(theme="segue-light", glyphs="ascii", neighbours=7, ranker="nearest")
    )
    async with stage.on_screen() as pilot:
        await press(pilot, "enter")
        assert len(stage.app.listing.rows) == 1 + 7
        assert stage.app.theme == "segue-light"
        assert stage.app.dials.ranker == "nearest"
        known = stage.app.tracks.infos(range(len(stage.library)))
        titles = set("".join(info.title + info.artist + info.album for info in known))
        assert all(letter.isascii() or letter in titles | set("—") for letter in text_of(stage))


async def test_vectors_without_playlists_are_explored_and_no_plays_are_invented(tmp_path: Path) -> None:
    full = write_small_library(tmp_path / "small")
    np.savez(tmp_path / "v.npz", vectors=full.vectors, ids=list(full.track_ids))
    assert command_line(["import-vectors", str(tmp_path / "v.npz"), "--name", str(tmp_path / "bare")]) == 0
    async with opened(Library.open(tmp_path / "bare"), size=(120, 30)) as (stage, pilot):
        assert "most played" not in text_of(stage)
        await press(pilot, "enter")
        assert "Close to track_" in text_of(stage)
        assert "ordered by similarity alone" in text_of(stage)
        assert not re.search(r"\d plays", text_of(stage))
        assert "segue evaluate" not in text_of(stage)
        await press(pilot, "F")
        assert "Plays are unknown in this library" in stage.toasts[-1]
        assert stage.app.dials.familiarity == "any"
        await press(pilot, "K")
        assert "orders lists by similarity only" in stage.toasts[-1]
        assert stage.app.dials.ranker == "nearest"


async def test_without_a_place_for_its_state_the_explorer_opens_and_says_so(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    async with opened(small_library, state=State.open_anyway()) as (stage, pilot):
        assert stage.toasts[0] == (
            "Loves, bans and your place can't be saved: set XDG_STATE_HOME to a folder you own"
        )
        await press(pilot, "f")
        assert stage.app.taste.loved == (0,)
        child = Child(("locate", "--json"), "locate")
        child.start()
        assert [event for event in child.events() if event["event"] == "remark"] == []
        assert child.code == 0
