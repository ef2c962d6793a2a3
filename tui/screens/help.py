"""The palette, the help (F1), the tour of the first run, and longer texts to read."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Input, Static
from textual.widgets.option_list import Option

from segue.core.text import fold, printable
from segue.tui.commands import Command, Group, found, names_of, shown_keys
from segue.tui.model.glyphs import fit, wrapped
from segue.tui.screens.ask import FilterScreen, Overlay
from segue.tui.widgets.track_list import TrackList

KEYS_WIDE, NAME_WIDE = 12, 18
"""Cells of the keys and of the names in the help."""
SIGNS = Group(
    "Signs",
    "♥ loved   ✕ banned   ✓ heard   ▶ plays   ‖ paused   ● the track that the list is about\n"
    "◆ a path starts here   + and − in the basket of the blend\n"
    "· preview ready   … preview being fetched   ○ no preview\n"
    "+1 behind a track: another version of the song that the list hides; e shows it\n"
    "hidden, below a list: what the guard against one artist filling it left out; V switches it off\n"
    "━ a bar from 0 to 1, equally long in every list: 1.0 is the highest score that there can be",
    (),
)


def command_line(command: Command, keymap: Mapping[str, str], screen: int) -> Content:
    """Draw a command in three columns: keys, name and help, whose lines hang below each other.

    `keymap` holds the listener's own keys, `screen` is the width of the screen in cells.
    """
    keys = "  ".join(shown_keys(command.keys_in(keymap)))
    room = max(min(round(screen * 0.94), 96) - 6 - KEYS_WIDE - NAME_WIDE, 20)
    first, *rest = wrapped(command.help, room)
    below = "".join(f"\n{'':{KEYS_WIDE + NAME_WIDE}}{line}" for line in rest)
    return Content.assemble(
        (fit(keys, KEYS_WIDE - 1), "bold"), " ",
        (fit(command.name, NAME_WIDE - 1), "$primary"), f" {first}{below}",
    )  # fmt: skip


class PaletteScreen(FilterScreen):
    """The palette: commands in the columns of the help, found by name, other words for it or their help.

    Answers with the id of the chosen one.
    """

    def __init__(self, commands: Sequence[Command], title: str = "Commands") -> None:
        super().__init__(title, [])
        self.add_class("large")
        self._commands = sorted(commands, key=lambda command: -command.weight)
        self._lines: dict[str, Content] = {}

    def matching(self, text: str) -> list[Option]:
        """The commands that match, those by their name before those by other words and by their help."""
        ranks = {command.id: found(command, text) for command in self._commands}
        kept = [command for command in self._commands if ranks[command.id]]
        kept.sort(key=lambda command: -ranks[command.id])
        if not self._lines:
            keymap, width = self.segue.settings.keys, self.app.size.width
            self._lines = {each.id: command_line(each, keymap, width) for each in self._commands}
        return [Option(self._lines[command.id], id=command.id) for command in kept]

    def nothing(self, text: str) -> str:
        """What is shown where nothing matches."""
        return f"No command matches {printable(text)!r}. F1 searches the help of what is in sight."


class KeysScreen(Overlay[None]):
    """Groups of commands with their keys. Typing filters them.

    With `short`, groups after the first show only what the key bar could offer now, until something is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("f1", "leave", "leave"),
        ("down", "scroll('down')", "down"),
        ("up", "scroll('up')", "up"),
        ("pagedown,ctrl+f", "scroll('page_down')", "page down"),
        ("pageup,ctrl+b", "scroll('page_up')", "page up"),
        Binding("home", "scroll('home')", "top", priority=True),
        Binding("end", "scroll('end')", "bottom", priority=True),
    ]

    def __init__(self, title: str, groups: list[Group], *, short: bool = False) -> None:
        super().__init__(id="keys-screen", classes="box large")
        self._title, self._groups, self._short = title, groups, short

    def compose(self) -> ComposeResult:
        """Lay the box."""
        line = Input(placeholder="type to find a key or a command", compact=True, id="keys-filter")
        text = VerticalScroll(Static(self._text(""), id="keys-text"), classes="box-text", can_focus=False)
        yield self.box(self._title, line, text, hint="↑ ↓ scroll   esc closes   : keys changes a key")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the commands that match."""
        event.stop()
        self.query_one("#keys-text", Static).update(self._text(event.value))

    def _text(self, wanted: str) -> Content:
        words, keymap, width = fold(wanted).split(), self.segue.settings.keys, self.app.size.width
        parts: list[Content] = []
        for group in (*self._groups, SIGNS):
            commands = [each for each in group.commands if self._matches(each, wanted)]
            more = 0
            if self._short and not words and group is not self._groups[0]:
                commands = [each for each in commands if each.weight and each.holds(self.segue)]
                more = len(group.commands) - len(commands)
            found = [line for line in group.about.split("\n") if all(word in fold(line) for word in words)]
            if not words or commands or found:
                head = Content.styled(group.title, "bold $primary")
                about = [Content.styled(line, "$quiet") for line in found]
                typed = f"Type to find {more} more; : lists them all."
                lines = [command_line(each, keymap, width) for each in commands]
                rest = [Content.styled(typed, "$quiet")] if more else []
                parts.append(Content("\n").join([head, *about, *lines, *rest]))
        nothing = f"No command or word of the help matches {printable(wanted)!r}."
        return Content("\n\n").join(parts) if parts else Content.styled(nothing, "$faint")

    def _matches(self, command: Command, wanted: str) -> bool:
        if wanted.strip() in shown_keys(command.keys_in(self.segue.settings.keys)):
            return True
        text = fold(f"{command.name} {command.also} {command.help} {command.id}")
        return all(word in text for word in fold(wanted).split())


STEPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Welcome to Segue",
     "It learned from playlists which tracks belong together. This is how to explore them.", ()),
    ("Walk", "Every list holds tracks. Open one to see its neighbours; go back to where you were.",
     ("list.down", "list.choose", "walk.back", "search.open")),
    ("Listen", "Play the track under the cursor, or let every track play that the cursor rests on.",
     ("sound.toggle", "sound.audition", "taste.love", "taste.ban")),
    ("Drift", "Start an endless radio from any track. The next five and their reasons stand beside the list.",
     ("radio.start", "radio.skip", "radio.farther", "radio.drift")),
    ("Wander", "Draw a path between two tracks, blend several, or jump somewhere surprising.",
     ("path.mark", "path.draw", "basket.plus", "surprise.jump")),
    ("Never lost", "Every command has a name, and most can be undone. The next start continues here.",
     ("help.palette", "help.context", "undo.undo", "help.quit")),
)  # fmt: skip
"""Title, text and commands of each page."""


TURN = frozenset({"enter", "right", "down", "backspace", "left", "up", "q", "escape"})
"""Keys that turn the pages of the tour."""
OPENS = frozenset({"search.open", "path.mark", "path.draw", "help.palette", "help.context", "help.quit"})
"""Commands that the tour does not run: they would open a screen, or ask for more."""


class TourScreen(Overlay[None]):
    """The tour, a page a subject."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter,right,down", "turn(1)", "on"),
        ("backspace,left,up", "turn(-1)", "back"),
        ("q", "leave", "leave"),
    ]
    step: reactive[int] = reactive(0)

    def __init__(self) -> None:
        super().__init__(id="tour-screen", classes="box")
        self._done: set[str] = set()
        """The commands whose keys were tried."""

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
            command = by_id[name]
            keys = " ".join(self._keys(command))
            done = f"{self.segue.glyphs.heard} " if name in self._done else "  "
            room = max(min(round(self.app.size.width * 0.94), 72) - 14, 20)
            first, *rest = wrapped(command.help, room)
            text = first + "".join(f"\n{'':10}{line}" for line in rest)
            shown_key = (f"{keys:<8}", "bold $primary")
            lines.append(Content.assemble((done, "$success"), shown_key, (text, "$quiet")))
        self.query_one("#tour-title", Static).update(title)
        self.query_one("#tour-text", Static).update(Content("\n").join(lines))
        last = self.step == len(STEPS) - 1
        enter = "starts" if last else "continues"
        try_it = "press a key to try it   " if shown else ""
        hint = f"{self.step + 1} of {len(STEPS)}   {try_it}enter {enter}   esc leaves"
        self.query_one("#tour-hint", Static).update(hint)

    def on_mount(self) -> None:
        """Show the first page."""
        self.call_after_refresh(self.watch_step)

    def _keys(self, command: Command) -> list[str]:
        """The keys that the tour shows: those that it doesn't need to turn its own pages."""
        keys = command.keys_in(self.segue.settings.keys)
        return [shown_keys(key)[0] for key in names_of(keys) if key not in TURN][:2]

    async def on_key(self, event: events.Key) -> None:
        """Run a command of the page when its key is pressed; one that would open a screen is only ticked."""
        _, _, names = STEPS[self.step]
        for command in (*TrackList.OWN_COMMANDS, *self.segue.app_commands):
            if command.id in names and event.key in names_of(command.keys_in(self.segue.settings.keys)):
                if event.key in TURN:
                    return
                event.stop()
                event.prevent_default()
                self._done.add(command.id)
                self.watch_step()
                if command.id not in OPENS:
                    await self.segue.do_below(command)
                return

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
        ("j,down", "scroll('down')", "down"),
        ("k,up", "scroll('up')", "up"),
    ]

    def __init__(self, title: str, body: Content, hint: str = "esc closes") -> None:
        super().__init__(id="text-screen", classes="box")
        self._title, self._body, self._hint = title, body, hint

    def compose(self) -> ComposeResult:
        """Lay the box."""
        yield self.box(self._title, VerticalScroll(Static(self._body), classes="box-text"), hint=self._hint)


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
