"""Two libraries under the fingers, and what stands there when there is only one."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from segue.core.corpus import Vocabulary
from segue.core.explore.neighbours import neighbourhood
from segue.core.library import Library, Manifest, write_library
from segue.tui.model.places import TrackPlace
from segue.tui.model.settings import read_settings
from segue.tui.panes.compare.view import CompareView
from segue.tui.screens.ask import ChoiceScreen
from tests.tui.compare.conftest import only
from tests.tui.screen import text_of
from tests.tui.support import Stage, opened, press, settle, type_job, until, write_small_library

SIZE = (120, 40)
DONE = {
    "compare.choose", "compare.next_difference", "compare.previous_difference", "compare.measure",
    "compare.open",
}  # fmt: skip


async def open_compare(pilot: Pilot[Any], stage: Stage) -> CompareView:
    await settle(pilot)
    await press(pilot, "C")
    await until(pilot, lambda: stage.view(CompareView).is_mounted and len(stage.view(CompareView).lines) > 0)
    return stage.view(CompareView)


def test_every_command_is_done_here() -> None:
    assert {command.id for command in CompareView.OWN_COMMANDS} == DONE


async def test_the_lists_are_those_of_both_libraries(stage: Stage, both: Path) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        view = await open_compare(pilot, stage)
        other = Library.open(both / "two")
        left, right = (
            neighbourhood(library, 0, 30, ranker="like").rows for library in (stage.library, other)
        )
        lines = view.lines.items
        assert [line.left.place for line in lines if line.left] == list(range(len(left)))
        assert [line.right.place for line in lines if line.right] == list(range(len(right)))
        for line in lines:
            rows = line.left and left[line.left.place].row, line.right and right[line.right.place].row
            assert line.same == (rows[0] == rows[1]), "both number their tracks alike here"
        shared = len({one.row for one in left} & {one.row for one in right})
        shown = text_of(stage)
        assert f"{shared} of 30 in both, near {stage.app.tracks.info(0).label}" in shown
        assert " = " in shown
        assert "Trained on the same playlists" in shown or "different playlists" in shown
        assert "A  " in shown
        assert "other, by like" in shown


async def test_tracks_of_other_ids_are_one_by_title_and_artist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone = write_small_library(tmp_path / "everyone")
    infos = everyone.catalogue.infos(range(len(everyone)))
    mine = [replace(info, track_id=f"spotify:track:{row:022d}") for row, info in enumerate(infos)]
    write_library(
        tmp_path / "me",
        vectors=everyone.vectors,
        vocabulary=Vocabulary(
            [info.track_id for info in mine], everyone.counts, [info.artist_id for info in mine]
        ),
        tracks={info.track_id: info for info in mine},
        manifest=Manifest("me", "2026-01-02T03:04:05Z"),
    )
    only(tmp_path, monkeypatch)
    async with opened(everyone, size=SIZE) as (stage, pilot):
        view = await open_compare(pilot, stage)
        found = view._found  # what is listed
        assert found is not None
        titled = [{one.row for one in side if infos[one.row].title} for side in (found.left, found.right)]
        assert found.shared == len(titled[0] & titled[1]) > 30
        for at, line in enumerate(view.lines.items):
            if line.right and not line.left:
                view.lines.cursor = at
                row = found.right[line.right.place].row
                assert view.current_row() == (row if row in titled[1] else None)


async def test_differences_are_walked_and_measured(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        view = await open_compare(pilot, stage)
        differing = [place for place, line in enumerate(view.lines.items) if not line.same]
        assert differing, "the vectors differ"
        view.lines.cursor = 0
        seen = [place for place in differing if place > 0]
        await press(pilot, "n")
        assert view.lines.cursor == seen[0]
        await press(pilot, "n", "N")
        assert view.lines.cursor == seen[0]
        await press(pilot, *"n" * len(seen))
        assert view.lines.cursor == seen[-1]
        assert "No more differences below. N goes back up." in stage.toasts
        await press(pilot, "d")
        await until(pilot, lambda: "hit@10 of A minus B" in text_of(stage))


async def test_enter_compares_from_there_and_back_goes_back(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        view = await open_compare(pilot, stage)
        await press(pilot, "j", "enter")
        row = stage.app.walk.here.seed
        assert row not in (None, 0)
        label = stage.app.tracks.info(row or 0).label
        await until(pilot, lambda: f"near {label}" in text_of(stage))
        assert stage.app.controllers.views.shown == "compare"
        assert len(view.lines) > 0
        await press(pilot, "K")
        await until(pilot, lambda: "by next" in text_of(stage))


async def test_a_track_that_this_library_lacks_is_reported(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        view = await open_compare(pilot, stage)
        alone = next((place for place, line in enumerate(view.lines.items) if line.left is None), None)
        if alone is not None:
            view.lines.cursor = alone
            await settle(pilot)
            assert view.current_row() is not None, "the other library's track is known here under its id"
        await press(pilot, "o")
        assert stage.app.return_value is not None
        assert stage.app.return_value.name == "two"


async def test_the_other_library_is_chosen(
    both: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        shutil.copytree(both / name, tmp_path / name)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "library.json").write_text("{", encoding="utf-8")
    few = write_small_library(tmp_path / "few")
    only(tmp_path, monkeypatch)
    async with opened(Library.open(tmp_path / "one"), size=SIZE) as (stage, pilot):
        await press(pilot, "f7")
        view = stage.view(CompareView)
        await until(pilot, lambda: bool(view.lines.empty) or len(view.lines) > 0)
        await press(pilot, "c")
        assert isinstance(stage.app.screen, ChoiceScreen)
        await press(pilot, "enter")
        await until(pilot, lambda: "c chooses another library" in " ".join(text_of(stage).split()))
        await press(pilot, "c", "down", "enter")
        await until(pilot, lambda: "not scored: segue evaluate" in text_of(stage))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "segue evaluate scores it" in text_of(stage))
        assert view._other is not None
        assert view._other.path == few.path


async def test_alone_it_says_how_to_make_another(
    folder_of_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(folder_of_library.parent, monkeypatch)
    async with opened(Library.open(folder_of_library), size=(80, 24)) as (stage, pilot):
        await press(pilot, "C")
        await until(pilot, lambda: "No other library to compare with. F6 trains one." in text_of(stage))
        await press(pilot, "c", "n", "d", "enter")
        assert "No other library to compare with. F6 trains one." in stage.toasts


def words_of(stage: Stage) -> str:
    """What is shown, without line ends."""
    return " ".join(text_of(stage).split())


async def test_a_track_that_the_other_library_lacks_is_reported(
    both: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_library: Library
) -> None:
    shutil.copytree(both / "one", tmp_path / "one")
    shutil.copytree(tiny_library.path, tmp_path / "tiny")
    only(tmp_path, monkeypatch)
    async with opened(Library.open(tmp_path / "one"), size=SIZE) as (stage, pilot):
        stage.app.controllers.walks.go(TrackPlace((3,)))
        await settle(pilot)
        await press(pilot, "C")
        await until(pilot, lambda: "tiny does not have this track" in words_of(stage))
        assert "Search another track: /." in words_of(stage)


async def test_measuring_comparing_and_changing_take_no_more_keys_than_they_did(
    stage: Stage, both: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    async with stage.on_screen((120, 36)) as pilot:
        await type_job(pilot, 5, "f4", "enter", "enter", "j", "enter")  # down to one held-out playlist
        assert "What was played" in text_of(stage)
        await type_job(pilot, 4, "f7", "c", "=two", "enter", "d")  # compare two libraries
        await until(pilot, lambda: "hit@10 of A minus B" in text_of(stage))
        await type_job(pilot, 4, "colon", "=change a key", "enter", "=radio.start", "enter", "f8")
        assert read_settings().keys == {"radio.start": "f8"}
        await type_job(pilot, 3, "colon", "=another library", "enter", "=two", "enter")
        assert stage.app.return_value == both / "two"
