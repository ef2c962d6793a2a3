"""Undo, redo and repeat."""

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from segue.tui.availability import has_track
from segue.tui.commands import command
from segue.tui.context import TROUBLE
from segue.tui.controllers.base import Controller

LONGEST = 200
"""How many actions are kept."""


class Action(Struct, eq=False):
    """Something that was done, and how to do it again and undo it.

    Either returns False if it changed nothing.
    """

    name: str
    do: Callable[[], object]
    undo: Callable[[], object]
    number: int | None = None
    """Its number where the state file keeps the change, which is then undone there first."""


class History(Controller):
    """One history for loves, bans, basket, dials, stations, crates and the queue: `u` undoes the last action.

    What the state file keeps is undone in the file's own history, which `segue state undo` shares.
    """

    done: list[Action] = field(default_factory=list)
    undone: list[Action] = field(default_factory=list)
    last_on_track: str | None = None
    """The id of the last command that ran on a track."""

    def do(self, name: str, do: Callable[[], object], undo: Callable[[], object]) -> None:
        """Do something that can be undone."""
        do()
        self.add(Action(name, do, undo))

    def keep(self, name: str, number: int | None, show: Callable[[], object]) -> None:
        """Keep a change of the state file; None for one that another process was faster to make."""
        if number is not None:
            self.add(Action(name, show, show, number))

    def add(self, action: Action) -> None:
        """Keep something that was done and can be undone."""
        self.done.append(action)
        del self.done[:-LONGEST]
        self.undone.clear()

    def do_to_all(self, name: str, do: Callable[[int], object], rows: Sequence[int]) -> None:
        """Do something to several tracks as one action."""
        before = [*self.done]
        for row in rows:
            do(row)
        actions = [action for action in self.done if action not in before]
        if len(actions) > 1:
            whole = f"{name}, {len(actions)} tracks"
            self.done[:] = [*before, self._together(whole, actions)]
            self.app.say(f"{whole[0].upper()}{whole[1:]}. u undoes.")

    def follow(self) -> None:
        """Follow what another process, such as `segue state undo`, has undone or redone in the state file."""
        while action := next((each for each in self.done[::-1] if self._stands(each) is False), None):
            self.done.remove(action)
            action.undo()
            self.undone.append(action)
            self.app.say(f"Undone elsewhere: {action.name}")
        while action := next((each for each in self.undone[::-1] if self._stands(each)), None):
            self.undone.remove(action)
            action.do()
            self.done.append(action)
            self.app.say(f"Redone elsewhere: {action.name}")

    def _stands(self, action: Action) -> bool | None:
        return None if action.number is None else self.app.state.stands(action.number)

    @command("undo.undo", "u", "undo", also="revert")
    def undo(self) -> None:
        """Undo the last love, ban, or change of the basket, a dial, a crate or the queue."""
        self._step(self.done, self.undone, self._undo, "Undone", "undo")

    @command("undo.redo", "ctrl+r", "redo")
    def redo(self) -> None:
        """Redo what was undone last."""
        self._step(self.undone, self.done, self._redo, "Redone", "redo")

    def _step(
        self, taken: list[Action], put: list[Action], change: Callable[[Action], bool], done: str, verb: str
    ) -> None:
        """Undo or redo the last action that still changes something, and keep it for the way back."""
        self.follow()
        while taken:
            action = taken.pop()  # first: what it changes may have this history followed
            try:
                changed = change(action)
            except TROUBLE:
                taken.append(action)
                raise
            if changed:
                put.append(action)
                self.app.say(f"{done}: {action.name}")
                return
        self.app.say(f"Nothing to {verb}.")

    def _undo(self, action: Action) -> bool:
        """Undo an action; False where that changes nothing."""
        if action.number is not None and self.app.state.undo(action.number) is None:
            return False
        return action.undo() is not False

    def _redo(self, action: Action) -> bool:
        if action.number is not None and self.app.state.redo(action.number) is None:
            return False
        return action.do() is not False

    @command("undo.repeat", "full_stop", "repeat", when=has_track)
    def repeat(self) -> None:
        """Repeat the last love, ban or basket change on this track."""
        if self.last_on_track is None:
            self.app.say("Nothing to repeat yet. . repeats f, x, X, + or - on another track.")
        else:
            self.app.call_later(self.app.action_do, self.last_on_track)

    def _together(self, name: str, actions: Sequence[Action]) -> Action:
        """Make one action of several."""

        def do() -> bool:
            changed = [self._redo(action) for action in actions]  # every one, whatever the others do
            return any(changed)

        def undo() -> bool:
            changed = [self._undo(action) for action in reversed(actions)]
            return any(changed)

        return Action(name, do, undo)
