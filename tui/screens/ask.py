"""Screens that ask: a choice, one more key, a line of text, a pasted playlist; and what all screens share."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar, cast

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from segue.core.text import fold, printable
from segue.tui.context import Explorer
from segue.tui.model.glyphs import fit, wrapped
from segue.tui.model.recipe import is_recipe

Answer = TypeVar("Answer")


class Overlay(ModalScreen[Answer]):
    """A screen over the views. Escape leaves it without an answer."""

    BINDINGS = [("escape", "leave", "leave")]  # noqa: RUF012 - Textual's own way of declaring

    def on_compose(self) -> None:
        """Draw with letters where the terminal has no more."""
        self.set_class(self.segue.glyphs.ascii_only, "ascii")

    @property
    def segue(self) -> Explorer:
        """The app."""
        return cast("Explorer", self.app)

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer and leave once, even if the next key comes before this screen has gone."""
        if self.app.screen is not self:
            return AwaitComplete()  # nothing to wait for
        left = super().dismiss(result)
        for widget in (self, *self.walk_children()):
            widget.refresh()  # drops its lines: Textual keeps those of the last thousand widgets it had
        return left

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    def box(self, title: str, *inside: Widget, hint: str) -> Vertical:
        """Return a box with a title over its widgets and a hint below them."""
        return Vertical(
            Static(printable(title), classes="box-title", markup=False),
            *inside,
            Static(hint, classes="box-hint", markup=False),
            classes="box-body",
        )

    def action_scroll(self, where: str) -> None:
        """Scroll the text a line, a page, or to an end."""
        getattr(self.query_one(VerticalScroll), f"scroll_{where}")(animate=False)

    def action_move(self, where: str) -> None:
        """Move among the choices a line or a page."""
        getattr(self.query_one(OptionList), f"action_{where}")()


Choice = tuple[str, str, str]
"""The key that is answered, the name and the remark of something to choose."""


def options_of(choices: list[Choice], screen: int) -> list[Option]:
    """Draw choices in two columns, the lines of a remark below each other, on a screen of so many cells."""
    inside = min(round(screen * 0.94), 72) - 6
    names = min(max((cell_len(printable(name)) for _, name, _ in choices), default=0), inside - 20)
    options = []
    for key, name, remark in choices:
        shown = fit(name, names) if remark else fit(name, inside).rstrip()
        lines = wrapped(remark, inside - names - 2)
        below = f"\n{'':{names + 2}}".join(lines)
        options.append(Option(Content.assemble(shown, (f"  {below}" if lines else "", "$faint")), id=key))
    return options


class ChoiceScreen(Overlay[str]):
    """A short list of names with remarks; answers with the key of the chosen one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("j", "move('cursor_down')", "down"), ("k", "move('cursor_up')", "up"),
    ]  # fmt: skip

    def __init__(self, title: str, choices: list[Choice], *, start: str = "") -> None:
        super().__init__(classes="box")
        self._title, self._choices, self._start = title, choices, start

    def compose(self) -> ComposeResult:
        """Lay the box."""
        options = OptionList(*options_of(self._choices, self.app.size.width), compact=True, markup=False)
        yield self.box(self._title, options, hint="enter chooses, esc cancels")

    def on_mount(self) -> None:
        """Put the cursor on the choice to start from, or on the first."""
        keys = [key for key, _, _ in self._choices]
        self.query_one(OptionList).highlighted = keys.index(self._start) if self._start in keys else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the choice."""
        event.stop()
        self.dismiss(event.option.id)


class FilterScreen(ChoiceScreen):
    """A list of names that is filtered as one types.

    With `remove`, the delete key removes a choice from the list and calls that function with its key. `moved`
    is called with the key of the choice under the cursor, which begins at `start`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down", "move('cursor_down')", "down"),
        ("up", "move('cursor_up')", "up"),
        ("pagedown", "move('page_down')", "page down"),
        ("pageup", "move('page_up')", "page up"),
        Binding("delete", "remove", "remove", priority=True),
    ]

    def __init__(
        self,
        title: str,
        choices: list[Choice],
        *,
        remove: Callable[[str], None] | None = None,
        moved: Callable[[str], None] | None = None,
        start: str = "",
    ) -> None:
        super().__init__(title, choices, start=start)
        self._remove, self._moved = remove, moved

    def compose(self) -> ComposeResult:
        """Lay the box."""
        line = Input(placeholder="type to find one", compact=True, id="filter")
        options = OptionList(*self.matching(""), compact=True, markup=False)
        removes = ", del removes" if self._remove else ""
        yield self.box(self._title, line, options, hint=f"↑ ↓ move, enter chooses{removes}, esc cancels")

    def matching(self, text: str) -> list[Option]:
        """The choices that match what was typed, the best first."""
        words = fold(text).split()
        kept = [each for each in self._choices if all(word in fold(" ".join(each)) for word in words)]
        kept.sort(key=lambda each: not fold(each[1]).startswith(fold(text)))
        return options_of(kept, self.app.size.width)

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what matches."""
        event.stop()
        options, found = self.query_one(OptionList), self.matching(event.value)
        options.clear_options()
        options.add_options(found or [Option(self.nothing(event.value), disabled=True)])
        options.highlighted = 0 if found else None

    def nothing(self, text: str) -> str:  # noqa: ARG002 - for lists that name it
        """What is shown where nothing matches."""
        return "Nothing matches."

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what the choice would be."""
        event.stop()
        if self._moved is not None and event.option.id is not None:
            self._moved(event.option.id)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the choice under the cursor."""
        event.stop()
        option = self.query_one(OptionList).highlighted_option
        if option is not None:
            self.dismiss(option.id)

    def action_remove(self) -> None:
        """Remove the choice under the cursor, unless the delete key has a letter to delete."""
        options, box = self.query_one(OptionList), self.query_one(Input)
        option = options.highlighted_option
        if self._remove is None or not box.cursor_at_end:
            box.action_delete_right()
        elif option is not None and option.id is not None:
            self._remove(option.id)
            self._choices = [each for each in self._choices if each[0] != option.id]
            options.remove_option(option.id)
            if not self._choices:
                self.dismiss(None)


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
        line = Input(self._value, compact=True, id="line")
        yield self.box(self._title, line, hint=printable(self._hint))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the line."""
        event.stop()
        self.dismiss(event.value.strip() or None)


class FileScreen(Overlay[tuple[str, str]]):
    """A box that asks for a file's name and what is written there; answers with the choice and the name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down", "move('cursor_down')", "down"), ("up", "move('cursor_up')", "up"),
    ]  # fmt: skip

    def __init__(self, value: str, choices: list[Choice]) -> None:
        super().__init__(id="file-screen", classes="box")
        self._value, self._choices = value, choices

    def compose(self) -> ComposeResult:
        """Lay the box."""
        line = Input(self._value, compact=True, id="line")
        options = OptionList(*options_of(self._choices, self.app.size.width), compact=True, markup=False)
        moves = "↑ ↓ choose what is written, " if len(self._choices) > 1 else ""
        hint = f"{moves}enter writes .m3u8, .jspf, .csv or .txt (links), esc cancels"
        yield self.box("Write to a file", line, options, hint=hint)

    def on_mount(self) -> None:
        """Begin with the first choice."""
        self.query_one(OptionList).highlighted = 0

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the choice and the name."""
        event.stop()
        option = self.query_one(OptionList).highlighted_option
        name = event.value.strip()
        self.dismiss((option.id, name) if name and option is not None and option.id is not None else None)


class PasteArea(TextArea):
    """A text area in which enter reads a single line that names a file or a link."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter" and "\n" not in self.text and names_a_source(self.text.strip()):
            event.stop()
            event.prevent_default()
            await self.screen.run_action("read")
            return
        await super()._on_key(event)


def names_a_source(text: str) -> bool:
    """Whether a line is a link, a recipe or a file name, not a title."""
    if "://" in text or "deezer." in text.lower() or is_recipe(text):
        return True
    from segue.core.corpus.readers.sniff import CORPUS_SUFFIXES, OWN_SUFFIXES

    suffixes = {*CORPUS_SUFFIXES, *OWN_SUFFIXES} - {""}
    return bool(text) and (Path(text).expanduser().exists() or Path(text).suffix in suffixes)


class PasteScreen(Overlay[str]):
    """A box for several lines, which hold `text` at first; answers with the text."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s,f10", "read", "read it")]

    def __init__(self, text: str = "") -> None:
        super().__init__(id="paste-screen", classes="box")
        self._text = text

    def compose(self) -> ComposeResult:
        """Lay the box."""
        hint = (
            "A file or folder, a Deezer link, or titles, one per line.\n"
            "ctrl+s reads it, enter too after a file or a link, esc cancels"
        )
        area = PasteArea(self._text, id="paste", compact=True, highlight_cursor_line=False)
        yield self.box("Open a playlist", area, hint=hint)

    def on_mount(self) -> None:
        """Go on where the text ends."""
        area = self.query_one(PasteArea)
        area.move_cursor(area.document.end)

    def action_read(self) -> None:
        """Answer with the text."""
        self.dismiss(self.query_one(TextArea).text.strip() or None)
