"""What is heard from the queue: a list in order, a radio, a trailer.

All three share the player and what the bar shows of it, so they share this file.
"""

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from segue.core.errors import SegueError
from segue.tui.availability import has_track, in_queue, is_playing, queue_is_on
from segue.tui.commands import command
from segue.tui.controllers.base import Controller, Planning
from segue.tui.controllers.history import Action, History
from segue.tui.controllers.sound import Auditions, Sound
from segue.tui.model.values import Playing
from segue.tui.widgets.bars import IDLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from segue.core.explore.radio import Planned, RadioPlanner
    from segue.core.explore.variety import Taste
    from segue.core.radio.parts import RadioEvent
    from segue.core.radio.queue import Queue, Snapshot
    from segue.core.radio.session import RadioSession

KEPT_REMARKS = 50
"""Remarks that are kept for the radio view."""
RESTARTS_AFTER = 3.0
"""Seconds into a track from which `N` goes to its beginning instead of the track before."""


class Playback(Controller):
    """Plays the queue, which waits while a single track is heard.

    The session runs in a thread of its own; its events come back by `call_later`.
    """

    _history: History
    _sound: Sound
    _auditions: Auditions
    _planning: Planning
    _queue: "Queue | None" = None
    _session: "RadioSession | None" = None
    _radio: object = None
    """Marks the session whose events count."""
    _awaited: dict[str, Any] | None = None
    """The queue of the last time, while its radio is planned again."""
    _kept: dict[str, Any] | None = None
    """The queue as the state file has it."""

    def __post_init__(self) -> None:
        self._auditions.pause_queue, self._auditions.resume_queue = self._wait, self._resume

    def _wait(self) -> bool:
        """Pause what plays for a single track; return whether anything played."""
        if self._session is None or self.app.radio.paused:
            return False
        self._session.pause()
        return True

    def _resume(self) -> None:
        if self._session is not None:
            self._session.resume()

    @property
    def _radio_plays(self) -> bool:
        return self.app.playing is not None and self.app.playing.by == "radio"

    @command("sound.toggle", "space", "play", 90, also="pause listen hear", when=has_track)
    def toggle(self) -> None:
        """Play the list from the track under the cursor, or pause that track."""
        row, playing = self.cursor_row(), self.app.playing
        if row is None:
            return
        if playing is not None and playing.row == row:
            self.pause()
        elif in_queue(self.app):
            line = self.app.current_list().line
            self.play(lambda queue: queue.jump_to(line))
        else:
            self.play_list()

    def play_list(self, *, seconds: float | None = None) -> None:
        """Play the list in its order from the track under the cursor, `seconds` of each; or the selection."""
        found = self.rows_from_cursor()
        if found is not None:
            self.play_rows(*found, seconds=seconds)

    def play_rows(self, rows: "Sequence[int]", source: str, *, seconds: float | None = None) -> None:
        """Play tracks in their order, `seconds` of each; a list that is cut says so."""
        from segue.core.radio.queue import cut_note, in_order

        if cut := cut_note(len(rows)):
            self.app.say(f"{cut[0].upper()}{cut[1:]}.")
        tracks = in_order(self.app.library, rows, source, seconds=seconds)
        self.alter(f"play {source}", lambda queue: queue.fill(tracks, source=source), play=True)

    @command("sound.pause", "P", "pause", when=is_playing)
    def pause(self) -> None:
        """Pause or resume whatever plays."""
        playing = self.app.playing
        if playing is None or playing.by == "radio":
            self._pause_radio()
            return
        (self._sound.player.play if playing.paused else self._sound.player.pause)()
        self._sound.show(replace(playing, paused=not playing.paused))

    def close(self) -> None:
        """Release player, threads and session when the app ends."""
        if self._session is not None:
            self._session.close()
        self._auditions.close()
        self._sound.close()

    # --- the queue

    @property
    def queue(self) -> "Queue":
        """What will be heard next, whatever filled it."""
        if self._queue is None:
            from segue.core.radio.queue import Queue

            flows = self.app.settings.after_list == "radio"
            self._queue = Queue(flow=self._planning.near if flows else None)
        return self._queue

    def play(self, change: "Callable[[Queue], object]", *, paused: bool = False, at: float = 0.0) -> None:
        """Change the queue and play its first track at once, `at` seconds into it."""
        self._auditions.end(resume=False)
        queue, self.app.unheard = self.queue, ""
        if self._session is None:
            change(queue)
            self._start(paused=paused, at=at)
        else:
            self._session.jump(lambda _: change(queue))
            self.app.radio = replace(self.app.radio, on=True, paused=False)

    def _start(self, *, paused: bool, at: float) -> None:
        from segue.core.radio.session import RadioSession

        self._radio = radio = object()  # its events come from before it is made until after it is closed

        def tell(event: "RadioEvent") -> None:
            self.app.call_later(self._on_radio, radio, event)

        queue = self.queue
        self.app.radio = replace(self.app.radio, on=True, paused=paused, begins_at=at, remarks=())
        self._session = RadioSession(
            queue, self.app.library.catalogue.info, self.app.equipment.previews, self._sound.player, tell,
            journal=self.app.state, scrobbler=self.app.equipment.scrobbler,
            source_name=lambda: queue.source or "radio", begin_at=at, paused=paused,
        )  # fmt: skip
        self._show_plan(queue.plan)

    def change_queue(self, change: "Callable[[Queue], object]") -> None:
        """Change what comes, and leave what plays; where nothing plays, it begins."""
        if self._session is None:
            self.play(change)
        else:
            queue = self.queue
            self._session.steer(lambda _: change(queue))

    def alter(
        self,
        name: str,
        change: "Callable[[Queue], object]",
        undo: "Callable[[Queue], object] | None" = None,
        *,
        play: bool = False,
    ) -> None:
        """Change what comes so that it can be undone, here and by `segue state undo`.

        Parameters
        ----------
        undo
            Undoes it in a queue that has played on; by default all is brought back as it was.
        play
            Play the first track of the changed queue at once.
        """
        was = self.snapshot()

        def kept(queue: "Queue") -> None:
            before = None if was is None else queue.to_json()
            change(queue)
            action.number = self._keep_change(before, queue.to_json())

        def take_back() -> None:
            if undo is not None and self._session is not None:
                self.change_queue(undo)
            elif play or was is None:
                self.restore(was)
            else:
                self.change_queue(lambda queue: queue.restore(was))

        put = self.play if play else self.change_queue
        action = Action(name, lambda: put(change), take_back)
        self._history.add(action)
        put(kept)

    def _keep_change(self, before: object, after: object) -> int | None:
        """Keep a change of the queue in the state file; return its number, None where the disk refuses it."""
        with suppress(SegueError, sqlite3.Error):  # said when the session is kept
            return self.app.state.change_queue(self.queue_name, before, after)
        return None

    def stop_trailer(self) -> int | None:
        """Play the track of a trailer to its end, and return its row; None without a trailer."""
        playing = self.app.playing
        if playing is None or not playing.trailer or self._session is None:
            return None
        self._session.play_whole()
        self.change_queue(lambda queue: queue.clear())
        self._sound.show(replace(playing, trailer=False, duration=self._sound.player.duration))
        return playing.row

    def snapshot(self) -> "Snapshot | None":
        """The queue as it is, to be restored; None where nothing plays."""
        return self.queue.snapshot() if self._session is not None else None

    def restore(self, was: "Snapshot | None") -> None:
        """Play what was played and planned then."""
        if was is None:
            self._end_queue()
        else:
            self.play(lambda queue: queue.restore(was, playing=True))

    @command("radio.stop", "backslash", "stop", when=queue_is_on)
    def stop_radio(self) -> None:
        """Stop, and clear what comes next; `u` brings it back."""
        was = self.snapshot()
        self._auditions.end(resume=False)
        if self.app.radio.on:
            number = self._keep_change(self._queue_now(), None)
            self._history.add(Action("stop", self._end_queue, lambda: self.restore(was), number))
            self._end_queue()
            self.app.say("Stopped. u brings back what played.")

    def _end_queue(self) -> None:
        session, self._session, self._radio = self._session, None, None
        if session is not None:
            session.stop()
            self.app.run_worker(session.close, thread=True, group="closing", exit_on_error=False)
        if self._radio_plays:
            self._sound.show(None)
        self.app.busy = ""
        self.app.radio = replace(
            self.app.radio, on=False, paused=False, source="", seed=None, begins_at=0.0, upcoming=()
        )

    @property
    def heard_rows(self) -> list[int]:
        """The tracks that were played from the queue since the start, oldest first."""
        return [planned.row for planned in self._queue.heard] if self._queue is not None else []

    @property
    def has_queue(self) -> bool:
        """Whether something plays from the queue or waits to."""
        return self._session is not None

    def end_unless_playing(self) -> None:
        """Show that nothing plays after a radio that could not be planned."""
        if self._session is None:
            self._end_queue()

    def _pause_radio(self) -> None:
        if self._session is None:
            self.app.say(IDLE)
            return
        paused = not self.app.radio.paused
        (self._session.pause if paused else self._session.resume)()
        self._show_paused(paused)

    def _show_paused(self, paused: bool) -> None:
        self.app.radio = replace(self.app.radio, paused=paused)
        if self._radio_plays and self.app.playing is not None:
            self._sound.show(replace(self.app.playing, paused=paused))

    @command("radio.skip", "n", "next", 86, when=queue_is_on)
    def skip(self) -> None:
        """Go to the next track; an early skip steers a radio away from this one."""
        if self._session is None:
            self.app.say("n goes to the next track; space plays a list, r starts a radio.")
        else:
            self._session.next()
            if self.app.radio.paused:
                self._pause_radio()

    @command("radio.previous", "N", "previous", when=queue_is_on)
    def previous(self) -> None:
        """Go back to the previous track, or to the beginning of this one."""
        if self._session is None:
            self.app.say("Nothing plays. N goes back to the track before.")
        elif self.app.position > RESTARTS_AFTER or not self.queue.heard[:-1]:
            self._sound.seek(-self.app.position)
        else:
            self.play(lambda queue: queue.back())

    def skip_if_playing(self, row: int) -> None:
        """Skip a track that was just banned, if it plays."""
        if self._radio_plays and self.app.playing is not None and self.app.playing.row == row:
            self.skip()

    @property
    def queue_name(self) -> str:
        """Under which the state file keeps the queue."""
        return self.app.kept_as

    def _queue_now(self) -> dict[str, Any] | None:
        """The queue as JSON; None where nothing plays or waits to."""
        if self._awaited is not None:
            return self._awaited
        return self.queue.to_json() if self.app.radio.on and self._session is not None else None

    def keep(self) -> None:
        """Keep the queue in the state file, unless another process has just undone a change of it.

        Raises
        ------
        SegueError
            When the state file can't be written.
        """
        self._history.follow()
        if (now := self._queue_now()) != self._kept:
            self.app.state.keep_queue(self.queue_name, now)
            self._kept = now

    def to_json(self) -> dict[str, Any]:
        """Return the track that plays, and where in it, as JSON."""
        queue = self._queue_now()
        at = self.app.position if self._radio_plays else self.app.radio.begins_at
        return {"track": queue["tracks"][0][0] if queue and queue["tracks"] else None, "at": round(at, 1)}

    def resume(self, track: int | None, at: float) -> None:
        """Bring back the queue, paused, `at` seconds into its first track where that is `track`.

        Raises
        ------
        KeyError, TypeError, ValueError
            When it is not a queue.
        """
        queue = self.app.state.queue(self.queue_name)
        if queue is None:
            return
        seeds = self.queue.read_json(queue, tracks=len(self.app.library))
        first = self.queue.plan[0].row if self.queue.plan else None
        at = at if first == track else 0.0
        if not seeds:
            if self.queue.plan:
                self.play(lambda _: None, paused=True, at=at)
            return

        def resume(planner: "RadioPlanner") -> None:
            self._awaited = None
            self.queue.keep_from(planner)
            tracks, source = self.queue.plan, self.queue.source
            self.play(lambda queue: queue.fill(tracks, source=source, radio=planner), paused=True, at=at)

        def fail() -> None:
            self._awaited = None
            self.end_unless_playing()

        self._awaited = queue
        self.app.radio = replace(self.app.radio, on=True, paused=True, seed=seeds[0], begins_at=at)
        self._planning.plan(seeds, resume, fail)

    # --- the radio: its events

    def _on_radio(self, radio: object, event: "RadioEvent") -> None:
        if radio is not self._radio:
            return
        from segue.core.radio import parts

        match event:
            case parts.Preparing(track, stage):
                self._show_preparing(f"{stage.capitalize()} {track.label}")
            case parts.NowPlaying(planned, track, seconds, credit, link, note, envelope, cover):
                self.app.busy = self.app.unheard = ""
                self._sound.show(
                    Playing(
                        planned.row, track.label, planned.seconds or seconds, credit=credit, link=link,
                        note=note, by="radio", reason=planned.reason, trailer=planned.seconds is not None,
                        envelope=envelope if planned.seconds is None else (), cover=cover,
                    )
                )  # fmt: skip
                self.app.radio = replace(self.app.radio, begins_at=0.0)
            case parts.Paused(paused):
                self._show_paused(paused)
            case parts.Replanned(plan):
                self._show_plan(plan)
            case parts.Skipped(track, reason):
                self._say_skipped(track.label, reason)
                self._read_taste()
            case parts.Played():
                self._read_taste()
            case parts.Notice(text):
                self._remark(text)
                self.app.say(text)
            case parts.Stopped(reason):
                source = self.queue.source or "The radio"
                self._end_queue()
                self.app.say(f"{source} ended: {reason}")

    def _show_preparing(self, what: str) -> None:
        self.app.busy = what
        if self._radio_plays:
            self._sound.show(None)

    def _say_skipped(self, label: str, reason: str) -> None:
        by_listener = reason in {"skipped", "banned"}
        self._remark(f"you {reason} {label}" if by_listener else f"{label}: {reason}")
        if not by_listener:
            self.app.unheard = f"{label} can't be heard: {reason}"
            self.app.say(self.app.unheard, "warning")

    def _show_plan(self, plan: "Sequence[Planned]") -> None:
        radio = self.queue.radio
        seed = radio.seed if radio is not None else None
        self.app.radio = replace(self.app.radio, source=self.queue.source, seed=seed, upcoming=tuple(plan))

    def _remark(self, text: str) -> None:
        others = (each for each in self.app.radio.remarks if each != text)
        self.app.radio = replace(self.app.radio, remarks=(text, *others)[:KEPT_REMARKS])

    def _read_taste(self) -> None:
        from segue.core.explore.variety import Taste

        library, state = self.app.library, self.app.state

        def show(taste: "Taste") -> None:
            self.app.taste = taste

        self.app.work("taste", lambda: Taste.of(library, state), show, what="Reading the journal")
