"""What to train, as the listener filled it in, and a training as its events describe it.

Plain values; no screen here.
"""

import asyncio
import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from segue.core.errors import SegueError
from segue.core.places import new_library, refuse_shipped, require_writable
from segue.core.text import printable
from segue.tui.widgets.base import SegueWidget

RECIPES = ("fast", "notebook")


@dataclass(frozen=True)
class TrainSpec:
    """A filled-in form. Every field is text, as it was typed."""

    file: str = ""
    name: str = ""
    titles: str = ""
    """Metadata files, separated by spaces; quotes keep one with spaces together."""
    recipe: str = "fast"
    epochs: str = ""
    dim: str = ""
    settings: str = ""
    """`NAME=VALUE` pairs, separated by spaces."""

    def problem(self) -> tuple[str, str] | None:
        """Return the first field that is wrong and why, or None."""
        return next(self._problems(), None)

    def _problems(self) -> Iterator[tuple[str, str]]:
        if not self.file.strip():
            yield "file", "Enter a playlist file, or a corpus made by segue prepare."
        elif not self.source.exists():
            yield "file", f"{self.source} does not exist."
        if not self.name.strip():
            yield "name", "Enter a name for the library."
        try:
            refuse_shipped(self.target)
            require_writable(self.target)
        except SegueError as error:
            yield "name", str(error)
        yield from self._wrong_words()
        for name in ("epochs", "dim"):
            text = getattr(self, name).strip()
            if text and not (text.isdecimal() and int(text) > 0):
                yield name, "Enter a whole number above 0, or leave it empty for the recipe's default."

    def _wrong_words(self) -> Iterator[tuple[str, str]]:
        for name in ("titles", "settings"):
            try:
                shlex.split(getattr(self, name))
            except ValueError as error:
                yield name, f"{error}."
        yield from (("titles", f"{file} does not exist.") for file in self.metadata if not file.exists())
        pairs = shlex.split(self.settings)
        yield from (("settings", f"{pair!r} is not NAME=VALUE.") for pair in pairs if "=" not in pair)

    @property
    def source(self) -> Path:
        """The playlists."""
        return Path(self.file.strip()).expanduser()

    @property
    def metadata(self) -> list[Path]:
        """The files with titles."""
        return [Path(file).expanduser() for file in shlex.split(self.titles)]

    @property
    def target(self) -> Path:
        """The folder of the library."""
        return new_library(self.name.strip())

    def arguments(self, *, resume: bool = False, replace: bool = False) -> tuple[str, ...]:
        """Return the arguments for `segue`."""
        found = ["train", str(self.source), "--name", self.name.strip(), "--recipe", self.recipe, "--json"]
        for file in self.metadata:
            found += ["--metadata", str(file)]
        for name in ("epochs", "dim"):
            if text := getattr(self, name).strip():
                found += [f"--{name}", text]
        for pair in shlex.split(self.settings):
            found += ["--set", pair]
        flags = {"--resume": resume, "--replace": replace}
        return (*found, *(flag for flag, wanted in flags.items() if wanted))


Phase = Literal["reading", "training", "writing", "scoring", "done", "stopped", "failed"]
PHASES: dict[Phase, str] = {
    "reading": "reading the playlists",
    "training": "training",
    "writing": "writing the library",
    "scoring": "ready; its scores are being computed",
    "done": "done",
    "stopped": "stopped; the best so far is kept",
    "failed": "failed",
}
Point = tuple[float, float]


@dataclass(frozen=True)
class Run:
    """How far a training is."""

    name: str
    phase: Phase = "reading"
    corpus: str = ""
    """What was read, in words."""
    fraction: float = 0.0
    epoch: int = 0
    epochs: int = 0
    speed: float = 0.0
    """Positives a second."""
    seconds: float = 0.0
    seconds_left: float = 0.0
    loss: tuple[Point, ...] = ()
    """By epoch; within one the last figure moves."""
    hit: tuple[Point, ...] = ()
    """hit@10 on validation pairs, by epoch."""
    remark: str = ""
    """The last line that was no event."""
    library: Path | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.phase in {"done", "stopped", "failed"}

    def after(self, event: dict[str, Any]) -> Self:
        """Return the run after an event of `segue train --json`."""
        kind = event["event"]
        if kind == "corpus":
            facts = (("playlists", "playlists"), ("tracks", "tracks"), ("described", "with a title"))
            words = ", ".join(f"{event[key]:,} {name}" for key, name in facts)
            return replace(self, corpus=words, phase="training")
        if kind == "progress":
            return self._progressed(event)
        if kind == "written":
            return replace(self, phase="scoring", library=Path(event["library"]))
        if kind == "done":
            phase: Phase = "stopped" if event["stopped"] else "done"
            return replace(self, phase=phase, library=Path(event["library"]), fraction=1.0, seconds_left=0.0)
        if kind == "remark":
            return replace(self, remark=event["text"])
        return self

    def _progressed(self, event: dict[str, Any]) -> Self:
        epoch, hit = event["epoch"], event["hit_at_10"]
        at = float(epoch) if hit is not None else round(event["fraction"] * event["epochs"], 3)
        finished = tuple(point for point in self.loss if point[0].is_integer() and point[0] < at)
        return replace(
            self, phase="writing" if event["fraction"] >= 1 and hit is not None else "training",
            fraction=event["fraction"], epoch=epoch, epochs=event["epochs"],
            speed=event["pairs_per_second"], seconds=event["seconds"], seconds_left=event["seconds_left"],
            loss=(*finished, (at, event["loss"])),
            hit=self.hit if hit is None else (*self.hit, (float(epoch), hit)),
        )  # fmt: skip

    def ended(self, code: int | None, trouble: str) -> Self:
        """Return the run after its process has ended, failed unless it reported a library."""
        if self.over:
            return self
        return replace(self, phase="failed", remark=trouble or f"it ended with code {code}")


FIELDS = {
    "file": ("Playlists", "A playlist file in any format Segue reads, or a corpus. → completes a path."),
    "name": ("Name", "What the library will be called; letters, digits, dots and dashes."),
    "titles": ("Titles", "Files with titles and artists, such as TracksArtists.csv. Optional."),
    "recipe": ("Recipe", "fast is better and quicker; notebook is the original, for comparison."),
    "epochs": ("Epochs", "Passes over the playlists. Empty: the recipe's default."),
    "dim": ("Dimensions", "Dimensions of a track's vector. Empty: the recipe's default."),
    "settings": ("Settings", "Other hyperparameters: NAME=VALUE NAME=VALUE. An unknown name lists them."),
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
    """Fields to fill in. Enter and the arrows up and down go from one to the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down", "move('next')", "next field"),
        ("up", "move('previous')", "field before"),
    ]

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

    def _hint(self) -> None:
        """Explain the field that has the focus, or say what is wrong with it."""
        focused = self.segue.focused
        name = (focused.id or "").removeprefix("field-") if focused is not None else ""
        hint = self.query_one("#form-hint", Static)
        hint.update(printable(self._wrong.get(name, FIELDS[name][1] if name in FIELDS else "")))
        hint.set_class(name in self._wrong, "bad")

    on_descendant_focus = on_descendant_blur = _hint

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

    def action_move(self, where: str) -> None:
        """Go to the next or the previous field."""
        move = self.screen.focus_next if where == "next" else self.screen.focus_previous
        move(f"#{self.id} *")

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
