"""Reading the screen, and comparing it with what was kept of it.

Most scenes are kept as text, which survives a new version of Textual; a few as drawings with their colours.
After a change that is meant to be seen: `pytest tests/tui --snapshot-update` on Python 3.11, then look
at what changed.
"""

from collections.abc import Awaitable, Callable
from difflib import ndiff
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.tui.support import Stage, settle

Scene = Callable[[Pilot[Any], Stage], Awaitable[None]]
Snap = Callable[..., bool]
SameText = Callable[..., Awaitable[None]]

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}


def text_of(stage: Stage) -> str:
    """What is on the screen."""
    return "\n".join(strip.text for strip in stage.app.screen._compositor.render_strips())


async def play(pilot: Pilot[Any], stage: Stage, scene: Scene) -> None:
    """Play a scene, and clear what would pass by itself."""
    await settle(pilot)
    await scene(pilot, stage)
    stage.app.clear_notifications()
    await settle(pilot)


def kept(file: Path, shown: str, *, renew: bool) -> str:
    """Return the kept text, which is what is shown now when it is to be renewed."""
    if renew:
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert file.exists(), f"nothing is kept in {file}; pytest --snapshot-update keeps it"
    return file.read_text(encoding="utf-8")


def text_keeper(file: Path, *, renew: bool) -> SameText:
    """Make the function that plays a scene and compares the screen with a kept text.

    Of several sizes the scene is played in the first, then the terminal takes the others, each with its text.
    """

    async def same_text(stage: Stage, scene: Scene, *sizes: tuple[int, int]) -> None:
        async with stage.app.run_test(size=sizes[0]) as pilot:
            await play(pilot, stage, scene)
            for columns, lines in sizes:
                if stage.app.size != (columns, lines):
                    await pilot.resize_terminal(columns, lines)
                    await settle(pilot)
                shown = "\n".join(line.rstrip() for line in text_of(stage).splitlines()) + "\n"
                one = file if len(sizes) == 1 else file.with_stem(f"{file.stem}_{columns}x{lines}")
                wanted = kept(one, shown, renew=renew)
                assert shown == wanted, "\n".join(ndiff(wanted.splitlines(), shown.splitlines()))

    return same_text


def same_drawing(snap_compare: Snap, stage: Stage, scene: Scene, size: tuple[int, int]) -> bool:
    """Play a scene and compare the drawing, colours included."""

    async def run_before(pilot: Pilot[Any]) -> None:
        await play(pilot, stage, scene)

    return snap_compare(stage.app, terminal_size=size, run_before=run_before)
