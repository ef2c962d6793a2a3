"""The blend: more like this, less like that."""

from segue.tui.controllers.base import Controller
from segue.tui.values import Basket
from segue.tui.walk import Place


class Baskets(Controller):
    """Fills the basket. While its blend is the present place, the list follows at once."""

    def plus(self) -> None:
        """Put the track under the cursor in, or raise its weight."""
        self._add(1)

    def minus(self) -> None:
        """Take the track under the cursor away from the blend, or lower its weight."""
        self._add(-1)

    def _add(self, step: int) -> None:
        if (row := self.cursor_row()) is None:
            return
        before, after = self.app.basket, self.app.basket.add(row, step)
        if before == after:
            self.app.say("3 is the greatest weight.")
            return
        self._change(f"{'more' if step > 0 else 'less'} like {self.label(row)}", before, after)
        if self.app.walk.here.kind != "blend":
            self.app.say(f"In the basket: {len(after)}. B shows the blend.")

    def clear(self) -> None:
        """Empty the basket."""
        if len(self.app.basket):
            self._change("empty the basket", self.app.basket, Basket())

    def _change(self, name: str, before: Basket, after: Basket) -> None:
        self.app.desk.undo.do(name, lambda: self._put(after), lambda: self._put(before))

    def _put(self, basket: Basket) -> None:
        self.app.basket = basket
        if self.app.walk.here.kind == "blend":
            self.app.desk.walk.instead(self._place())

    def show(self) -> None:
        """Go to the blend of what is in the basket."""
        if not len(self.app.basket):
            self.app.say("The basket is empty. + puts the track under the cursor in, - keeps away from it.")
            return
        self.app.desk.walk.go(self._place())

    def _place(self) -> Place:
        weights = self.app.basket.weights
        return Place("blend", tuple(row for row, _ in weights), tuple(weight for _, weight in weights))
