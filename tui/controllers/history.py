"""Undo, redo and repeat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from segue.tui.availability import has_track
from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller

LONGEST = 200
"""How many actions are kept."""


@dataclass(frozen=True)
class Action:
    """Something that was done, and how to do it again and undo it.

    Either returns False if it changed nothing because another process has undone it already.
    """

    name: str
    do: Callable[[], object]
    undo: Callable[[], object]


class History(Controller):
    """One history for loves, bans, basket, dials and stations, so that `u` always undoes the last action."""

    def __init__(self, app: Explorer) -> None:
        super().__init__(app)
        self.done: list[Action] = []
        self.undone: list[Action] = []
        self.last_on_track: str | None = None
        """The id of the last command that ran on a track."""

    def do(self, name: str, do: Callable[[], object], undo: Callable[[], object]) -> None:
        """Do something that can be undone."""
        do()
        self.add(name, do, undo)

    def add(self, name: str, do: Callable[[], object], undo: Callable[[], object]) -> None:
        """Keep something that was done and can be undone."""
        self.done = [*self.done, Action(name, do, undo)][-LONGEST:]
        self.undone = []

    def do_to_all(self, name: str, do: Callable[[int], object], rows: Sequence[int]) -> None:
        """Do something to several tracks as one action."""
        before = self.done
        for row in rows:
            do(row)
        actions = [action for action in self.done if action not in before]
        if len(actions) > 1:
            whole = f"{name}, {len(actions)} tracks"
            self.done = [*before, _together(whole, actions)]
            self.app.say(f"{whole[0].upper()}{whole[1:]}. u undoes.")

    @command("undo.undo", "u", "undo", also="revert")
    def undo(self) -> None:
        """Undo the last love, ban, basket or dial change."""
        while self.done:
            action = self.done.pop()
            if action.undo() is not False:
                self.undone.append(action)
                self.app.say(f"Undone: {action.name}")
                return
        self.app.say("Nothing to undo.")

    @command("undo.redo", "ctrl+r", "redo")
    def redo(self) -> None:
        """Redo what was undone last."""
        while self.undone:
            action = self.undone.pop()
            if action.do() is not False:
                self.done.append(action)
                self.app.say(f"Redone: {action.name}")
                return
        self.app.say("Nothing to redo.")

    @command("undo.repeat", "full_stop", "repeat", when=has_track)
    def repeat(self) -> None:
        """Repeat the last love, ban or basket change on this track."""
        if self.last_on_track is None:
            self.app.say("Nothing to repeat yet. . repeats f, x, X, + or - on another track.")
        else:
            self.app.call_later(self.app.action_do, self.last_on_track)


def _together(name: str, actions: Sequence[Action]) -> Action:
    """Make one action of several."""

    def do() -> bool:
        changed = [action.do() is not False for action in actions]  # every one, whatever the others do
        return any(changed)

    def undo() -> bool:
        changed = [action.undo() is not False for action in reversed(actions)]
        return any(changed)

    return Action(name, do, undo)
