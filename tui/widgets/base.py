"""What every widget and every view is."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.content import Content
from textual.reactive import Reactive
from textual.widget import Widget

from segue.tui.commands import Group, HasCommands
from segue.tui.context import Explorer, Result
from segue.tui.model.places import Place

if TYPE_CHECKING:
    from segue.tui.widgets.track_list import TrackList


class SegueWidget(Widget):
    """A widget that knows what the app offers."""

    @property
    def segue(self) -> Explorer:
        """The app."""
        return cast("Explorer", self.app)

    def work(
        self, group: str, job: Callable[[], Result], then: Callable[[Result], object], *, what: str
    ) -> None:
        """Run a job in a thread, then call `then` with its result: see `Explorer.work`."""
        self.segue.work(group, job, then, what=what, to=self)

    def refresh_to_fit(self) -> None:
        """Draw again, and lay out the screen again only where the height changes: that draws all of it."""
        drawn, (width, height) = self.render(), self.size
        fits = width > 0 and isinstance(drawn, Content) and drawn.get_height({}, width) == height
        self.refresh(layout=not fits)


class ClickableLine(SegueWidget):
    """A line that notes, while it is drawn, which cells run which action of the app when clicked.

    Textual's own links would put their colours over ours.
    """

    def __init__(self) -> None:
        super().__init__()
        self._spots: list[tuple[range, str]] = []

    def clear_spots(self) -> None:
        """Start a new drawing."""
        self._spots = []

    def spot(self, start: int, width: int, action: str) -> None:
        """Let a click on `width` cells from `start` on run an action of the app."""
        self._spots.append((range(start, start + width), action))

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the clicked cell."""
        for cells, action in self._spots:
            if event.x in cells:
                event.stop()
                await self.app.run_action(action)
                return


class BaseView(HasCommands, SegueWidget):
    """A view: it fills the screen between the header and the player bar."""

    STATE: ClassVar[tuple[Reactive[Any], ...]] = ()
    """What of the app's state is bound to the view's reactives of the same names."""
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
        return None

    def current_list(self) -> "TrackList | None":
        """Return the list of `current_row`; None where the track stands alone."""
        return None

    def follows(self, place: Place) -> bool:  # noqa: ARG002 - for views that follow some kinds
        """Whether the view itself shows such a place; if not, a step of the walk leads to Explore."""
        return False

    def became_visible(self) -> None:
        """Called when the view becomes visible."""


def style_beside(module_file: str) -> str:
    """Read the `style.tcss` beside a view's module."""
    return Path(module_file).with_name("style.tcss").read_text(encoding="utf-8")
