"""Asking for a playlist: a file's name, a link, or titles pasted line by line."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static, TextArea

from tui.screens.base import Overlay


class PasteScreen(Overlay[str]):
    """A box for several lines; answers with the text."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s,f10", "read", "read it")]

    def __init__(self) -> None:
        super().__init__(id="paste-screen", classes="box")

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static("Open a playlist", classes="box-title")
            yield TextArea(id="paste", compact=True, highlight_cursor_line=False)
            yield Static(
                "A file (m3u8, jspf, csv, json, txt), a Deezer link, or titles one a line.\n"
                "ctrl+s reads it, esc leaves",
                classes="box-hint",
            )

    def action_read(self) -> None:
        """Answer with the text."""
        self.dismiss(self.query_one(TextArea).text.strip() or None)
