"""The radio: where it starts, and how it is steered."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from segue.tui.availability import has_track, radio_is_on
from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller
from segue.tui.controllers.history import History
from segue.tui.controllers.planning import Planning
from segue.tui.controllers.playback import Playback

if TYPE_CHECKING:
    from segue.core.explore.radio import RadioPlanner
    from segue.core.radio.queue import Queue


class Steering(Controller):
    """Starts radios and turns what steers them."""

    def __init__(self, app: Explorer, history: History, playback: Playback, planning: Planning) -> None:
        super().__init__(app)
        self._history = history
        self._playback = playback
        self._planning = planning

    @command("radio.start", "r", "radio", 92, also="station play similar endless", when=has_track)
    def start_radio(self) -> None:
        """Start an endless radio from the track under the cursor, or near all that are selected."""
        rows = self.selected_rows()
        if not rows and (row := self.cursor_row()) is not None:
            rows = [row]
        if rows:
            self.radio_from(rows)

    def surprise(self) -> None:
        """Start a radio from a track drawn at random, none that is banned."""
        from numpy.random import default_rng

        rng, banned = default_rng(self.app.equipment.seed), self.app.taste.banned
        rows = (int(row) for row in rng.integers(len(self.app.library), size=100))
        if (row := next((row for row in rows if row not in banned), None)) is not None:
            self.radio_from([row])

    def radio_from(self, rows: Sequence[int], source: str = "") -> None:
        """Plan a radio near some tracks in the background, and start it with the first of them."""

        def begin(planner: "RadioPlanner") -> None:
            was = self._playback.snapshot()
            start = partial(self._playback.play, lambda queue: queue.fill((), radio=planner, source=source))
            start()
            if was is not None:
                self._history.add("start the radio", start, lambda: self._playback.restore(was))

        if not self._playback.has_queue:
            self.app.radio = replace(self.app.radio, on=True, paused=False, seed=rows[0], upcoming=())
        self._planning.plan(rows, begin, self._playback.end_unless_playing)

    def follow_dials(self) -> None:
        """Plan again after a dial or a knob was turned."""
        knobs = self._planning.knobs()
        self._steer(lambda planner: planner.turn(knobs))

    def replan(self) -> None:
        """Plan again after a love or a ban."""
        self._steer(lambda planner: planner.refresh())

    def _steer(self, change: "Callable[[RadioPlanner], object]") -> None:
        def steered(queue: "Queue") -> None:
            if queue.radio is not None:
                change(queue.radio)

        if self._playback.has_queue:
            self._playback.change_queue(steered)

    @command("radio.reseed", "=", "reseed", 54, when=radio_is_on)
    def reseed(self) -> None:
        """Radio: make the track under the cursor its new seed."""
        if (row := self.cursor_row()) is None:
            return
        if not self._playback.has_queue or self._playback.queue.radio is None:
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
