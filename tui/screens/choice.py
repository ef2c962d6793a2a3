"""Choosing one of a few."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.text import printable
from tui.screens.base import Overlay


class ChoiceScreen(Overlay[str]):
    """A short list of names with remarks; answers with the chosen one's key."""

    BINDINGS = [("j", "down", "down"), ("k", "up", "up")]  # noqa: RUF012 - Textual's own way of declaring

    def __init__(self, title: str, choices: list[tuple[str, str, str]], hint: str = "") -> None:
        super().__init__(id="choice-screen", classes="box")
        self._title, self._choices, self._hint = title, choices, hint

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static(printable(self._title), classes="box-title", markup=False)
            yield OptionList(*(self._option(*choice) for choice in self._choices), compact=True, markup=False)
            yield Static(self._hint or "enter chooses, esc leaves", classes="box-hint", markup=False)

    @staticmethod
    def _option(key: str, name: str, remark: str) -> Option:
        return Option(Content.assemble(printable(name), ("  " + printable(remark), "$faint")), id=key)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the choice."""
        event.stop()
        self.dismiss(event.option.id)

    def action_down(self) -> None:
        """Go down."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Go up."""
        self.query_one(OptionList).action_cursor_up()
