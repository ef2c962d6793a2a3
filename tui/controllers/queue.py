"""The commands of queue and crates, and of what plays, whatever the cursor is at."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segue.core.text import counted
from segue.tui.availability import at, has_track, in_ordered_list, in_queue, is_playing, queue_is_on
from segue.tui.commands import command
from segue.tui.controllers.base import Controller
from segue.tui.controllers.history import History
from segue.tui.controllers.playback import Playback
from segue.tui.controllers.steering import Steering, Tastes
from segue.tui.controllers.walks import Walks
from segue.tui.model.places import BlendPlace, CratePlace, PlaylistPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from segue.core.radio.queue import Queue


FIRST = "My crate"
"""The name of a crate that was given none."""
NEW = "\x00new"
"""The choice of a new crate; no name of a crate has such a character."""


class Crates(Controller):
    """Fills, orders and opens crates. They lie in the state file, and so does their undo."""

    _history: History
    _walks: Walks

    @property
    def current(self) -> str:
        """The crate that is added to: the one chosen last, else the one changed last."""
        return self.app.crate or next(iter(self.app.state.crates()), FIRST)

    @command("crates.add", "*", "add to crate", also="playlist collect", when=has_track)
    def add(self) -> None:
        """Add the track under the cursor, or the selection, to the current crate; Q chooses the crate."""
        if rows := self.chosen_rows():
            self.add_rows(rows)

    @command("crates.add_playing", "_", "playing to crate", when=is_playing)
    def add_playing(self) -> None:
        """Add the current track to the current crate, wherever the cursor is."""
        if (row := self.playing_row()) is not None:
            self.add_rows([row])

    def add_rows(self, rows: Sequence[int]) -> None:
        """Add tracks to the current crate."""
        name, held = self.current, self.app.state.crates().get(self.current, [])
        new = [info.track_id for info in self.app.tracks.infos(rows) if info.track_id not in held]
        if not new:
            self.app.say(f"Already in crate {name}. Q opens the crates.")
            return
        what = self.label(rows[0]) if len(rows) == 1 else counted(len(new), "track")
        self._set(name, [*held, *new], f"add {what} to crate {name}")
        self.app.say(f"Added {what} to crate {name}, {counted(len(held) + len(new), 'track')}. u undoes.")

    @command("crates.open", "Q", "crates", also="playlist lists collection")
    def open(self) -> None:
        """Open a crate, or make a new one; * then adds tracks to it."""
        from segue.tui.screens.ask import FilterScreen

        current = self.current
        choices = [
            (name, name, counted(len(held), "track") + (", current" if name == current else ""))
            for name, held in self.app.state.crates().items()
        ]
        screen = FilterScreen(
            "Crates", [*choices, (NEW, "a new crate", "asks for its name")], remove=self._remove
        )
        self.app.ask(screen, self._opened)

    def _opened(self, name: str) -> None:
        if name == NEW:
            from segue.tui.screens.ask import LineScreen

            self.app.ask(LineScreen("A new crate", "Its name; * adds to it.", FIRST), self._make)
            return
        self.app.crate = name
        self._walks.go(CratePlace(name=name))

    def _make(self, name: str) -> None:
        if name not in self.app.state.crates():
            self._set(name, [], f"make crate {name}")
        self._opened(name)

    def _remove(self, name: str) -> None:
        if name != NEW:
            self._kept(self.app.state.remove_crate(name), f"remove crate {name}")
            self.app.say(f"Removed crate {name}. u undoes.")

    @command("crates.complete", "", "complete crate", when=at(CratePlace))
    def complete(self) -> None:
        """Crate: list what continues it; t then shows what is missing from it."""
        if rows := self._rows():
            self._walks.go(PlaylistPlace(rows, name=self.app.walk.here.name))

    @command("crates.blend", "", "blend crate", when=at(CratePlace))
    def blend(self) -> None:
        """Crate: list what is like all of its tracks."""
        if rows := self._rows():
            self._walks.go(BlendPlace(rows, (1,) * len(rows), name=self.app.walk.here.name))

    def _rows(self) -> tuple[int, ...]:
        """The tracks of the crate in sight; says so where there are none."""
        if not isinstance(self.app.walk.here, CratePlace) or not len(self.app.listing.rows):
            self.app.say("Open a crate with tracks first; Q lists the crates.")
            return ()
        return tuple(int(row) for row in self.app.listing.rows)

    def move(self, line: int, steps: int) -> None:
        """Move a line of the crate in sight."""
        name, held, at = self._in_sight(line)
        to = at + steps
        if 0 <= to < len(held):
            held.insert(to, held.pop(at))
            self.app.keep_cursor(line + steps)
            self._set(name, held, f"move a track of crate {name}")

    def take_out(self, line: int) -> None:
        """Take a line out of the crate in sight."""
        name, held, at = self._in_sight(line)
        held.pop(at)
        self._set(name, held, f"take a track out of crate {name}")

    def _in_sight(self, line: int) -> tuple[str, list[str], int]:
        """The crate in sight, its track ids, and the place of a line of the list among them."""
        name = self.app.walk.here.name
        held = self.app.state.crates().get(name, [])
        return name, held, held.index(self.app.tracks.info(self.app.listing.rows[line]).track_id)

    def _set(self, name: str, track_ids: Sequence[str], what: str) -> None:
        self._kept(self.app.state.set_crate(name, track_ids), what)

    def _kept(self, number: int | None, what: str) -> None:
        """Let a change be undone, and show it."""
        self._history.keep(what, number, self._show)
        self._show()

    def _show(self) -> None:
        if isinstance(self.app.walk.here, CratePlace):
            self._walks.list_here()


class QueueAndPlaying(Controller):
    """Fills and orders the queue; loves, bans and explains what plays."""

    _playback: Playback
    _tastes: Tastes
    _walks: Walks
    _crates: Crates
    _steering: Steering

    @command("queue.trailer", "T", "trailer", also="shuffle skim snippets preview", when=has_track)
    def trailer(self) -> None:
        """Play 6 seconds of each track of the list; n skips, Enter stays with the current track."""
        from segue.core.radio.queue import TRAILER_SECONDS

        self._playback.play_list(seconds=TRAILER_SECONDS)

    @command("queue.play_next", "i", "play next", also="queue enqueue", when=has_track)
    def play_next(self) -> None:
        """Play the track under the cursor, or the selection, after what plays."""
        self._add(first=True)

    @command("queue.add", "I", "add to queue", also="enqueue later", when=has_track)
    def add(self) -> None:
        """Add the track under the cursor, or the selection, to the end of the queue."""
        self._add(first=False)

    def _add(self, *, first: bool) -> None:
        from segue.core.explore.radio import Planned

        rows = self.chosen_rows()
        if not rows:
            return
        tracks = [Planned(row) for row in rows]
        what = self.label(rows[0]) if len(rows) == 1 else counted(len(rows), "track")
        name = f"play {what} next" if first else f"add {what} to the queue"

        self._playback.alter(
            name, lambda queue: queue.add(tracks, first=first), lambda queue: queue.take_out(tracks)
        )
        self.app.say(f"{'Next' if first else 'Added to the queue'}: {what}. u undoes.")

    @command("queue.radio", "O", "radio from list")
    def radio_from_list(self) -> None:
        """Start a radio from this whole list: an artist, an album, a playlist, a blend, the loves."""
        here, listing = self.app.walk.here, self.app.listing
        rows = here.radio_rows(listing)
        if rows:
            self._steering.radio_from(rows, f"Radio from {listing.title}")
        else:
            self.app.say("This list has no tracks to start a radio from.")

    @command("queue.remove", "D", "take out", when=in_ordered_list)
    def remove(self) -> None:
        """Remove the line under the cursor from the queue or from the crate."""
        self._change(
            "take it out of the queue", lambda queue, line: queue.remove(line), self._crates.take_out
        )

    @command("queue.up", "shift+up", "move up", when=in_ordered_list)
    def up(self) -> None:
        """Move the line under the cursor up in the queue or in the crate."""
        self._move(-1, "move it up")

    @command("queue.down", "shift+down", "move down", when=in_ordered_list)
    def down(self) -> None:
        """Move the line under the cursor down in the queue or in the crate."""
        self._move(1, "move it down")

    def _move(self, steps: int, name: str) -> None:
        self._change(
            name,
            lambda queue, line: queue.move(line, line + steps),
            lambda line: self._crates.move(line, steps),
        )

    def _change(
        self, name: str, change: "Callable[[Queue, int], None]", in_crate: "Callable[[int], None]"
    ) -> None:
        if in_ordered_list(self.app) and not in_queue(self.app) and self.cursor_row() is not None:
            in_crate(self.app.current_list().line)
            return
        if not self._playback.has_queue or not in_queue(self.app) or self.cursor_row() is None:
            self.app.say("Choose a line of the queue (F3) or of a crate (Q) first.")
            return
        line = self.app.current_list().line
        self._playback.alter(name, lambda queue: change(queue, line))

    @command("queue.clear", "", "clear queue", also="empty", when=queue_is_on)
    def clear(self) -> None:
        """Clear the queue; the current track keeps playing."""
        if self._playback.has_queue:
            self._playback.alter("clear the queue", lambda queue: queue.clear())
        else:
            self.app.say("The queue is empty. I adds a track.")

    @command("playing.love", "&", "love what plays", when=is_playing)
    def love(self) -> None:
        """Toggle love for the current track, wherever the cursor is."""
        if (row := self.playing_row()) is not None:
            self._tastes.love(row)

    @command("playing.ban", "#", "ban what plays", when=is_playing)
    def ban(self) -> None:
        """Ban the current track and skip it, wherever the cursor is."""
        if (row := self.playing_row()) is not None:
            self._tastes.ban(row)

    @command("playing.explain", "%", "why it plays", when=is_playing)
    def explain(self) -> None:
        """Explain why this plays: against the track before it, or the radio's seed."""
        if (row := self.playing_row()) is None:
            return
        before = [planned.row for planned in self._playback.queue.heard[:-1]]
        seed = before[-1] if before else self.app.radio.seed
        if seed is None or seed == row:
            self.app.say(self._reason() or "It is the first track; the next one has a reason.")
        else:
            playing = self.app.playing
            by_radio = playing is not None and playing.by == "radio"
            reason = self._reason() if by_radio else ""
            self._walks.explain_pair(seed, row, reason=reason, heard=before)

    def _reason(self) -> str:
        return self.app.playing.reason if self.app.playing is not None else ""
