"""What an explorer holds after hours."""

import sys
from contextlib import closing
from pathlib import Path

import pytest
from textual.strip import Strip
from textual.widgets import Static

from segue.core.state import State
from segue.tui.widgets.track_list import TrackList
from tests.faults.hours import Held, half_an_hour, held
from tests.tui.support import make_stage, press, write_small_library

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(autouse=True)
def _few_drawings() -> None:
    """Draw everything, unlike other tests: what is drawn is what is kept."""


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_the_second_three_hundred_keys_leave_nothing_behind(tmp_path: Path) -> None:
    found, library = list[Held](), write_small_library(tmp_path / "small")
    with closing(State.open(tmp_path / "state.sqlite")) as state:
        await half_an_hour(make_stage(library, state=state), 600, found.append, steps=2)
    assert found[1].grown(found[0]) == [], found


async def test_a_widget_that_stays_behind_is_found(tmp_path: Path) -> None:
    stage = make_stage(write_small_library(tmp_path / "small"))
    async with stage.on_screen():
        before = held()
        await stage.app.screen.mount_all(Static(f"forgotten {number}") for number in range(20))
        assert "20 more widgets" in held().grown(before)


async def test_drawn_lines_that_are_kept_for_good_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, draw = list[Strip](), TrackList.render_line

    def keep(tracks: TrackList, y: int) -> Strip:
        kept.append(draw(tracks, y))
        return kept[-1]

    stage = make_stage(write_small_library(tmp_path / "small"))
    async with stage.on_screen() as pilot:
        await press(pilot, "j")
        before = held()
        await press(pilot, "j", "G", "g", "g")
        assert held().strays == before.strays, "files and threads of tests before may come and go meanwhile"
        monkeypatch.setattr(TrackList, "render_line", keep)
        await press(pilot, "j", "G", "g", "g")
        assert any("more strays" in each for each in held().grown(before)), len(kept)


async def test_a_screen_that_is_left_takes_its_lines_with_it(tmp_path: Path) -> None:
    stage, strips = make_stage(write_small_library(tmp_path / "small")), list[int]()
    async with stage.on_screen() as pilot:
        for _ in range(6):
            await press(pilot, "f1", "escape")
            strips.append(held().strips)
    assert strips[-1] - strips[1] < 4 * 100, strips
