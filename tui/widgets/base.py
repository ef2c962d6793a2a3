"""What every widget is."""

from collections.abc import Callable
from typing import cast

from textual import events
from textual.widget import Widget

from segue.tui.context import Explorer, Result


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
