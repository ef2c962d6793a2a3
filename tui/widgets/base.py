"""What every widget is."""

from collections.abc import Callable, Sequence
from typing import cast

from textual import events
from textual.content import Content
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
    """A line of pieces, some of which run an action of the app when clicked.

    Textual's own links would put their colours over ours.
    """

    _pieces: Sequence[tuple[Content, str]] = ()

    def joined(self, pieces: Sequence[tuple[Content, str]]) -> Content:
        """Draw pieces one after another, each with its action; empty for none."""
        self._pieces = pieces
        return Content("").join([piece for piece, _ in pieces])

    async def on_click(self, event: events.Click) -> None:
        """Run the action of the clicked piece."""
        end = 0
        for piece, action in self._pieces:
            end += piece.cell_length
            if event.x < end:
                if action:
                    event.stop()
                    await self.app.run_action(action)
                return
