"""The bottom line: the keys that matter now, as many as fit."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style

from tui.commands import Command, shown_keys
from tui.panes.base import SegueWidget


class KeyBar(SegueWidget):
    """The weightiest commands of the focused pane and of the app. A click does one."""

    prompt: reactive[str] = reactive("")
    """A question that stands there instead."""

    def render(self) -> RenderResult:
        """Draw as many keys as there is room for."""
        if self.prompt:
            return Content.styled(f" {self.prompt}", "$accent")
        drawn, room = Content(" "), self.size.width - 1
        for command in self.segue.offered():
            part = self._part(command)
            if part.cell_length > room:
                continue
            drawn, room = drawn + part, room - part.cell_length
        return drawn

    def _part(self, command: Command) -> Content:
        keys = shown_keys(self.segue.keys_of(command), ascii_only=self.segue.glyphs.ellipsis == "~")
        part = Content.assemble((keys[0], "bold $primary"), " ", (command.name, "$quiet"), "  ")
        return part.stylize(Style.from_meta({"@click": f"app.do('{command.id}')"}))
