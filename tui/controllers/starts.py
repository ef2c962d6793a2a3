"""Where to start listening: what the Radio view offers while nothing plays."""

from functools import partial
from typing import TYPE_CHECKING

from segue.tui.controllers.base import Controller
from segue.tui.controllers.history import History
from segue.tui.controllers.places import Places
from segue.tui.controllers.playback import Playback
from segue.tui.controllers.steering import Steering
from segue.tui.model.places import AllTracks, CratePlace, LovedPlace, Place
from segue.tui.model.values import StartingPoint
from segue.tui.model.words import count_of

if TYPE_CHECKING:
    from segue.tui.context import Explorer
    from segue.tui.model.listing import Listing

MOST = 6
"""Stations, and crates, that are offered; `S` and `Q` list all."""


class Starts(Controller):
    """Offers places to listen to, and plays the one that is chosen."""

    def __init__(
        self, app: "Explorer", history: History, playback: Playback, steering: Steering, places: Places
    ) -> None:
        super().__init__(app)
        self._history = history
        self._playback = playback
        self._steering = steering
        self._places = places

    def points(self) -> list[StartingPoint]:
        """Return what can be listened to now: the last place, a surprise, loves, crates and stations."""
        app, found = self.app, []
        here = app.walk.here
        if not isinstance(here, AllTracks):
            found.append(
                StartingPoint(here.long_name(app.tracks), "the place you came from", self._plays(here))
            )
        found.append(
            StartingPoint("A surprise", "a radio from a track drawn at random", self._steering.surprise)
        )
        if loved := len(app.taste.loved):
            found.append(StartingPoint("Your loves", count_of(loved, "track"), self._plays(LovedPlace())))
        for name, held in list(app.state.crates().items())[:MOST]:
            if held and here != CratePlace(name=name):
                remark = f"a crate of {count_of(len(held), 'track')}"
                found.append(StartingPoint(name, remark, self._plays(CratePlace(name=name))))
        for name, value in list(app.state.stations().items())[:MOST]:
            if (place := self._places.read(value, name)) is not None:
                found.append(StartingPoint(name, f"a station: {place.heading.lower()}", self._plays(place)))
        if isinstance(here, AllTracks):
            found.append(
                StartingPoint("The most played tracks", "all tracks from the top", self._plays(here))
                if app.library.knows_plays
                else StartingPoint("All tracks", "in the library's order", self._plays(here))
            )
        return found

    def _plays(self, place: Place) -> partial[None]:
        return partial(self._play, place)

    def _play(self, place: Place) -> None:
        request = self.app.listing_request()

        def play(listing: "Listing") -> None:
            if len(listing.rows):
                self._playback.play_rows(listing.rows, listing.title)
            else:
                self.app.say(listing.empty or "This list has no tracks to play.")

        self.app.work("start", lambda: place.list(request), play, what="Listing this place")
