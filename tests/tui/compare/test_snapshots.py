"""The comparison as it is drawn."""

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.compare.test_view import open_compare
from tests.tui.screen import SIZES, SameText, Snap, same_drawing, text_of
from tests.tui.support import Stage, press, until


async def compared(pilot: Pilot[Any], stage: Stage) -> None:
    await open_compare(pilot, stage)


async def measured(pilot: Pilot[Any], stage: Stage) -> None:
    await open_compare(pilot, stage)
    await press(pilot, "n", "d")
    await until(pilot, lambda: "hit@10 of A minus B" in text_of(stage))


async def test_sizes(same_text: SameText, stage: Stage) -> None:
    await same_text(stage, compared, *SIZES.values())


@pytest.mark.usefixtures("same_textual")
def test_drawing(snap_compare: Snap, stage: Stage) -> None:
    assert same_drawing(snap_compare, stage, measured, (100, 30))
