"""Asking for a playlist: a file, a link, or titles pasted line by line."""

from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static, TextArea

from segue.tui.model.recipe import is_recipe
from segue.tui.screens.base import Overlay


class PasteArea(TextArea):
    """A text area in which enter ends a line that names a file or a link."""

    class Named(Message):
        """Enter was pressed on such a line, the only one."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter" and "\n" not in self.text and names_a_source(self.text.strip()):
            event.stop()
            event.prevent_default()
            self.post_message(self.Named())
            return
        await super()._on_key(event)


def names_a_source(text: str) -> bool:
    """Whether a line is a link, a recipe or a file name, not a title."""
    if "://" in text or "deezer." in text or is_recipe(text):
        return True
    return bool(text) and (Path(text).expanduser().exists() or Path(text).suffix in SUFFIXES)


SUFFIXES = frozenset({".m3u", ".m3u8", ".jspf", ".xspf", ".csv", ".json", ".txt"})


class PasteScreen(Overlay[str]):
    """A box for several lines; answers with the text."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s,f10", "read", "read it")]

    def __init__(self) -> None:
        super().__init__(id="paste-screen", classes="box")

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static("Open a playlist", classes="box-title")
            yield PasteArea(id="paste", compact=True, highlight_cursor_line=False)
            yield Static(
                "A file (m3u8, jspf, csv, json, txt), a Deezer link, or titles one a line.\n"
                "ctrl+s reads it, and so does enter after a file or a link; esc cancels",
                classes="box-hint",
            )

    def on_paste_area_named(self) -> None:
        """Read the file or link."""
        self.action_read()

    def action_read(self) -> None:
        """Answer with the text."""
        self.dismiss(self.query_one(TextArea).text.strip() or None)
