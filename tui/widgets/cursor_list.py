"""What every list has: a cursor that stays within it and in sight, vim's motions, and the mouse."""

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from segue.tui.commands import LIST
from segue.tui.widgets.motions import Motions


class CursorList(Motions, ScrollView, can_focus=True):
    """Lines under a cursor. A kind of list has a length, draws its lines, and tells of moves and choices."""

    DEFAULT_CSS = """
    CursorList {
        height: 1fr;
        background: $background;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        overflow-x: hidden;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*LIST.bindings()]
    CONTEXT = LIST

    cursor: reactive[int] = reactive(0, init=False)
    """The line under the cursor, counted from 0."""
    _plain: Style | None = None

    @property
    def plain(self) -> Style:
        """The style of what is left empty, which costs as much as half a line to find out."""
        if self._plain is None:
            self._plain = self.rich_style
        return self._plain

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines in sight; their style is found out once for all."""
        self._plain = None
        return super().render_lines(crop)

    def __bool__(self) -> bool:
        return True  # a widget is one even when its list is empty

    def begin_at(self, cursor: int) -> None:
        """Put the cursor into a list that has just changed."""
        self.forget_count()
        self.virtual_size = Size(0, len(self))
        self.set_reactive(CursorList.cursor, self.validate_cursor(cursor))
        self.keep_in_sight()
        self.refresh()
        self.tell_moved()

    def tell_moved(self) -> None:
        """Tell who listens that something else is under the cursor."""
        raise NotImplementedError

    def action_choose(self) -> None:
        """Go into what is under the cursor."""
        raise NotImplementedError

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor within the list."""
        return min(max(cursor, 0), max(len(self) - 1, 0))

    def watch_cursor(self, before: int, after: int) -> None:
        """Show the cursor's new line and tell who listens."""
        if self.selecting_from is None:
            self.refresh_line(before)
            self.refresh_line(after)
        else:
            self.refresh()
        self.keep_in_sight()
        self.tell_moved()

    def keep_in_sight(self) -> None:
        """Scroll so that the cursor's line is seen."""
        if self.scrollable_content_region.height > 0:
            self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True, x_axis=False)

    def on_resize(self) -> None:
        """Keep the cursor in sight when the pane changes its size."""
        self.keep_in_sight()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the clicked line; a second click on it goes in."""
        line = self.scroll_offset.y + event.y
        if not 0 <= line < len(self):
            return
        if line == self.cursor and event.chain > 1:
            self.action_choose()
        self.cursor = line
