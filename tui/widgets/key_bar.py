"""The bottom line: the keys that matter now, as many as fit."""

from textual.app import RenderResult
from textual.content import Content

from segue.tui.availability import offered
from segue.tui.commands import shown_keys
from segue.tui.widgets.base import ClickableLine


class KeyBar(ClickableLine):
    """The weightiest commands of the focused pane and of the app. A click runs one."""

    def render(self) -> RenderResult:
        """Draw as many keys as there is room for."""
        self.clear_spots()
        drawn = [Content(" ")]
        start, width = 1, self.size.width
        for command in offered(self.segue):
            keys = shown_keys(
                command.keys_in(self.segue.settings.keys), ascii_only=self.segue.glyphs.ascii_only
            )
            if not keys:
                continue  # the listener took its keys away
            part = Content.assemble((keys[0], "bold $primary"), " ", (command.name, "$quiet"), "  ")
            if start + part.cell_length <= width:
                self.spot(start, part.cell_length, f"app.do('{command.id}')")
                drawn.append(part)
                start += part.cell_length
        return Content("").join(drawn)
