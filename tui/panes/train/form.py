"""The form that describes a training."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from segue.core.text import printable
from segue.tui.panes.train.run import RECIPES, TrainSpec
from segue.tui.widgets.base import SegueWidget

FIELDS = {
    "file": ("Playlists", "A playlist file in any format Segue reads, or a corpus. → completes a path."),
    "name": ("Name", "What the library will be called; letters, digits, dots and dashes."),
    "titles": ("Titles", "Files with titles and artists, such as TracksArtists.csv. Optional."),
    "recipe": ("Recipe", "fast is better and quicker; notebook is the original, for comparison."),
    "epochs": ("Epochs", "Passes over the playlists. Empty: the recipe's default."),
    "dim": ("Length", "Dimensions of a track's vector. Empty: the recipe's default."),
    "settings": ("Settings", "Other hyper-parameters: NAME=VALUE NAME=VALUE. An unknown name lists them."),
}
"""The label of each field, and its hint while it has the focus."""


class PathSuggester(Suggester):
    """Completes the path that is being typed from what is in its folder."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first file or folder whose name begins as typed."""
        folder, slash, begun = value.rpartition(os.sep)
        if not begun:
            return None
        names = await asyncio.to_thread(_names_in, f"{folder}{slash}" or ".")
        found = next((name for name in names if name.startswith(begun)), None)
        return None if found is None else f"{value[: len(value) - len(begun)]}{found}"


def _names_in(folder: str) -> list[str]:
    try:
        return sorted(path.name for path in Path(folder).expanduser().iterdir())
    except OSError:
        return []


class Form(SegueWidget):
    """Fields to fill in. Enter goes to the next one."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._wrong: dict[str, str] = {}
        """What is wrong with a field."""

    def compose(self) -> ComposeResult:
        """Lay a line for each field, and the hint below."""
        for name, (label, _) in FIELDS.items():
            with Horizontal(classes="field"):
                yield Static(label, classes="label")
                yield self._field(name)
        yield Static("", id="form-hint", markup=False)

    @staticmethod
    def _field(name: str) -> Widget:
        if name == "recipe":
            return Toggle(RECIPES, id="field-recipe")
        suggester = PathSuggester() if name == "file" else None
        return Input(compact=True, suggester=suggester, id=f"field-{name}")

    def field(self, name: str) -> Widget:
        """Return a field by name."""
        return self.query_one(f"#field-{name}")

    @property
    def spec(self) -> TrainSpec:
        """What is filled in."""
        values = {name: self.query_one(f"#field-{name}", Input).value for name in FIELDS if name != "recipe"}
        return TrainSpec(**values, recipe=self.query_one(Toggle).value)

    def focus_first(self) -> None:
        """Focus the first field."""
        self.field("file").focus()

    def on_descendant_focus(self) -> None:
        """Explain the field that has the focus, or say what is wrong with it."""
        self._hint()

    def on_descendant_blur(self) -> None:
        """Explain nothing, or the field that has the focus now."""
        self._hint()

    def _hint(self) -> None:
        focused = self.segue.focused
        name = (focused.id or "").removeprefix("field-") if focused is not None else ""
        hint = self.query_one("#form-hint", Static)
        hint.update(printable(self._wrong.get(name, FIELDS[name][1] if name in FIELDS else "")))
        hint.set_class(name in self._wrong, "bad")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Clear the problem: it is being fixed."""
        event.stop()
        if self._wrong:
            self._wrong = {}
            self._hint()

    def show_problem(self, name: str, what: str) -> None:
        """Go to a field and show what is wrong with it."""
        self._wrong = {name: what}
        self.field(name).focus()
        self._hint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field."""
        event.stop()
        self.screen.focus_next()


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
