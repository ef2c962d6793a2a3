"""The comparison as it is drawn."""

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.compare.test_view import open_compare
from tests.tui.screen import SIZES, Snap, same_drawing, text_of
from tests.tui.support import Stage, press, until

pytestmark = pytest.mark.usefixtures("same_textual")


async def compared(pilot: Pilot[Any], stage: Stage) -> None:
    await open_compare(pilot, stage)


async def measured(pilot: Pilot[Any], stage: Stage) -> None:
    await open_compare(pilot, stage)
    await press(pilot, "n", "d")
    await until(pilot, lambda: "hit@10 of A less B" in text_of(stage))


@pytest.mark.parametrize("size", SIZES)
def test_sizes(size: str, snap_compare: Snap, stage: Stage) -> None:
    assert same_drawing(snap_compare, stage, compared, SIZES[size])


@pytest.mark.parametrize("theme", ["segue-light", "segue-ansi"])
def test_themes(theme: str, snap_compare: Snap, stage: Stage) -> None:
    stage.app.theme = theme
    assert same_drawing(snap_compare, stage, measured, (100, 30))
