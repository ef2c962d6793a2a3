"""F1: what the focused pane is for, and its keys; or every key, with a line to find one."""

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from segue.core.text import fold
from segue.tui.commands import Command, Context, shown_keys
from segue.tui.screens.base import Overlay
from segue.tui.widgets.cells import fit


class KeysScreen(Overlay[None]):
    """The commands of some contexts with their keys. What is typed narrows them."""

    BINDINGS = [("f1", "leave", "leave"), ("down", "down", "down"), ("up", "up", "up")]  # noqa: RUF012 - Textual's way

    def __init__(self, title: str, contexts: list[Context]) -> None:
        super().__init__(id="keys-screen", classes="box large")
        self._title, self._contexts = title, contexts

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static(self._title, classes="box-title", markup=False)
            yield Input(placeholder="type to find a key or a command", compact=True, id="keys-filter")
            with VerticalScroll(classes="box-text", can_focus=False):
                yield Static(self._text(""), id="keys-text")
            yield Static(
                "↑ ↓ scroll   esc closes   keys are set in settings.toml", classes="box-hint", markup=False
            )

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what matches."""
        event.stop()
        self.query_one("#keys-text", Static).update(self._text(event.value))

    def _text(self, wanted: str) -> Content:
        words = fold(wanted).split()
        parts: list[Content] = []
        for context in self._contexts:
            lines = [
                self._line(command) for command in context.commands if self._matches(command, words, wanted)
            ]
            if lines:
                head = Content.styled(context.title, "bold $primary")
                about = [Content.styled(context.about, "$quiet")] if not words else []
                parts.append(Content("\n").join([head, *about, *lines]))
        return (
            Content("\n\n").join(parts) if parts else Content.styled("No command is called that.", "$faint")
        )

    def _matches(self, command: Command, words: list[str], wanted: str) -> bool:
        if wanted.strip() in shown_keys(self.segue.keys_of(command)):
            return True
        text = fold(f"{command.name} {command.help} {command.id}")
        return all(word in text for word in words)

    def _line(self, command: Command) -> Content:
        keys = "  ".join(shown_keys(self.segue.keys_of(command)))
        return Content.assemble(
            (fit(keys, 12), "bold"), (fit(command.name, 16), "$primary"), (command.help, "")
        )

    def action_down(self) -> None:
        """Scroll down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """Scroll up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)
