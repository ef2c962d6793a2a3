"""The map as it is drawn."""

from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.library import Library
from segue.tui.settings import Settings
from tests.tui.map.test_view import canvas_of, open_map, rested
from tests.tui.screen import SIZES, Scene, Snap, same_drawing
from tests.tui.support import Stage, make_stage, press, until

pytestmark = pytest.mark.usefixtures("same_textual")


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


@pytest.mark.parametrize("size", SIZES)
def test_sizes(size: str, snap_compare: Snap, small_library: Library) -> None:
    assert same_drawing(snap_compare, make_stage(small_library), keys("j", "enter"), SIZES[size])


SCENES = {
    "path": keys("enter", "G", "p"),
    "names": keys(then=("g",)),
    "close": keys("enter", then=("+", "+", "+", "+", "+")),
}


@pytest.mark.parametrize("name", SCENES)
def test_states(name: str, snap_compare: Snap, small_library: Library) -> None:
    assert same_drawing(snap_compare, make_stage(small_library), SCENES[name], (100, 30))


def test_heard(snap_compare: Snap, small_library: Library) -> None:
    stage = make_stage(small_library)
    for row in (5, 21, 40):
        stage.state.record(small_library.track_ids[row], source="test", seconds=20, outcome="played")
    assert same_drawing(snap_compare, stage, keys("enter"), (100, 30))


@pytest.mark.parametrize("theme", ["segue-light", "segue-contrast", "segue-ansi"])
def test_themes(theme: str, snap_compare: Snap, small_library: Library) -> None:
    stage = make_stage(small_library, settings=Settings(theme=theme))
    assert same_drawing(snap_compare, stage, keys("enter"), (100, 30))


def test_no_colour_and_ascii(
    snap_compare: Snap, small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = make_stage(small_library, settings=Settings(glyphs="ascii"))
    assert same_drawing(snap_compare, stage, keys("enter"), SIZES["80x24"])


async def _no_map(pilot: Pilot[Any], stage: Stage) -> None:
    await press(pilot, "M")
    await until(pilot, lambda: stage.app.desk.views.shown == "map")


def test_no_map(snap_compare: Snap, tmp_path: Any) -> None:  # noqa: ANN401 - pytest's path
    from tests.tui.support import write_small_library

    path = write_small_library(tmp_path / "small").path
    (path / "positions.npy").unlink()
    assert same_drawing(snap_compare, make_stage(Library.open(path)), _no_map, SIZES["80x24"])
