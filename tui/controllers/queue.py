"""The queue's commands, and those that act on what plays, whatever the cursor is at."""

from typing import TYPE_CHECKING

from segue.tui.availability import has_track, in_ordered_list, in_queue, is_playing, queue_is_on
from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller
from segue.tui.controllers.crates import Crates
from segue.tui.controllers.history import History
from segue.tui.controllers.playback import Playback
from segue.tui.controllers.steering import Steering
from segue.tui.controllers.taste import Tastes
from segue.tui.controllers.walks import Walks
from segue.tui.model.words import count_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from segue.core.radio.queue import Queue, Queued


class QueueAndPlaying(Controller):
    """Fills and orders the queue; loves, bans and explains what plays."""

    def __init__(
        self,
        app: Explorer,
        history: History,
        playback: Playback,
        tastes: Tastes,
        *,
        walks: Walks,
        crates: Crates,
        steering: Steering,
    ) -> None:
        super().__init__(app)
        self._history = history
        self._playback = playback
        self._tastes = tastes
        self._walks = walks
        self._crates = crates
        self._steering = steering

    # --- lists

    @command("queue.trailer", "T", "trailer", also="shuffle skim snippets preview", when=has_track)
    def trailer(self) -> None:
        """Play 6 seconds of each track of the list; n passes, Enter stays with what plays."""
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
        from segue.core.radio.queue import Queued

        rows = self.selected_rows()
        if not rows and (row := self.cursor_row()) is not None:
            rows = [row]
        if not rows:
            return
        tracks = [Queued(row) for row in rows]
        what = self.label(rows[0]) if len(rows) == 1 else count_of(len(rows), "track")
        name = f"play {what} next" if first else f"add {what} to the queue"

        def take_out(queue: "Queue") -> None:
            queue.take_out(tracks)

        self._history.do(
            name, lambda: self._put(tracks, first=first), lambda: self._playback.change_queue(take_out)
        )
        self.app.say(f"{'Next' if first else 'Added to the queue'}: {what}. u undoes.")

    def _put(self, tracks: "Sequence[Queued]", *, first: bool) -> None:
        self._playback.change_queue(lambda queue: queue.add(tracks, first=first))

    @command("queue.radio", "O", "radio from list")
    def radio_from_list(self) -> None:
        """Start a radio from this whole list: an artist, an album, a playlist, a blend, the loves."""
        here, listing = self.app.walk.here, self.app.listing
        rows = here.radio_rows(listing)
        if rows:
            self._steering.radio_from(rows, f"Radio from {listing.title}")
        else:
            self.app.say("This list has no tracks to start a radio from.")

    # --- the queue itself

    @command("queue.remove", "D", "take out", when=in_ordered_list)
    def remove(self) -> None:
        """Take the line under the cursor out of the queue, or out of the crate in sight."""
        self._change(
            "take it out of the queue", lambda queue, line: queue.remove(line), self._crates.take_out
        )

    @command("queue.up", "shift+up", "move up", when=in_ordered_list)
    def up(self) -> None:
        """Move the line under the cursor up in the queue, or in the crate in sight."""
        self._change(
            "move it up",
            lambda queue, line: queue.move(line, line - 1),
            lambda line: self._crates.move(line, -1),
        )

    @command("queue.down", "shift+down", "move down", when=in_ordered_list)
    def down(self) -> None:
        """Move the line under the cursor down in the queue, or in the crate in sight."""
        self._change(
            "move it down",
            lambda queue, line: queue.move(line, line + 1),
            lambda line: self._crates.move(line, 1),
        )

    def _change(
        self, name: str, change: "Callable[[Queue, int], None]", in_crate: "Callable[[int], None]"
    ) -> None:
        if in_ordered_list(self.app) and not in_queue(self.app) and self.cursor_row() is not None:
            in_crate(self.app.current_list().line)
            return
        was = self._playback.snapshot()
        if was is None or not in_queue(self.app) or self.cursor_row() is None:
            self.app.say("Choose a line of the queue (F3) or of a crate (Q) first.")
            return
        line = self.app.current_list().line
        self._history.do(
            name,
            lambda: self._playback.change_queue(lambda queue: change(queue, line)),
            lambda: self._playback.change_queue(lambda queue: queue.restore(was)),
        )

    @command("queue.clear", "", "clear queue", also="empty", when=queue_is_on)
    def clear(self) -> None:
        """Take everything out of the queue; what plays plays on."""
        was = self._playback.snapshot()
        if was is None:
            self.app.say("The queue is empty.")
            return
        self._history.do(
            "clear the queue",
            lambda: self._playback.change_queue(lambda queue: queue.clear()),
            lambda: self._playback.change_queue(lambda queue: queue.restore(was)),
        )

    # --- what plays

    @command("playing.love", "&", "love what plays", when=is_playing)
    def love(self) -> None:
        """Toggle love for what plays, wherever the cursor is."""
        if (row := self._playing()) is not None:
            self._tastes.love(row)

    @command("playing.ban", "#", "ban what plays", when=is_playing)
    def ban(self) -> None:
        """Ban what plays and go on to the next track, wherever the cursor is."""
        if (row := self._playing()) is not None:
            self._tastes.ban(row)

    @command("playing.explain", "%", "explain what plays", when=is_playing)
    def explain(self) -> None:
        """Explain why this plays: against the track before it, or the radio's seed."""
        if (row := self._playing()) is None:
            return
        before = [planned.row for planned in self._playback.queue.heard[:-1]]
        seed = before[-1] if before else self.app.radio.seed
        if seed is None or seed == row:
            self.app.say(self._reason() or "It is the first track; the next one has a reason.")
        else:
            self._walks.explain_pair(seed, row)

    def _reason(self) -> str:
        return self.app.playing.reason if self.app.playing is not None else ""

    def _playing(self) -> int | None:
        playing = self.app.playing
        if playing is None or playing.row is None:
            self.app.say("Nothing plays.")
            return None
        return playing.row
