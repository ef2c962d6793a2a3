"""The window on the map: what is in sight, and where."""

import numpy as np
import pytest

from segue.core.tracks import TrackInfo
from segue.tui.model.places import RegionPlace
from segue.tui.panes.map.frame import (
    Window,
    candidates,
    divide,
    draw,
    hue_of_cells,
    landmarks,
    leading_rows,
    named,
)
from segue.tui.panes.map.view import MapView
from tests.tui.map.test_view import open_map
from tests.tui.screen import text_of
from tests.tui.support import Stage, press, settle

RNG = np.random.default_rng(0)
PLACES = np.clip(RNG.normal(0, 0.4, (3000, 2)), -1, 1).astype(np.float32)


@pytest.mark.parametrize("window", [Window(), Window(0.2, -0.3, 4.0), Window(-0.9, 0.9, 30.0)])
def test_every_track_lies_in_the_cell_that_its_place_says(window: Window) -> None:
    frame = draw(PLACES, window, 60, 20)
    for row in range(0, len(PLACES), 7):
        across, down = frame.dot(*(float(value) for value in PLACES[row]))
        inside = 0 <= across < 120 and 0 <= down < 80
        wanted = (int(across // 2), int(down // 4)) if inside else None
        # single precision may put a track that lies on the line between two cells into the other one
        if inside and min(across % 2, 2 - across % 2, down % 4, 4 - down % 4) < 1e-3:
            continue
        assert frame.cell(row) == wanted


def test_the_whole_map_is_in_sight_at_first() -> None:
    assert draw(PLACES, Window(), 60, 20).in_sight == len(PLACES)


def test_the_picture_holds_a_dot_where_tracks_are_and_none_elsewhere() -> None:
    frame = draw(PLACES, Window(0.1, 0.1, 3.0), 60, 20)
    filled = np.zeros((20, 60), bool)
    for code in frame.cells[frame.cells >= 0]:
        filled[code // 60, code % 60] = True
    assert ((frame.patterns > 0) == filled).all()


def test_zooming_keeps_a_place_where_it_is() -> None:
    window, place = Window(0.1, -0.2, 2.0), (0.3, 0.1)
    before = draw(PLACES, window, 60, 20).dot(*place)
    after = draw(PLACES, window.zoomed(1.5, *place), 60, 20).dot(*place)
    assert after == pytest.approx(before, abs=1e-6)


def test_the_window_never_loses_the_map() -> None:
    window = Window()
    for _ in range(9):
        window = window.zoomed(1.5, 0.9, 0.9)
    for _ in range(60):
        window = window.moved(0.5, 0.5)
    assert (window.x, window.y) == (1.0, 1.0)
    while window.zoom > 1:
        window = window.zoomed(0.5, 0.9, 0.9)
    assert window == Window(), "all the way out is the whole map"
    assert window.zoomed(1e9, 0, 0).zoom < 1e4


def test_a_cell_stands_for_its_most_played_track_or_the_nearest() -> None:
    places = np.array([[0, 0], [0, 0], [0.5, 0]], np.float32)
    frame = draw(places, Window(), 60, 20)
    column, line = frame.cell(1) or (0, 0)
    assert frame.tracks_in(column, line).tolist() == [0, 1]
    assert frame.nearest(column, line) == 0
    assert frame.nearest(column + 2, line) == 0, "a near miss still points at it"
    assert frame.nearest(0, 0) is None
    assert draw(places, Window(0.9, 0.9, 20.0), 60, 20).nearest(30, 10) is None, "nothing is in sight"


@pytest.mark.parametrize("zoom", [1.0, 3.0, 12.0])
def test_names_cover_neither_each_other_nor_the_edge(zoom: float) -> None:
    frame = draw(PLACES, Window(zoom=zoom), 100, 30)
    rows = candidates(frame)
    assert rows == sorted(rows), "the most played come first"
    titles = ["Paper Boats", "夜の電車", "A Very Long Title That Goes On and On Until Nowhere", "Salt", ""]
    infos = [(row, TrackInfo(f"track_{row}", f"{titles[row % 5]} {row}", f"Artist {row}")) for row in rows]
    found = landmarks(frame, infos, at_most=20)
    assert 5 < len(found) <= 20
    cells = [cell for one in found for cell in one.cells]
    assert len(cells) == len(set(cells))
    assert all(0 <= column < 100 for column, _ in cells)
    assert all(frame.cell(one.row) == (one.column, one.line) for one in found)
    assert len({one.key for one in found}) == len(found)
    assert all(("Artist" in one.name) == (zoom < 6) for one in found if one.row % 5 != 4)


def test_an_artist_is_named_once() -> None:
    frame = draw(PLACES, Window(), 100, 30)
    infos = [(row, TrackInfo(f"track_{row}", "Song", "The Lanterns")) for row in candidates(frame)]
    assert [one.name for one in landmarks(frame, infos, at_most=20)] == ["The Lanterns"]


def test_clouds_apart_are_regions_each_and_always_the_same() -> None:
    rng = np.random.default_rng(0)
    middles = np.array([[-0.8, -0.8], [0.0, 0.8], [0.8, -0.5]], np.float32)
    cloud = rng.integers(3, size=900)
    positions = (middles[cloud] + rng.normal(0, 0.03, (900, 2))).astype(np.float32)
    parts = divide(positions, most=3)
    assert np.array_equal(parts, cloud), "numbered from the left to the right"
    assert np.array_equal(parts, divide(positions, most=3))
    assert set(divide(np.zeros((5, 2), np.float32))) == {0}


def test_a_region_is_named_by_its_commonest_genre_or_else_artist_and_no_two_alike() -> None:
    parts = np.array([0, 1, 0, 1, 2, 2], np.uint8)
    rows = leading_rows(parts)
    assert rows == [(0, 2), (1, 3), (4, 5)]
    infos = [
        [TrackInfo("a", genre="folk", artist="A"), TrackInfo("b", genre="folk", artist="B")],
        [TrackInfo("c", genre="folk", artist="C"), TrackInfo("d", genre="rock", artist="D")],
        [TrackInfo("e", artist="E"), TrackInfo("f", artist="E")],
    ]
    assert [region.name for region in named(parts, rows, infos)] == ["folk", "rock", "E"]


def test_a_cell_has_the_hue_of_most_of_its_tracks() -> None:
    parts, cells = np.array([0, 1, 1, 0], np.uint8), np.array([2, 2, 2, -1], np.int32)
    assert hue_of_cells(parts, cells, 4).tolist() == [-1, -1, 1, -1]


async def test_a_region_has_its_name_on_the_map_and_can_be_entered(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 40)) as pilot:
        canvas = await open_map(pilot, stage)
        await settle(pilot)
        assert canvas.regions
        shown = text_of(stage)
        assert any(f" {region.name} " in shown for region in canvas.regions)
        region = canvas.region_here
        assert region is not None
        await press(pilot, "e")
        assert stage.app.walk.here == RegionPlace(region.rows, name=region.name)
        assert stage.app.controllers.views.shown == "explore"
        assert list(stage.tracks.listing.rows) == list(region.rows)
        assert canvas.row in region.rows or stage.view(MapView).canvas is canvas
