"""The radio: started from any track, and steered while it plays."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from segue.tui.controllers.base import Controller
from segue.tui.messages import RadioPlanned, RadioTold, TasteRead
from segue.tui.values import Playing, Upcoming

if TYPE_CHECKING:
    from collections.abc import Callable

    from segue.core.explore.radio import Knobs, RadioPlanner
    from segue.core.radio.events import RadioEvent
    from segue.core.radio.session import RadioSession
    from segue.tui.app import SegueApp

KEPT_REMARKS = 50
"""Remarks that are kept for the radio view."""


class RadioDesk(Controller):
    """Keeps one radio session. Its events arrive as messages; what it shows is `SegueApp.radio`."""

    def __init__(self, app: "SegueApp") -> None:
        super().__init__(app)
        self._session: RadioSession | None = None
        self._radio: object = None
        self._waiting = False
        self._sticks_to: int | None = None
        """The seed that the planner knows of."""

    # on and off the air

    def start(self) -> None:
        """Start a radio from the track under the cursor."""
        if (row := self.cursor_row()) is not None:
            self.begin(row)

    def begin(self, row: int, *, paused: bool = False, at: float = 0.0, seed: int | None = None) -> None:
        """Plan a radio in the background; it goes on the air when it is planned.

        It begins so many seconds into the track of the row. From then on it sticks to `seed`, where there is
        one, as a radio does that goes on where it was left.
        """
        self._end()
        seed = row if seed is None else seed
        self.app.radio = replace(
            self.app.radio, on=True, paused=paused, seed=seed, begins_at=at, upcoming=(), remarks=()
        )
        library, state, mode, knobs = self.app.library, self.app.state, self.app.radio.mode, self.knobs()
        rng_seed = self.app.equipment.seed

        def plan() -> RadioPlanned:
            import numpy as np

            from segue.core.explore.radio import RadioPlanner

            rng = np.random.default_rng(rng_seed)
            return RadioPlanned(
                RadioPlanner(library, row, rng=rng, mode=mode, knobs=knobs, state=state), paused
            )

        self.app.work("radio", plan, what="Planning the radio")

    def go_on_air(self, planner: "RadioPlanner", *, paused: bool) -> None:
        """Play what was planned."""
        from segue.core.radio.session import RadioSession

        self.app.desk.sound.quiet()
        self._sticks_to = planner.seed
        self._radio = radio = object()  # its events arrive from before it is made until after it is closed

        def tell(event: "RadioEvent") -> None:
            self.app.post_message(RadioTold(radio, event))

        self._session = RadioSession(
            planner, self.app.library.catalogue.info, self.app.equipment.previews, self.app.desk.sound.player,
            tell, journal=self.app.state, begin_at=self.app.radio.begins_at,
        )  # fmt: skip
        if paused:
            self._session.pause()
        self._plan(planner.plan)

    def stop(self) -> None:
        """Stop the radio."""
        if self.app.radio.on:
            self._end()
            self.app.say("The radio is off.")

    def _end(self) -> None:
        session, self._session, self._radio = self._session, None, None
        self._waiting = False
        if session is not None:
            self.app.run_worker(session.close, thread=True, group="closing", exit_on_error=False)
        if self.app.playing is not None and self.app.playing.by == "radio":
            self.app.desk.sound.show(None)
        self.app.radio = replace(self.app.radio, on=False, paused=False, upcoming=())

    def close(self) -> None:
        """End the session when the app ends."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    # while it plays

    def pause_or_go_on(self) -> None:
        """Pause the radio, or go on."""
        if self._session is None:
            self.app.say("Nothing plays. Space plays the track under the cursor, r starts a radio.")
            return
        paused = not self.app.radio.paused
        (self._session.pause if paused else self._session.resume)()
        self._show_paused(paused=paused)

    def _show_paused(self, *, paused: bool) -> None:
        self.app.radio = replace(self.app.radio, paused=paused)
        playing = self.app.playing
        if playing is not None and playing.by == "radio":
            self.app.desk.sound.show(replace(playing, paused=paused))

    def wait(self) -> None:
        """Wait while a single track is heard."""
        if self._session is not None and not self.app.radio.paused:
            self._session.pause()
            self._waiting = True

    def go_on(self) -> None:
        """Go on after waiting."""
        if self._session is not None and self._waiting:
            self._session.resume()
        self._waiting = False

    def skip(self) -> None:
        """Skip to the next track."""
        if self._session is None:
            self.app.say("n skips the radio's track; r starts a radio.")
        else:
            self._session.next()
            if self.app.radio.paused:
                self.pause_or_go_on()

    def leave(self, row: int) -> None:
        """Skip a track that was just banned, if it plays."""
        playing = self.app.playing
        if playing is not None and playing.row == row and playing.by == "radio":
            self.skip()

    # steering

    def knobs(self) -> "Knobs":
        """Give the radio's knobs as the dials stand."""
        from segue.core.explore.radio import Knobs

        question, radio = self.app.question(), self.app.radio
        return Knobs(
            distance=radio.distance, drift=radio.drift, familiarity=question.familiarity,
            unheard_only=self.app.dials.unheard, guard=question.guard,
        )  # fmt: skip

    def closer(self) -> None:
        """Stay closer to the aim."""
        self._turn("closer", distance=max(self.app.radio.distance - 1, 0))

    def farther(self) -> None:
        """Pass over the nearest tracks."""
        self._turn("farther", distance=min(self.app.radio.distance + 1, 6))

    def stick(self) -> None:
        """Hold on to the seed."""
        self._turn("stick to the seed", drift=max(self.app.radio.drift - 0.25, 0.0))

    def drift(self) -> None:
        """Follow the last track."""
        self._turn("drift", drift=min(self.app.radio.drift + 0.25, 1.0))

    def _turn(self, name: str, **knob: Any) -> None:  # noqa: ANN401 - a field of Radio
        before, after = self.app.radio, replace(self.app.radio, **knob)
        if before == after:
            self.app.say(f"The radio's knob is at its end ({name}).")
            return
        old = {key: getattr(before, key) for key in knob}
        self.app.desk.undo.do(f"radio: {name}", lambda: self._set(knob), lambda: self._set(old))

    def _set(self, knob: dict[str, Any]) -> None:
        self.app.radio = replace(self.app.radio, **knob)
        self.follow_dials()

    def follow_dials(self) -> None:
        """Plan anew, after a dial or a knob was turned."""
        knobs = self.knobs()
        self._steer(lambda planner: planner.turn(knobs))

    def refresh(self) -> None:
        """Plan anew, after a love or a ban."""
        self._steer(lambda planner: planner.refresh())

    def _steer(self, change: "Callable[[RadioPlanner], object]") -> None:
        if self._session is not None:
            self._session.steer(change)  # type: ignore[arg-type]  # the planner is the one it was given

    def reseed(self) -> None:
        """Make the track under the cursor the radio's seed; what plays plays on."""
        if self._session is None:
            self.start()
        elif (row := self.cursor_row()) is not None:
            self._sticks_to = row
            self.app.radio = replace(self.app.radio, seed=row)
            self._steer(lambda planner: planner.reseed(row))
            self.app.say(f"The radio now holds on to {self.label(row)}.")

    def mode(self) -> None:
        """Change between the walk and the steered radio; what plays plays on."""
        mode: Literal["walk", "steer"] = "walk" if self.app.radio.mode == "steer" else "steer"
        self.app.radio = radio = replace(self.app.radio, mode=mode)
        if self._session is not None:
            self._steer(lambda planner: planner.change_mode(mode))
        elif radio.on and radio.seed is not None:  # it is still being planned
            self.begin(radio.seed, paused=radio.paused, at=radio.begins_at)
        told = "a random walk among the nearest" if mode == "walk" else "steered"
        self.app.say(f"The radio is {told}.")

    def place(self) -> tuple[int | None, float]:
        """Give the track where the radio is, and the seconds into it."""
        playing, radio = self.app.playing, self.app.radio
        if playing is not None and playing.by == "radio":
            return playing.row, self.app.position
        return (radio.upcoming[0].row if radio.upcoming else radio.seed), radio.begins_at

    # what it tells

    def hear(self, radio: object, event: "RadioEvent") -> None:
        """Follow what a radio tells; one that has ended is not listened to."""
        if radio is not self._radio:
            return
        from segue.core.radio.events import Notice, NowPlaying, Played, Replanned, Skipped, Stopped

        match event:
            case NowPlaying(planned, track, seconds, credit, link, note):
                if (seed := self.app.radio.seed) is not None and seed != self._sticks_to:
                    self._sticks_to = seed
                    self._steer(lambda planner: planner.reseed(seed))
                self.app.radio = replace(self.app.radio, begins_at=0.0)
                self.app.desk.sound.show(
                    Playing(
                        planned.row, track.label, seconds, credit=credit, link=link, note=note, by="radio"
                    )
                )
            case Replanned(plan):
                self._plan(plan)
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
                self._end()
                self.app.say(f"The radio ended: {reason}")

    def _plan(self, plan: Any) -> None:  # noqa: ANN401 - a sequence of the engine's Planned
        upcoming = tuple(Upcoming(next_.row, next_.reason, next_.similarity) for next_ in plan)
        self.app.radio = replace(self.app.radio, upcoming=upcoming)

    def _remark(self, text: str) -> None:
        remarks = (text, *self.app.radio.remarks)[:KEPT_REMARKS]
        self.app.radio = replace(self.app.radio, remarks=remarks)

    def _read_taste(self) -> None:
        from segue.core.explore.taste import Taste

        library, state = self.app.library, self.app.state
        self.app.work("taste", lambda: TasteRead(Taste.of(library, state)), what="Reading the journal")
