"""Changing the view."""

from textual.widgets import ContentSwitcher

from tui.controllers.base import Controller
from tui.panes import VIEWS
from tui.widgets.header import Header


class Views(Controller):
    """Shows a view by name; each view's command is a method of its name."""

    shown = ""

    def show(self, name: str, *, focus: bool = True) -> None:
        """Bring a view into sight and give it the focus."""
        screen = self.app.screen_stack[0]
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
