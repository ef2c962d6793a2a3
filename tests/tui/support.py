"""A library, a listener and an app for the explorer's tests: made by hand, the same on every machine."""

import asyncio
import io
import re
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

import numpy as np
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.widgets import Input, OptionList, TextArea

from segue.core.audio import Player
from segue.core.audio.sinks import SilentSink
from segue.core.corpus import build_corpus, split_corpus
from segue.core.corpus.corpus import Playlists
from segue.core.deezer.previews import NoPreview, Preview
from segue.core.explore.titles import DeezerTitles
from segue.core.library import Library, Manifest, write_library
from segue.core.state import State
from segue.core.tracks import TrackInfo
from segue.tui.app import SegueApp
from segue.tui.model.settings import Settings
from segue.tui.model.values import Equipment, Radio
from segue.tui.panes import BaseView
from segue.tui.panes.explore.view import ExploreView
from segue.tui.widgets.track_list import TrackList

View = TypeVar("View", bound=BaseView)

NOW = 1_767_312_000.0
"""2 January 2026, when all these tests happen."""

SONGS = [
    ("Blue Monday Morning", "The Lanterns", "First Light"),
    ("Blue Monday Morning (Live)", "The Lanterns", "Live at Pier 9"),
    ("Paper Boats", "The Lanterns", "First Light"),
    ("Hoppípolla á þaki", "Sólstafir Kvartett", "Þögn"),
    ("夜の電車と長い長い帰り道", "東京サンセット", "夜景"),
    ("رحلة إلى البحر", "فرقة القمر", "البحر"),
    ("Zoe\u0308 Cafe\u0301", "Los Acento\u0301s", "Combining"),
    (
        "A Very Long Title That Goes On and On Until No Column in the World Could Ever Hold It",
        "Verbose",
        "Long",
    ),
    ("Emoji 🎧 Night", "DJ 🎉", "Party"),
    ("Northern Rail", "Grey Harbour", "Coast"),
    ("Southern Rail", "Grey Harbour", "Coast"),
    ("Glass Garden", "Mira Vale", "Greenhouse"),
    ("Slow Comet", "Mira Vale", "Greenhouse"),
    ("Salt", "Oda", "Salt"),
    ("???", "Oda", "Salt"),
]


def tracks() -> list[TrackInfo]:
    """Sixty tracks; the last three have no metadata."""
    named = [
        TrackInfo(
            f"track_{1000 + n}", title, artist, album, f"artist_{artist}", "indie", "",
            f"{1980 + n}-05-01", 180.0 + n,
        )
        for n, (title, artist, album) in enumerate(SONGS)
    ]  # fmt: skip
    plain = [
        TrackInfo(
            f"track_{2000 + n}", f"Song {n:02d}", f"Artist {n % 12}", f"Album {n % 6}", f"artist_{n % 12}",
            "rock",
        )
        for n in range(42)
    ]  # fmt: skip
    return [*named, *plain, *(TrackInfo(f"track_{3000 + n}") for n in range(3))]


def write_small_library(path: Path, *, evaluated: bool = False, copies: int = 1) -> Library:
    """Write a library of `tracks()`; track n lies at the n-th angle of a half circle."""
    infos = tracks()
    by_id = {info.track_id: info for info in infos}
    lists = [
        [infos[(start + step * (1 + start % 3)) % len(infos)].track_id for step in range(8)]
        for start in range(len(infos))
        for _ in range(copies * (1 + (start < 20)))
    ]
    corpus = build_corpus(Playlists.from_lists(lists))
    order = [
        int(np.flatnonzero([info.track_id == track_id for info in infos])[0])
        for track_id in corpus.vocabulary.track_ids
    ]
    turns = np.array(order) / len(infos) * np.pi
    circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    wave_ = np.stack([np.cos(3 * turns), np.sin(3 * turns)], axis=1) * 0.5
    vectors = np.concatenate([circle, wave_], axis=1)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    hits = {"next": {"hit@10": 0.182}, "nearest": {"hit@10": 0.161}, "popularity": {"hit@10": 0.023}}
    return write_library(
        path, vectors=vectors.astype(np.float32), vocabulary=corpus.vocabulary, tracks=by_id,
        manifest=Manifest("small", "2026-01-02T03:04:05Z", scores={"validation": hits} if evaluated else {}),
        split=split_corpus(corpus, seed=0), positions=circle.astype(np.float32),
    )  # fmt: skip


def row_of(library: Library, title: str) -> int:
    """The row of a title."""
    return library.catalogue.find_track(title)


@dataclass
class Previews:
    """Brings a second of silence for every track, and nothing for those in `missing`."""

    missing: dict[str, str] = field(default_factory=dict)
    """The reason by track id."""
    asked: list[str] = field(default_factory=list)
    outage: bool = False
    cover: str = ""
    """The address of every track's cover."""

    def fetch(self, track: TrackInfo, *, priority: str = "play") -> Preview | NoPreview:  # noqa: ARG002 - part of the protocol
        self.asked.append(track.track_id)
        if track.track_id in self.missing or self.outage:
            return NoPreview(
                track, self.missing.get(track.track_id, "Deezer is out of reach"), outage=self.outage
            )
        link = f"https://www.deezer.com/{track.track_id}"
        return Preview(track, silence(), link=link, credit="Preview by Deezer", cover=self.cover)

    def close(self) -> None:
        """Nothing to close."""


def silence(seconds: float = 30.0) -> bytes:
    """A WAV of nothing."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"\0\0" * int(8000 * seconds))
    return file.getvalue()


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Stage:
    """An app with everything that was handed to it."""

    app: SegueApp
    library: Library
    state: State
    previews: Previews
    clock: Clock
    """The player's."""
    toasts: list[str] = field(default_factory=list)
    """Every toast; on the screen the next takes the place of the last."""

    @asynccontextmanager
    async def on_screen(
        self, size: tuple[int, int] = (100, 30), *, toasts: bool = False
    ) -> AsyncIterator[Pilot[Any]]:
        """Run the app on a screen of so many columns and lines, and wait until it is at rest.

        Toasts are drawn only where they are asked for.
        """
        async with self.app.run_test(size=size, notifications=toasts) as pilot:
            await settle(pilot)
            yield pilot

    @property
    def explore(self) -> ExploreView:
        return self.view(ExploreView)

    def view(self, kind: type[View]) -> View:
        """A view by its class."""
        found = self.app.controllers.views.view(kind.__name__.removesuffix("View").lower())
        assert isinstance(found, kind)
        return found

    @property
    def tracks(self) -> TrackList:
        """The list of the present place."""
        return self.explore.tracks

    def titles(self, tracks: TrackList | None = None) -> list[str]:
        """The titles of a list."""
        shown = tracks or self.tracks
        return [info.title for info in self.app.tracks.infos(shown.listing.rows)]

    def row(self, title: str) -> int:
        return row_of(self.library, title)

    @property
    def playing(self) -> int | None:
        """The row of the track that plays."""
        return self.app.playing.row if self.app.playing else None

    @property
    def player(self) -> Player:
        player = self.app.controllers.sound.player
        assert isinstance(player, Player)
        return player

    @property
    def radio(self) -> Radio:
        return self.app.radio


def make_stage(
    library: Library,
    *,
    settings: Settings | None = None,
    state: State | None = None,
    greeted: bool = True,
    titles: DeezerTitles | None = None,
) -> Stage:
    """Make an app over a library. One who was `greeted` is not shown the tour."""
    previews, clock = Previews(), Clock()
    state = state or State.in_memory()
    equipment = Equipment(
        state, previews, make_player=lambda: Player([lambda: SilentSink(clock)], clock=clock),
        clock=lambda: NOW, seed=0, titles=titles,
    )  # fmt: skip
    app = SegueApp(library, equipment, settings or Settings())
    if greeted and state.session(name=app.session.name) is None:
        app.session.save()
    stage = Stage(app, library, state, previews, clock)
    notify = app.notify

    def remember(message: str, **how: Any) -> None:  # noqa: ANN401 - as Textual has it
        stage.toasts.append(message)
        notify(message, **how)

    app.notify = remember  # type: ignore[method-assign]  # to keep what is shown
    return stage


@asynccontextmanager
async def opened(
    library: Library,
    *,
    size: tuple[int, int] = (100, 30),
    **equipment: Any,  # noqa: ANN401 - what `make_stage` takes
) -> AsyncIterator[tuple[Stage, Pilot[Any]]]:
    """Open an app over a library on a screen, and wait until it is at rest."""
    stage = make_stage(library, **equipment)
    async with stage.on_screen(size) as pilot:
        yield stage, pilot


owed: WeakSet[Compositor] = WeakSet()
"""Screens that have changed as a whole and were not drawn."""


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until the background jobs have answered and the answers are shown."""
    for _ in range(3):
        await pilot.pause(0.001)
        while busy(pilot):  # noqa: ASYNC110 - they set no event
            await asyncio.sleep(0.002)
    await pilot.pause(0.001)
    for box in pilot.app.screen.query(Input):
        box.cursor_blink = False
    if pilot.app.screen._compositor in owed:
        draw(pilot)


def draw(pilot: Pilot[Any]) -> None:
    """Draw the whole screen."""
    compositor = pilot.app.screen._compositor
    owed.discard(compositor)
    visible_screen_stack.set(pilot.app._background_screens)
    compositor.render_strips()


def busy(pilot: Pilot[Any]) -> bool:
    """Whether a job is under way, or a key has not taken effect."""
    app = pilot.app
    keys = isinstance(app, SegueApp) and app.has_waiting_keys
    return keys or any(not each.is_finished for each in app.workers)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after another, each time waiting until the app is at rest."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def until(pilot: Pilot[Any], condition: Callable[[], bool], *, seconds: float = 100.0) -> None:
    """Wait for what other threads bring about."""
    await soon(pilot, condition, seconds=seconds)
    await settle(pilot)


async def soon(pilot: Pilot[Any], condition: Callable[[], bool], *, seconds: float = 100.0) -> None:
    """Wait for something while a job goes on: unlike `until`, not until the app is at rest.

    The screen is drawn now and then meanwhile: lists ask for what they lack when they are drawn.
    """
    loop = asyncio.get_running_loop()
    deadline, due = loop.time() + seconds, loop.time() + 0.2
    while not condition():
        assert loop.time() < deadline, "it never came about"
        with suppress(WaitForScreenTimeout):  # the app ended meanwhile
            await pilot.pause(0.002)
        if loop.time() > due and pilot.app.is_running:
            draw(pilot)
            due = loop.time() + 0.2


async def type_job(pilot: Pilot[Any], most: int, *keys: str) -> None:
    """Do a job in at most so many keys; a key with `=` before it is a text, which is not counted."""
    assert len([key for key in keys if key[0] != "="]) <= most
    for key in keys:
        box = pilot.app.focused
        if key[0] != "=":
            await press(pilot, key)
        elif isinstance(box, TextArea):
            box.text = key[1:]
        else:
            assert isinstance(box, Input)
            box.value = key[1:]
        await settle(pilot)


def prompts(listed: OptionList) -> list[str]:
    """The lines of a list of choices, without the room between their columns."""
    texts = [str(listed.get_option_at_index(at).prompt) for at in range(listed.option_count)]
    return [re.sub(" {2,}", "  ", re.sub("\n +", " ", text)).strip() for text in texts]
