"""The bottom line: the keys that matter now, as many as fit."""

from textual.app import RenderResult
from textual.content import Content

from segue.tui.commands import Command, shown_keys
from segue.tui.offer import offered
from segue.tui.widgets.spots import Spots


class KeyBar(Spots):
    """The weightiest commands of the focused pane and of the app. A click does one."""

    def render(self) -> RenderResult:
        """Draw as many keys as there is room for."""
        self.forget_spots()
        drawn = [Content(" ")]
        start, width = 1, self.size.width
        for command in offered(self.segue):
            if not shown_keys(self.segue.keys_of(command)):
                continue  # the listener took its key away
            part = self._part(command)
            if start + part.cell_length <= width:
                self.spot(start, part.cell_length, f"app.do('{command.id}')")
                drawn.append(part)
                start += part.cell_length
        return Content("").join(drawn)

    def _part(self, command: Command) -> Content:
        keys = shown_keys(self.segue.keys_of(command), ascii_only=self.segue.glyphs.ellipsis == "~")
        return Content.assemble((keys[0], "bold $primary"), " ", (command.name, "$quiet"), "  ")
