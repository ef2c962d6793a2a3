"""The form that describes a training."""

import asyncio
import os
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from segue.core.text import printable
from segue.tui.panes.base import SegueWidget
from segue.tui.panes.train.order import RECIPES, Order
from segue.tui.widgets.toggle import Toggle

FIELDS = {
    "file": ("Playlists", "A playlist file of any kind Segue reads, or a corpus. → completes a path."),
    "name": ("Name", "What the library will be called; letters, digits, dots and dashes."),
    "titles": ("Titles", "Files with titles and artists, such as TracksArtists.csv. May be left empty."),
    "recipe": ("Recipe", "fast is the better and quicker one; notebook is the original, to compare with."),
    "epochs": ("Epochs", "Passes over the playlists. Empty: the recipe's own number."),
    "dim": ("Length", "Of a track's vector. Empty: the recipe's own."),
    "settings": ("Settings", "Other hyper-parameters: NAME=VALUE NAME=VALUE. An unknown name lists them."),
}
"""The label of each field, and what is said while it has the focus."""


class PathSuggester(Suggester):
    """Completes the path that is being typed from what is in its folder."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Give the first file or folder whose name begins as typed."""
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
        """Give a field by name."""
        return self.query_one(f"#field-{name}")

    @property
    def order(self) -> Order:
        """What is filled in."""
        values = {name: self.query_one(f"#field-{name}", Input).value for name in FIELDS if name != "recipe"}
        return Order(**values, recipe=self.query_one(Toggle).value)

    def focus_first(self) -> None:
        """Give the focus to the first field."""
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
        """Forget what was wrong: it is being mended."""
        event.stop()
        if self._wrong:
            self._wrong = {}
            self._hint()

    def complain(self, name: str, what: str) -> None:
        """Go to a field and say what is wrong with it."""
        self._wrong = {name: what}
        self.field(name).focus()
        self._hint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field."""
        event.stop()
        self.screen.focus_next()
