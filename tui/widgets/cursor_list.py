"""Lists that draw only the lines in sight: a cursor, vim's motions, the mouse, and a line of headings."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive, var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from segue.tui.availability import has_track
from segue.tui.commands import HasCommands, command
from segue.tui.model.glyphs import UNICODE, Glyphs, empty_lines
from segue.tui.model.listing import Finding
from segue.tui.widgets.base import SegueWidget

Item = TypeVar("Item")
Part = tuple[str, str]
"""A piece of a line, and how it is drawn: one of `STYLES`."""
STYLES = (
    "text", "strong", "quiet", "faint", "bar", "accent", "good", "bad", "found", "cursor", "cursor-blurred",
)  # fmt: skip


class ListMessage(Message):
    """Something happened in a list."""

    def __init__(self, lines: "CursorList") -> None:
        super().__init__()
        self.lines = lines


class ListMoved(ListMessage):
    """The cursor came to another line. A burst of them becomes one."""

    def can_replace(self, message: Message) -> bool:
        """Whether only the later of two moves matters."""
        return isinstance(message, ListMoved) and message.lines is self.lines


class CursorList(HasCommands, ScrollView, can_focus=True):
    """Lines under a cursor, with vim's motions.

    A kind of list has a length, draws its lines, and posts moves and choices.
    """

    DEFAULT_CSS = """
    CursorList {
        height: 1fr;
        background: $background;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        overflow-x: hidden;
        & .line--text { color: $foreground; }
        & .line--strong { color: $foreground; text-style: bold; }
        & .line--quiet { color: $quiet; }
        & .line--faint { color: $faint; }
        & .line--bar { color: $primary; }
        & .line--accent { color: $accent; }
        & .line--good { color: $success; }
        & .line--bad { color: $error; }
        & .line--found { color: $accent; text-style: bold underline; }
        & .line--cursor { background: $cursor; text-style: bold; }
        & .line--cursor-blurred { background: $cursor-blurred; }
        &:ansi .line--cursor { text-style: bold reverse; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{name}" for name in STYLES}
    BINDING_GROUP_TITLE = "A list of tracks"
    HELP = "Move with the arrows or as in vim, with counts: 5j, 20G. A click selects, a double click opens."

    cursor: var[int] = var(0, init=False)
    """The line under the cursor, counted from 0. A move draws its two lines, not the whole list."""
    virtual_size = reactive(Size(0, 0))
    """The lines that are listed; unlike Textual's own they lay out only for a scrollbar to come or go."""
    finding: Finding | None = None
    selecting_from: int | None = None
    """The line where the selection begins; it ends at the cursor. None without a selection."""
    _count = ""
    _prefix = ""
    _plain: Style | None = None
    _room: Size | None = None

    # --- the cursor

    @command("list.choose", "enter,l,right", "open", 96, when=has_track)
    def action_choose(self) -> None:
        """Open this track: list its nearest neighbours."""
        raise NotImplementedError

    @property
    def room(self) -> Size:
        """The columns and lines for what is listed; looking them up costs a tenth of a line."""
        if self._room is None:
            self._room = self.scrollable_content_region.size
        return self._room

    @property
    def plain(self) -> Style:
        """The style of empty cells; looking it up costs as much as half a line."""
        if self._plain is None:
            self._plain = self.rich_style
        return self._plain

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines in sight; their style and their room are looked up once."""
        self._plain = self._room = None
        return super().render_lines(crop)

    def __len__(self) -> int:
        raise NotImplementedError

    def __bool__(self) -> bool:
        return True  # a widget is one even when its list is empty

    def watch_virtual_size(self, size: Size) -> None:
        """Let the scrollbar follow."""
        self._scroll_update(size)

    def begin_at(self, cursor: int) -> None:
        """Put the cursor into a list that has just changed."""
        self.clear_count()
        self.virtual_size = Size(0, len(self))
        self.set_reactive(CursorList.cursor, self.validate_cursor(cursor))
        self.post_moved()
        self.keep_in_sight()
        self.refresh()

    @property
    def listener(self) -> Widget:
        """The nearest widget around it that is not a mere container: one that hears of moves.

        From container to container, a move would come too late for the frame that draws the cursor.
        """
        return next((each for each in self.ancestors if isinstance(each, SegueWidget)), self)

    def post_moved(self) -> None:
        """Post that something else is under the cursor."""
        raise NotImplementedError

    def style_of(self, name: str) -> Style:
        """Return one of `STYLES`."""
        return self.get_component_rich_style(f"line--{name}")

    @property
    def cursor_style(self) -> Style:
        """What is laid over the line under the cursor."""
        return self.style_of("cursor" if self.has_focus else "cursor-blurred")

    @property
    def place(self) -> str:
        """Which of how many lines the cursor is on, such as `812 of 130,039`."""
        return f"{self.cursor + 1:,} of {len(self):,}" if len(self) else ""

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor within the list."""
        return min(max(cursor, 0), max(len(self) - 1, 0))

    def watch_cursor(self, before: int, after: int) -> None:
        """Post the move and draw the cursor's new line, in this order so that one frame shows both."""
        self.post_moved()
        if self.selecting_from is None:
            self.refresh_line(before)
            self.refresh_line(after)
        else:
            self.refresh()
        self.keep_in_sight()

    def keep_in_sight(self) -> None:
        """Scroll so that the cursor's line is seen."""
        if self.scrollable_content_region.height > 0:
            self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True, x_axis=False)

    on_resize = keep_in_sight

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the clicked line; a double click opens it."""
        line = self.scroll_offset.y + event.y
        if not 0 <= line < len(self):
            return
        if line == self.cursor and event.chain > 1:
            self.action_choose()
        self.cursor = line

    # --- motions

    def clear_count(self) -> None:
        """Drop a count or a prefix that was typed."""
        self._count = self._prefix = ""

    @property
    def pending(self) -> str:
        """What was typed of a motion so far."""
        return self._count + self._prefix

    def _take(self, default: int = 1) -> int:
        count = int(self._count) if self._count else default
        self.clear_count()
        return min(count, 10**7)

    async def on_key(self, event: events.Key) -> None:
        """Collect a count, and the second key of g and z."""
        if self._prefix:
            self._after_prefix(event)
        elif event.character and event.character.isdecimal() and (self._count or event.character != "0"):
            self._count = (self._count + event.character)[-7:]
            event.stop()
            event.prevent_default()

    def _after_prefix(self, event: events.Key) -> None:
        prefix, key = self._prefix, event.key
        if prefix == "g" and key == "g":
            self.cursor = self._take() - 1
        elif prefix == "g" and key == "p":
            self.call_later(self.app.run_action, "app.do('walk.playing')")
        elif prefix == "z" and key in {"z", "t", "b"}:
            self._put_cursor_at(key)
        self.clear_count()
        event.stop()
        event.prevent_default()

    def _put_cursor_at(self, key: str) -> None:
        height = self.scrollable_content_region.height
        above = {"z": height // 2, "t": 0, "b": height - 1}[key]
        self.scroll_to(y=self.cursor - above, animate=False, force=True)

    @command("list.down", "j,down", "down")
    def action_down(self) -> None:
        """Go down a row; a number before it counts."""
        self.cursor += self._take()

    @command("list.up", "k,up", "up")
    def action_up(self) -> None:
        """Go up a row; a number before it counts."""
        self.cursor -= self._take()

    def _page(self) -> int:
        return max(self.scrollable_content_region.height, 2)

    @command("list.half_down", "ctrl+d", "half down")
    def action_half_down(self) -> None:
        """Go down half a page."""
        self.cursor += self._take() * (self._page() // 2)

    @command("list.half_up", "ctrl+u", "half up")
    def action_half_up(self) -> None:
        """Go up half a page."""
        self.cursor -= self._take() * (self._page() // 2)

    @command("list.page_down", "ctrl+f,pagedown", "page down")
    def action_page_down(self) -> None:
        """Go down a page."""
        self.cursor += self._take() * (self._page() - 1)

    @command("list.page_up", "ctrl+b,pageup", "page up")
    def action_page_up(self) -> None:
        """Go up a page."""
        self.cursor -= self._take() * (self._page() - 1)

    @command("list.top", "home", "top")
    def action_top(self) -> None:
        """Go to the first row; also g g."""
        self.clear_count()
        self.cursor = 0

    @command("list.bottom", "G,end", "bottom")
    def action_bottom(self) -> None:
        """Go to the last row, or to the row of the number before it."""
        self.cursor = self._take(len(self)) - 1

    @command("list.g", "g", "g …")
    def action_g(self) -> None:
        """Go to the top with g g, to the track that plays with g p."""
        self._prefix = "g"

    @command("list.z", "z", "z …")
    def action_z(self) -> None:
        """Scroll the row of the cursor: z z to the middle, z t to the top, z b to the bottom."""
        self._prefix = "z"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `n` and escape to the app while there is nothing to find or end."""
        if action in {"next_match", "previous_match"}:
            return self.finding is not None
        if action == "end_find":
            return self.finding is not None or self.selecting_from is not None or bool(self.pending)
        return super().check_action(action, parameters)

    @command("list.next_match", "n", "next match", 98)
    def action_next_match(self) -> None:
        """Go to the next match."""
        if self.finding:
            self.cursor = self.finding.after(self.cursor, self._take())

    @command("list.previous_match", "N", "previous match")
    def action_previous_match(self) -> None:
        """Go to the previous match."""
        if self.finding:
            self.cursor = self.finding.before(self.cursor, self._take())

    @command("list.end_find", "escape", "end find")
    def action_end_find(self) -> None:
        """Clear the matches, the selection and the number typed."""
        self.finding = self.selecting_from = None
        self.clear_count()
        self.refresh()


class LineList(CursorList, Generic[Item]):
    """Items under a cursor, each drawn as a line of parts by `draw(item, width)`."""

    class Moved(ListMoved):
        """The cursor came to another line."""

        lines: "LineList[Any]"

    class Chosen(ListMessage):
        """The listener opens the line under the cursor."""

        lines: "LineList[Any]"

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
        self.listener.post_message(self.Moved(self))

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
            return Strip([Segment(text, self.style_of("quiet"))]).adjust_cell_length(width, self.plain)
        if index >= len(self):
            return Strip.blank(width, self.plain)
        parts = [(self._glyphs.cursor if index == self.cursor else " ", "bar")]
        # the same room with and without a scrollbar, so that a head above stays aligned
        parts += self._draw(self.items[index], max(self.outer_size.width - 2, 0))
        over = Style()
        if index == self.cursor:
            over = self.cursor_style
        segments = [Segment(text, self.style_of(name) + over) for text, name in parts]
        return Strip(segments).adjust_cell_length(width, self.plain + over)


class TableHead(SegueWidget):
    """Words drawn by `draw(width)` for the same width as the lines of the list below."""

    DEFAULT_CSS = "TableHead { height: 1; }"

    def __init__(self, draw: Callable[[int], str]) -> None:
        super().__init__()
        self._draw = draw

    def render(self) -> RenderResult:
        """Draw the line. A list keeps a cell for its cursor and one for its scrollbar."""
        return Content.styled(self._draw(max(self.size.width - 2, 0)), "$faint")
