"""What widgets and controllers may know of the app: its state, and a few services.

The app itself (`segue.tui.app`) knows all of them; they know only this, so nothing imports in a circle.

Its keys take effect one after another, however fast they come. Textual hands every key to the focused widget
as soon as it comes, but runs bindings only when the key has gone up from there to the app. Of two keys in one
chunk, the second reached the list before the first had run: `g g` did nothing, and the letters after `/` ran
commands. Here the second key waits until the first has taken effect.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from msgspec.structs import replace
from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.reactive import Reactive, var
from textual.widget import Widget
from textual.worker import get_current_worker

from segue.core.errors import SegueError
from segue.core.explore.variety import Taste
from segue.core.library import WITHOUT_PLAYLISTS
from segue.core.log import logger
from segue.core.text import printable
from segue.tui.model.glyphs import glyphs_for, in_two_lines
from segue.tui.model.listing import Listing, ListingRequest, TrackLine, Tracks
from segue.tui.model.places import Place
from segue.tui.model.settings import Settings
from segue.tui.model.values import Basket, Dials, Playing, Radio, StartingPoint
from segue.tui.model.walk import Walk

if TYPE_CHECKING:
    from textual.screen import Screen

    from segue.core.library import Library
    from segue.tui.commands import Command
    from segue.tui.model.values import Equipment

PATIENCE = 0.25
"""Seconds after which the next key waits no longer: the widget that had the key may have gone."""


class KeyTaken(Message):
    """Follows a key from the focused widget up to the app, and arrives when the key has taken effect."""


class KeysInTurn(App[Path]):
    """An app that handles one key at a time."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._waiting: deque[events.Key] = deque()
        self._turn: asyncio.TimerHandle | None = None
        """Runs from the moment a key is handed out until the next may be."""

    @property
    def has_waiting_keys(self) -> bool:
        """Whether a key has not taken effect yet."""
        return self._turn is not None

    async def on_event(self, event: events.Event) -> None:
        """Let a key wait while the one before is under way."""
        if not self.screen_stack and isinstance(event, events.InputEvent | events.Paste):
            return  # the app is being left: its screens are closed already
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._turn is not None:
            self._waiting.append(event)
        else:
            await self._hand_out(event)

    async def _hand_out(self, key: events.Key) -> None:
        later = asyncio.get_running_loop().call_later
        self._turn = later(PATIENCE, self.call_later, self._next_key)
        target = self.focused or self.screen
        await super().on_event(key)
        if not target.post_message(KeyTaken()):
            self.call_later(self._next_key)

    def on_key_taken(self) -> None:
        """Hand out the next key once what this one brought about is drawn and has the focus."""
        later = partial(self.call_later, self._next_key)
        if not self._waiting or not self.screen_stack or not self.screen.call_after_refresh(later):
            later()

    async def _next_key(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        if self._waiting and self.screen_stack:
            await self._hand_out(self._waiting.popleft())


Answer = TypeVar("Answer")
Result = TypeVar("Result")
Severity = Literal["information", "warning", "error"]

TOAST_SECONDS: dict[str, float] = {"information": 3.0, "warning": 6.0, "error": 10.0}
"""How long a toast stays."""
TOAST = 70
"""Cells of a line of a toast, where the terminal is as wide."""
TROUBLE = (SegueError, sqlite3.Error, OSError)
"""What can fail at any moment: it becomes a toast, and the app carries on."""


class Explorer(KeysInTurn):
    """The state of the explorer, and what its widgets and controllers may ask of it.

    Views get the state by `data_bind`. Only controllers change it.
    """

    walk: var[Walk] = var(Walk)
    """Where the listener is, and the way there. Its cursor is the cursor of the list in Explore."""
    listing: var[Listing] = var(Listing)
    """The tracks of the present place."""
    dials: var[Dials] = var(Dials)
    """What shapes the lists."""
    radio_dials: var[Dials] = var(Dials)
    """What shapes the radio: of these, all but the ranker."""
    basket: var[Basket] = var(Basket)
    playing: var[Playing | None] = var(None)
    position: var[float] = var(0.0)
    """Seconds into what plays."""
    volume: var[float] = var(0.0)
    """How loud the player is, 0 to 1; 0 while it is muted."""
    audio_trouble: var[str] = var("")
    """What is wrong with the audio output."""
    unheard: var[str] = var("")
    """Why the track that was last asked for can't be heard; empty when it can."""
    busy: var[str] = var("")
    """What is being done before the next sound, such as `fetching` a track; empty while nothing is."""
    previews: var[Mapping[str, str]] = var(dict)
    """The status of the previews of auditioned tracks, by track id (see `Fetcher.statuses`)."""
    audition: var[bool] = var(False)
    """Whether the track under the cursor plays by itself."""
    radio: var[Radio] = var(Radio)
    crate: var[str] = var("")
    """The crate that tracks are added to; empty before the first."""
    mark: var[int | None] = var(None)
    """The row of the track where the next path starts."""
    taste: var[Taste] = var(Taste)

    def __init__(
        self, library: "Library", equipment: "Equipment", settings: Settings, *, ansi: bool | None
    ) -> None:
        super().__init__(ansi_color=ansi)
        self.library = library
        self.equipment = equipment
        self.state = equipment.state
        beside = f" seat {equipment.seat}" if equipment.seat > 1 else ""
        self.kept_as = f"{library.name} {len(library)}{beside}"
        """Under which name the state file keeps the place and the queue."""
        self.settings = settings
        self.glyphs = glyphs_for(settings.glyphs)
        self.tracks = Tracks(library.catalogue.infos)
        self.set_reactive(Explorer.dials, self.validate_dials(Dials(ranker=settings.ranker)))
        self.set_reactive(Explorer.volume, settings.volume)
        self._last_severity = ""

    app_commands: "Sequence[Command]" = ()
    """The commands that run whatever has the focus."""

    def validate_dials(self, dials: Dials) -> Dials:
        """Keep the dials to what the library has: without playlists there are neither counts nor plays."""
        if self.library.knows_plays:
            return dials
        ranker = dials.ranker if dials.ranker in WITHOUT_PLAYLISTS else WITHOUT_PLAYLISTS[0]
        return replace(dials, ranker=ranker, familiarity="any")

    validate_radio_dials = validate_dials

    # --- what the app does for them

    view_in_sight: Callable[[], Widget | None]
    seek_to: Callable[[float], None]
    """Goes on at a moment of what plays, in seconds."""
    starting_points: Callable[[], Sequence[StartingPoint]]
    """Returns what can be listened to while nothing plays."""
    stop_trailer: Callable[[], int | None]
    """Plays the track of a trailer to its end, and returns its row; None without a trailer."""

    async def action_do(self, name: str) -> None:
        """Run a command by its id."""
        raise NotImplementedError

    async def do_below(self, command: "Command") -> None:
        """Run a command on the view below the screens over it."""
        raise NotImplementedError

    def current_row(self) -> int | None:
        """Return the track that commands act on, as a row of the library."""
        raise NotImplementedError

    def current_list(self) -> TrackLine:
        """Return the list whose cursor `current_row` is at; empty where a track stands alone."""
        raise NotImplementedError

    def go(self, place: Place, cursor: int | None = None) -> None:
        """Go on to a place and list it, the cursor on a line of it."""
        raise NotImplementedError

    def cursor_rested(self, row: int | None, around: Sequence[int] = ()) -> None:
        """Note where a cursor is: with audition on, the track plays and those `around` it are fetched."""
        raise NotImplementedError

    def open_library(self, path: Path) -> None:
        """Leave, and come back with another library."""
        raise NotImplementedError

    def apply_settings(self, settings: Settings) -> None:
        """Take other settings."""
        raise NotImplementedError

    def leave(self) -> None:
        """Leave, and keep where the listener is."""
        raise NotImplementedError

    # --- services

    def bind_state(self, widget: Widget) -> None:
        """Bind a widget's reactives to the state of their names, whatever is being handled."""
        own = (name for name, each in vars(type(widget)).items() if isinstance(each, Reactive))
        with self._context():
            widget.data_bind(*(vars(Explorer)[name] for name in own if name in vars(Explorer)))

    def keep_cursor(self, cursor: int) -> None:
        """Keep where the cursor is at the present place. Nothing is drawn for it."""
        self.set_reactive(Explorer.walk, self.walk.with_cursor(cursor))

    def listing_request(self) -> ListingRequest:
        """Return what a place needs to list its tracks, as it is now."""
        return ListingRequest(
            self.library, self.state, self.taste, self.dials, self.settings, self.equipment.clock
        )

    def sign(self, row: int) -> str:
        """Return the one-cell sign before a track in a list."""
        glyphs = self.glyphs
        if self.playing is not None and self.playing.row == row:
            return glyphs.paused if self.playing.paused else glyphs.playing
        if self.mark == row:
            return glyphs.mark
        if weight := self.basket.weight(row):
            return glyphs.plus if weight > 0 else glyphs.minus
        if row in self.taste.banned:
            return glyphs.ban
        if row in self.taste.loved:
            return glyphs.love
        status = self.previews.get(self.tracks.info(row).track_id, "") if self.previews else ""
        return {"ready": glyphs.dot, "fetching": glyphs.ellipsis, "none": glyphs.silent}.get(
            status, glyphs.heard if row in self.taste.heard else " "
        )

    def say(self, text: str, severity: Severity = "information") -> None:
        """Show a toast of at most two lines. It replaces the one before, but for a warning or an error."""
        if self._last_severity == "information":
            self.clear_notifications()
            for screen in self.screen_stack:  # Textual removes such toasts, but leaves what held each of them
                screen.query("ToastHolder").remove()
        self._last_severity = severity
        text = in_two_lines(printable(text), max(min(self.size.width - 8, TOAST), 10), self.glyphs.ellipsis)
        self.notify(text, severity=severity, markup=False, timeout=TOAST_SECONDS[severity])

    def ask(
        self,
        screen: "Screen[Answer]",
        then: Callable[[Answer], object],
        left: Callable[[], object] = lambda: None,
    ) -> None:
        """Open a screen and call `then` with its answer, or `left` without one. Trouble becomes a toast."""

        def answered(answer: Answer | None) -> None:
            try:
                left() if answer is None else then(answer)
            except TROUBLE as error:
                self.say(str(error), "error")

        self.push_screen(screen, answered)

    def work(
        self,
        group: str,
        job: Callable[[], Result],
        then: Callable[[Result], object],
        *,
        what: str,
        to: MessagePump | None = None,
    ) -> None:
        """Run a job in a thread, then call `then` with its result when `to`, by default the app, gets to it.

        A new job of a group replaces the one before, whose result is dropped. An error becomes a toast that
        names the job by `what`.
        """

        def run() -> None:
            worker = get_current_worker()
            try:
                result = job()
            except Exception as error:  # noqa: BLE001 - a failed job must not end the app
                if not worker.is_cancelled:
                    self.call_later(self._failed, what, error)
            else:
                if not worker.is_cancelled:
                    (to or self).call_later(self._deliver, then, result)

        self.run_worker(run, group=group, exclusive=True, thread=True, exit_on_error=False, description=what)

    async def _deliver(self, then: Callable[[Result], object], result: Result) -> None:
        try:
            done = then(result)
            if isawaitable(done):
                await done
        except TROUBLE as error:
            self.say(str(error), "error")

    def _failed(self, what: str, error: Exception) -> None:
        logger.error("%s failed", what, exc_info=error)
        self.say(f"{what} failed: {error}", "error")

    def refresh_keys(self) -> None:
        """Show the keys of the commands that make sense now."""
        raise NotImplementedError
