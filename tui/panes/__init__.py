"""The views, each a package of its own, and what every view is.

`segue.tui.controllers.views` says how to add one.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.worker import get_current_worker

from segue.tui.child import Child, Event
from segue.tui.commands import Group, HasCommands
from segue.tui.model.places import Place
from segue.tui.widgets.base import SegueWidget

if TYPE_CHECKING:
    from segue.tui.widgets.track_list import TrackList


class BaseView(HasCommands, SegueWidget):
    """A view: it fills the screen between the header and the player bar.

    Its reactives that have the name of a part of the app's state follow that.
    """

    PARTS: ClassVar[tuple[type[HasCommands], ...]] = ()
    """Its widgets that have commands of their own."""

    @classmethod
    def groups(cls) -> list[Group]:
        """Return its commands and those of its parts, for the help."""
        return [owner.group() for owner in (cls, *cls.PARTS) if owner.OWN_COMMANDS]

    def focus_first(self) -> None:
        """Focus what the listener most likely wants to use."""
        self.focus()

    def current_row(self) -> int | None:
        """Return the track that commands act on, as a row of the library."""
        tracks = self.current_list()
        return tracks.row if tracks else None

    def current_list(self) -> "TrackList | None":
        """Return the list of `current_row`; None where the track stands alone."""
        return None

    def follows(self, place: Place) -> bool:  # noqa: ARG002 - for views that follow some kinds
        """Whether the view itself shows such a place; if not, a step of the walk leads to Explore."""
        return False

    def became_visible(self) -> None:
        """Called when the view becomes visible."""

    def start(self, child: Child, what: str) -> bool:
        """Start a child, and return whether it could be; an error becomes a toast."""
        try:
            child.start()
        except OSError as error:
            self.segue.say(f"{what} can't start: {error}", "error")
            return False
        return True

    def follow(
        self, child: Child, show: Callable[[Event], object], then: Callable[[Child], object], what: str
    ) -> None:
        """Call `show` with each event of a child from its first on, and `then` once it has ended."""

        def job() -> Child:
            worker = get_current_worker()
            for event in child.events(lambda: worker.is_cancelled):
                self.call_later(show, event)
            return child

        self.work(f"child-{child.name}", job, then, what=what)


def style_beside(module_file: str) -> str:
    """Read the `style.tcss` beside a view's module."""
    return Path(module_file).with_name("style.tcss").read_text(encoding="utf-8")
