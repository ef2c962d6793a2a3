"""Undo and redo."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segue.tui.controllers.base import Controller

if TYPE_CHECKING:
    from segue.tui.app import SegueApp

LONGEST = 200
"""Deeds that are remembered."""


@dataclass(frozen=True)
class Deed:
    """Something that was done, how to redo it, and how to undo it.

    Either returns False where it changed nothing, since another process has undone it before.
    """

    name: str
    again: Callable[[], object]
    back: Callable[[], object]


class Undo(Controller):
    """One history over loves, bans, basket and dials, so that `u` always takes back the last thing done."""

    def __init__(self, app: "SegueApp") -> None:
        super().__init__(app)
        self.done: list[Deed] = []
        self.undone: list[Deed] = []

    def do(self, name: str, again: Callable[[], object], back: Callable[[], object]) -> None:
        """Do a thing that can be taken back."""
        again()
        self.did(name, again, back)

    def did(self, name: str, again: Callable[[], object], back: Callable[[], object]) -> None:
        """Remember a thing that was done and can be taken back."""
        self.done = [*self.done, Deed(name, again, back)][-LONGEST:]
        self.undone = []

    def do_to_all(self, name: str, doing: Callable[[], None], rows: Sequence[int]) -> None:
        """Do a thing to several tracks, so that one undo takes all of it back."""
        before = self.done
        try:
            for row in rows:
                self.app.acting_on = row
                doing()
        finally:
            self.app.acting_on = None
        deeds = [deed for deed in self.done if deed not in before]
        if len(deeds) > 1:
            whole = f"{name}, {len(deeds)} tracks"
            again, back = _all(deed.again for deed in deeds), _all(deed.back for deed in reversed(deeds))
            self.done = [*before, Deed(whole, again, back)]
            self.app.say(f"{whole[0].upper()}{whole[1:]}. u undoes.")

    def repeat(self) -> None:
        """Do the last thing that was done to a track to this one too."""
        if self.app.last_done is None:
            self.app.say("There is nothing to repeat. f loves, x bans, + and - blend; then . does it again.")
        else:
            self.app.call_later(self.app.action_do, self.app.last_done)

    def undo(self) -> None:
        """Take back the last thing done."""
        while self.done:
            deed = self.done.pop()
            if deed.back() is False:
                continue
            self.undone.append(deed)
            self.app.say(f"Undone: {deed.name}")
            return
        self.app.say("There is nothing to undo.")

    def redo(self) -> None:
        """Do the last thing taken back again."""
        while self.undone:
            deed = self.undone.pop()
            if deed.again() is False:
                continue
            self.done.append(deed)
            self.app.say(f"Done again: {deed.name}")
            return
        self.app.say("There is nothing to do again.")


def _all(doings: Iterable[Callable[[], object]]) -> Callable[[], bool]:
    """Make one doing of several."""
    kept = list(doings)

    def do() -> bool:
        changed = [doing() is not False for doing in kept]
        return any(changed)

    return do
