"""What is heard: single tracks, the radio, and the player they share.

One file, because a single track and the radio take the player from each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from segue.core.errors import SegueError
from segue.tui.availability import has_track, in_queue, is_playing, queue_is_on, radio_is_on
from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller
from segue.tui.controllers.history import History
from segue.tui.model.values import Playing
from segue.tui.widgets.bars import IDLE

if TYPE_CHECKING:
    from textual.timer import Timer

    from segue.core.audio import Player, PlayerEvent
    from segue.core.explore.radio import Knobs, RadioPlanner
    from segue.core.explore.taste import Taste
    from segue.core.radio.audition import Auditioner, AuditionEvent
    from segue.core.radio.events import RadioEvent
    from segue.core.radio.parts import Planned
    from segue.core.radio.queue import Queue, Snapshot
    from segue.core.radio.session import RadioSession
    from segue.tui.prefetch import Prefetch

KEPT_REMARKS = 50
"""Remarks that are kept for the radio view."""
RESTARTS_AFTER = 3.0
"""Seconds into a track from which `N` goes to its beginning instead of the track before."""


class Playback(Controller):
    """Who has the player: one track, or the radio, which waits while a single track is heard.

    Player, auditioner and radio session run in threads of their own; their events come back by `call_later`.
    """

    def __init__(self, app: Explorer, history: History) -> None:
        super().__init__(app)
        self._history = history
        self._player: Player | None = None
        self._ticking: Timer | None = None
        # single tracks
        self._auditioner: Auditioner | None = None
        self._prefetch: Prefetch | None = None
        self._wanted: int | None = None
        self._rest: Timer | None = None
        # the queue
        self._queue: Queue | None = None
        self._session: RadioSession | None = None
        self._radio: object = None
        """Marks the session whose events count."""
        self._radio_waits = False

    # --- the player

    @property
    def player(self) -> "Player":
        """The player, made when it is first needed."""
        if self._player is None:
            self._player = self.app.equipment.make_player()
            self._player.set_volume(self.app.settings.volume)
            self._player.subscribe(self._tell)
            self._ticking = self.app.set_interval(1.0 if self.app.calm else 0.25, self._tick, pause=True)
        return self._player

    def _tell(self, event: "PlayerEvent | AuditionEvent") -> None:
        self.app.call_later(self._on_sound, event)

    def _tick(self) -> None:
        self.app.position = self.player.position

    def _show(self, playing: Playing | None) -> None:
        """Show what plays, and follow its position only while it moves."""
        self.app.playing = playing
        self.app.position = self.player.position if playing else 0.0
        if self._ticking is not None:
            (self._ticking.resume if playing and not playing.paused else self._ticking.pause)()

    @property
    def _radio_plays(self) -> bool:
        return self.app.playing is not None and self.app.playing.by == "radio"

    @command("sound.toggle", "space", "play", 90, when=has_track)
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
        from segue.core.radio.queue import in_order

        found = self.rows_from_cursor()
        if found is None:
            return
        rows, source = found
        tracks, was = in_order(self.app.library, rows, source, seconds=seconds), self.snapshot()
        start = partial(self.play, lambda queue: queue.fill(tracks, source=source))
        self._history.do(f"play {source}", start, lambda: self.restore(was))

    @command("sound.pause", "P", "pause", when=is_playing)
    def pause(self) -> None:
        """Pause or resume whatever plays."""
        playing = self.app.playing
        if playing is None or playing.by == "radio":
            self._pause_radio()
            return
        (self.player.play if playing.paused else self.player.pause)()
        self._show(replace(playing, paused=not playing.paused))

    @command("sound.audition", "A", "audition", 60)
    def audition(self) -> None:
        """Toggle audition: each track the cursor rests on plays."""
        self.app.audition = not self.app.audition
        if self.app.audition:
            self.app.say("Audition is on: the track the cursor rests on plays. A turns it off.")
            if (row := self.app.current_row()) is not None:
                self.hear(row)
        else:
            self.app.say("Audition is off.")
            self._end_single()

    @command("sound.back", "comma", "5 s back")
    def back(self) -> None:
        """Go back 5 seconds in the track that plays."""
        self._seek(-5.0)

    @command("sound.ahead", "semicolon", "5 s ahead")
    def ahead(self) -> None:
        """Go ahead 5 seconds in the track that plays."""
        self._seek(5.0)

    def seek_to(self, seconds: float) -> None:
        """Go on at a moment of what plays."""
        self._seek(seconds - self.player.position)

    def _seek(self, seconds: float) -> None:
        if self.app.playing is not None:
            self.player.seek(max(self.player.position + seconds, 0.0))
            self._tick()

    @command("sound.quieter", "(", "quieter")
    def quieter(self) -> None:
        """Turn the volume down."""
        self._change_volume(-0.1)

    @command("sound.louder", ")", "louder")
    def louder(self) -> None:
        """Turn the volume up."""
        self._change_volume(0.1)

    def _change_volume(self, step: float) -> None:
        self.player.set_volume(round(min(max(self.player.volume + step, 0.0), 1.0), 2))
        self.app.say(f"Volume {self.player.volume:.0%}")

    @command("sound.mute", "", "mute")
    def mute(self) -> None:
        """Mute or unmute the sound."""
        self.player.mute(not self.player.muted)
        self.app.say("Muted" if self.player.muted else "Sound is on again")

    def close(self) -> None:
        """Release player, threads and session when the app ends."""
        for part in (self._session, self._prefetch, self._auditioner, self._player):
            if part is not None:
                part.close()

    # --- single tracks

    def cursor_rested(self, row: int | None, around: Sequence[int] = ()) -> None:
        """Note where the cursor is; with audition on, the track plays once the cursor has rested there."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if self.app.audition and row is not None:
            rest = self.app.settings.audition_rest
            self._rest = self.app.set_timer(rest, lambda: self._hear_and_prefetch(row, around))

    def _hear_and_prefetch(self, row: int, around: Sequence[int]) -> None:
        self.hear(row)
        if self._prefetch is not None:
            self._prefetch.want(self.app.tracks.infos(around))

    def hear(self, row: int) -> None:
        """Play a track while the radio waits."""
        if self._session is not None and not self.app.radio.paused:
            self._session.pause()
            self._radio_waits = True
        self._wanted = row
        if self._auditioner is None:
            from segue.core.radio.audition import Auditioner  # 40 ms with all that decodes and plays
            from segue.tui.prefetch import Prefetch

            self._prefetch = Prefetch(
                self.app.equipment.previews,
                self.app.settings.preview_megabytes,
                lambda track_id, status: self.app.call_later(self._show_preview, track_id, status),
            )
            self._auditioner = Auditioner(self._prefetch, self.player, self._tell)
        track = self.app.tracks.info(row)
        self.app.busy, self.app.unheard = f"Fetching {track.label}", ""
        self._auditioner.audition(track)

    def _show_preview(self, track_id: str, status: str) -> None:
        others = {key: value for key, value in self.app.previews.items() if key != track_id}
        self.app.previews = {**others, track_id: status} if status else others

    def _end_single(self, *, resume: bool = True) -> None:
        """Stop a single track; what waited in the queue resumes."""
        if self._auditioner is not None:
            self._auditioner.stop()
            self.app.busy = ""
        if self.app.playing is not None and self.app.playing.by == "audition":
            self._show(None)
        if resume and self._session is not None and self._radio_waits:
            self._session.resume()
        self._radio_waits = False

    def _on_sound(self, event: "PlayerEvent | AuditionEvent") -> None:
        from segue.core.audio import SinkChanged
        from segue.core.radio.audition import AuditionEnded, Auditioning, NothingToHear

        match event:
            case SinkChanged(sink, reason):
                self.app.audio_trouble = "silent" if sink == "silent" else ""
                if reason and not self.app.radio.on:  # the radio reports it itself
                    self.app.say(f"No audio output: {reason}", "warning")
            case Auditioning(track, seconds, credit, link, note, envelope):
                row = self._wanted
                if row is not None and self.app.tracks.info(row).track_id == track.track_id:
                    self.app.busy = self.app.unheard = ""
                    self._show(
                        Playing(
                            row, track.label, seconds, credit=credit, link=link, note=note, envelope=envelope
                        )
                    )
            case NothingToHear(track, reason):
                self.app.busy, self.app.unheard = "", f"{track.label} can't be heard: {reason}"
                if not self.app.audition:
                    self.app.say(self.app.unheard, "warning")
                self._end_single()
            case AuditionEnded(track):
                seconds = self.player.duration
                self._end_single()
                self.app.state.record(track.track_id, source="audition", seconds=seconds)

    # --- the queue

    @property
    def queue(self) -> "Queue":
        """What will be heard next, whatever filled it."""
        if self._queue is None:
            from segue.core.radio.queue import Queue

            flows = self.app.settings.after_list == "radio"
            self._queue = Queue(flow=self._plan_near if flows else None)
        return self._queue

    def play(self, change: "Callable[[Queue], object]", *, paused: bool = False, at: float = 0.0) -> None:
        """Change the queue and play its first track at once, `at` seconds into it."""
        self._end_single(resume=False)
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
            queue, self.app.library.catalogue.info, self.app.equipment.previews, self.player, tell,
            journal=self.app.state, source_name=lambda: queue.source or "radio", begin_at=at, paused=paused,
        )  # fmt: skip
        self._show_plan(queue.plan)

    def change_queue(self, change: "Callable[[Queue], object]") -> None:
        """Change what comes, and leave what plays; where nothing plays, it begins."""
        if self._session is None:
            self.play(change)
        else:
            queue = self.queue
            self._session.steer(lambda _: change(queue))

    def stop_trailer(self) -> int | None:
        """Play the track of a trailer to its end, and return its row; None without a trailer."""
        playing = self.app.playing
        if playing is None or not playing.trailer or self._session is None:
            return None
        self._session.play_whole()
        self.change_queue(lambda queue: queue.clear())
        self._show(replace(playing, trailer=False, duration=self.player.duration))
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
        """Stop what plays, and forget what comes; `u` brings it back."""
        was = self.snapshot()
        self._end_single(resume=False)
        if self.app.radio.on:
            self._end_queue()
            self._history.add("stop", self._end_queue, lambda: self.restore(was))
            self.app.say("Stopped. u brings back what played.")

    def _end_queue(self) -> None:
        session, self._session, self._radio = self._session, None, None
        self._radio_waits = False
        if session is not None:
            session.stop()
            self.app.run_worker(session.close, thread=True, group="closing", exit_on_error=False)
        if self._radio_plays:
            self._show(None)
        self.app.busy = ""
        self.app.radio = replace(
            self.app.radio, on=False, paused=False, source="", seed=None, begins_at=0.0, upcoming=()
        )

    def _pause_radio(self) -> None:
        if self._session is None:
            self.app.say(IDLE)
            return
        paused = not self.app.radio.paused
        (self._session.pause if paused else self._session.resume)()
        self.app.radio = replace(self.app.radio, paused=paused)
        if self._radio_plays and self.app.playing is not None:
            self._show(replace(self.app.playing, paused=paused))

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
        """Go back to the track before, or to the beginning of this one."""
        if self._session is None:
            self.app.say("Nothing plays. N goes back to the track before.")
        elif self.app.position > RESTARTS_AFTER or not self.queue.heard[:-1]:
            self._seek(-self.app.position)
        else:
            self.play(lambda queue: queue.back())

    def skip_if_playing(self, row: int) -> None:
        """Skip a track that was just banned, if it plays."""
        if self._radio_plays and self.app.playing is not None and self.app.playing.row == row:
            self.skip()

    def to_json(self) -> dict[str, Any]:
        """Return where the listener is in the queue, as JSON."""
        radio = self.app.radio
        at = self.app.position if self._radio_plays else radio.begins_at
        queue = self.queue.to_json() if radio.on and self._session is not None else None
        return {"queue": queue, "at": round(at, 1)}

    def read_json(self, queue: dict[str, Any], at: float) -> None:
        """Bring back a queue, paused.

        Raises
        ------
        KeyError, TypeError, ValueError
            When it is not a queue.
        """
        seeds = self.queue.read_json(queue, tracks=len(self.app.library))
        if not seeds:
            if self.queue.plan:
                self.play(lambda _: None, paused=True, at=at)
            return

        def resume(planner: "RadioPlanner") -> None:
            self.queue.keep_from(planner)
            tracks, source = self.queue.plan, self.queue.source
            self.play(lambda queue: queue.fill(tracks, source=source, radio=planner), paused=True, at=at)

        self.app.radio = replace(self.app.radio, on=True, paused=True, seed=seeds[0], begins_at=at)
        self._plan(seeds, resume)

    # --- the radio: on and off

    @command("radio.start", "r", "radio", 92, when=has_track)
    def start_radio(self) -> None:
        """Start an endless radio from the track under the cursor, or near all that are selected."""
        rows = self.selected_rows()
        if not rows and (row := self.cursor_row()) is not None:
            rows = [row]
        if rows:
            self.radio_from(rows)

    def radio_from(self, rows: Sequence[int], source: str = "") -> None:
        """Plan a radio near some tracks in the background, and start it with the first of them."""

        def begin(planner: "RadioPlanner") -> None:
            was = self.snapshot()
            start = partial(self.play, lambda queue: queue.fill((), radio=planner, source=source))
            start()
            if was is not None:
                self._history.add("start the radio", start, lambda: self.restore(was))

        if self._session is None:
            self.app.radio = replace(self.app.radio, on=True, paused=False, seed=rows[0], upcoming=())
        self._plan(rows, begin)

    def _plan(self, seeds: Sequence[int], then: "Callable[[RadioPlanner], object]") -> None:
        self.app.busy = "Planning the radio"

        def plan() -> "RadioPlanner | SegueError":
            try:
                return self._plan_near(seeds)
            except SegueError as error:
                return error

        def land(planner: "RadioPlanner | SegueError") -> None:
            self.app.busy = ""
            if isinstance(planner, SegueError):
                if self._session is None:
                    self._end_queue()
                self.app.say(f"No radio: {planner}", "error")
                return
            if planner.mode != self.app.radio.mode:  # it was changed meanwhile
                planner.change_mode(self.app.radio.mode)
            then(planner)

        self.app.work("radio", plan, land, what="Planning the radio")

    def _plan_near(self, seeds: Sequence[int]) -> "RadioPlanner":
        """Plan a radio. Blocks."""
        import numpy as np

        from segue.core.explore.radio import RadioPlanner

        app = self.app
        return RadioPlanner(
            app.library, list(seeds), rng=np.random.default_rng(app.equipment.seed), mode=app.radio.mode,
            knobs=self._knobs(), state=app.state,
        )  # fmt: skip

    # --- the radio: steering

    def _knobs(self) -> "Knobs":
        from segue.core.explore.radio import Knobs

        radio, dials = self.app.radio, self.app.radio_dials
        request = replace(self.app.listing_request(), dials=dials)
        return Knobs(
            distance=radio.distance, drift=radio.drift, familiarity=request.familiarity,
            unheard_only=dials.unheard, guard=request.guard,
        )  # fmt: skip

    def follow_dials(self) -> None:
        """Plan again after a dial or a knob was turned."""
        knobs = self._knobs()
        self._steer(lambda planner: planner.turn(knobs))

    def replan(self) -> None:
        """Plan again after a love or a ban."""
        self._steer(lambda planner: planner.refresh())

    def _steer(self, change: "Callable[[RadioPlanner], object]") -> None:
        def steered(queue: "Queue") -> None:
            if queue.radio is not None:
                change(queue.radio)

        if self._session is not None:
            self.change_queue(steered)

    @command("radio.reseed", "=", "reseed", 54, when=radio_is_on)
    def reseed(self) -> None:
        """Radio: make the track under the cursor its new seed."""
        if (row := self.cursor_row()) is None:
            return
        if self._session is None or self.queue.radio is None:
            self.radio_from([row])
        else:
            self.app.radio = replace(self.app.radio, seed=row)
            self._steer(lambda planner: planner.reseed(row))
            self.app.say(f"The radio now stays near {self.label(row)}.")

    @command("radio.mode", "W", "walk or steer")
    def mode(self) -> None:
        """Radio: switch between the random walk and the steered one."""
        mode: Literal["walk", "steer"] = "walk" if self.app.radio.mode == "steer" else "steer"
        self.app.radio = replace(self.app.radio, mode=mode)
        self._steer(lambda planner: planner.change_mode(mode))
        self.app.say(f"The radio is {'a random walk' if mode == 'walk' else 'steered'}.")

    # --- the radio: its events

    def _on_radio(self, radio: object, event: "RadioEvent") -> None:
        if radio is not self._radio:
            return
        from segue.core.radio.events import (
            Notice,
            NowPlaying,
            Played,
            Preparing,
            Replanned,
            Skipped,
            Stopped,
        )  # fmt: skip

        match event:
            case Preparing(track, stage):
                self.app.busy = f"{stage.capitalize()} {track.label}"
                if self._radio_plays:
                    self._show(None)
            case NowPlaying(planned, track, seconds, credit, link, note, envelope):
                self.app.busy = self.app.unheard = ""
                self._show(
                    Playing(
                        planned.row, track.label, planned.seconds or seconds, credit=credit, link=link,
                        note=note, by="radio", reason=planned.reason, trailer=planned.seconds is not None,
                        envelope=envelope if planned.seconds is None else (),
                    )
                )  # fmt: skip
                self.app.radio = replace(self.app.radio, begins_at=0.0)
            case Replanned(plan):
                self._show_plan(plan)
            case Skipped(track, reason):
                self._say_skipped(track.label, reason)
                self._read_taste()
            case Played():
                self._read_taste()
            case Notice(text):
                self._remark(text)
                self.app.say(text)
            case Stopped(reason):
                source = self.queue.source or "The radio"
                self._end_queue()
                self.app.say(f"{source} ended: {reason}")

    def _say_skipped(self, label: str, reason: str) -> None:
        self._remark(f"skipped {label}: {reason}")
        if reason not in {"skipped", "banned"}:
            self.app.unheard = f"{label} can't be heard: {reason}"
            self.app.say(self.app.unheard, "warning")

    def _show_plan(self, plan: "Sequence[Planned]") -> None:
        radio = self.queue.radio
        seed = radio.seed if radio is not None else None
        self.app.radio = replace(self.app.radio, source=self.queue.source, seed=seed, upcoming=tuple(plan))

    def _remark(self, text: str) -> None:
        self.app.radio = replace(self.app.radio, remarks=(text, *self.app.radio.remarks)[:KEPT_REMARKS])

    def _read_taste(self) -> None:
        from segue.core.explore.taste import Taste

        library, state = self.app.library, self.app.state

        def show(taste: "Taste") -> None:
            self.app.taste = taste

        self.app.work("taste", lambda: Taste.of(library, state), show, what="Reading the journal")
