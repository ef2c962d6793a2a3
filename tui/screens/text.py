"""Text to read."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from segue.core.text import printable
from segue.tui.screens.base import Overlay


class TextScreen(Overlay[None]):
    """A box with a text; escape, q, enter and space close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("q,enter,space,question_mark", "leave", "leave"),
        ("j,down", "down", "down"),
        ("k,up", "up", "up"),
    ]

    def __init__(self, title: str, body: Content, hint: str = "esc closes") -> None:
        super().__init__(id="text-screen", classes="box")
        self._title, self._body, self._hint = title, body, hint

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static(self._title, classes="box-title", markup=False)
            with VerticalScroll(classes="box-text"):
                yield Static(self._body)
            yield Static(self._hint, classes="box-hint", markup=False)

    def action_down(self) -> None:
        """Scroll down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """Scroll up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)


def explanation_screen(track: str, seed: str, sentences: Sequence[str]) -> TextScreen:
    """Make the screen that explains why a track is near another; the first sentence matters most."""
    first, *others = (f"{text[0].upper()}{text[1:]}." for text in map(printable, sentences))
    lines = [
        Content.assemble((printable(track), "bold"), ("  for  ", "$faint"), printable(seed)),
        Content(""),
        Content(first),
        *(Content.styled(other, "$quiet") for other in others),
    ]
    return TextScreen("Why this track", Content("\n").join(lines))
