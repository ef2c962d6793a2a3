"""What controllers share: their base, and radios planned near some tracks."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from segue.core.errors import SegueError
from segue.tui.context import Explorer
from segue.tui.widgets.track_list import TrackList

if TYPE_CHECKING:
    from segue.core.explore.radio import RadioDials, RadioPlanner


class Controller(Struct, eq=False, dict=True):
    """Runs the commands of one subject: each is a method declared by `@command`.

    Its fields without a default are what it is handed, those with one its state.
    """

    app: Explorer

    def cursor_row(self) -> int | None:
        """Return the track under the cursor, or say that there is none."""
        row = self.app.current_row()
        if row is None:
            self.app.say("No track is under the cursor. / searches, ! jumps to a surprise.")
        return row

    def label(self, row: int) -> str:
        """Return a track's title and artist."""
        return self.app.tracks.info(row).label

    def rows_from_cursor(self) -> tuple[Sequence[int], str] | None:
        """Return the selected rows, or the list from the cursor on, and what the list is called."""
        row = self.cursor_row()
        if row is None:
            return None
        if selected := self.selected_rows():
            return selected, "the selection"
        listing, line = self.app.current_list()
        if not len(listing.rows):
            return [row], self.label(row)
        return listing.rows[line:], listing.title or "this list"

    def chosen_rows(self) -> list[int]:
        """Return the selected rows, else the track under the cursor; say so where there is neither."""
        rows = self.selected_rows()
        if not rows and (row := self.cursor_row()) is not None:
            rows = [row]
        return rows

    def playing_row(self) -> int | None:
        """Return the track that plays, or say that there is none."""
        row = self.app.playing.row if self.app.playing is not None else None
        if row is None:
            self.app.say("Nothing plays. space plays this list, r starts a radio.")
        return row

    def selected_rows(self) -> list[int]:
        """Return the selected rows and end the selection; empty without one."""
        tracks = self.app.focused
        if isinstance(tracks, TrackList) and tracks.selecting_from is not None:
            return tracks.take_selected()
        return []


class Planning(Controller):
    """Plans radios, which the caller plays."""

    def dials(self) -> "RadioDials":
        """How a radio is steered now."""
        from segue.core.explore.radio import RadioDials

        radio, dials = self.app.radio, self.app.radio_dials
        request = replace(self.app.listing_request(), dials=dials)
        return RadioDials(
            distance=radio.distance, drift=radio.drift, familiarity=request.familiarity,
            unheard_only=dials.unheard, guard=request.guard,
        )  # fmt: skip

    def plan(
        self, seeds: Sequence[int], then: "Callable[[RadioPlanner], object]", failed: Callable[[], object]
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
            dials=self.dials(), state=app.state,
        )  # fmt: skip
