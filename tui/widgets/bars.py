"""The line at the top, with library and views, and the bars at the bottom: keys and player."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.explore.variety import Taste
from segue.core.text import counted, printable
from segue.tui.availability import of_widgets, offered
from segue.tui.commands import names_of, shown_keys
from segue.tui.context import Explorer
from segue.tui.model.glyphs import bar, clock, fit
from segue.tui.model.values import Playing, Radio
from segue.tui.widgets.base import ClickableLine, SegueWidget


class Header(ClickableLine):
    """One line: the library on the left, the views on the right. A click opens a view."""

    view: reactive[str] = reactive("explore")

    def __init__(self, views: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._views = views
        """The name and title of each view."""

    def render(self) -> RenderResult:
        """Draw the line; where it is narrow, the number of tracks goes first."""
        library, width = self.segue.library, self.size.width
        tabs = [(view, f" {title} ") for view, title in self._views]
        wanted = sum(len(title) for _, title in tabs)
        name = Content.assemble((" segue ", "bold $primary"), (printable(library.name), "bold"))
        count = Content.styled(f"  {counted(len(library), 'track')}", "$faint")
        if name.cell_length + count.cell_length + wanted < width:
            name = Content.assemble(name, count)
        room = max(width - name.cell_length - wanted, 1)
        pieces = [(name, ""), (Content(" " * room), "")]
        for view, title in tabs:
            style = "bold underline $foreground" if view == self.view else "$quiet"
            pieces.append((Content.styled(title, style), f"app.do('views.{view}')"))
        return self.joined(pieces)


class KeyBar(ClickableLine):
    """The weightiest commands of the focused pane and of the app. A click runs one."""

    _drawn: Sequence[tuple[str, str, str]] = ()

    def follow(self) -> bool:
        """Draw again if other commands make sense than those drawn, and return whether they do."""
        changed = self._offered() != self._drawn
        if changed:
            self.refresh()
        return changed

    def _offered(self) -> list[tuple[str, str, str]]:
        """The first key, the name and the id of each command; not of those whose keys were taken away."""
        own, ascii_only = self.segue.settings.keys, self.segue.glyphs.ascii_only
        found = (
            (command, shown_keys(command.keys_in(own), ascii_only=ascii_only))
            for command in offered(self.segue)
        )
        return [(keys[0], command.name, command.id) for command, keys in found if keys]

    def render(self) -> RenderResult:
        """Draw as many keys as there is room for."""
        pieces, room = [(Content(" "), "")], self.size.width - 1
        self._drawn = self._offered()
        for key, name, identifier in self._drawn:
            part = Content.assemble((key, "bold $primary"), " ", (name, "$quiet"), "  ")
            if part.cell_length <= room:
                pieces.append((part, f"app.do('{identifier}')"))
                room -= part.cell_length
        return self.joined(pieces)


IDLE = "Nothing plays. space plays this list, T trails it, r starts a radio."
ACTIONS = (
    ("radio.skip", "next"), ("playing.love", "love"), ("playing.ban", "ban"), ("walk.playing", "go to"),
    ("playing.explain", "why"), ("radio.previous", "previous"), ("radio.stop", "stop"),
)  # fmt: skip
"""The commands on what plays that the bar shows, and their words there."""
WAITS = "The radio waits where you left it; P resumes it."


LABEL = 30
"""Cells that the bar leaves to the title and artist of what plays before it shows keys."""


def playing_keys(app: Explorer, room: int = 200) -> str:
    """Name the keys that act on what plays, as many as there is room for, the most needed first.

    A key that does something else in the focused pane is left out.
    """
    own = app.settings.keys
    taken = {key for command in of_widgets(app) for key in names_of(command.keys_in(own))}
    commands = {command.id: command for command in app.app_commands}
    found = ""
    for name, word in ACTIONS:
        keys = ",".join(key for key in names_of(commands[name].keys_in(own)) if key not in taken)
        if keys:
            part = f"  {' '.join(shown_keys(keys, ascii_only=app.glyphs.ascii_only))} {word}"
            if len(found) + len(part) > room:
                break
            found += part
    return found


class PlayerBar(SegueWidget):
    """One line under every view, drawn twice a second while something plays, else only at a change."""

    playing: reactive[Playing | None] = reactive(None)
    position: reactive[float] = reactive(0.0)
    audio_trouble: reactive[str] = reactive("")
    unheard: reactive[str] = reactive("")
    taste: reactive[Taste] = reactive(Taste)
    radio: reactive[Radio] = reactive(Radio)
    busy: reactive[str] = reactive("")

    _line = (0, 0)
    """Where the line of what was heard begins, and its length."""

    def on_click(self, event: events.Click) -> None:
        """Go on at the moment that was clicked."""
        start, length = self._line
        if self.playing is not None and start <= event.x < start + length:
            self.segue.seek_to((event.x - start) / length * self.playing.duration)

    def render(self) -> RenderResult:
        """Draw the line."""
        playing, width = self.playing, self.size.width
        sound = self.audio_trouble
        if playing is None:
            waits = self.radio.on and self.radio.paused
            busy = f"{printable(self.busy)} {self.segue.glyphs.ellipsis}" if self.busy else ""
            idle = busy or printable(self.unheard) or (WAITS if waits else IDLE)
            return self._ends(
                Content.styled(f" {idle}", "$faint"), Content.styled(f"{sound} ", "$faint"), width
            )
        glyphs = self.segue.glyphs
        sign = glyphs.paused if playing.paused else glyphs.playing
        love = f" {glyphs.love}" if playing.row in self.taste.loved else ""
        length = 10 if width < 100 else 24
        share = self.position / playing.duration if playing.duration else 0.0
        done = bar(share, length, glyphs).rstrip()
        times = f" {clock(self.position)}/{clock(playing.duration)}"
        right = Content.assemble(
            (done, "$accent"), (glyphs.rest * (length - len(done)), "$line"), (times, "$quiet"),
            (f"  {playing.credit}" if playing.credit and width >= 100 else "", "$faint"),
            (f"  {sound}" if sound else "", "$faint"),
        )  # fmt: skip
        keys = playing_keys(self.segue, width - right.cell_length - len(love) - LABEL)
        self._line = (width - right.cell_length - cell_len(keys) - 1, length)
        right = Content.assemble(right, (keys, "$faint"), " ")
        room = width - right.cell_length - 4 - len(love)
        left = Content.assemble(
            (f" {sign} ", "$accent"), (fit(printable(playing.label), room).rstrip(), "bold"), (love, "$error")
        )
        return self._ends(left, right, width)

    @staticmethod
    def _ends(left: Content, right: Content, width: int) -> Content:
        room = width - left.cell_length - right.cell_length
        if room < 1:
            return left.truncate(width, ellipsis=True)
        return Content.assemble(left, " " * room, right)
