"""Lines of words that can be clicked."""

from textual import events

from segue.tui.panes.base import SegueWidget


class Spots(SegueWidget):
    """A line whose drawing notes which cells do which of the app's actions when they are clicked.

    Textual's own links would put their colours over ours.
    """

    def __init__(self) -> None:
        super().__init__()
        self._spots: list[tuple[range, str]] = []

    def forget_spots(self) -> None:
        """Begin a new drawing."""
        self._spots = []

    def spot(self, start: int, width: int, action: str) -> None:
        """Let the cells from `start` on do an action of the app."""
        self._spots.append((range(start, start + width), action))

    async def on_click(self, event: events.Click) -> None:
        """Do what the clicked cell does."""
        for cells, action in self._spots:
            if event.x in cells:
                event.stop()
                await self.app.run_action(action)
                return
