"""Waiting for one more key."""

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from segue.core.text import printable
from segue.tui.screens.base import Overlay


class KeyScreen(Overlay[str]):
    """A line at the bottom that asks for one key, and answers with it."""

    def __init__(self, prompt: str) -> None:
        super().__init__(id="key-screen")
        self._prompt = prompt

    def compose(self) -> ComposeResult:
        """Lay the line."""
        yield Static(printable(self._prompt), id="key-prompt", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Answer with the key; one that was typed behind it is for what lies below."""
        event.stop()
        event.prevent_default()
        if self.app.screen is not self:
            self.app.post_message(events.Key(event.key, event.character))
            return
        self.dismiss(None if event.key == "escape" else event.character or event.key)
