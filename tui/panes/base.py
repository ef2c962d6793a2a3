"""What every view is."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.widget import Widget

if TYPE_CHECKING:
    from segue.tui.app import SegueApp
    from segue.tui.walk import Place


class SegueWidget(Widget):
    """A widget that knows which app it is in."""

    @property
    def segue(self) -> "SegueApp":
        """The app."""
        return cast("SegueApp", self.app)


class BaseView(SegueWidget):
    """A view: it fills the screen between the header and the player bar."""

    def focus_first(self) -> None:
        """Give the focus to what the listener most likely wants to use."""
        self.focus()

    def current_row(self) -> int | None:
        """Give the track that commands act on, as a row of the library."""
        return None

    def follows(self, place: "Place") -> bool:  # noqa: ARG002 - for views that follow some kinds
        """Say whether the view itself shows such a place; if not, a step of the walk leads to Explore."""
        return False

    def opened(self) -> None:
        """Be told that the view has come into sight."""


def style_beside(module_file: str) -> str:
    """Read the `style.tcss` beside a view's module."""
    return Path(module_file).with_name("style.tcss").read_text(encoding="utf-8")
