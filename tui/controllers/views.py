"""The views by name, the search line, the help, and the way out.

A view is imported when it is first shown, so it may import what it needs.

How to add a view
-----------------
1. Make the package `tui/panes/NAME/` with a `view.py` that holds `NAMEView`, derived from `BaseView`:
   `compose`, `focus_first()`, and `current_row()`, the track that commands such as radio and love act on.
   Its own commands are `action_...` methods declared by `@command`; their keys win over the app's.
   `style.tcss` beside it is read by `DEFAULT_CSS = style_beside(__file__)`; colours are theme variables.
2. Declare a `reactive` of the same name for each part of the state of `Explorer` that it needs, which follows
   it, and hand them on to its widgets by `data_bind`. Changes go back by a message or a method of
   `Explorer`, such as `self.segue.go(place)`.
3. Slow work goes through `self.work(group, job, then, what=...)`: `job` runs in a thread, `then` gets
   its result; an error becomes a toast.
4. Add it to `VIEWS` below, and its command `views.NAME` to `Views`.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from textual.widgets import ContentSwitcher

from segue.core.errors import SegueError, UsageError
from segue.tui.availability import widgets_with_commands, within_reach
from segue.tui.child import Child
from segue.tui.commands import Command, Group, command
from segue.tui.controllers.base import Controller
from segue.tui.model.places import Place
from segue.tui.model.settings import suggestion
from segue.tui.panes import BaseView
from segue.tui.widgets.bars import Header

VIEWS = ("explore", "radio", "metrics", "map", "train", "compare")
"""Every view, in the order of the header."""


def view_class(name: str) -> type[BaseView]:
    """Import a view: the class `NAMEView` in `segue.tui.panes.NAME.view`."""
    kind: type[BaseView] = getattr(import_module(f"segue.tui.panes.{name}.view"), f"{name.capitalize()}View")
    return kind


def command_groups(app_commands: Sequence[Command]) -> list[Group]:
    """Return every command, the app's first; this imports every view."""
    everywhere = Group(
        "Everywhere",
        "The list holds tracks. Open one to see its neighbours, play it, or start a radio from it.",
        tuple(app_commands),
    )
    return [everywhere, *(group for view in VIEWS for group in view_class(view).groups())]


def nested(one: Command, other: Command) -> bool:
    """Whether a key of both would run only one: where either is everywhere, or both belong to one view."""
    places = {each.id.partition(".")[0] for each in (one, other)}
    own = places & {*VIEWS, "searching", "list", "metrics", "train", "compare", "map"}
    return len(own) < 2


def check_keymap(path: Path, keymap: Mapping[str, str], app_commands: Sequence[Command]) -> None:
    """Check that every command in the keymap of a settings file exists.

    A view is imported only for its own commands.

    Raises
    ------
    UsageError
        When a command does not exist.
    """
    known = {command.id for command in app_commands}
    for name in keymap:
        if name not in known:
            view = name.partition(".")[0]
            own = view_class(view if view in VIEWS else "explore").groups()
            known |= {command.id for group in own for command in group.commands}
        if name not in known:
            every = [each.id for group in command_groups(app_commands) for each in group.commands]
            raise UsageError(f"{path}: unknown command {name!r} in [keys]{suggestion(name, every)}")


class Views(Controller):
    """Shows views and explains them. A view is made when it is first shown."""

    shown: str = ""
    """The name of the view in sight."""

    def show(self, name: str, *, focus: bool = True) -> None:
        """Bring a view into sight and give it the focus."""
        screen, library = self.app.screen_stack[0], self.app.library
        try:  # what it is laid out by: the library may have been removed or changed on disk
            _ = library.positions if name == "map" else library.cooccurrence if name == "metrics" else None
        except SegueError as error:
            self.app.say(str(error), "error")
            return
        view = self.view(name)
        if self.shown != name:
            screen.query_one("#views", ContentSwitcher).current = name
            screen.query_one(Header).view = name
            self.shown = name
            view.became_visible()
        if focus:
            # a view that was just made has nothing to focus before it is mounted
            view.call_after_refresh(view.focus_first)
        self.app.refresh_keys()

    def show_for(self, place: Place) -> None:
        """Show Explore, unless the view in sight shows such a place itself."""
        view = self.in_sight()
        if view is None or not view.follows(place):
            self.show("explore")

    def view(self, name: str) -> BaseView:
        """Return a view, made when it is first asked for."""
        switcher = self.app.screen_stack[0].query_one("#views", ContentSwitcher)
        found = switcher.query(f"#{name}").results(BaseView)
        if (view := next(iter(found), None)) is not None:
            return view
        view = view_class(name)(id=name)
        view.display = False
        self.app.bind_state(view)
        switcher.mount(view)
        return view

    def in_sight(self) -> BaseView | None:
        """Return the view in sight."""
        # asked many times for each key: a query would look at every widget
        below = self.app.screen_stack[0].children
        views = (view for each in below if isinstance(each, ContentSwitcher) for view in each.children)
        return next((v for v in views if isinstance(v, BaseView) and v.display and v.is_mounted), None)

    @command("views.explore", "f2", "Explore")
    def explore(self) -> None:
        """Explore: search, neighbours and details."""
        self.show("explore")

    @command("views.radio", "f3", "Radio")
    def radio(self) -> None:
        """Radio: what plays, the next five tracks with reasons, and the dials."""
        self.show("radio")

    @command("views.metrics", "f4", "Metrics", also="scores evaluation hit ndcg")
    def metrics(self) -> None:
        """Metrics: scores next to the baselines, down to every held-out playlist."""
        self.show("metrics")

    @command("views.map", "f5,M", "Map")
    def map(self) -> None:
        """Map: all tracks on a plane, and the true nearest neighbours."""
        self.show("map")

    @command("views.train", "f6", "Train", also="learn fit new library")
    def train(self) -> None:
        """Train: start a training or a search, watch it, and open its library."""
        self.show("train")

    @command("views.compare", "f7,C", "Compare")
    def compare(self) -> None:
        """Compare: the neighbours of a track in two libraries, and their scores."""
        self.show("compare")

    @command("views.next", "]", "next view")
    def next(self) -> None:
        """Go to the next view."""
        self._turn(1)

    @command("views.previous", "[", "previous view")
    def previous(self) -> None:
        """Go to the previous view."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        self.show(VIEWS[(VIEWS.index(self.shown) + step) % len(VIEWS)])

    @command("search.open", "/", "search", 95, also="find look")
    def search(self) -> None:
        """Find a track in the whole catalogue; / again finds in the list."""
        from segue.tui.panes.explore.view import ExploreView  # made at the start of the app

        self.show("explore", focus=False)
        view = self.view("explore")
        if isinstance(view, ExploreView):
            view.call_after_refresh(view.open_search)

    @command("help.palette", "colon,ctrl+p", "commands", 94)
    def palette(self) -> None:
        """Find any command by name."""
        from segue.tui.screens.help import PaletteScreen

        # g and z wait for a second key
        commands = [each for each in within_reach(self.app) if each.id not in {"list.g", "list.z"}]
        screen = PaletteScreen(commands)
        self.app.ask(screen, lambda name: self.app.call_later(self.app.action_do, name))

    @command("help.context", "f1", "help", 93, also="manual keys usage")
    def context(self) -> None:
        """Explain the focused pane and its keys."""
        own = [widget.group() for widget in widgets_with_commands(self.app)]
        own.sort(key=lambda group: group.title.startswith("A list"))  # what the view is comes first
        everywhere = command_groups(self.app.app_commands)[0]
        self._show_keys("Help", [*own, everywhere], short=True)

    @command("help.keys", "", "all keys", also="shortcuts bindings")
    def keys(self) -> None:
        """List every key; type to find one."""
        self._show_keys("All keys", command_groups(self.app.app_commands))

    def _show_keys(self, title: str, groups: list[Group], *, short: bool = False) -> None:
        from segue.tui.screens.help import KeysScreen

        self.app.push_screen(KeysScreen(title, groups, short=short))

    @command("help.tour", "", "tour", also="tutorial introduction intro")
    def tour(self) -> None:
        """Take the short tour again."""
        from segue.tui.screens.help import TourScreen

        self.app.push_screen(TourScreen())

    @command("help.suspend", "ctrl+z", "suspend")
    def suspend(self) -> None:
        """Suspend Segue and go to the shell; fg returns."""
        self.app.action_suspend_process()

    @command("help.quit", "q", "quit", 30, also="exit leave close end")
    def quit(self) -> None:
        """Quit; the next start continues from here."""
        running = [child for name in ("train", "tune") if (child := Child.last(name)) and child.running]
        if not running:
            self.app.leave()
            return
        from segue.tui.screens.ask import ChoiceScreen

        training = any(child.name == "train" for child in running)
        what = "training" if training else "search for settings"
        kept = (
            "the best vectors so far are kept; R in Train resumes it" if training else "its results are kept"
        )
        choices = [("", "stay", f"the {what} goes on"), ("leave", "stop it and leave", kept)]
        screen = ChoiceScreen(f"A {what} is still running", choices)
        self.app.ask(screen, lambda answer: self.app.leave() if answer else None)
