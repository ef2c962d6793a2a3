"""Choosing one of a few."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from segue.core.text import printable
from segue.tui.screens.base import Overlay


class ChoiceScreen(Overlay[str]):
    """A short list of names with remarks; answers with the chosen one's key.

    With `remove`, the delete key takes a choice out of the list and hands its key to that function.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's own way of declaring
        ("j", "down", "down"),
        ("k", "up", "up"),
        ("delete,D", "remove", "remove"),
    ]

    def __init__(
        self,
        title: str,
        choices: list[tuple[str, str, str]],
        *,
        remove: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(id="choice-screen", classes="box")
        self._title, self._choices, self._remove = title, choices, remove

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static(printable(self._title), classes="box-title", markup=False)
            yield OptionList(*(self._option(*choice) for choice in self._choices), compact=True, markup=False)
            removes = ", D removes" if self._remove else ""
            yield Static(f"enter chooses{removes}, esc leaves", classes="box-hint", markup=False)

    @staticmethod
    def _option(key: str, name: str, remark: str) -> Option:
        return Option(Content.assemble(printable(name), ("  " + printable(remark), "$faint")), id=key)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the choice."""
        event.stop()
        self.dismiss(event.option.id)

    def action_remove(self) -> None:
        """Take the choice under the cursor out."""
        options = self.query_one(OptionList)
        option = options.highlighted_option
        if self._remove is None or option is None or option.id is None:
            return
        self._remove(option.id)
        options.remove_option(option.id)
        if not options.option_count:
            self.dismiss(None)

    def action_down(self) -> None:
        """Go down."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Go up."""
        self.query_one(OptionList).action_cursor_up()
