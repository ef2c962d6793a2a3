"""A line that holds one of a few words."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive

from segue.tui.panes.base import SegueWidget


class Toggle(SegueWidget, can_focus=True):
    """The words side by side, the chosen one in brackets. Arrows, h and l, space or a click change it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("right,l,space", "turn(1)", "next"),
        ("left,h", "turn(-1)", "before"),
    ]

    chosen: reactive[int] = reactive(0)

    def __init__(self, words: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.words = tuple(words)

    @property
    def value(self) -> str:
        """The chosen word."""
        return self.words[self.chosen]

    def render(self) -> RenderResult:
        """Draw the words."""
        parts = [
            Content.styled(f"[{word}]", "bold")
            if number == self.chosen
            else Content.styled(f" {word} ", "$quiet")
            for number, word in enumerate(self.words)
        ]
        return Content(" ").join(parts)

    def action_turn(self, step: int) -> None:
        """Choose another word."""
        self.chosen = (self.chosen + step) % len(self.words)

    def on_click(self, event: events.Click) -> None:
        """Choose the clicked word."""
        begin = 0
        for number, word in enumerate(self.words):
            if begin <= event.x < begin + len(word) + 2:
                self.chosen = number
            begin += len(word) + 3
