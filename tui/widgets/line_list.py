"""A list of anything, of which only the lines in sight are drawn, and the line of headings above it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.strip import Strip

from segue.tui.model.glyphs import UNICODE, Glyphs
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.cells import empty_lines
from segue.tui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from segue.tui.model.listing import Finding

Item = TypeVar("Item")
Part = tuple[str, str]
"""A piece of a line, and how it is drawn: one of `STYLES`."""
STYLES = ("text", "strong", "quiet", "faint", "bar", "accent", "bad")


class LineList(CursorList, Generic[Item]):
    """Items under a cursor, each drawn as a line of parts by `draw(item, width)`."""

    DEFAULT_CSS = """
    LineList {
        & .line--text { color: $foreground; }
        & .line--strong { color: $foreground; text-style: bold; }
        & .line--quiet { color: $quiet; }
        & .line--faint { color: $faint; }
        & .line--bar { color: $primary; }
        & .line--accent { color: $accent; }
        & .line--bad { color: $error; }
        & .line--cursor { background: $cursor; text-style: bold; }
        & .line--cursor-blurred { background: $cursor-blurred; }
        &:ansi .line--cursor { text-style: bold reverse; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--cursor",
        "line--cursor-blurred",
        *(f"line--{name}" for name in STYLES),
    }

    class Moved(Message):
        """The cursor came to another line. A burst of them becomes one."""

        def __init__(self, lines: "LineList[Any]") -> None:
            super().__init__()
            self.lines = lines

        @property
        def control(self) -> "LineList[Any]":
            """The list it happened in."""
            return self.lines

        def can_replace(self, message: Message) -> bool:
            """Whether only the later of two moves matters."""
            return isinstance(message, LineList.Moved) and message.lines is self.lines

    class Chosen(Message):
        """The listener opens the line under the cursor."""

        def __init__(self, lines: "LineList[Any]") -> None:
            super().__init__()
            self.lines = lines

        @property
        def control(self) -> "LineList[Any]":
            """The list it happened in."""
            return self.lines

    def __init__(
        self,
        draw: Callable[[Item, int], Sequence[Part]],
        *,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._glyphs = glyphs
        self.items: Sequence[Item] = ()
        self.empty = ""
        """What is shown when there is nothing to list."""
        self.finding: Finding | None = None

    def show(self, items: Sequence[Item], *, cursor: int = 0, empty: str = "") -> None:
        """Put other items in place of the present ones."""
        self.items, self.empty = items, empty
        self.begin_at(cursor)

    @property
    def item(self) -> Item | None:
        """What is under the cursor."""
        return self.items[self.cursor] if self.items else None

    def __len__(self) -> int:
        return len(self.items)

    def post_moved(self) -> None:
        """Post that another line is under the cursor."""
        self.post_message(self.Moved(self))

    def action_choose(self) -> None:
        """Go into the line under the cursor."""
        if self.items:
            self.post_message(self.Chosen(self))

    def render_line(self, y: int) -> Strip:
        """Draw the line at `y` of the widget."""
        index = self.scroll_offset.y + y
        width = self.room.width
        if not self.items:
            lines = empty_lines(self.empty, width, self.room.height, self._glyphs)
            text = lines[y] if y < len(lines) else ""
            return Strip([Segment(text, self._style("quiet"))]).adjust_cell_length(width, self.plain)
        if index >= len(self):
            return Strip.blank(width, self.plain)
        parts = [(self._glyphs.cursor if index == self.cursor else " ", "bar")]
        # the same room with and without a scrollbar, so that a head above stays aligned
        parts += self._draw(self.items[index], max(self.outer_size.width - 2, 0))
        over = Style()
        if index == self.cursor:
            over = self._style("cursor" if self.has_focus else "cursor-blurred")
        segments = [Segment(text, self._style(name) + over) for text, name in parts]
        return Strip(segments).adjust_cell_length(width, self.plain + over)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"line--{name}")


class TableHead(SegueWidget):
    """Words drawn by `draw(width)` for the same width as the lines of the list below."""

    DEFAULT_CSS = "TableHead { height: 1; }"

    def __init__(self, draw: Callable[[int], str]) -> None:
        super().__init__()
        self._draw = draw

    def render(self) -> RenderResult:
        """Draw the line. A list keeps a cell for its cursor and one for its scrollbar."""
        return Content.styled(self._draw(max(self.size.width - 2, 0)), "$faint")
