"""Every view and state of Explore and Radio, compared line by line with what was looked at and kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.library import Library
from segue.tui.model.places import AlbumPlace, ArtistPlace, LovedPlace, Place, PlaylistPlace
from segue.tui.model.settings import Settings, Theme
from tests.tui.screen import SIZES, SameText, Scene, Snap, same_drawing
from tests.tui.support import SONGS, Stage, make_stage, press, settle, until, write_small_library


def keys(*pressed: str) -> Scene:
    """A scene that is reached by keys."""

    async def scene(pilot: Pilot[Any], _: Stage) -> None:
        await press(pilot, *pressed)

    return scene


def goes(place: Callable[[Stage], Place], *then: str) -> Scene:
    """A scene at a place."""

    async def scene(pilot: Pilot[Any], stage: Stage) -> None:
        stage.app.controllers.walks.go(place(stage))
        await settle(pilot)
        await press(pilot, *then)

    return scene


def songs(stage: Stage) -> Place:
    """The songs of every script and width."""
    rows = stage.library.catalogue.rows_of_ids([f"track_{1000 + n}" for n in range(len(SONGS))])
    return PlaylistPlace(tuple(rows), "own", name="Every script")


async def on_air(pilot: Pilot[Any], stage: Stage) -> None:
    """A radio that plays its first track, one that cannot be heard behind it."""
    stage.state.record("track_1003", source="radio", seconds=30)
    stage.state.record("track_2001", source="audition", seconds=12)
    await press(pilot, "r")
    await until(pilot, lambda: stage.app.playing is not None and len(stage.radio.upcoming) == 5)
    await until(pilot, lambda: stage.app.audio_trouble == "silent")


async def radio_view(pilot: Pilot[Any], stage: Stage) -> None:
    await on_air(pilot, stage)
    await press(pilot, "f3")
    for dial in (">", "{"):
        before = stage.radio.upcoming
        await press(pilot, dial)
        await until(pilot, lambda: stage.radio.upcoming not in {before, ()})  # noqa: B023 - awaited here
    await until(pilot, lambda: stage.app.current_row() is not None)


async def signs(pilot: Pilot[Any], stage: Stage) -> None:
    """A list with every sign: loved, banned, in the basket, marked, playing."""
    await press(pilot, "f", "j", "x", "j", "+", "j", "-", "j", "m", "escape", "j", "space")
    await until(pilot, lambda: stage.app.playing is not None and stage.app.audio_trouble == "silent")


async def audition(pilot: Pilot[Any], stage: Stage) -> None:
    """A track that plays because the cursor rests on it."""
    await press(pilot, "A")
    await until(pilot, lambda: stage.app.playing is not None and stage.app.audio_trouble == "silent")
    await until(pilot, lambda: len(stage.app.previews) == 0)


SCENES: dict[str, Scene] = {
    "near": keys("j", "j", "enter", "j"),
    "search": keys("j", "enter", "/", *"rail"),
    "every_script": goes(songs),
    "on_air": on_air,
}
OTHERS: dict[str, Scene] = {
    "browse": keys(),
    "nothing_found": keys("/", *"qqqq"),
    "find": keys("/", "/", *"rail", "enter"),
    "artist": goes(lambda stage: ArtistPlace((stage.row("Paper Boats"),))),
    "album": goes(lambda stage: AlbumPlace((stage.row("Paper Boats"),))),
    "path": keys("enter", "G", "p"),
    "blend": keys("enter", "+", "+", "G", "-", "B"),
    "playlist": goes(lambda stage: PlaylistPlace(songs(stage).rows[9:12], name="Coast to coast")),
    "signs": signs,
    "loves_empty": goes(lambda _: LovedPlace()),
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
    "audition": audition,
}


@pytest.mark.parametrize("scene", SCENES)
async def test_sizes(scene: str, same_text: SameText, small_library: Library) -> None:
    await same_text(make_stage(small_library), SCENES[scene], *SIZES.values())


@pytest.mark.parametrize("size", SIZES)
async def test_radio(size: str, same_text: SameText, small_library: Library) -> None:
    await same_text(make_stage(small_library), radio_view, SIZES[size])


@pytest.mark.parametrize("scene", [SCENES["near"], radio_view], ids=["near", "radio"])
async def test_ascii(scene: Scene, same_text: SameText, small_library: Library) -> None:
    stage = make_stage(small_library, settings=Settings(glyphs="ascii"))
    await same_text(stage, scene, SIZES["80x24"])


@pytest.mark.parametrize("scene", OTHERS)
async def test_states(scene: str, same_text: SameText, small_library: Library) -> None:
    await same_text(make_stage(small_library), OTHERS[scene], (100, 30))


async def test_tiny_terminal(same_text: SameText, small_library: Library) -> None:
    await same_text(make_stage(small_library), SCENES["near"], (40, 12))


async def test_not_scored(same_text: SameText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the advice names the library's folder
    await same_text(make_stage(write_small_library(Path("small"))), OTHERS["browse"], SIZES["80x24"])


async def test_first_run(same_text: SameText, small_library: Library) -> None:
    await same_text(make_stage(small_library, greeted=False), keys("enter"), SIZES["120x40"])


@pytest.mark.usefixtures("same_textual")
@pytest.mark.parametrize("theme", ["segue-dark", "segue-light", "segue-ansi"])
def test_drawing(theme: Theme, snap_compare: Snap, small_library: Library) -> None:
    stage = make_stage(small_library, settings=Settings(theme=theme))
    assert same_drawing(snap_compare, stage, signs, SIZES["120x40"])


@pytest.mark.usefixtures("same_textual")
def test_drawing_of_the_radio(snap_compare: Snap, small_library: Library) -> None:
    assert same_drawing(snap_compare, make_stage(small_library), radio_view, SIZES["120x40"])


@pytest.mark.usefixtures("same_textual")
def test_drawing_without_colour(
    snap_compare: Snap, small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert same_drawing(snap_compare, make_stage(small_library), signs, SIZES["80x24"])
