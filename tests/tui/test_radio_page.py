"""The page of what plays: its cover, its starting points, and the place one came from."""

from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from segue.core.deezer.client import DeezerClient
from segue.core.deezer.source import Covers, Pixels, drawn_cover
from segue.core.library import Library
from segue.core.radio.parts import Notice
from segue.core.tracks import TrackInfo
from segue.tui.panes.radio.now import Cover, Remarks
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, press, settle, until


class Drawn(Covers):
    """Draws a cover for any album."""

    def cover(self, track: TrackInfo, address: str, width: int, height: int) -> Pixels | None:  # noqa: ARG002 - as Covers
        return drawn_cover(track.album, width, height)


@pytest.fixture
def stage(small_library: Library) -> Stage:
    stage = make_stage(small_library)
    make = lambda: Drawn(DeezerClient("http://127.0.0.1:9", offline=True))  # noqa: E731 - one line
    stage.app.equipment = replace(stage.app.equipment, make_covers=make)
    return stage


async def plays(pilot: Pilot[Any], stage: Stage) -> None:
    await settle(pilot)
    await press(pilot, "space", "f3")
    await until(pilot, lambda: stage.playing == 0)


@pytest.mark.parametrize(("width", "shown"), [(99, False), (120, True)])
async def test_a_cover_is_shown_where_there_is_room(stage: Stage, width: int, shown: bool) -> None:
    async with stage.app.run_test(size=(width, 36)) as pilot:
        await plays(pilot, stage)
        cover = stage.app.controllers.views.view("radio").query_one(Cover)
        assert cover.display is shown
        if shown:
            assert cover.size.width == 24
            colours = {style.color for y in range(12) for _, style, _ in cover.render_line(y) if style}
            assert len(colours) > 4


async def test_ascii_terminals_have_no_cover(small_library: Library, stage: Stage) -> None:
    plain = make_stage(small_library, settings=replace_glyphs(stage))
    plain.app.equipment = stage.app.equipment
    async with plain.app.run_test(size=(120, 36)) as pilot:
        await plays(pilot, plain)
        assert not plain.app.controllers.views.view("radio").query_one(Cover).display


def replace_glyphs(stage: Stage) -> Any:  # noqa: ANN401 - the settings' own type
    import msgspec

    return msgspec.structs.replace(stage.app.settings, glyphs="ascii")


async def test_silence_offers_where_to_start_and_enter_starts_it(stage: Stage) -> None:
    stage.state.set_crate("Evening", [stage.app.tracks.info(row).track_id for row in (3, 4)])
    async with stage.on_screen() as pilot:
        await press(pilot, "j", "j", "f", "f3")
        shown = text_of(stage)
        for offered in ("Start from", "A surprise", "Your loves", "Evening", "a crate of 2 tracks"):
            assert offered in shown
        await press(pilot, "j", "enter")  # the loves
        await until(pilot, lambda: stage.playing == 2)
        assert "Start from" not in text_of(stage)
        await press(pilot, "\\")
        await until(pilot, lambda: stage.playing is None)
        await press(pilot, "g", "g", "j", "j", "enter")
        await until(pilot, lambda: stage.playing == 3)
        assert "Next from Crate Evening: 1 track" in text_of(stage)


async def test_a_surprise_starts_a_radio(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        await press(pilot, "f3", "enter")
        await until(pilot, lambda: stage.radio.seed is not None and stage.playing == stage.radio.seed)


async def test_200_columns_show_the_place_one_came_from(stage: Stage) -> None:
    async with stage.on_screen((200, 60)) as pilot:
        await press(pilot, "enter", "space", "f3")
        await until(pilot, lambda: stage.playing is not None)
        listed = stage.app.controllers.views.view("radio").query_one("#origin-tracks")
        assert listed.region.width > 50
        assert listed.listing.rows == stage.app.listing.rows  # type: ignore[attr-defined]  # of this kind


async def test_the_volume_is_on_the_page_and_the_bar_names_keys_at_100_columns(stage: Stage) -> None:
    async with stage.app.run_test(size=(100, 30)) as pilot:
        await plays(pilot, stage)
        assert "volume 80%" in text_of(stage)
        await press(pilot, "(")
        assert "volume 70%" in text_of(stage)
        await press(pilot, "f2")
        assert "n next" in text_of(stage).splitlines()[-2]


async def test_a_remark_that_is_made_again_is_listed_once(stage: Stage) -> None:
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await plays(pilot, stage)
        playback = stage.app.controllers.playback
        for text in ("the sound device is gone", "another", "the sound device is gone"):
            playback._on_radio(playback._radio, Notice(text))
        await settle(pilot)
        shown = str(stage.app.screen.query_one(Remarks).render())
        assert shown.split("\n")[:3] == ["Passed over", "the sound device is gone", "another"]
        assert shown.count("gone") == 1
