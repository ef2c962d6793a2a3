"""A jump far away."""

from typing import TYPE_CHECKING

from segue.tui.controllers.base import Controller
from segue.tui.messages import Surprised
from segue.tui.walk import Place

if TYPE_CHECKING:
    from numpy.random import Generator

    from segue.tui.app import SegueApp


class Surprises(Controller):
    """Jumps from the centre, or from the track under the cursor; asked again at once, it jumps farther."""

    def __init__(self, app: "SegueApp") -> None:
        super().__init__(app)
        self._rng: Generator | None = None
        self._shown: set[int] = set()
        self._from: int | None = None
        self._farther = 0
        self._landed: Place | None = None

    def jump(self) -> None:
        """Find a far track in the background."""
        if self._landed != self.app.walk.here:
            self._from, self._farther = self._start(), 0
        else:
            self._farther += 1
        library, seed, farther, rng = self.app.library, self._from, self._farther, self._random()
        without = frozenset(self._shown | self.app.taste.banned)

        def find() -> Surprised:
            from segue.core.explore.surprise import surprise

            if seed is None:
                return Surprised(int(rng.integers(len(library))))
            found = surprise(library, seed, farther=farther, rng=rng, without=without)
            return Surprised(None if found is None else found.row)

        self.app.work("surprise", find, what="The surprise")

    def _random(self) -> "Generator":
        if self._rng is None:
            from numpy.random import default_rng

            self._rng = default_rng(self.app.equipment.seed)
        return self._rng

    def _start(self) -> int | None:
        here = self.app.walk.here.seed
        return here if here is not None else self.app.current_row()

    def arrive(self, row: int | None) -> None:
        """Go to the track that was found."""
        if row is None:
            self.app.say("Nothing far away belongs here any more; ! from another track finds more.")
            self._farther, self._shown = 0, set()
            return
        self._shown.add(row)
        self._landed = Place("track", (row,))
        self.app.desk.walk.go(self._landed)
