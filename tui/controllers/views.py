"""Changing the view."""

from typing import TYPE_CHECKING

from textual.widgets import ContentSwitcher

from segue.core.errors import SegueError
from segue.tui.controllers.base import Controller
from segue.tui.panes import VIEWS
from segue.tui.widgets.header import Header

if TYPE_CHECKING:
    from segue.core.library import Library


def _read_parts(library: "Library", name: str) -> None:
    """Read what a view is laid out by: the library's folder may have gone, or been written anew."""
    if name == "map":
        _ = library.positions
    elif name == "metrics":
        _ = library.cooccurrence


class Views(Controller):
    """Shows a view by name; each view's command is a method of its name."""

    shown = ""

    def show(self, name: str, *, focus: bool = True) -> None:
        """Bring a view into sight and give it the focus."""
        screen = self.app.screen_stack[0]
        try:
            _read_parts(self.app.library, name)
        except SegueError as error:
            self.app.say(str(error), "error")
            return
        view = self.app.view(name)
        if self.shown != name:
            screen.query_one("#views", ContentSwitcher).current = name
            screen.query_one(Header).view = name
            self.shown = name
            view.opened()
        if focus:
            # a view that was just made has nothing to focus before it is mounted
            view.call_after_refresh(view.focus_first)
        self.app.refresh_keys()

    def __getattr__(self, name: str) -> object:
        """Give the doing of `views.NAME`."""
        if any(view.name == name for view in VIEWS):
            return lambda: self.show(name)
        raise AttributeError(name)

    def next(self) -> None:
        """Go to the next view."""
        self._turn(1)

    def previous(self) -> None:
        """Go to the view before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        names = [view.name for view in VIEWS]
        self.show(names[(names.index(self.shown) + step) % len(names)])
