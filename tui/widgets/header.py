"""The top line: which library is open, and which view is shown."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style

from core.text import printable
from tui.panes import VIEWS
from tui.panes.base import SegueWidget


class Header(SegueWidget):
    """One line: the library on the left, the views on the right."""

    view: reactive[str] = reactive("explore")

    def render(self) -> RenderResult:
        """Draw the line."""
        library = self.segue.library
        name = Content.assemble(
            (" segue ", "bold $primary"), (printable(library.name), "bold"), (f"  {len(library):,} tracks", "$faint")
        )
        tabs = Content.assemble(*(self._tab(view.name, view.title) for view in VIEWS))
        room = self.size.width - name.cell_length - tabs.cell_length
        if room < 2:
            name = Content.assemble((" segue ", "bold $primary"), (printable(library.name), "bold"))
            room = max(self.size.width - name.cell_length - tabs.cell_length, 1)
        return Content.assemble(name, " " * room, tabs)

    def _tab(self, name: str, title: str) -> Content:
        shown = name == self.view
        style = Style.from_meta({"@click": f"app.do('views.{name}')"})
        text = Content.styled(f" {title} ", "bold underline $foreground" if shown else "$quiet")
        return text.stylize(style)
