"""The dials that shape neighbours and radio."""

from dataclasses import replace

from segue.core.explore.dials import FAMILIARITY
from segue.tui.controllers.base import Controller
from segue.tui.settings import CHOICES
from segue.tui.values import Dials


class DialsDesk(Controller):
    """Turns a dial and lists the present place anew."""

    def familiarity(self) -> None:
        """Turn the familiarity dial on."""
        if not self.app.library.knows_plays:
            self.app.say("Plays are unknown here: the vectors came without playlists.")
            return
        now = self.app.dials.familiarity
        self._turn(replace(self.app.dials, familiarity=_next(tuple(FAMILIARITY), now)), "familiarity")

    def unheard(self) -> None:
        """List only what was not heard, or everything again."""
        self._turn(replace(self.app.dials, unheard=not self.app.dials.unheard), "unheard")

    def variety(self) -> None:
        """Loosen the variety guard, or set it again."""
        self._turn(replace(self.app.dials, variety=not self.app.dials.variety), "variety")

    def ranker(self) -> None:
        """Let the next ranker rank the neighbours."""
        from segue.core.rankers.registry import (
            WITHOUT_PLAYLISTS,
        )  # 60 ms, which the first frame need not wait

        names = CHOICES["ranker"] if self.app.library.knows_plays else WITHOUT_PLAYLISTS
        self._turn(replace(self.app.dials, ranker=_next(names, self.app.dials.ranker)), "ranker")

    def _turn(self, after: Dials, name: str) -> None:
        before = self.app.dials
        self.app.desk.undo.do(name, lambda: self._put(after), lambda: self._put(before))

    def _put(self, dials: Dials) -> None:
        self.app.dials = dials
        self.app.desk.radio.follow_dials()
        self.app.desk.walk.list_here()


def _next(choices: tuple[str, ...], now: str) -> str:
    return choices[(choices.index(now) + 1) % len(choices)]
