"""Regions of the map: which tracks they hold, how they are called, and that one can be entered."""

import numpy as np

from segue.core.tracks import TrackInfo
from segue.tui.model.places import RegionPlace
from segue.tui.panes.map.frame import divide, hue_of_cells, leading_rows, named
from tests.tui.map.test_view import map_of, open_map
from tests.tui.screen import text_of
from tests.tui.support import Stage, press, settle


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
        assert canvas.row in region.rows or map_of(stage).canvas is canvas
