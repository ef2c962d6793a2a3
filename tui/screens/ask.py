"""Screens that ask: a choice, one more key, a line of text, a pasted playlist; and what all screens share."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from segue.core.text import fold, printable
from segue.tui.context import Explorer
from segue.tui.model.recipe import is_recipe

Answer = TypeVar("Answer")


class Overlay(ModalScreen[Answer]):
    """A screen over the views. Escape leaves it without an answer."""

    BINDINGS = [("escape", "leave", "leave")]  # noqa: RUF012 - Textual's own way of declaring

    @property
    def segue(self) -> Explorer:
        """The app."""
        return cast("Explorer", self.app)

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer and leave once, even if the next key comes before this screen has gone."""
        if self.app.screen is not self:
            return AwaitComplete()  # nothing to wait for
        return super().dismiss(result)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


class ChoiceScreen(Overlay[str]):
    """A short list of names with remarks; answers with the key of the chosen one.

    With `remove`, the delete key removes a choice from the list and calls that function with its key. `moved`
    is called with the key of the choice under the cursor, which begins at `start`.
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
        moved: Callable[[str], None] | None = None,
        start: str = "",
    ) -> None:
        super().__init__(classes="box")
        self._title, self._choices, self._remove = title, choices, remove
        self._moved, self._start = moved, start

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static(printable(self._title), classes="box-title", markup=False)
            yield OptionList(*(self.option(*choice) for choice in self._choices), compact=True, markup=False)
            removes = ", D removes" if self._remove else ""
            yield Static(f"enter chooses{removes}, esc cancels", classes="box-hint", markup=False)

    def on_mount(self) -> None:
        """Put the cursor on the choice to start from."""
        keys = [key for key, _, _ in self._choices]
        if self._start in keys:
            self.query_one(OptionList).highlighted = keys.index(self._start)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what the choice would be."""
        event.stop()
        if self._moved is not None and event.option.id is not None:
            self._moved(event.option.id)

    @staticmethod
    def option(key: str, name: str, remark: str) -> Option:
        """One choice, as a line of the list."""
        return Option(Content.assemble(printable(name), ("  " + printable(remark), "$faint")), id=key)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the choice."""
        event.stop()
        self.dismiss(event.option.id)

    def action_remove(self) -> None:
        """Remove the choice under the cursor."""
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


class FilterScreen(ChoiceScreen):
    """A list of names that is filtered as one types."""

    BINDINGS = [("down", "down", "down"), ("up", "up", "up")]  # noqa: RUF012 - Textual's own way of declaring

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static(printable(self._title), classes="box-title", markup=False)
            yield Input(placeholder="type to find one", compact=True, id="filter")
            yield OptionList(*(self.option(*choice) for choice in self._choices), compact=True, markup=False)
            yield Static("↑ ↓ move, enter chooses, esc cancels", classes="box-hint", markup=False)

    def on_mount(self) -> None:
        """Put the cursor on the first one."""
        self.query_one(OptionList).highlighted = 0

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what matches."""
        event.stop()
        words, options = fold(event.value).split(), self.query_one(OptionList)
        kept = [each for each in self._choices if all(word in fold(" ".join(each)) for word in words)]
        kept.sort(key=lambda each: not fold(each[1]).startswith(fold(event.value)))
        options.clear_options()
        options.add_options(
            [self.option(*each) for each in kept] or [Option("Nothing matches.", disabled=True)]
        )
        options.highlighted = 0 if kept else None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the choice under the cursor."""
        event.stop()
        option = self.query_one(OptionList).highlighted_option
        if option is not None:
            self.dismiss(option.id)


class KeyScreen(Overlay[str]):
    """A line at the bottom that asks for one key and answers with its letter, or where `named` its name."""

    def __init__(self, prompt: str, *, named: bool = False) -> None:
        super().__init__(id="key-screen")
        self._prompt, self._named = prompt, named

    def compose(self) -> ComposeResult:
        """Lay the line."""
        yield Static(printable(self._prompt), id="key-prompt", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Answer with the key; a key typed after it goes to what lies below."""
        event.stop()
        event.prevent_default()
        if self.app.screen is not self:
            self.app.post_message(events.Key(event.key, event.character))
            return
        key = event.key if self._named else event.character or event.key
        self.dismiss(None if event.key == "escape" else key)


class LineScreen(Overlay[str]):
    """A box that asks for a line of text, with a hint below it."""

    def __init__(self, title: str, hint: str, value: str = "") -> None:
        super().__init__(id="line-screen", classes="box")
        self._title, self._hint, self._value = title, hint, value

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static(printable(self._title), classes="box-title", markup=False)
            yield Input(self._value, compact=True, id="line")
            yield Static(printable(self._hint), classes="box-hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the line."""
        event.stop()
        self.dismiss(event.value.strip() or None)


class FileScreen(Overlay[tuple[str, str]]):
    """A box that asks for a file's name and what is written there; answers with the choice and the name."""

    BINDINGS = [("down", "move(1)", "down"), ("up", "move(-1)", "up")]  # noqa: RUF012 - Textual's own way of declaring

    def __init__(self, value: str, choices: list[tuple[str, str, str]]) -> None:
        super().__init__(id="file-screen", classes="box")
        self._value, self._choices = value, choices

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static("Write to a file", classes="box-title", markup=False)
            yield Input(self._value, compact=True, id="line")
            yield OptionList(
                *(ChoiceScreen.option(*each) for each in self._choices), compact=True, markup=False
            )
            moves = "↑ ↓ choose what is written, " if len(self._choices) > 1 else ""
            hint = f"{moves}enter writes .m3u8, .jspf, .csv or .txt (links), esc cancels"
            yield Static(hint, classes="box-hint", markup=False)

    def on_mount(self) -> None:
        """Begin with the first choice."""
        self.query_one(OptionList).highlighted = 0

    def action_move(self, lines: int) -> None:
        """Move among the choices."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if lines > 0 else options.action_cursor_up)()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the choice and the name."""
        event.stop()
        option = self.query_one(OptionList).highlighted_option
        name = event.value.strip()
        self.dismiss((option.id, name) if name and option is not None and option.id is not None else None)


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
    if "://" in text or "deezer." in text.lower() or is_recipe(text):
        return True
    return bool(text) and (Path(text).expanduser().exists() or Path(text).suffix in SUFFIXES)


SUFFIXES = frozenset(
    {
        ".m3u",
        ".m3u8",
        ".pls",
        ".jspf",
        ".xspf",
        ".wpl",
        ".csv",
        ".tsv",
        ".json",
        ".jsonl",
        ".xml",
        ".txt",
        ".zip",
    }
)


class PasteScreen(Overlay[str]):
    """A box for several lines, which hold `text` at first; answers with the text."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s,f10", "read", "read it")]

    def __init__(self, text: str = "") -> None:
        super().__init__(id="paste-screen", classes="box")
        self._text = text

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static("Open a playlist", classes="box-title")
            yield PasteArea(self._text, id="paste", compact=True, highlight_cursor_line=False)
            yield Static(
                "A file or folder of any service, a Deezer link, or titles one a line.\n"
                "ctrl+s reads it, and so does enter after a file or a link; esc cancels",
                classes="box-hint",
            )

    def on_mount(self) -> None:
        """Go on where the text ends."""
        area = self.query_one(PasteArea)
        area.move_cursor(area.document.end)

    def on_paste_area_named(self) -> None:
        """Read the file or link."""
        self.action_read()

    def action_read(self) -> None:
        """Answer with the text."""
        self.dismiss(self.query_one(TextArea).text.strip() or None)
