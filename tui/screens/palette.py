"""The palette: every command by its name, other words for it, or its help."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.widgets.option_list import Option

from segue.core.text import printable
from segue.tui.commands import Command, found
from segue.tui.screens.ask import FilterScreen
from segue.tui.screens.help import command_line

if TYPE_CHECKING:
    from textual.content import Content


class PaletteScreen(FilterScreen):
    """Commands in the columns of the help; answers with the id of the chosen one."""

    def __init__(self, commands: Sequence[Command], title: str = "Commands") -> None:
        super().__init__(title, [])
        self.add_class("large")
        self._commands = sorted(commands, key=lambda command: -command.weight)
        self._lines: dict[str, Content] = {}

    def matching(self, text: str) -> list[Option]:
        """The commands that match, those by their name before those by other words and by their help."""
        ranks = {command.id: found(command, text) for command in self._commands}
        kept = [command for command in self._commands if ranks[command.id]]
        kept.sort(key=lambda command: -ranks[command.id])
        if not self._lines:
            keymap, width = self.segue.settings.keys, self.app.size.width
            self._lines = {each.id: command_line(each, keymap, width) for each in self._commands}
        return [Option(self._lines[command.id], id=command.id) for command in kept]

    def nothing(self, text: str) -> str:
        """What is shown where nothing matches."""
        return f"No command matches {printable(text)!r}. F1 searches the help of what is in sight."
