"""Why a track is near."""

from typing import TYPE_CHECKING

from textual.content import Content

from segue.core.text import printable
from segue.tui.controllers.base import Controller
from segue.tui.messages import Explained

if TYPE_CHECKING:
    from segue.core.explore.explain import Explanation


class Explain(Controller):
    """Explains the track under the cursor against the centre of the present place."""

    def show(self) -> None:
        """Collect the evidence in the background, then show it."""
        row, seed = self.cursor_row(), self._seed()
        if row is None:
            return
        if seed is None or seed == row:
            self.app.say(
                "? says why a track is near the centre: go into a track, then ask about a neighbour."
            )
            return
        library = self.app.library

        def collect() -> Explained:
            from segue.core.explore.explain import explain

            return Explained(explain(library, seed, row))

        self.app.work("explain", collect, what="The explanation")

    def _seed(self) -> int | None:
        """Give what the track is compared with: the step before on a path, else the centre."""
        here, rows, cursor = self.app.walk.here, self.app.listing.rows, self.app.place_cursor
        if here.kind == "path" and 0 < cursor < len(rows):
            return rows[cursor - 1]
        return here.rows[0] if here.rows else None

    def tell(self, explanation: "Explanation") -> None:
        """Show an explanation."""
        from segue.tui.screens.text import TextScreen

        seed, track = self.label(explanation.seed.row), self.label(explanation.track.row)
        seed, track = printable(seed), printable(track)
        first, *others = map(printable, explanation.sentences())
        lines = [
            Content.assemble((track, "bold"), ("  for  ", "$faint"), seed),
            Content(""),
            Content(f"{first[0].upper()}{first[1:]}."),
            *(Content.styled(f"{other[0].upper()}{other[1:]}.", "$quiet") for other in others),
        ]
        self.app.push_screen(TextScreen("Why this track", Content("\n").join(lines)))
