"""The map under the fingers: each command once, and what stands there where there is no map."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import structs
from textual.pilot import Pilot
from textual.widgets import Static

from segue.core.library import Library
from segue.tui.availability import offered
from segue.tui.model.places import TrackPlace
from segue.tui.model.settings import Settings
from segue.tui.panes.map.canvas import MapCanvas
from segue.tui.panes.map.frame import Window
from segue.tui.panes.map.picture import NAMES
from segue.tui.panes.map.view import MapView, NoMap
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, opened, press, settle, until

SIZE = (100, 30)
Seen = Callable[[Any], object]


def canvas_of(stage: Stage) -> MapCanvas:
    canvas = stage.view(MapView).canvas
    assert canvas is not None
    return canvas


async def rested(pilot: Pilot[Any], stage: Stage) -> None:
    """Wait until what is near the crosshair has been looked up."""
    await until(pilot, lambda: stage.view(MapView).near_of == canvas_of(stage).row)


# command: keys before it, and what is seen after it; `was` is how the map stood before the command's own key
SEEN: dict[str, tuple[tuple[str, ...], Seen]] = {
    "map.left": ((), lambda m: m.canvas.cross == (m.was.cross[0] - 1, m.was.cross[1])),
    "map.right": ((), lambda m: m.canvas.cross == (m.was.cross[0] + 1, m.was.cross[1])),
    "map.up": ((), lambda m: m.canvas.cross == (m.was.cross[0], m.was.cross[1] - 1)),
    "map.down": ((), lambda m: m.canvas.cross == (m.was.cross[0], m.was.cross[1] + 1)),
    "map.far_left": (("+", "+", "+"), lambda m: m.canvas.window.x < m.was.window.x),
    "map.far_right": (("+", "+", "+"), lambda m: m.canvas.window.x > m.was.window.x),
    "map.far_up": (("+", "+", "+"), lambda m: m.canvas.window.y > m.was.window.y),
    "map.far_down": (("+", "+", "+"), lambda m: m.canvas.window.y < m.was.window.y),
    "map.zoom_in": ((), lambda m: m.canvas.window.zoom == 1.5 and m.canvas.row == m.was.row),
    "map.zoom_out": (("+", "+"), lambda m: m.canvas.window.zoom == 1.5 and m.canvas.row == m.was.row),
    "map.whole": (("+", "+", "+"), lambda m: m.canvas.window.zoom == 1 and m.canvas.frame.in_sight == 60),
    "map.jump": ((), lambda m: m.canvas.keyed and m.stage.app.screen.id == "key-screen"),
    "map.recentre": ((), lambda m: m.stage.app.walk.here.seed == m.was.row == m.canvas.marks.here),
    "map.home": (
        ("enter", "h", "h", "h", "h"),
        lambda m: m.canvas.row == m.stage.app.walk.here.seed != m.was.row,
    ),
    "map.layer_here": ((), lambda m: "(here)" in text_of(m.stage)),
    "map.layer_near": ((), lambda m: "(near)" in text_of(m.stage)),
    "map.layer_path": ((), lambda m: "(path)" in text_of(m.stage)),
    "map.layer_heard": ((), lambda m: "(heard)" in text_of(m.stage)),
    "map.layer_regions": ((), lambda m: "(regions)" in text_of(m.stage)),
    "map.layer_names": ((), lambda m: "◦ " not in text_of(m.stage)),
    "map.region": ((), lambda m: m.stage.app.walk.here.kind == "region"),
}


@dataclass(frozen=True)
class Was:
    """How the map stood."""

    cross: tuple[int, int]
    window: Window
    row: int | None


@dataclass(frozen=True)
class Moment:
    """The map after a command, and how it stood before."""

    stage: Stage
    canvas: MapCanvas
    was: Was


async def open_map(pilot: Pilot[Any], stage: Stage) -> MapCanvas:
    await settle(pilot)
    await press(pilot, "M")
    await until(pilot, lambda: stage.app.controllers.views.shown == "map")
    await until(pilot, lambda: canvas_of(stage).frame is not None)
    return canvas_of(stage)


def test_every_command_is_done_here() -> None:
    assert {command.id for command in MapCanvas.OWN_COMMANDS} == set(SEEN)
    assert [command.id for command in NoMap.OWN_COMMANDS] == ["map.lay_out"]


async def test_each_command(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        canvas = await open_map(pilot, stage)
        middle = int(np.abs(canvas.positions - (-0.7, 0.7)).sum(axis=1).argmin())
        for command in MapCanvas.OWN_COMMANDS:
            for key in command.keys.split(",") if command.id in SEEN else ():
                before, seen = SEEN[command.id]
                canvas.window, canvas.marks = Window(), structs.replace(canvas.marks, shown=frozenset(NAMES))
                canvas.point_at(middle)
                canvas._point(
                    canvas.cross[0], canvas.cross[1] + 3, middle
                )  # off the tracks, so there is room
                await press(pilot, *before)
                was = Was(canvas.cross, canvas.window, canvas.row)
                await press(pilot, key)
                assert seen(Moment(stage, canvas, was)), (command.id, key, was, canvas.cross, canvas.window)
                if stage.app.screen.id == "key-screen":
                    await press(pilot, "escape")


async def test_a_letter_goes_to_its_name(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        canvas = await open_map(pilot, stage)
        await press(pilot, "g")
        wanted = canvas.landmarks[1]
        await press(pilot, wanted.key)
        assert canvas.row == wanted.row
        assert canvas.cross == (wanted.column, wanted.line)
        assert not canvas.keyed
        await press(pilot, "g", "%")
        assert "No name has the letter" in stage.toasts[-1]
        await press(pilot, "g", "escape")
        assert not canvas.keyed
        assert canvas.row == wanted.row


async def test_the_true_nearest_neighbours_are_listed_and_marked_once_the_crosshair_rests(
    stage: Stage,
) -> None:
    async with stage.app.run_test(size=(120, 40)) as pilot:
        canvas, view = await open_map(pilot, stage), stage.view(MapView)
        await press(pilot, "h", "h")
        await rested(pilot, stage)
        assert canvas.row is not None
        listed = view.near.listing
        assert listed.rows[:5] == TrackPlace((canvas.row,)).list(stage.app.listing_request()).rows[1:6]
        assert canvas.marks.near[:9] == tuple(listed.rows[:9])
        assert "Its true neighbours" in text_of(stage)


async def test_enter_in_the_list_goes_there_and_the_map_follows(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        await open_map(pilot, stage)
        await rested(pilot, stage)
        await press(pilot, "tab", "j", "enter")
        row = stage.app.walk.here.seed
        assert row not in (None, 0)
        assert canvas_of(stage).row == row
        assert canvas_of(stage).marks.here == row
        await press(pilot, "backspace")
        assert stage.app.walk.here.kind == "browse", "the walk goes on from the map"


async def test_a_path_is_drawn_with_letters_and_what_was_heard_with_notes(small_library: Library) -> None:
    stage = make_stage(small_library)
    for row in (5, 6):
        stage.state.record(small_library.track_ids[row], source="test", seconds=20, outcome="played")
    async with stage.on_screen((120, 40)) as pilot:
        await press(pilot, "enter", "G", "p")
        canvas = await open_map(pilot, stage)
        assert canvas.marks.path == tuple(stage.app.listing.rows)
        assert canvas.marks.heard == (5, 6)
        shown = text_of(stage)
        assert all(letter in shown for letter in "ABC")
        await press(pilot, "3", "4", "2")
        assert "(path)" in text_of(stage)


async def test_space_plays_the_track_under_the_crosshair(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        await open_map(pilot, stage)
        await press(pilot, "g", "c", "space")
        row = canvas_of(stage).row
        await until(pilot, lambda: stage.app.playing is not None)
        assert stage.app.playing is not None
        assert stage.app.playing.row == row != 0


async def test_the_mouse_points_goes_in_and_zooms(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        canvas = await open_map(pilot, stage)
        assert canvas.frame is not None
        column, line = canvas.frame.cell(30) or (0, 0)
        await pilot.click(MapCanvas, offset=(column, line))
        assert canvas.cross == (column, line)
        pointed = canvas.row
        assert pointed is not None
        await pilot.click(MapCanvas, offset=(column, line), times=2)
        await settle(pilot)
        assert stage.app.walk.here == TrackPlace((pointed,))
        await pilot.click("Legend", offset=(4, 0))
        await settle(pilot)
        assert "here" not in canvas.marks.shown
        await pilot._post_mouse_events([_scroll("up")], MapCanvas, offset=(column, line))
        assert canvas.window.zoom == 1.5
        await pilot._post_mouse_events([_scroll("down")], MapCanvas, offset=(column, line))
        assert canvas.window.zoom == 1


def _scroll(way: str) -> type:
    from textual import events

    return events.MouseScrollUp if way == "up" else events.MouseScrollDown


async def test_the_crosshair_pulls_the_map_at_the_edge_and_stops_at_its_end(stage: Stage) -> None:
    async with stage.app.run_test(size=SIZE) as pilot:
        canvas = await open_map(pilot, stage)
        await press(pilot, "+", "+", "+")
        for _ in range(150):
            await pilot.press("l")
        await settle(pilot)
        assert canvas.window.x == 1.0
        assert canvas.frame is not None
        assert canvas.cross[0] == canvas.frame.width - 1
        before = canvas.window
        await press(pilot, "l")
        assert canvas.window == before


async def test_the_crosshair_stays_on_its_track_when_the_size_changes(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await open_map(pilot, stage)
        await press(pilot, "g", "b")
        row = canvas_of(stage).row
        for size in ((200, 50), (50, 12), (20, 8), (120, 40)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
        assert canvas_of(stage).row == row


async def test_a_library_without_a_map_lays_one_out(folder_of_library: Path) -> None:
    (folder_of_library / "positions.npy").unlink()
    async with opened(Library.open(folder_of_library), size=(90, 24)) as (stage, pilot):
        await press(pilot, "M")
        shown = text_of(stage)
        assert "This library has no map yet" in shown
        assert "segue train FILE" in shown
        assert next(command.id for command in offered(stage.app)) == "map.lay_out"
        assert not any(command.id == "map.zoom_in" for command in offered(stage.app))
        await press(pilot, "+", "o")
        canvas = canvas_of(stage)
        assert canvas.frame is not None
        assert canvas.frame.in_sight == 60
        assert stage.app.focused is canvas
        assert not any(command.id == "map.lay_out" for command in offered(stage.app))


async def test_no_track_near_the_crosshair_is_said(folder_of_library: Path) -> None:
    places = np.full((60, 2), 0.9, np.float32)
    np.save(folder_of_library / "positions.npy", places)
    async with opened(Library.open(folder_of_library), size=SIZE) as (stage, pilot):
        await open_map(pilot, stage)
        assert "and 59 more in this cell" in text_of(stage)
        await pilot.click(MapCanvas, offset=(3, 15))
        await rested(pilot, stage)
        assert canvas_of(stage).row is None
        await until(pilot, lambda: "no track near the crosshair" in text_of(stage))
        head = stage.view(MapView).query_one("#map-near-head", Static)
        await until(pilot, lambda: str(head.content) == "Nothing here")
        await press(pilot, "enter", "space", "+", "c", "g", "b")
        await until(pilot, lambda: "No current track" in " ".join(stage.toasts))


async def test_ascii_has_no_braille(small_library: Library) -> None:
    async with opened(small_library, settings=Settings(glyphs="ascii"), size=(120, 40)) as (stage, pilot):
        await press(pilot, "enter")
        await open_map(pilot, stage)
        await rested(pilot, stage)
        lines = stage.app.screen._compositor.render_strips()
        canvas = canvas_of(stage)
        drawn = [line.crop(0, canvas.size.width).text for line in lines[2 : 2 + canvas.size.height]]
        own = [text for text in drawn if not any(one.name in text for one in canvas.landmarks)]
        assert all(text.isascii() for text in own)
        assert "1-9 o near" in text_of(stage)


async def test_from_a_list_without_a_centre_the_crosshair_begins_on_its_cursor(stage: Stage) -> None:
    async with stage.on_screen((120, 40)) as pilot:
        await press(pilot, "j", "j", "j")
        assert (await open_map(pilot, stage)).row == 3
        await press(pilot, "f2", "j")
        assert (await open_map(pilot, stage)).row == 4


async def test_the_list_beside_a_narrow_map_names_the_artists(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await open_map(pilot, stage)
        await rested(pilot, stage)
        near = stage.view(MapView).near
        assert near.info(0).artist[:4] in near.render_line(0).text
