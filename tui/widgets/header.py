"""The top line: which library is open, and which view is shown."""

from collections.abc import Sequence

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.text import printable
from segue.tui.widgets.base import ClickableLine


class Header(ClickableLine):
    """One line: the library on the left, the views on the right. A click opens a view."""

    view: reactive[str] = reactive("explore")

    def __init__(self, views: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._views = views
        """The name and title of each view."""

    def render(self) -> RenderResult:
        """Draw the line; where it is narrow, the number of tracks goes first."""
        library, width = self.segue.library, self.size.width
        tabs = [(view, f" {title} ") for view, title in self._views]
        wanted = sum(len(title) for _, title in tabs)
        name = Content.assemble((" segue ", "bold $primary"), (printable(library.name), "bold"))
        count = Content.styled(f"  {len(library):,} tracks", "$faint")
        if name.cell_length + count.cell_length + wanted < width:
            name = Content.assemble(name, count)
        room = max(width - name.cell_length - wanted, 1)
        self.clear_spots()
        start, drawn = name.cell_length + room, [name, Content(" " * room)]
        for view, title in tabs:
            self.spot(start, len(title), f"app.do('views.{view}')")
            drawn.append(
                Content.styled(title, "bold underline $foreground" if view == self.view else "$quiet")
            )
            start += len(title)
        return Content("").join(drawn)
