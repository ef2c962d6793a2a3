"""Taking back, and doing again after all."""

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
    """Something that was done, how to do it again, and how to take it back."""

    name: str
    again: Callable[[], None]
    back: Callable[[], None]


class Undo(Controller):
    """One history over loves, bans, basket and dials, so that `u` always takes back the last thing done."""

    def __init__(self, app: "SegueApp") -> None:
        super().__init__(app)
        self.done: list[Deed] = []
        self.undone: list[Deed] = []

    def do(self, name: str, again: Callable[[], None], back: Callable[[], None]) -> None:
        """Do a thing that can be taken back."""
        again()
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
        if not self.done:
            self.app.say("There is nothing to undo.")
            return
        deed = self.done.pop()
        deed.back()
        self.undone.append(deed)
        self.app.say(f"Undone: {deed.name}")

    def redo(self) -> None:
        """Do the last thing taken back again."""
        if not self.undone:
            self.app.say("There is nothing to do again.")
            return
        deed = self.undone.pop()
        deed.again()
        self.done.append(deed)
        self.app.say(f"Done again: {deed.name}")


def _all(doings: Iterable[Callable[[], None]]) -> Callable[[], None]:
    """Make one doing of several."""
    kept = list(doings)

    def do() -> None:
        for doing in kept:
            doing()

    return do
