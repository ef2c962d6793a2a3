"""What is heard: single tracks, the radio, and the player they share.

One file, because a single track and the radio take the player from each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from segue.tui.availability import has_track, is_playing, radio_is_on
from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller
from segue.tui.model.values import Playing

if TYPE_CHECKING:
    from textual.timer import Timer

    from segue.core.audio import Player, PlayerEvent
    from segue.core.explore.radio import Knobs, RadioPlanner
    from segue.core.explore.taste import Taste
    from segue.core.radio.audition import Auditioner, AuditionEvent
    from segue.core.radio.events import RadioEvent
    from segue.core.radio.parts import Planned
    from segue.core.radio.session import RadioSession
    from segue.tui.prefetch import Prefetch

KEPT_REMARKS = 50
"""Remarks that are kept for the radio view."""
NOTHING_PLAYS = "Nothing plays. Space plays the track under the cursor, r starts a radio."


class Playback(Controller):
    """Who has the player: one track, or the radio, which waits while a single track is heard.

    Player, auditioner and radio session run in threads of their own; their events come back by `call_later`.
    """

    def __init__(self, app: Explorer) -> None:
        super().__init__(app)
        self._player: Player | None = None
        self._ticking: Timer | None = None
        # single tracks
        self._auditioner: Auditioner | None = None
        self._prefetch: Prefetch | None = None
        self._wanted: int | None = None
        self._rest: Timer | None = None
        # the radio
        self._session: RadioSession | None = None
        self._radio: object = None
        """Marks the session whose events count."""
        self._radio_waits = False
        self._planned_seed: int | None = None
        """The seed that the planner knows of."""

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
        """Play the track under the cursor, or pause it."""
        row, playing = self.cursor_row(), self.app.playing
        if row is None:
            return
        if playing is not None and playing.row == row:
            self.pause()
        else:
            self.hear(row)

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
        self._auditioner.audition(self.app.tracks.info(row))

    def _show_preview(self, track_id: str, status: str) -> None:
        others = {key: value for key, value in self.app.previews.items() if key != track_id}
        self.app.previews = {**others, track_id: status} if status else others

    def _end_single(self) -> None:
        """Stop a single track; a radio that waited resumes."""
        if self._auditioner is not None:
            self._auditioner.stop()
        if self.app.playing is not None and self.app.playing.by == "audition":
            self._show(None)
        if self._session is not None and self._radio_waits:
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
            case Auditioning(track, seconds, credit, link, note):
                row = self._wanted
                if row is not None and self.app.tracks.info(row).track_id == track.track_id:
                    self.app.unheard = ""
                    self._show(Playing(row, track.label, seconds, credit=credit, link=link, note=note))
            case NothingToHear(track, reason):
                self.app.unheard = f"{track.label} can't be heard: {reason}"
                if not self.app.audition:
                    self.app.say(self.app.unheard, "warning")
                self._end_single()
            case AuditionEnded(track):
                seconds = self.player.duration
                self._end_single()
                self.app.state.record(track.track_id, source="audition", seconds=seconds)

    # --- the radio: on and off

    @command("radio.start", "r", "radio", 92, when=has_track)
    def start_radio(self) -> None:
        """Start an endless radio from the track under the cursor."""
        if (row := self.cursor_row()) is not None:
            self.plan_radio(row)

    def plan_radio(self, row: int, *, paused: bool = False, at: float = 0.0, seed: int | None = None) -> None:
        """Plan a radio in the background, and start it when it is planned.

        It begins `at` seconds into the track of the row. A radio that is resumed then stays near its old
        `seed`.
        """
        self._end_radio()
        seed = row if seed is None else seed
        self.app.radio = replace(
            self.app.radio, on=True, paused=paused, seed=seed, begins_at=at, upcoming=(), remarks=()
        )
        library, state, mode, knobs = self.app.library, self.app.state, self.app.radio.mode, self._knobs()
        rng_seed = self.app.equipment.seed

        def plan() -> "RadioPlanner":
            import numpy as np

            from segue.core.explore.radio import RadioPlanner

            rng = np.random.default_rng(rng_seed)
            return RadioPlanner(library, row, rng=rng, mode=mode, knobs=knobs, state=state)

        self.app.work(
            "radio", plan, lambda planner: self._play_radio(planner, paused=paused), what="Planning the radio"
        )

    def _play_radio(self, planner: "RadioPlanner", *, paused: bool) -> None:
        from segue.core.radio.session import RadioSession

        self._end_single()
        self._planned_seed = planner.seed
        self._radio = radio = object()  # its events come from before it is made until after it is closed

        def tell(event: "RadioEvent") -> None:
            self.app.call_later(self._on_radio, radio, event)

        self._session = RadioSession(
            planner, self.app.library.catalogue.info, self.app.equipment.previews, self.player,
            tell, journal=self.app.state, begin_at=self.app.radio.begins_at,
        )  # fmt: skip
        if paused:
            self._session.pause()
        self._show_plan(planner.plan)

    @command("radio.stop", "", "stop radio", when=radio_is_on)
    def stop_radio(self) -> None:
        """Stop the radio."""
        if self.app.radio.on:
            self._end_radio()
            self.app.say("The radio is off.")

    def _end_radio(self) -> None:
        session, self._session, self._radio = self._session, None, None
        self._radio_waits = False
        if session is not None:
            self.app.run_worker(session.close, thread=True, group="closing", exit_on_error=False)
        if self._radio_plays:
            self._show(None)
        self.app.radio = replace(self.app.radio, on=False, paused=False, upcoming=())

    def _pause_radio(self) -> None:
        if self._session is None:
            self.app.say(NOTHING_PLAYS)
            return
        paused = not self.app.radio.paused
        (self._session.pause if paused else self._session.resume)()
        self.app.radio = replace(self.app.radio, paused=paused)
        if self._radio_plays and self.app.playing is not None:
            self._show(replace(self.app.playing, paused=paused))

    @command("radio.skip", "n", "skip", 86, when=radio_is_on)
    def skip(self) -> None:
        """Skip to the radio's next track; an early skip steers away from it."""
        if self._session is None:
            self.app.say("n skips the radio's track; r starts a radio.")
        else:
            self._session.next()
            if self.app.radio.paused:
                self._pause_radio()

    def skip_if_playing(self, row: int) -> None:
        """Skip a track that was just banned, if the radio plays it."""
        if self._radio_plays and self.app.playing is not None and self.app.playing.row == row:
            self.skip()

    def radio_position(self) -> tuple[int | None, float]:
        """Return the track where the radio is, and the seconds into it."""
        playing, radio = self.app.playing, self.app.radio
        if playing is not None and playing.by == "radio":
            return playing.row, self.app.position
        return (radio.upcoming[0].row if radio.upcoming else radio.seed), radio.begins_at

    # --- the radio: steering

    def _knobs(self) -> "Knobs":
        from segue.core.explore.radio import Knobs

        request, radio = self.app.listing_request(), self.app.radio
        return Knobs(
            distance=radio.distance, drift=radio.drift, familiarity=request.familiarity,
            unheard_only=self.app.dials.unheard, guard=request.guard,
        )  # fmt: skip

    def follow_dials(self) -> None:
        """Plan again after a dial or a knob was turned."""
        knobs = self._knobs()
        self._steer(lambda planner: planner.turn(knobs))

    def replan(self) -> None:
        """Plan again after a love or a ban."""
        self._steer(lambda planner: planner.refresh())

    def _steer(self, change: "Callable[[RadioPlanner], object]") -> None:
        if self._session is not None:
            self._session.steer(change)  # type: ignore[arg-type]  # the planner is the one it was given

    @command("radio.reseed", "=", "reseed", 54, when=radio_is_on)
    def reseed(self) -> None:
        """Radio: make the track under the cursor its new seed."""
        if self._session is None:
            self.start_radio()
        elif (row := self.cursor_row()) is not None:
            self._planned_seed = row
            self.app.radio = replace(self.app.radio, seed=row)
            self._steer(lambda planner: planner.reseed(row))
            self.app.say(f"The radio now stays near {self.label(row)}.")

    @command("radio.mode", "W", "walk or steer")
    def mode(self) -> None:
        """Radio: switch between the random walk and the steered one."""
        mode: Literal["walk", "steer"] = "walk" if self.app.radio.mode == "steer" else "steer"
        self.app.radio = radio = replace(self.app.radio, mode=mode)
        if self._session is not None:
            self._steer(lambda planner: planner.change_mode(mode))
        elif radio.on and radio.seed is not None:  # it is still being planned
            self.plan_radio(radio.seed, paused=radio.paused, at=radio.begins_at)
        self.app.say(f"The radio is {'a random walk' if mode == 'walk' else 'steered'}.")

    # --- the radio: its events

    def _on_radio(self, radio: object, event: "RadioEvent") -> None:
        if radio is not self._radio:
            return
        from segue.core.radio.events import Notice, NowPlaying, Played, Replanned, Skipped, Stopped

        match event:
            case NowPlaying(planned, track, seconds, credit, link, note):
                if (seed := self.app.radio.seed) is not None and seed != self._planned_seed:
                    self._planned_seed = seed
                    self._steer(lambda planner: planner.reseed(seed))
                self.app.radio = replace(self.app.radio, begins_at=0.0)
                self._show(
                    Playing(
                        planned.row, track.label, seconds, credit=credit, link=link, note=note, by="radio"
                    )
                )
            case Replanned(plan):
                self._show_plan(plan)
            case Skipped(track, reason):
                self._remark(f"skipped {track.label}: {reason}")
                if reason not in {"skipped", "banned"}:
                    self.app.say(f"Skipped {track.label}: {reason}", "warning")
                self._read_taste()
            case Played():
                self._read_taste()
            case Notice(text):
                self._remark(text)
                self.app.say(text)
            case Stopped(reason):
                self._end_radio()
                self.app.say(f"The radio ended: {reason}")

    def _show_plan(self, plan: "Sequence[Planned]") -> None:
        self.app.radio = replace(self.app.radio, upcoming=tuple(plan))

    def _remark(self, text: str) -> None:
        self.app.radio = replace(self.app.radio, remarks=(text, *self.app.radio.remarks)[:KEPT_REMARKS])

    def _read_taste(self) -> None:
        from segue.core.explore.taste import Taste

        library, state = self.app.library, self.app.state

        def show(taste: "Taste") -> None:
            self.app.taste = taste

        self.app.work("taste", lambda: Taste.of(library, state), show, what="Reading the journal")
