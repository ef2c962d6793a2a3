"""Drawings of every view and state, compared line by line with those that were looked at and kept.

After a change that is meant to be seen: `pytest tests/tui --snapshot-update` on Python 3.11, then look
at each drawing that changed.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.library import Library
from segue.tui.settings import Settings
from segue.tui.walk import Place
from tests.tui.support import SONGS, Stage, make_stage, press, settle, until, write_small_library

SMALL, MIDDLE, LARGE = (80, 24), (120, 40), (200, 50)
SIZES = {"small": SMALL, "middle": MIDDLE, "large": LARGE}
Snap = Callable[..., bool]
Scene = Callable[[Pilot[Any], Stage], Awaitable[None]]

pytestmark = pytest.mark.usefixtures("same_textual")


def keys(*pressed: str) -> Scene:
    """A scene that is reached by keys."""

    async def scene(pilot: Pilot[Any], _: Stage) -> None:
        await press(pilot, *pressed)

    return scene


def goes(place: Callable[[Stage], Place], *then: str) -> Scene:
    """A scene at a place."""

    async def scene(pilot: Pilot[Any], stage: Stage) -> None:
        stage.app.desk.walk.go(place(stage))
        await settle(pilot)
        await press(pilot, *then)

    return scene


def songs(stage: Stage) -> Place:
    """The songs of every script and width."""
    rows = stage.library.catalogue.rows_of_ids([f"track_{1000 + n}" for n in range(len(SONGS))])
    return Place("playlist", tuple(rows), variant=2, name="Every script")


async def on_air(pilot: Pilot[Any], stage: Stage) -> None:
    """A radio that plays its first track, one that cannot be heard behind it."""
    stage.state.record("track_1003", source="radio", seconds=30)
    stage.state.record("track_2001", source="audition", seconds=12)
    await press(pilot, "r")
    await until(pilot, lambda: stage.app.playing is not None and len(stage.radio.upcoming) == 5)
    await until(pilot, lambda: stage.app.trouble == "silent")


async def radio_view(pilot: Pilot[Any], stage: Stage) -> None:
    await on_air(pilot, stage)
    await press(pilot, "f3", ">", "{")
    await settle(pilot)


async def signs(pilot: Pilot[Any], stage: Stage) -> None:
    """A list with every sign: loved, banned, in the basket, marked, playing."""
    await press(pilot, "f", "j", "x", "j", "+", "j", "-", "j", "m", "escape", "j", "space")
    await until(pilot, lambda: stage.app.playing is not None and stage.app.trouble == "silent")


SCENES: dict[str, Scene] = {
    "browse": keys(),
    "near": keys("j", "j", "enter", "j"),
    "search": keys("j", "enter", "/", *"rail"),
    "every_script": goes(songs),
    "on_air": on_air,
    "radio": radio_view,
}
OTHERS: dict[str, Scene] = {
    "nothing_found": keys("/", *"qqqq"),
    "find": keys("/", "/", *"rail", "enter"),
    "artist": goes(lambda stage: Place("artist", (stage.row("Paper Boats"),))),
    "album": goes(lambda stage: Place("album", (stage.row("Paper Boats"),))),
    "path": keys("enter", "G", "p"),
    "blend": keys("enter", "+", "+", "G", "-", "B"),
    "playlist": goes(lambda stage: Place("playlist", songs(stage).rows[9:12], name="Coast to coast")),
    "signs": signs,
    "loves_empty": goes(lambda _: Place("loves")),
    "walked": keys("enter", "enter", "j", "enter", "h"),
    "dials": keys("enter", "F", "F", "V", "K"),
    "radio_off": keys("f3"),
    "help": keys("f1"),
    "help_found": keys("f1", *"path"),
    "explain": keys("enter", "j", "?"),
    "mark": keys("enter", "m"),
    "save": keys("enter", "s"),
    "stations": keys("enter", "s", "enter", "S"),
    "paste": keys("o"),
    "audition": keys("A"),
}


def drawn(
    snap_compare: Snap,
    library: Library,
    scene: Scene,
    size: tuple[int, int],
    settings: Settings | None = None,
) -> bool:
    """Play a scene and compare the drawing."""
    stage = make_stage(library, settings=settings)

    async def run_before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await scene(pilot, stage)
        stage.app.clear_notifications()
        await settle(pilot)

    return snap_compare(stage.app, terminal_size=size, run_before=run_before)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", SCENES)
def test_sizes(scene: str, size: str, snap_compare: Snap, small_library: Library) -> None:
    assert drawn(snap_compare, small_library, SCENES[scene], SIZES[size])


@pytest.mark.parametrize("scene", ["near", "radio"])
@pytest.mark.parametrize("theme", ["segue-light", "segue-contrast", "segue-ansi"])
def test_themes(theme: str, scene: str, snap_compare: Snap, small_library: Library) -> None:
    assert drawn(snap_compare, small_library, SCENES[scene], MIDDLE, Settings(theme=theme))


@pytest.mark.parametrize("scene", ["near", "every_script", "radio"])
def test_no_colour(
    scene: str, snap_compare: Snap, small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert drawn(snap_compare, small_library, SCENES[scene], SMALL)


@pytest.mark.parametrize("scene", ["near", "radio"])
def test_ascii(scene: str, snap_compare: Snap, small_library: Library) -> None:
    assert drawn(snap_compare, small_library, SCENES[scene], SMALL, Settings(glyphs="ascii"))


@pytest.mark.parametrize("scene", OTHERS)
def test_states(scene: str, snap_compare: Snap, small_library: Library) -> None:
    assert drawn(snap_compare, small_library, OTHERS[scene], (100, 30))


def test_tiny_terminal(snap_compare: Snap, small_library: Library) -> None:
    assert drawn(snap_compare, small_library, SCENES["near"], (40, 12))


def test_not_scored(snap_compare: Snap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the advice names the library's folder
    assert drawn(snap_compare, write_small_library(Path("small")), SCENES["browse"], SMALL)


def test_first_run(snap_compare: Snap, small_library: Library) -> None:
    stage = make_stage(small_library, greeted=False)

    async def run_before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, "enter")

    assert snap_compare(stage.app, terminal_size=MIDDLE, run_before=run_before)
