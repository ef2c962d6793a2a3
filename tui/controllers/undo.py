"""Taking back, and doing again after all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.controllers.base import Controller

if TYPE_CHECKING:
    from tui.app import SegueApp

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
