"""Marks, and the paths between them."""

from dataclasses import replace

from segue.tui.controllers.base import Controller
from segue.tui.walk import Place


class Paths(Controller):
    """A mark is a place under a letter, and where the next path starts."""

    def mark(self) -> None:
        """Mark the track under the cursor; the next key names it."""
        if (row := self.cursor_row()) is None:
            return
        self.app.mark = row
        self.app.ask_key(
            f"{self.app.glyphs.mark} {self.label(row)}: a letter keeps it under that letter, any other key "
            "only starts a path here",
            lambda key: self._keep(key, row),
        )

    def _keep(self, key: str, row: int) -> None:
        if len(key) == 1 and key.isalpha():
            self.app.desk.places.keep_mark(key, Place("track", (row,)))
            self.app.say(f"Marked {key}: {self.label(row)}. ' {key} comes back, p draws a path from it.")
        else:
            self.app.say(f"A path starts at {self.label(row)}: go to its end and press p.")

    def jump(self) -> None:
        """Go to a marked place; the next key names it."""
        marks = self.app.desk.places.marks()
        if not marks:
            self.app.say("No place is marked. m marks the track under the cursor.")
            return
        letters = "  ".join(f"{letter} {name}" for letter, name in marks.items())
        self.app.ask_key(f"Go to: {letters}", self.app.desk.places.go_to_mark)

    def draw(self) -> None:
        """Go to the path from the mark, or from the centre, to the track under the cursor."""
        end = self.cursor_row()
        if end is None:
            return
        start = self.app.mark if self.app.mark is not None else self.app.walk.here.seed
        if start is None or start == end:
            self.app.say("A path needs two ends: mark its start with m, go to its end, press p.")
            return
        self.app.mark = None
        self.app.desk.walk.go(Place("path", (start, end), weights=(self.app.settings.path_steps,)))

    def reroll(self) -> None:
        """Draw another path between the same ends."""
        here = self.app.walk.here
        if here.kind == "path":
            self.app.desk.walk.instead(replace(here, variant=here.variant + 1))
        else:
            self.app.say("R draws another path: mark a start with m, go to the end, press p.")

    def longer(self) -> None:
        """Give the path two steps more."""
        self._stretch(2)

    def shorter(self) -> None:
        """Give the path two steps fewer."""
        self._stretch(-2)

    def _stretch(self, steps: int) -> None:
        here = self.app.walk.here
        if here.kind == "path":
            length = min(max(here.weights[0] + steps, 3), 50)
            self.app.desk.walk.instead(replace(here, weights=(length,)))
