"""The help (F1), the tour of the first run, and longer texts to read."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Input, Static

from segue.core.text import fold, printable
from segue.tui.commands import Command, Group, shown_keys
from segue.tui.screens.ask import Overlay
from segue.tui.widgets.cells import fit
from segue.tui.widgets.track_list import TrackList


class KeysScreen(Overlay[None]):
    """Groups of commands with their keys. Typing filters them."""

    BINDINGS = [("f1", "leave", "leave"), ("down", "down", "down"), ("up", "up", "up")]  # noqa: RUF012 - Textual's way

    def __init__(self, title: str, groups: list[Group]) -> None:
        super().__init__(id="keys-screen", classes="box large")
        self._title, self._groups = title, groups

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
        """Show the commands that match."""
        event.stop()
        self.query_one("#keys-text", Static).update(self._text(event.value))

    def _text(self, wanted: str) -> Content:
        words = fold(wanted).split()
        parts: list[Content] = []
        for group in self._groups:
            lines = [
                self._line(command) for command in group.commands if self._matches(command, words, wanted)
            ]
            if lines:
                head = Content.styled(group.title, "bold $primary")
                about = [Content.styled(group.about, "$quiet")] if not words else []
                parts.append(Content("\n").join([head, *about, *lines]))
        return Content("\n\n").join(parts) if parts else Content.styled("No command matches.", "$faint")

    def _matches(self, command: Command, words: list[str], wanted: str) -> bool:
        if wanted.strip() in shown_keys(command.keys_in(self.segue.settings.keys)):
            return True
        text = fold(f"{command.name} {command.help} {command.id}")
        return all(word in text for word in words)

    def _line(self, command: Command) -> Content:
        keys = "  ".join(shown_keys(command.keys_in(self.segue.settings.keys)))
        return Content.assemble(
            (fit(keys, 12), "bold"), (fit(command.name, 16), "$primary"), (command.help, "")
        )

    def action_down(self) -> None:
        """Scroll down."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_up(self) -> None:
        """Scroll up."""
        self.query_one(VerticalScroll).scroll_up(animate=False)


STEPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Welcome to Segue",
        "It learned from playlists which tracks belong together. This is how to explore them.",
        (),
    ),
    (
        "Walk",
        "Every list holds tracks. Open one to see its neighbours; go back to where you were.",
        ("list.down", "list.choose", "walk.back", "search.open"),
    ),
    (
        "Listen",
        "Play the track under the cursor, or let every track play that the cursor rests on.",
        ("sound.toggle", "sound.audition", "taste.love", "taste.ban"),
    ),
    (
        "Drift",
        "Start an endless radio from any track. The next five and their reasons stand beside the list.",
        ("radio.start", "radio.skip", "radio.farther", "radio.drift"),
    ),
    (
        "Wander",
        "Draw a path between two tracks, blend several, or jump somewhere surprising.",
        ("path.mark", "path.draw", "basket.plus", "surprise.jump"),
    ),
    (
        "Never lost",
        "Every command has a name, and most can be undone. The next start continues here.",
        ("help.palette", "help.context", "undo.undo", "help.quit"),
    ),
)
"""Title, text and commands of each page."""


class TourScreen(Overlay[None]):
    """The tour, a page a subject."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter,space,l,right,j,down", "turn(1)", "on"),
        ("backspace,h,left,k,up", "turn(-1)", "back"),
        ("q", "leave", "leave"),
    ]
    step: reactive[int] = reactive(0)

    def __init__(self) -> None:
        super().__init__(id="tour-screen", classes="box")

    def compose(self) -> ComposeResult:
        """Lay the box."""
        with Vertical(classes="box-body"):
            yield Static(id="tour-title", classes="box-title")
            yield Static(id="tour-text")
            yield Static(id="tour-hint", classes="box-hint")

    def watch_step(self) -> None:
        """Show a page."""
        if not self.query("#tour-hint"):
            return  # not composed yet, or left before its first page was drawn
        title, text, shown = STEPS[self.step]
        by_id = {each.id: each for each in (*self.segue.app_commands, *TrackList.OWN_COMMANDS)}
        lines = [Content(text), *([Content("")] if shown else [])]
        for name in shown:
            keys = " ".join(shown_keys(by_id[name].keys_in(self.segue.settings.keys))[:2])
            lines.append(Content.assemble((f"{keys:<8}", "bold $primary"), (by_id[name].help, "$quiet")))
        self.query_one("#tour-title", Static).update(title)
        self.query_one("#tour-text", Static).update(Content("\n").join(lines))
        last = self.step == len(STEPS) - 1
        enter = "starts" if last else "continues"
        hint = f"{self.step + 1} of {len(STEPS)}   enter {enter}   esc leaves the tour"
        self.query_one("#tour-hint", Static).update(hint)

    def on_mount(self) -> None:
        """Show the first page."""
        self.call_after_refresh(self.watch_step)

    def action_turn(self, by: int) -> None:
        """Turn a page; after the last one the tour ends."""
        if self.step + by >= len(STEPS):
            self.dismiss(None)
        else:
            self.step = max(self.step + by, 0)


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


def explanation_screen(
    track: str, seed: str, sentences: Sequence[str], *, title: str = "Why this track"
) -> TextScreen:
    """Make the screen that explains why a track is near another; the first sentence matters most."""
    first, *others = (f"{text[0].upper()}{text[1:]}." for text in map(printable, sentences))
    lines = [
        Content.assemble((printable(track), "bold"), ("  for  ", "$faint"), printable(seed)),
        Content(""),
        Content(first),
        *(Content.styled(other, "$quiet") for other in others),
    ]
    return TextScreen(title, Content("\n").join(lines))
