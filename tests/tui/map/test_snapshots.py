"""The map as it is drawn."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.library import Library
from segue.tui.model.settings import Settings
from tests.tui.map.test_view import canvas_of, open_map, rested
from tests.tui.screen import SIZES, SameText, Scene, Snap, same_drawing
from tests.tui.support import Stage, make_stage, press, until, write_small_library


def keys(*before: str, then: tuple[str, ...] = ()) -> Scene:
    """Press keys, open the map, let it rest, and press more."""

    async def scene(pilot: Pilot[Any], stage: Stage) -> None:
        await press(pilot, *before)
        await open_map(pilot, stage)
        await rested(pilot, stage)
        await press(pilot, *then)
        if canvas_of(stage).row is not None and not canvas_of(stage).keyed:
            await rested(pilot, stage)

    return scene


async def test_sizes(same_text: SameText, small_library: Library) -> None:
    await same_text(make_stage(small_library), keys("j", "enter"), *SIZES.values())


SCENES = {
    "path": keys("enter", "G", "p"),
    "names": keys(then=("g",)),
    "close": keys("enter", then=("+", "+", "+", "+", "+")),
}


@pytest.mark.parametrize("name", SCENES)
async def test_states(name: str, same_text: SameText, small_library: Library) -> None:
    await same_text(make_stage(small_library), SCENES[name], (100, 30))


async def test_heard(same_text: SameText, small_library: Library) -> None:
    stage = make_stage(small_library)
    for row in (5, 21, 40):
        stage.state.record(small_library.track_ids[row], source="test", seconds=20, outcome="played")
    await same_text(stage, keys("enter"), (100, 30))


@pytest.mark.usefixtures("same_textual")
def test_drawing(snap_compare: Snap, small_library: Library) -> None:
    assert same_drawing(snap_compare, make_stage(small_library), keys("enter"), (100, 30))


async def test_no_colour_and_ascii(
    same_text: SameText, small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = make_stage(small_library, settings=Settings(glyphs="ascii"))
    await same_text(stage, keys("enter"), SIZES["80x24"])


async def _no_map(pilot: Pilot[Any], stage: Stage) -> None:
    await press(pilot, "M")
    await until(pilot, lambda: stage.app.controllers.views.shown == "map")


async def test_no_map(same_text: SameText, tmp_path: Path) -> None:
    path = write_small_library(tmp_path / "small").path
    (path / "positions.npy").unlink()
    await same_text(make_stage(Library.open(path)), _no_map, SIZES["80x24"])
