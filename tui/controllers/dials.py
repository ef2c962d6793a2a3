"""What shapes lists and radio: the basket of the blend, the dials, and those of the radio."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from segue.core.explore.variety import FAMILIARITY
from segue.tui.availability import has_basket, has_dials, has_track, lists_a_place, radio_is_on
from segue.tui.commands import command
from segue.tui.controllers.base import Controller
from segue.tui.controllers.history import History
from segue.tui.controllers.steering import Steering
from segue.tui.controllers.walks import Walks
from segue.tui.model.glyphs import ORDERS
from segue.tui.model.places import BlendPlace
from segue.tui.model.values import Basket, Dials

ORDERED = {
    "like": "What is like the track comes first, however seldom it is played. K lists what plays next.",
    "next": "What playlists play next comes first. K lists what is like the track.",
}
"""What the key of the order says."""


class DialsAndBasket(Controller):
    """Turns dials and fills the basket; every change takes effect at once and can be undone."""

    _history: History
    _steering: Steering
    _walks: Walks

    @command("basket.plus", "+", "more like", 36, also="blend mix add", when=has_track, on_tracks=True)
    def plus(self, row: int) -> None:
        """Blend: more like this; press again for more weight."""
        self._add(row, 1)

    @command("basket.minus", "-", "less like", 35, when=has_track, on_tracks=True)
    def minus(self, row: int) -> None:
        """Blend: less like this; press again for more weight."""
        self._add(row, -1)

    def _add(self, row: int, step: int) -> None:
        before, after = self.app.basket, self.app.basket.add(row, step)
        if before == after:
            self.app.say("Maximum weight is 3. Z empties the basket.")
            return
        self._change_basket(f"{'more' if step > 0 else 'less'} like {self.label(row)}", after)
        if not isinstance(self.app.walk.here, BlendPlace):
            self.app.say(f"In the basket: {len(after)}. B shows the blend.")

    @command("basket.show", "B", "blend", when=has_basket)
    def show(self) -> None:
        """Show the blend of the tracks in the basket."""
        if not len(self.app.basket):
            self.app.say("The basket is empty. + adds the track under the cursor, - steers away from it.")
            return
        self._walks.go(self._blend())

    @command("basket.clear", "Z", "empty basket", when=has_basket)
    def clear(self) -> None:
        """Empty the basket."""
        if len(self.app.basket):
            self._change_basket("empty the basket", Basket())

    def _change_basket(self, name: str, after: Basket) -> None:
        before = self.app.basket
        self._history.do(name, lambda: self._put_basket(after), lambda: self._put_basket(before))

    def _put_basket(self, basket: Basket) -> None:
        self.app.basket = basket
        if isinstance(self.app.walk.here, BlendPlace):
            self._walks.replace(self._blend())

    def _blend(self) -> BlendPlace:
        weights = self.app.basket.weights
        return BlendPlace(tuple(row for row, _ in weights), tuple(weight for _, weight in weights))

    @command("dials.familiarity", "F", "familiarity", 34, when=has_dials)
    def familiarity(self) -> None:
        """Turn the familiarity dial of lists (in Radio: of the radio): any, familiar, mixed, deep."""
        if not self.app.library.knows_plays:
            self.app.say("Plays are unknown in this library: import its vectors with --playlists.")
            return
        values = tuple(FAMILIARITY)
        self._turn("familiarity", lambda dials: replace(dials, familiarity=_next(values, dials.familiarity)))

    @command("dials.unheard", "U", "unheard", when=has_dials)
    def unheard(self) -> None:
        """List (in Radio: play) only tracks you have not heard."""
        self._turn("unheard", lambda dials: replace(dials, unheard=not dials.unheard))

    @command("dials.variety", "V", "variety", when=has_dials)
    def variety(self) -> None:
        """Toggle the rules that keep one artist or song from filling a list."""
        self._turn("variety", lambda dials: replace(dials, variety=not dials.variety))

    @command("dials.ranker", "K", "order", 32, also="ranker sort similar like next", when=lists_a_place)
    def ranker(self) -> None:
        """Order lists by what is like the track, or by what plays next."""
        if not self.app.library.knows_plays:
            self.app.say("This library orders lists by similarity only: import its vectors with --playlists.")
            return
        ranker = "next" if self.app.dials.ranker == "like" else "like"
        self._order(ranker)
        self.app.say(ORDERED[ranker])

    @command("dials.order", "", "order lists by …", also="ranker sort similar ranking")
    def order(self) -> None:
        """Choose what orders lists: what is like a track, what plays next, or one of the baselines."""
        from segue.core.rankers import available_rankers  # 60 ms: the first frame does not wait
        from segue.tui.screens.ask import FilterScreen

        names = [name for name in available_rankers(self.app.library) if name in ORDERS]
        choices = [(name, ORDERS[name], name) for name in names]
        screen = FilterScreen("Order lists by", choices, start=self.app.dials.ranker)
        self.app.ask(screen, self._order)

    def _order(self, ranker: str) -> None:
        before, after = self.app.dials, replace(self.app.dials, ranker=ranker)
        self._history.do("order", lambda: self._put_dials(after), lambda: self._put_dials(before))

    def _turn(self, name: str, change: Callable[[Dials], Dials]) -> None:
        """Turn a dial of the radio in its view, and else one of the lists."""
        view = self.app.view_in_sight()
        if view is not None and view.id == "radio":
            before, put = self.app.radio_dials, self._put_radio_dials
        else:
            before, put = self.app.dials, self._put_dials
        after = change(before)
        self._history.do(name, lambda: put(after), lambda: put(before))

    def _put_dials(self, dials: Dials) -> None:
        self.app.dials = dials
        self._walks.list_here()

    def _put_radio_dials(self, dials: Dials) -> None:
        self.app.radio_dials = dials
        self._steering.follow_dials()

    @command("radio.closer", "<", "closer", 58, when=radio_is_on)
    def closer(self) -> None:
        """Radio: stay closer."""
        self._turn_dial("closer", distance=max(self.app.radio.distance - 1, 0))

    @command("radio.farther", ">", "farther", 57, when=radio_is_on)
    def farther(self) -> None:
        """Radio: skip the nearest tracks."""
        self._turn_dial("farther", distance=min(self.app.radio.distance + 1, 6))

    @command("radio.stick", "{", "stick", 56, when=radio_is_on)
    def stick(self) -> None:
        """Radio: stay nearer to the seed."""
        self._turn_dial("stick", drift=max(self.app.radio.drift - 0.25, 0.0))

    @command("radio.drift", "}", "drift", 55, when=radio_is_on)
    def drift(self) -> None:
        """Radio: drift further from the seed."""
        self._turn_dial("drift", drift=min(self.app.radio.drift + 0.25, 1.0))

    def _turn_dial(self, name: str, **dial: Any) -> None:  # noqa: ANN401 - a field of Radio
        before, after = self.app.radio, replace(self.app.radio, **dial)
        if before == after:
            self.app.say(f"Already at the end of the range: {name}.")
            return
        old = {key: getattr(before, key) for key in dial}
        self._history.do(f"radio: {name}", lambda: self._put_dial(dial), lambda: self._put_dial(old))

    def _put_dial(self, dial: dict[str, Any]) -> None:
        self.app.radio = replace(self.app.radio, **dial)
        self._steering.follow_dials()


def _next(choices: Sequence[str], now: str) -> str:
    return choices[(choices.index(now) + 1) % len(choices)]
