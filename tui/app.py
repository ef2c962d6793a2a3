"""The app: it wires the views, the controllers and the state together, and does nothing itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.theme import Theme
from textual.widgets import ContentSwitcher

from segue.core.explore.variety import Taste
from segue.tui import terminal
from segue.tui.availability import widgets_with_commands
from segue.tui.commands import Command, binding, commands_of
from segue.tui.context import TROUBLE, Explorer
from segue.tui.controllers import APP_COMMANDS, Controllers
from segue.tui.controllers.views import VIEWS, Views, view_class
from segue.tui.model.listing import Listing, TrackLine
from segue.tui.model.places import Place, import_engine
from segue.tui.model.settings import Settings
from segue.tui.session import Session
from segue.tui.themes import ANSI, THEMES
from segue.tui.widgets.bars import Header, KeyBar, PlayerBar
from segue.tui.widgets.track_list import TrackList

if TYPE_CHECKING:
    from textual.dom import DOMNode
    from textual.driver import Driver

    from segue.core.library import Library
    from segue.tui.control import Remote
    from segue.tui.model.values import Equipment
    from segue.tui.mpris import Desktop


SETTLED_AFTER = 1.0
"""Seconds after which the start is over."""
SAVED_EVERY = 10.0
"""Seconds between two looks whether the session has changed and must be saved."""
TOUR = "tour"
"""The session that notes that the tour was shown."""
HOME = "explore"


def theme_of(settings: Settings) -> str:
    """The theme of the settings; the terminal's own colours where it would show ours as greys, or none."""
    greyed = terminal.sixteen_colours() and settings.theme == Settings().theme
    return ANSI.name if terminal.colourless() or greyed else settings.theme


class SegueApp(Explorer):
    """The explorer of one library.

    Everything from outside is handed in, so that tests can hand in their own. It returns the folder of the
    library to open next, or None when the listener leaves.
    """

    TITLE = "Segue"
    CSS_PATH = Path(__file__).parent / "styles" / "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        binding(command, f"app.do('{command.id}')") for command in APP_COMMANDS if command.keys
    ]
    ENABLE_COMMAND_PALETTE = False  # Segue has its own

    app_commands = APP_COMMANDS

    def __init__(self, library: "Library", equipment: "Equipment", settings: Settings | None = None) -> None:
        plain, settings = terminal.colourless(), settings or Settings()
        # before the rest, so that the style sheets are read only once
        self.set_reactive(SegueApp.theme, theme_of(settings))
        super().__init__(library, equipment, settings, ansi=True if plain else None)
        if settings.motion == "none" or (settings.motion == "auto" and terminal.over_ssh()):
            self.animation_level = "none"
        self.set_keymap({name: keys.strip() or "unbound" for name, keys in settings.keys.items()})
        self.controllers = Controllers(self)
        self.view_in_sight = self.controllers.views.in_sight
        self.seek_to = self.controllers.sound.seek_to
        self.starting_points = self.controllers.starts.points
        self.stop_trailer = self.controllers.playback.stop_trailer
        self.session = Session(self, self.controllers.playback)
        self._remote: Remote | None = None
        self._desktop: Desktop | None = None
        self._titled = False

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Segue's own themes by name."""
        return {theme.name: theme for theme in THEMES}

    # --- from start to end

    def compose(self) -> ComposeResult:
        """Lay the screen: header, views, player, keys."""
        tabs = {each.id.removeprefix("views."): each.name for each in commands_of(Views)}
        yield Header([(name, tabs[name]) for name in VIEWS])
        with ContentSwitcher(initial=HOME, id="views"):
            # laid out with the rest: one that came later would be styled and drawn again
            yield view_class(HOME)(id=HOME)
        yield PlayerBar()
        yield KeyBar()

    def on_mount(self) -> None:
        """Continue where the last session was left."""
        terminal.leave_on_signal(self.leave)
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))  # Ctrl+Z and fg
        # bound now, not while composing: that would put it off, and the list would miss the first frame
        home = self.controllers.views.view(HOME)
        self.bind_state(home)
        self.bind_state(self.query_one(PlayerBar))
        self.taste = Taste.of(self.library, self.state)
        self.controllers.views.show(HOME)
        resumed = self.session.restore()
        self.controllers.walks.list_here()
        for name in ("playing", "radio", "walk", "basket", "dials", "radio_dials", "listing"):
            self.watch(self, name, self.refresh_keys, init=False)
        if self.settings.terminal_title:
            self.watch(self, "playing", self._show_title, init=False)
        self.set_interval(SAVED_EVERY, self.session.keep)
        self.watch(self, "radio", self.session.keep, init=False)  # a queue outlives a kill
        if not resumed and self.state.session(name=TOUR) is None:
            self.state.save_session({"shown": True}, name=TOUR)  # once for each listener, not library
            self.call_after_refresh(self.controllers.views.tour)  # first the list is drawn
        self.set_timer(SETTLED_AFTER, terminal.collect_garbage_again)
        if self.state.unkept:
            what_to_do = self.state.unkept.rpartition("; ")[2]
            self.say(f"Loves, bans and your place can't be saved: {what_to_do}", "warning")
        if self.equipment.seat > 1:
            self.say("Another Segue has this library open: this one keeps a place and a queue of its own.")
        self.controllers.preferences.watch()
        self.call_after_refresh(self._listen)
        self.call_after_refresh(self.work, "ready", import_engine, lambda _: None, what="Getting ready")

    async def _listen(self) -> None:
        """Let `segue ctl` and the desktop's media keys control this explorer."""
        from segue.tui.control import Control, Remote

        control = Control(self, self.controllers)
        if self.equipment.socket is not None:
            self._remote = Remote(control)
            await self._remote.listen(self.equipment.socket)
        if self.equipment.bus:
            try:
                from segue.tui.mpris import Desktop
            except ImportError:  # dbus-fast is the extra `desktop`
                return
            self._desktop = Desktop(self, control)
            await self._desktop.join(self.equipment.bus)

    def _show_title(self) -> None:
        """Name what plays in the terminal's title."""
        code = terminal.title_code(f"{self.playing.label} · Segue" if self.playing is not None else "Segue")
        if self._driver is not None and code:
            self._driver.write(code if self._titled else terminal.KEEP_TITLE + code)
            self._titled = True

    async def on_unmount(self) -> None:
        """Leave no sound and no thread behind, and the terminal's title as it was."""
        if self._driver is not None and self._titled:
            self._driver.write(terminal.RESTORE_TITLE)
        if self._remote is not None:
            await self._remote.close()
        if self._desktop is not None:
            self._desktop.close()
        self.controllers.titles.close()
        self.controllers.playback.close()

    def get_driver_class(self) -> "type[Driver]":
        """Read a Unix terminal through `segue.tui.keyboard`."""
        own = super().get_driver_class()
        if own.__name__ != "LinuxDriver":
            return own
        from segue.tui.keyboard import TerminalDriver

        return TerminalDriver

    @property
    def broken_by(self) -> Exception | None:
        """The error that ended the app; None when it was left."""
        return self._exception if self.return_code else None

    async def _on_message(self, message: Message) -> None:
        """Handle a message; trouble becomes a toast, where Textual would end the app."""
        try:
            await super()._on_message(message)
        except TROUBLE as error:
            self.say(str(error), "error")

    def _fatal_error(self) -> None:
        """End without Textual's pages of traceback: the caller reports the error in one line."""
        self._close_messages_no_wait()

    def leave(self) -> None:
        """Leave, and keep where the listener is."""
        self.session.keep()
        self.exit()

    async def action_quit(self) -> None:
        """Leave by Textual's own command."""
        self.controllers.views.quit()

    def refresh_keys(self) -> None:
        """Show the keys of the commands that make sense now."""
        for screen in self.screen_stack[:1]:  # none while the app ends
            for bar in screen.children:
                if isinstance(bar, KeyBar) and bar.follow():
                    screen.query(PlayerBar).refresh()

    on_descendant_focus = on_track_list_settled = refresh_keys

    def apply_settings(self, settings: Settings) -> None:
        """Take other settings: colours, keys and lists at once, the rest at the next start."""
        before, self.settings = self.settings, settings
        self.theme = theme_of(settings)
        keys = {name: keys.strip() or "unbound" for name, keys in settings.keys.items()}
        self.set_keymap(keys)
        if settings.ranker != before.ranker:
            self.dials = replace(self.dials, ranker=settings.ranker)
        self.refresh_bindings()
        self.refresh_keys()

    def open_library(self, path: Path) -> None:
        """Leave, and come back with another library."""
        self.session.keep()
        self.exit(path)

    async def do_below(self, command: Command) -> None:
        """Run a command on the view below the screens over it: a list's own on its list."""
        view = self.controllers.views.in_sight()
        tracks = view and view.current_list()
        if command in self.app_commands:
            await self.action_do(command.id)
        elif tracks is not None:
            await self.run_action(command.action, tracks)

    # --- what widgets and controllers ask for

    def current_row(self) -> int | None:
        """Return the track that commands act on: under the focused list's cursor, or the view's own."""
        if isinstance(self.focused, TrackList):
            return self.focused.row
        view = self.controllers.views.in_sight()
        return view.current_row() if view else None

    def current_list(self) -> TrackLine:
        """Return the list whose cursor `current_row` is at; empty where a track stands alone."""
        view = self.controllers.views.in_sight()
        tracks = self.focused if isinstance(self.focused, TrackList) else view and view.current_list()
        return TrackLine(tracks.listing, tracks.cursor) if tracks else TrackLine(Listing())

    def go(self, place: Place, cursor: int | None = None) -> None:
        """Go on to a place and list it, the cursor on a line of it."""
        self.controllers.walks.go(place, cursor)

    def cursor_rested(self, row: int | None, around: Sequence[int] = ()) -> None:
        """Note where a cursor is: with audition on, the track plays and those `around` it are fetched."""
        self.controllers.auditions.cursor_rested(row, around)

    def on_track_list_untitled(self, event: TrackList.Untitled) -> None:
        """Ask in the background for the titles of tracks in sight that have none."""
        self.controllers.titles.want(event.lines, event.rows)

    def action_jump(self, number: int) -> None:
        """Go to a hop of the breadcrumb."""
        self.controllers.walks.jump(number)

    # --- commands

    async def action_do(self, name: str) -> None:
        """Run a command by its id: one of the app, or of the focused widget."""
        owned: list[tuple[DOMNode, Command]] = [(self, each) for each in self.app_commands]
        owned += [(widget, each) for widget in widgets_with_commands(self) for each in widget.OWN_COMMANDS]
        for owner, command in owned:
            if command.id == name:
                try:
                    if owner is self:
                        self._run(command)
                    else:
                        await self.run_action(command.action, owner)
                except TROUBLE as error:
                    self.say(f"{command.name}: {error}", "error")
                return

    def _run(self, command: Command) -> None:
        """Run a command of the app; one that runs on tracks takes all that are selected."""
        method, history = self.controllers.method(command), self.controllers.history
        if not command.on_tracks:
            method()
            return
        history.last_on_track = command.id
        tracks = self.focused
        if isinstance(tracks, TrackList) and tracks.selecting_from is not None:
            rows = tracks.take_selected()
            done = {"taste.love": self.taste.loved, "taste.ban": self.taste.banned}.get(command.id, ())
            history.do_to_all(command.name, method, [row for row in rows if row not in done] or rows)
        elif (row := history.cursor_row()) is not None:
            method(row)
