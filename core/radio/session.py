"""A radio that plays: takes from the planner, fetches ahead, crossfades, skips what cannot be played.

One thread owns all of its state, so the whole state machine stands in one file; fetching, queues and events
have theirs.
"""

import math
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from segue.core.audio import AnyPlayer, PlayerEvent, SinkChanged, TrackEnded
from segue.core.audio.player import PauseChanged, PlayerNotice, PlayerStopped, TrackLeft
from segue.core.deezer.previews import NoPreview, PreviewSource
from segue.core.errors import SegueError
from segue.core.explore.radio import Planned
from segue.core.radio.fetcher import Fetcher, Ready, Run, in_thread
from segue.core.radio.parts import (
    FOREVER,
    Journal,
    Limits,
    Notice,
    NowPlaying,
    Paused,
    Planner,
    Played,
    Preparing,
    RadioEvent,
    Replanned,
    Scrobbler,
    Skipped,
    Stopped,
)
from segue.core.tracks import TrackInfo
from segue.core.waiting import Loop, wait

AHEAD = 2
"""Tracks whose previews are fetched before their turn."""
SKIP_FADE = 0.4
"""Seconds in which a skipped track gives way."""
FIRST_PATIENCE = 60.0
"""Seconds without Deezer after which a radio that has played nothing yet gives up."""
HEADROOM = 0.1
"""Seconds before the last moment at which the player gets the next track."""
LIST_OVER = "that was the last track"
SKIPPED = "skipped"
"""The reason of a skip by the listener, and its word in the journal."""


@dataclass(slots=True)
class _Current:
    planned: Planned
    track: TrackInfo
    ready: Ready
    key: object
    seconds: float | None
    """How many seconds of it are played; None for as many as the limits allow."""
    since: float | None
    """When it began, or went on, by the session's clock; None while it is paused."""
    paused_at: float = 0.0
    listened: float = 0.0
    """Seconds for which it was heard before `since`."""


class RadioSession:
    """Runs a radio until it is stopped. Controls return at once; events arrive on the session's own thread.

    Only that thread touches the planner: change it through `steer`. `track_of` gives the metadata of a row,
    such as `library.catalogue.info`; `source_name` says where a track comes from, for the journal, in which
    stands what was heard and what was skipped. The scrobbler is notified of every track that begins, and of
    the listener's own files that end.

    One track gives way to the next in `crossfade` seconds. The first begins at `begin_at` seconds; a session
    that is `paused` waits for `resume` before anything plays. `clock` gives monotonic seconds. Without
    `threaded` nothing happens until `step` is called, for tests that simulate time.
    """

    def __init__(
        self,
        planner: Planner,
        track_of: Callable[[int], TrackInfo],
        source: PreviewSource,
        player: AnyPlayer,
        on_event: Callable[[RadioEvent], None],
        *,
        journal: Journal | None = None,
        scrobbler: Scrobbler | None = None,
        limits: Limits = FOREVER,
        crossfade: float = 3.0,
        source_name: Callable[[], str] = lambda: "radio",
        begin_at: float = 0.0,
        paused: bool = False,
        clock: Callable[[], float] = time.monotonic,
        run: Run = in_thread,
        threaded: bool = True,
    ) -> None:
        self._planner = planner
        self._track_of = track_of
        self._player = player
        self._tell = on_event
        self._journal = journal
        self._scrobbler = scrobbler
        self._limits = limits
        self._crossfade = crossfade
        self._source_name = source_name
        self._begin_at = begin_at
        self._clock = clock
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._current: _Current | None = None
        self._paused = paused
        self._over = False
        self._ended = threading.Event()
        self._begun = clock()
        self._started_tracks = 0
        self._heard_out = False
        self._heard_at = clock()
        self._reported_plan: tuple[Planned, ...] = ()
        self._reported_notice = ""
        self._reported_stage = "", ""
        self._reported_outage = False
        self._reported_journal = False
        self._loop: Loop | None = None
        self._fetcher = Fetcher(source, self._wake, whole=True, run=run, clock=clock)
        self._unsubscribe = player.subscribe(self._hear)
        if threaded:
            self._loop = Loop(self.step, "segue-radio")
        self._command(self._tell_plan)

    @property
    def current(self) -> Planned | None:
        """What is playing."""
        current = self._current
        return current.planned if current else None

    @property
    def paused(self) -> bool:
        """Whether the listener has paused it."""
        return self._paused

    # controls

    def next(self) -> None:
        """Skip what is playing."""
        self._command(lambda: self._skip(SKIPPED))

    def jump(self, change: Callable[[Planner], object]) -> None:
        """Change the planner, and play the first track of its new plan at once."""

        def jumped() -> None:
            self._leave()
            self._paused = False
            change(self._planner)
            self._tell_plan()

        self._command(jumped)

    def pause(self) -> None:
        """Pause; another user of the player may play something meanwhile."""
        self._command(self._pause)

    def resume(self) -> None:
        """Go on where it was paused."""
        self._command(self._resume)

    def steer(self, change: Callable[[Planner], object]) -> None:
        """Change the planner, on the session's thread; the track goes on, the plan is reported again."""

        def steered() -> None:
            change(self._planner)
            self._tell_plan()

        self._command(steered)

    def play_whole(self) -> None:
        """Play all of the current track, however little of it was to be played."""

        def whole() -> None:
            if self._current is not None:
                self._current.seconds = None

        self._command(whole)

    def stop(self) -> None:
        """End the radio."""
        self._command(lambda: self._end("stopped"))

    def wait(self, seconds: float = math.inf) -> bool:
        """Wait until the radio has ended, at most so many seconds; return whether it has."""
        return wait(self._ended, seconds)

    def close(self) -> None:
        """End the radio and its thread; what was heard is in the journal when this returns."""
        if self._loop is not None:
            self._loop.close()
        self._end("stopped")
        self._unsubscribe()

    # the session's thread

    def step(self) -> float | None:
        """Do what is due; return the seconds until there is something to do again, None for when woken."""
        try:
            if not self._over and not self._commands.empty():
                # one at a time: after a skip the next track begins before the next skip
                self._commands.get()()
            due = None if self._over else self._advance()
        except SegueError as error:
            self._tell(Notice(str(error)))
            due = 0.0
        except Exception as error:  # noqa: BLE001 - a radio that fails has to report it
            self._end(f"unexpected {type(error).__name__}: {error}")
            due = None
        return due if self._over or self._commands.empty() else 0.0

    def _advance(self) -> float | None:
        """Play on; return the seconds until something is due."""
        over_in = (
            math.inf if self._limits.seconds is None else self._begun + self._limits.seconds - self._clock()
        )
        if over_in <= 0:
            self._end("time is up")
            return None
        ready = self._first_ready()
        self._tell_outage()
        if self._paused:
            return None
        due = self._play_on(ready)
        if outage := self._fetcher.outage:
            # a question in flight wakes this thread; its time has come, so do not spin until then
            due = min(due, max(outage.again_at - self._clock(), 0.25))
        due = min(due, over_in)
        return due if math.isfinite(due) else None

    def _first_ready(self) -> Ready | None:
        """Fetch ahead, drop what cannot be played, and return the first of the plan once it is there."""
        while not self._last_track():
            left = None if self._limits.tracks is None else self._limits.tracks - self._started_tracks
            plan = self._planner.plan[: AHEAD if left is None else min(AHEAD, left)]
            tracks = [self._track_of(planned.row) for planned in plan]
            self._fetcher.want(tracks)
            outcomes = [self._fetcher.outcome(track) for track in tracks]
            for planned, outcome in zip(plan, outcomes, strict=True):
                if isinstance(outcome, NoPreview):
                    self._drop(planned, outcome.reason)
                    break
            else:
                return self._lined_up(outcomes)
        return self._lined_up(())

    def _lined_up(self, outcomes: Sequence[Ready | NoPreview | None]) -> Ready | None:
        """Pass what comes to a player elsewhere, as far as it is there; return the first."""
        ready = list(takewhile(lambda outcome: isinstance(outcome, Ready), outcomes))
        self._player.line_up([each.segment for each in ready if isinstance(each, Ready)])
        return ready[0] if ready and isinstance(ready[0], Ready) else None

    def _play_on(self, ready: Ready | None) -> float:
        """Begin the next track when its time has come; return the seconds until something is due."""
        current, fade, ending = self._current, SKIP_FADE, None
        if current is not None:
            fade = self._fade_between(current, ready)
            ending = self._player.duration
            if ready is not None or self._last_track() or not self._planner.plan:
                # while the next is not there, a track plays on beyond its seconds: better than silence
                ending = min(ending, current.seconds or math.inf) - fade
                ending = min(ending, self._limits.track_seconds or math.inf)
            left = ending - self._player.position - (HEADROOM + self._player.latency if ready else 0.0)
            if self._player.elsewhere and ending >= self._player.duration:
                left = math.inf  # it says itself when it has gone on
            if left > 0.005 and not self._heard_out:
                return left
            self._finish(ending)
        if ready is not None:
            self._begin(ready, fade, ending)
            return 0.0
        self._player.stop()
        self._tell_stage()
        if self._last_track():
            self._end(LIST_OVER)
        elif not self._planner.plan:
            self._end(LIST_OVER if self._started_tracks else "no track is left that can be played")
        else:
            return self._wait_in_silence()
        return math.inf

    def _wait_in_silence(self) -> float:
        """Give up when nothing was heard for too long; return the seconds until something is due."""
        patience = self._limits.patience
        if outage := self._fetcher.outage:
            longest = patience if self._started_tracks else min(FIRST_PATIENCE, patience)
            left = outage.since + (0.0 if outage.lasting else longest) - self._clock()
        else:
            left = self._heard_at + patience - self._clock()
        if left <= 0:
            self._end(outage.reason if outage else f"nothing could be played for {patience / 60:.0f} minutes")
        return min(left, 1.0) if self._fetcher.crowded else left

    def _fade_between(self, current: _Current, ready: Ready | None) -> float:
        """Seconds of the crossfade, shorter where a preview is short: a sixth of a trailer's."""
        if ready is None or self._player.elsewhere:
            return 0.0
        shortest = min(current.ready.seconds, ready.seconds)
        return min(self._crossfade, shortest / 4, (current.seconds or math.inf) / 6)

    def _begin(self, ready: Ready, fade: float, at: float | None) -> None:
        planned = self._planner.plan[0]
        track = self._track_of(planned.row)
        self._planner.advance()
        self._started_tracks += 1
        self._reported_stage = "", ""
        self._heard_out = False
        key = ("radio", id(self), self._started_tracks)
        self._current = _Current(planned, track, ready, key, planned.seconds, self._clock())
        self._player.load(ready.segment, key=key, crossfade=fade, at=at)
        if self._begin_at:
            self._player.seek(self._begin_at)
            self._begin_at = 0.0
        self._player.play()
        if self._scrobbler is not None:
            self._scrobbler.begun(track)
        self._tell(NowPlaying(planned, track, *ready.facts))
        self._tell_plan()

    def _finish(self, seconds: float) -> None:
        """What plays is heard to its end, which is so many seconds into it."""
        current = self._current
        if current is not None:
            self._current, self._heard_at = None, self._clock()
            self._record(current.track, seconds, "played")
            self._scrobble(current)
            self._tell(Played(current.track))

    def _skip(self, reason: str) -> None:
        """Give up what plays, or what is awaited when nothing plays."""
        current, self._paused = self._current, False
        if current is not None:
            self._current, self._heard_at = None, self._clock()
            heard = self._player.position
            self._record(current.track, heard, reason)
            self._scrobble(current)
            self._tell(Skipped(current.track, reason))
            if reason == SKIPPED:
                self._planner.skip(heard)
            self._tell_plan()
        elif self._planner.plan:
            self._drop(self._planner.plan[0], reason)

    def _leave(self) -> None:
        """Give up what plays for something else; it was heard as far as it got."""
        if (current := self._current) is not None:
            self._record(current.track, self._player.position, "played")
            self._scrobble(current)
            self._current, self._heard_at = None, self._clock()

    def _drop(self, planned: Planned, reason: str) -> None:
        """Do without a planned track."""
        track = self._track_of(planned.row)
        self._planner.drop(planned.row)
        self._record(track, 0.0, reason)
        self._tell(Skipped(track, reason))
        self._tell_plan()

    def _listened(self, current: _Current) -> float:
        """Seconds for which what plays was heard, pauses left out."""
        return current.listened + (0.0 if current.since is None else self._clock() - current.since)

    def _scrobble(self, current: _Current) -> None:
        """Report that a file of the listener's own was heard; a preview doesn't count as a listen."""
        if self._scrobbler is not None and current.ready.preview.file is not None:
            self._scrobbler.heard(current.track, self._listened(current), current.ready.seconds)

    def _pause(self) -> None:
        self._note_pause()
        self._player.pause()

    def _note_pause(self) -> None:
        if self._current is not None:
            self._current.paused_at = self._player.position
            self._current.listened, self._current.since = self._listened(self._current), None
        self._paused = True

    def _resume(self) -> None:
        """Go on; bring the track back when something else has used the player meanwhile."""
        if not self._paused:
            return
        self._paused, self._heard_at = False, self._clock()
        current = self._current
        if current is None:
            return
        current.since = self._clock()
        if self._player.key != current.key:
            self._player.load(current.ready.segment, key=current.key)
            self._player.seek(current.paused_at)
        self._player.play()

    def _end(self, reason: str) -> None:
        if self._over:
            return
        self._over = True
        self._leave()
        self._player.stop()
        self._fetcher.want([])
        self._tell(Stopped(reason))
        self._ended.set()

    def _last_track(self) -> bool:
        """Whether as many tracks have begun as were asked for."""
        return self._limits.tracks is not None and self._started_tracks >= self._limits.tracks

    # telling

    def _tell_plan(self) -> None:
        plan = tuple(self._planner.plan)
        if plan == self._reported_plan:
            return
        self._reported_plan = plan
        self._tell(Replanned(plan))
        notice = self._planner.notice
        if notice and notice != self._reported_notice:
            self._tell(Notice(notice))
        self._reported_notice = notice

    def _tell_stage(self) -> None:
        """Report once what the track that should play now is waiting for."""
        for planned in self._planner.plan[:1]:
            track = self._track_of(planned.row)
            stage = self._fetcher.stage(track)
            if stage and self._reported_stage != (track.track_id, stage):
                self._reported_stage = track.track_id, stage
                self._tell(Preparing(track, stage))

    def _tell_outage(self) -> None:
        """Report when Deezer gets out of reach, and when it is back."""
        outage = self._fetcher.outage
        who = "MPD" if self._player.elsewhere else "Deezer"
        if outage is not None and not outage.lasting and not self._reported_outage:
            self._tell(Notice(f"{outage.reason}; the radio goes on as soon as {who} answers"))
        elif outage is None and self._reported_outage:
            self._tell(Notice(f"{who} answers again"))
        self._reported_outage = outage is not None

    def _record(self, track: TrackInfo, seconds: float, outcome: str) -> None:
        if self._journal is None:
            return
        try:
            self._journal.record(track.track_id, source=self._source_name(), seconds=seconds, outcome=outcome)
        except (SegueError, sqlite3.Error) as error:
            if not self._reported_journal:
                self._tell(Notice(f"the journal waits: {error}; the radio goes on"))
            self._reported_journal = True
        else:
            if self._reported_journal:
                self._tell(Notice("the journal is written again"))
            self._reported_journal = False

    # other threads

    def _hear(self, event: PlayerEvent) -> None:
        """Take an event of the player, on its thread."""
        current = self._current
        match event:
            case SinkChanged(_, reason) if reason:
                self._command(lambda: self._tell(Notice(f"playing silently: {reason}")))
            case PlayerNotice(text):
                self._command(lambda: self._tell(Notice(text)))
            case TrackEnded(key) if current is not None and key == current.key:
                self._heard_out = True
                self._wake()
            case TrackLeft(key, back):
                self._command(lambda: self._follow(key, back=back))
            case PlayerStopped(key):
                self._command(lambda: self._end("stopped by another player") if self._plays(key) else None)
            case PauseChanged(paused):
                self._command(lambda: self._follow_pause(paused=paused))
            case _:
                pass

    def _plays(self, key: object) -> bool:
        return self._current is not None and self._current.key == key

    def _follow(self, key: object, *, back: bool) -> None:
        """Go where another program has gone: on, which is a skip, or back."""
        from segue.core.radio.queue import Queue

        planner = self._planner
        if not self._plays(key) or not isinstance(planner, Queue):
            return
        if back:
            self._leave()
            planner.back()
        else:
            following = planner.plan[:1]
            self._skip(SKIPPED)
            for planned in following:  # it plays already, whatever the skip made of the plan
                planner.put_first(planned)
        self._tell_plan()

    def _follow_pause(self, *, paused: bool) -> None:
        if self._current is not None and self._player.key == self._current.key and paused != self._paused:
            (self._note_pause if paused else self._resume)()
            self._tell(Paused(paused))

    def _command(self, action: Callable[[], None]) -> None:
        self._commands.put(action)
        self._wake()

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.wake()
