"""The short tour of the first run."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from segue.tui.commands import commands, shown_keys
from segue.tui.screens.base import Overlay

STEPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Welcome to Segue",
        "It learned from playlists which tracks belong together. Here is how to walk among them.",
        (),
    ),
    (
        "Walk",
        "Every list is of tracks. Go into one to see what is near it; go back to where you were.",
        ("list.down", "list.choose", "walk.back", "search.open"),
    ),
    (
        "Listen",
        "Hear the track under the cursor, or let the cursor play by itself wherever it rests.",
        ("sound.toggle", "sound.audition", "taste.love", "taste.ban"),
    ),
    (
        "Drift",
        "An endless radio starts from any track. The next five and their reasons stand beside the list.",
        ("radio.start", "radio.skip", "radio.farther", "radio.drift"),
    ),
    (
        "Wander",
        "Draw a path between two tracks, blend several, or let yourself be surprised.",
        ("path.mark", "path.draw", "basket.plus", "surprise.jump"),
    ),
    (
        "Never lost",
        "Every command has a name, and almost everything can be undone. The next start goes on from here.",
        ("help.palette", "help.context", "undo.undo", "help.quit"),
    ),
)
"""Title, text and the commands that each step shows."""


class TourScreen(Overlay[None]):
    """A few pages, one thing each."""

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
            return  # not laid out yet, or left before its first page was drawn
        title, text, shown = STEPS[self.step]
        by_id = {command.id: command for _, command in commands()}
        lines = [Content(text), *([Content("")] if shown else [])]
        for name in shown:
            keys = " ".join(shown_keys(self.segue.keys_of(by_id[name]))[:2])
            lines.append(Content.assemble((f"{keys:<8}", "bold $primary"), (by_id[name].help, "$quiet")))
        self.query_one("#tour-title", Static).update(title)
        self.query_one("#tour-text", Static).update(Content("\n").join(lines))
        last = self.step == len(STEPS) - 1
        hint = (
            f"{self.step + 1} of {len(STEPS)}   enter {'begins' if last else 'goes on'}   esc leaves the tour"
        )
        self.query_one("#tour-hint", Static).update(hint)

    def on_mount(self) -> None:
        """Show the first page."""
        self.call_after_refresh(self.watch_step)

    def action_turn(self, by: int) -> None:
        """Turn a page; after the last one the tour is over."""
        if self.step + by >= len(STEPS):
            self.dismiss(None)
        else:
            self.step = max(self.step + by, 0)
