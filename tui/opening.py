"""Opening the explorer: the library, the state, the sound, and the screen."""

import argparse
import gc
import sys
import threading
from contextlib import nullcontext
from functools import partial
from importlib.util import find_spec
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from segue.core.errors import UsageError
from segue.core.places import control_socket, user_folder
from segue.tui.terminal import PixelQuestion, colourless, draw_soon, over_ssh, quiet_stderr, session_bus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.widget import Widget

    from segue.core.audio import AnyPlayer
    from segue.core.deezer.previews import NoPreview, Preview
    from segue.core.deezer.source import Covers
    from segue.core.deezer.transport import Priority
    from segue.core.library import Library
    from segue.core.own_files.index import OwnFilesFirst
    from segue.core.send.mpd import MPDFiles
    from segue.core.tracks import TrackInfo
    from segue.tui.model.settings import Settings


def open_explorer(args: argparse.Namespace) -> int:
    """Open the explorer, and return the exit code when the listener leaves.

    Raises
    ------
    UsageError
        When there is not a terminal.
    SegueError
        When the library, the settings or the state cannot be used.
    Exception
        What broke the app, once the terminal is as it was.
    """
    gc.disable()  # until the first list is drawn (see tui.app): 20 ms that would free nothing
    draw_soon()
    question = _asked_for_pixels()
    try:
        return _open(args, question)
    finally:
        if question is not None:
            question.answer()  # none is left for the shell


def _open(args: argparse.Namespace, question: "PixelQuestion | None") -> int:
    from msgspec.structs import replace

    from segue.core.explore.titles import DeezerTitles
    from segue.core.library import Library
    from segue.core.state import State
    from segue.tui.app import SegueApp
    from segue.tui.controllers import APP_COMMANDS
    from segue.tui.controllers.views import check_keymap
    from segue.tui.model.settings import read_settings, settings_path
    from segue.tui.model.values import Equipment
    from segue.tui.session import seat

    settings = read_settings()
    check_keymap(settings_path(), settings.keys, APP_COMMANDS)
    library: Library | None = Library.open(args.library)
    state = State.open_anyway()
    at_mpd = _mpd(args, settings)
    previews = at_mpd[0] if at_mpd else PreviewsWhenAsked(state.recording, offline=args.offline)
    titles = DeezerTitles()
    scrobbler = None
    if settings.listenbrainz and not args.offline:
        from segue.core.listenbrainz import make_listenbrainz

        scrobbler = make_listenbrainz()
    equipment = Equipment(
        state, previews, make_player=at_mpd[1] if at_mpd else lambda: _player(silent=args.no_sound),
        offline=args.offline, titles=None if args.offline else titles,
        make_covers=None if over_ssh() or colourless() else partial(_covers, offline=args.offline),
        make_picture=_picture(question), socket=control_socket(), scrobbler=scrobbler, bus=session_bus(),
    )  # fmt: skip
    try:
        if not all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stderr__)):
            raise UsageError(
                "the explorer needs a terminal; programs use the verbs that `segue --help` lists"
            )
        if question is not None and question.typed:
            from segue.tui.keyboard import TerminalDriver

            TerminalDriver.typed = question.typed
        with quiet_stderr(user_folder("state") / "noise.log"):
            while library is not None:
                previews.open(library)
                with nullcontext(1) if state.unkept else seat(library, user_folder("state")) as number:
                    app = SegueApp(library, replace(equipment, seat=number), settings)
                    path = app.run(mouse=settings.mouse)
                if app.broken_by is not None:
                    raise app.broken_by
                library = Library.open(path) if path is not None else None
    finally:
        titles.close()
        previews.close()
        if scrobbler is not None:
            scrobbler.close()
        state.close()
    return 0


def _mpd(
    args: argparse.Namespace, settings: "Settings"
) -> "tuple[MPDWhenAsked, Callable[[], AnyPlayer]] | None":
    """The MPD that is to play, as the options and the settings say; None for this machine."""
    address = args.mpd or (settings.speaker == "mpd" and (settings.mpd or "localhost"))
    if not address or (args.mpd is None and (args.offline or args.no_sound)):
        return None
    if args.offline or args.no_sound:
        raise UsageError("--mpd plays on the network; leave out --offline and --no-sound")
    from segue.core.mpd import host_and_port

    place = host_and_port(address)

    def player() -> "AnyPlayer":
        from segue.core.audio.mpd import MPDPlayer

        return MPDPlayer(*place)

    return MPDWhenAsked(*place), player


def _player(*, silent: bool) -> "AnyPlayer":
    from segue.core.audio import make_player

    return make_player("silent" if silent else None)


def _asked_for_pixels() -> "PixelQuestion | None":
    """Ask the terminal for pictures where it is wide enough, near, and the extra `covers` is installed."""
    from segue.tui.model.values import COVER_COLUMNS

    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if not all(stream is not None and stream.isatty() for stream in streams):
        return None
    if over_ssh() or colourless() or get_terminal_size().columns < COVER_COLUMNS:
        return None
    if find_spec("textual_image") is None:
        return None
    return PixelQuestion(0)


def _picture(question: "PixelQuestion | None") -> "Callable[[], Widget] | None":
    """What draws covers in real pixels; None where half blocks have to do."""
    if question is None or not (kind := question.answer()):
        return None
    # it asks the terminal once more as it is imported (60 ms with Pillow), not once the app reads the keys
    from PIL import Image
    from rich.console import Console
    from textual_image.renderable import SixelImage as Measured
    from textual_image.widget import SixelImage, TGPImage

    Console().measure(Measured(Image.new("RGB", (1, 1))))  # it asks for the size of a cell
    made: Callable[[], Widget] = SixelImage if kind == "sixel" else TGPImage
    return made


def _covers(*, offline: bool) -> "Covers":
    from segue.core.deezer.client import DeezerClient
    from segue.core.deezer.source import Covers

    return Covers(DeezerClient(offline=offline))


class PreviewsWhenAsked:
    """Makes the source of previews when one is first needed: the first frame does not wait for it."""

    def __init__(
        self, chosen: "Callable[[str], int | None]" = lambda _track_id: None, *, offline: bool
    ) -> None:
        self._chosen = chosen
        self._offline = offline
        self._lock = threading.Lock()
        self._source: OwnFilesFirst | None = None
        self.folder: Path | None = None
        """Where the paths of the library in sight start from."""

    def open(self, library: "Library") -> None:
        """Go on with the tracks of another library."""
        self.folder = library.folder

    def fetch(self, track: "TrackInfo", *, priority: "Priority" = "play") -> "Preview | NoPreview":
        """Return the preview of a track."""
        with self._lock:
            if self._source is None:
                from segue.core.catalogue.overlay import title_overlay
                from segue.core.own_files import make_source

                learn = title_overlay().learn
                self._source = make_source(chosen=self._chosen, offline=self._offline, learn=learn)
            self._source.folder = self.folder
        return self._source.fetch(track, priority=priority)

    def close(self) -> None:
        """End waiting requests."""
        with self._lock:
            if self._source is not None:
                self._source.close()


class MPDWhenAsked:
    """Asks MPD for its files when the first track is wanted: the first frame does not wait for it."""

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._lock = threading.Lock()
        self._library: Library | None = None
        self._files: MPDFiles | None = None

    def open(self, library: "Library") -> None:
        """Go on with the tracks of another library."""
        with self._lock:
            self._library, self._files = library, None

    def fetch(self, track: "TrackInfo", *, priority: "Priority" = "play") -> "Preview | NoPreview":
        """Return the file of a track at MPD."""
        from segue.core.deezer.previews import NoPreview
        from segue.core.send.mpd import MPDFiles

        with self._lock:
            if self._library is None:
                return NoPreview(track, "no library is open")
            self._files = self._files or MPDFiles(*self._place, self._library)
        return self._files.fetch(track, priority=priority)

    def close(self) -> None:
        """Nothing waits."""
