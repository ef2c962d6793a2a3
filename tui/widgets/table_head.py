"""The line above a list of lines, aligned with it."""

from collections.abc import Callable

from textual.app import RenderResult
from textual.content import Content

from segue.tui.panes.base import SegueWidget


class TableHead(SegueWidget):
    """Words drawn by `draw(width)` for the same width as the lines of the list below."""

    DEFAULT_CSS = "TableHead { height: 1; }"

    def __init__(self, draw: Callable[[int], str]) -> None:
        super().__init__()
        self._draw = draw

    def render(self) -> RenderResult:
        """Draw the line. A list keeps a cell for its cursor and one for its scrollbar."""
        return Content.styled(self._draw(max(self.size.width - 2, 0)), "$faint")
