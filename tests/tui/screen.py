"""Reading the screen, and comparing it with a kept drawing."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot

from tests.tui.support import Stage, settle

Scene = Callable[[Pilot[Any], Stage], Awaitable[None]]
Snap = Callable[..., bool]

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}


def text_of(stage: Stage) -> str:
    """What is on the screen."""
    return "\n".join(strip.text for strip in stage.app.screen._compositor.render_strips())


def same_drawing(snap_compare: Snap, stage: Stage, scene: Scene, size: tuple[int, int]) -> bool:
    """Play a scene and compare the drawing."""

    async def run_before(pilot: Pilot[object]) -> None:
        await settle(pilot)
        await scene(pilot, stage)
        stage.app.clear_notifications()
        await settle(pilot)

    return snap_compare(stage.app, terminal_size=size, run_before=run_before)
