"""Radios, planned near some tracks as the dials and knobs stand."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from segue.core.errors import SegueError
from segue.tui.controllers.base import Controller

if TYPE_CHECKING:
    from segue.core.explore.radio import Knobs, RadioPlanner


class Planning(Controller):
    """Plans radios, which the caller plays."""

    def knobs(self) -> "Knobs":
        """How a radio is steered now."""
        from segue.core.explore.radio import Knobs

        radio, dials = self.app.radio, self.app.radio_dials
        request = replace(self.app.listing_request(), dials=dials)
        return Knobs(
            distance=radio.distance, drift=radio.drift, familiarity=request.familiarity,
            unheard_only=dials.unheard, guard=request.guard,
        )  # fmt: skip

    def plan(
        self,
        seeds: Sequence[int],
        then: "Callable[[RadioPlanner], object]",
        failed: Callable[[], object],
    ) -> None:
        """Plan a radio in the background, then call `then` with it, or `failed` after saying why not."""
        self.app.busy = "Planning the radio"

        def planned() -> "RadioPlanner | SegueError":
            try:
                return self.near(seeds)
            except SegueError as error:
                return error

        def land(planner: "RadioPlanner | SegueError") -> None:
            self.app.busy = ""
            if isinstance(planner, SegueError):
                failed()
                self.app.say(f"No radio: {planner}", "error")
                return
            if planner.mode != self.app.radio.mode:  # it was changed meanwhile
                planner.change_mode(self.app.radio.mode)
            then(planner)

        self.app.work("radio", planned, land, what="Planning the radio")

    def near(self, seeds: Sequence[int]) -> "RadioPlanner":
        """Plan a radio. Blocks."""
        import numpy as np

        from segue.core.explore.radio import RadioPlanner

        app = self.app
        return RadioPlanner(
            app.library, list(seeds), rng=np.random.default_rng(app.equipment.seed), mode=app.radio.mode,
            knobs=self.knobs(), state=app.state,
        )  # fmt: skip
