"""The app: it wires the views, the controllers and the state together, and does nothing itself."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.message_pump import MessagePump
from textual.reactive import var
from textual.widgets import ContentSwitcher
from textual.worker import get_current_worker

from segue.core.errors import SegueError
from segue.core.explore.taste import Taste
from segue.core.text import printable
from segue.tui import offer
from segue.tui.answers import Answers
from segue.tui.commands import APP, Command, commands
from segue.tui.controllers import Desk
from segue.tui.glyphs import glyphs_for
from segue.tui.listing import Listing, Tracks
from segue.tui.look import Question, get_ready
from segue.tui.messages import WorkFailed
from segue.tui.panes import VIEWS
from segue.tui.panes.base import BaseView
from segue.tui.session import Session
from segue.tui.settings import Settings
from segue.tui.terminal import collect_garbage_again, colourless, leave_when_told, over_ssh
from segue.tui.themes import ANSI, THEMES
from segue.tui.values import Basket, Dials, Playing, Radio
from segue.tui.walk import Walk
from segue.tui.widgets.header import Header
from segue.tui.widgets.key_bar import KeyBar
from segue.tui.widgets.player_bar import PlayerBar
from segue.tui.widgets.track_list import TrackList

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.screen import Screen

    from segue.core.library import Library
    from segue.tui.opening import Equipment
    from segue.tui.palette import CommandProvider
    from segue.tui.remote import Remote
    from segue.tui.screens.base import Answer


TOAST_SECONDS = {"information": 3.0, "warning": 6.0, "error": 10.0}
"""How long a toast stays."""
DONE_TO_TRACKS = frozenset({"taste.love", "taste.ban", "taste.ban_artist", "basket.plus", "basket.minus"})
"""The commands that can be repeated, and done to all the selected tracks at once."""
TROUBLE = (SegueError, sqlite3.Error, OSError)
"""What the machine may refuse at any moment: it is said, and the app goes on."""
SETTLED_AFTER = 1.0
"""Seconds after which the start is over."""
SAVED_EVERY = 10.0
"""Seconds after which the place is kept, should it have changed."""


def _command_provider() -> "type[CommandProvider]":
    from segue.tui.palette import CommandProvider

    return CommandProvider


class SegueApp(Answers, App[Path]):
    """The explorer of one library.

    Everything from outside is handed in, so that tests can hand in their own. It returns the folder of the
    library to open next, or None when the listener leaves.
    """

    TITLE = "Segue"
    CSS_PATH = Path(__file__).parent / "styles" / "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*APP.bindings()]
    COMMANDS: ClassVar = {_command_provider}
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    CONTEXT = APP

    walk: var[Walk] = var(Walk)
    """Where the listener is, and the way there."""
    listing: var[Listing] = var(Listing)
    """The tracks of the present place."""
    place_cursor: var[int] = var(0)
    """Where the cursor stands in it."""
    dials: var[Dials] = var(Dials)
    basket: var[Basket] = var(Basket)
    playing: var[Playing | None] = var(None)
    position: var[float] = var(0.0)
    """Seconds into it."""
    trouble: var[str] = var("")
    """What is wrong with the sound."""
    unheard: var[str] = var("")
    """Why the track that was asked for last can't be heard; empty when it can."""
    excerpts: var[Mapping[str, str]] = var(dict)
    """How it stands with the excerpts of auditioned tracks, by track id (see `tui.ahead`)."""
    audition: var[bool] = var(False)
    """Whether the cursor is the playhead."""
    radio: var[Radio] = var(Radio)
    mark: var[int | None] = var(None)
    """The track where the next path starts."""
    taste: var[Taste] = var(Taste)
    """The loved, banned and heard tracks."""

    def __init__(self, library: "Library", equipment: "Equipment", settings: Settings | None = None) -> None:
        plain = colourless()
        super().__init__(ansi_color=True if plain else None)
        self.library = library
        self.equipment = equipment
        self.state = equipment.state
        self.settings = settings or Settings()
        self.glyphs = glyphs_for(self.settings.glyphs)
        self.tracks = Tracks(library.catalogue)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = ANSI.name if plain else self.settings.theme
        self.calm = self.settings.motion == "none" or (self.settings.motion == "auto" and over_ssh())
        if self.calm:
            self.animation_level = "none"
        self.set_keymap({name: keys.strip() or "unbound" for name, keys in self.settings.keys.items()})
        self.set_reactive(SegueApp.dials, self.validate_dials(Dials(ranker=self.settings.ranker)))
        self._said = ""
        self.last_done: str | None = None
        """The id of the command that was last done to a track."""
        self.acting_on: int | None = None
        """The track that a command is being done to, while it is done to several."""
        self._remote: Remote | None = None
        self.desk = Desk(self)
        self.session = Session(self)

    def validate_dials(self, dials: Dials) -> Dials:
        """Keep the dials to what the library can give: without playlists neither counts nor plays."""
        if self.library.knows_plays:
            return dials
        from segue.core.rankers.registry import WITHOUT_PLAYLISTS

        ranker = dials.ranker if dials.ranker in WITHOUT_PLAYLISTS else WITHOUT_PLAYLISTS[0]
        return replace(dials, ranker=ranker, familiarity="any")

    def compose(self) -> ComposeResult:
        """Lay the screen: header, views, player, keys."""
        yield Header()
        home = VIEWS[0]  # laid out with the rest: one that came later would be styled and drawn anew
        with ContentSwitcher(initial=home.name, id="views"):
            yield home.load()(id=home.name)
        yield PlayerBar()
        yield KeyBar()

    def on_mount(self) -> None:
        """Go on from where the last session was left."""
        leave_when_told(self.leave)
        self.taste = Taste.of(self.library, self.state)
        self.desk.views.show(VIEWS[0].name)
        resumed = self.session.restore()
        self.desk.walk.list_here()
        for name in ("playing", "radio", "walk", "basket", "dials", "listing"):
            self.watch(self, name, self.refresh_keys, init=False)
        self.set_interval(SAVED_EVERY, self.session.keep)
        if not resumed:
            self.call_after_refresh(self.desk.help.tour)  # first the list is drawn
        self.set_timer(SETTLED_AFTER, collect_garbage_again)
        if self.state.unkept:
            self.say(f"Loves, bans and your place last until you leave: {self.state.unkept}", "warning")
        self.call_after_refresh(self._listen)
        self.call_after_refresh(self.work, "ready", get_ready, what="Getting ready")

    async def _listen(self) -> None:
        """Let `segue ctl` speak to this explorer."""
        if self.equipment.socket is not None:
            from segue.tui.remote import Remote

            self._remote = Remote(self)
            await self._remote.listen(self.equipment.socket)

    async def on_unmount(self) -> None:
        """Leave no sound and no thread behind."""
        if self._remote is not None:
            await self._remote.close()
        self.desk.radio.close()
        self.desk.sound.close()

    @property
    def broken_by(self) -> Exception | None:
        """The error that ended the app; None when it was left."""
        return self._exception if self.return_code else None

    async def _on_message(self, message: Message) -> None:
        """Take a message; what the machine refuses meanwhile is said, where Textual would end the app."""
        try:
            await super()._on_message(message)
        except TROUBLE as error:
            self.say(str(error), "error")

    def _fatal_error(self) -> None:
        """End without Textual's pages of traceback: whoever opened the app says in one line what happened."""
        self._close_messages_no_wait()

    def leave(self) -> None:
        """Leave, and keep where the listener is."""
        self.desk.help.quit()

    async def action_quit(self) -> None:
        """Leave, when Textual's own command says so."""
        self.leave()

    def open_library(self, path: Path) -> None:
        """Leave, and come back with another library."""
        self.session.keep()
        self.exit(path)

    def current_view(self) -> BaseView | None:
        """Give the view in sight."""
        return next(
            (view for view in self.screen_stack[0].query(BaseView) if view.display and view.is_mounted), None
        )

    def view(self, name: str) -> BaseView:
        """Give a view by name, made when it is first asked for."""
        switcher = self.screen_stack[0].query_one("#views", ContentSwitcher)
        found = switcher.query(f"#{name}").results(BaseView)
        if (view := next(iter(found), None)) is not None:
            return view
        view = next(spec for spec in VIEWS if spec.name == name).load()(id=name)
        view.display = False
        switcher.mount(view)
        return view

    def current_row(self) -> int | None:
        """Give the track that commands act on: under the focused list's cursor, or the view's own."""
        if self.acting_on is not None:
            return self.acting_on
        if isinstance(self.focused, TrackList):
            return self.focused.row
        view = self.current_view()
        return view.current_row() if view else None

    def say(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Tell the listener something, in a toast in place of the one before, unless that warned."""
        if self._said == "information":
            self.clear_notifications()
        self._said = severity
        self.notify(printable(text), severity=severity, markup=False, timeout=TOAST_SECONDS[severity])

    async def action_do(self, name: str) -> None:
        """Carry out a command by its id."""
        context, command = next(pair for pair in commands() if pair[1].id == name)
        if context is APP:
            try:
                self._carry_out(command)
            except TROUBLE as error:
                self.say(f"{command.name}: {error}", "error")
            return
        for inner, node in offer.focused_contexts(self):
            if inner.name == context.name:
                try:
                    await self.run_action(command.method, node)
                except TROUBLE as error:
                    self.say(f"{command.name}: {error}", "error")
                return

    def _carry_out(self, command: Command) -> None:
        """Do an app command; one that is done to a track is done to all that are selected."""
        doing = getattr(getattr(self.desk, command.context), command.method)
        if command.id not in DONE_TO_TRACKS:
            doing()
            return
        self.last_done = command.id
        tracks = self.focused
        if isinstance(tracks, TrackList) and tracks.selecting_from is not None:
            rows = tracks.take_selected()
            done = {"taste.love": self.taste.loved, "taste.ban": self.taste.banned}.get(command.id, ())
            self.desk.undo.do_to_all(command.name, doing, [row for row in rows if row not in done] or rows)
        else:
            doing()

    def get_driver_class(self) -> "type[Driver]":
        """Hear a Unix terminal through `segue.tui.keyboard`."""
        own = super().get_driver_class()
        if own.__name__ != "LinuxDriver":
            return own
        from segue.tui.keyboard import TerminalDriver

        return TerminalDriver

    def holds(self, command: Command) -> bool:
        """Whether the command makes sense now."""
        return offer.CONDITIONS[command.when](self)

    def keys_of(self, command: Command) -> str:
        """Give the keys of a command, the listener's own where they are set."""
        return self.settings.keys.get(command.id, command.keys)

    def refresh_keys(self) -> None:
        """Draw the key bar again."""
        for screen in self.screen_stack[:1]:  # none while the app ends
            for bar in screen.query(KeyBar):
                bar.refresh()

    def on_descendant_focus(self) -> None:
        """Show the keys of what has the focus."""
        self.refresh_keys()

    def ask_key(self, prompt: str, then: Callable[[str], None]) -> None:
        """Ask for one more key, and go on with it; escape ends it."""
        from segue.tui.screens.key import KeyScreen

        self.ask(KeyScreen(prompt), lambda key: then(key) if key is not None else None)

    def ask(self, screen: "Screen[Answer]", then: "Callable[[Answer | None], object]") -> None:
        """Open a screen, and go on with its answer; what the machine refuses then is said."""

        def answered(answer: "Answer | None") -> None:
            try:
                then(answer)
            except TROUBLE as error:
                self.say(str(error), "error")

        self.push_screen(screen, answered)

    def action_jump(self, number: int) -> None:
        """Go to a hop of the breadcrumb."""
        self.desk.walk.jump(number)

    def question(self) -> Question:
        """Give what a place needs to be listed, as it is now."""
        return Question(self.library, self.state, self.taste, self.dials, self.settings, self.equipment.clock)

    def work(
        self, group: str, job: Callable[[], Message | None], *, what: str, to: MessagePump | None = None
    ) -> None:
        """Run a job in a thread; its message comes to `to`, the app by default.

        A new job of a group takes the place of the one before, whose answer is dropped. An error becomes a
        toast that names the job by `what`.
        """

        def run() -> None:
            worker = get_current_worker()
            try:
                message = job()
            except Exception as error:  # noqa: BLE001 - a failed job must not end the app
                message = WorkFailed(what, error)
            if message is not None and not worker.is_cancelled:
                (self if to is None or isinstance(message, WorkFailed) else to).post_message(message)

        self.run_worker(run, group=group, exclusive=True, thread=True, exit_on_error=False, description=what)
