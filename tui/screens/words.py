"""Asking for a line of text."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from segue.core.text import printable
from segue.tui.screens.base import Overlay


class WordsScreen(Overlay[str]):
    """A box that asks for a line, with a hint below it."""

    def __init__(self, title: str, hint: str, value: str = "") -> None:
        super().__init__(id="words-screen", classes="box")
        self._title, self._hint, self._value = title, hint, value

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static(printable(self._title), classes="box-title", markup=False)
            yield Input(self._value, compact=True, id="words")
            yield Static(printable(self._hint), classes="box-hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the line."""
        event.stop()
        self.dismiss(event.value.strip() or None)
