"""Going from place to place."""

from segue.tui.controllers.base import Controller
from segue.tui.look import look
from segue.tui.messages import PlaceListed
from segue.tui.walk import Place, Walk


class Walks(Controller):
    """The walk: into a track's neighbourhood, back, forward, and to other kinds of places."""

    def go(self, place: Place) -> None:
        """Go on to a place and list it."""
        self._leave()
        self.app.walk = self.app.walk.into(place)
        self._arrive()

    def instead(self, place: Place) -> None:
        """List another place in the stead of this one."""
        self.app.walk = self.app.walk.instead(place)
        self._arrive()

    def _leave(self) -> None:
        self.app.walk = self.app.walk.resting(self.app.place_cursor)

    def _arrive(self) -> None:
        view = self.app.current_view()
        if view is None or not view.follows(self.app.walk.here):
            self.app.desk.views.show("explore")
        self.list_here()

    def list_here(self) -> None:
        """Find out the tracks of the present place, in the background.

        The list of all tracks is there at once.
        """
        place, question = self.app.walk.here, self.app.question()
        if place.kind == "browse":
            self.app.listing = look(place, question)
            return
        self.app.work("place", lambda: PlaceListed(place, look(place, question)), what="Listing this place")

    def back(self) -> None:
        """Go a hop back."""
        self._step(self.app.walk.back(), "This is where the walk began. / searches, ! surprises.")

    def forward(self) -> None:
        """Go a hop forward again."""
        self._step(self.app.walk.forward(), "There is nothing ahead: forward undoes back.")

    def jump(self, number: int) -> None:
        """Go to a hop by its number, as the breadcrumb does."""
        self._step(self.app.walk.jump(number), "You are there.")

    def _step(self, walk: Walk, otherwise: str) -> None:
        if walk.at == self.app.walk.at:
            self.app.say(otherwise)
            return
        at = walk.at
        self._leave()
        self.app.walk = self.app.walk.jump(at)
        self._arrive()

    def artist(self) -> None:
        """Go to the artist of the track under the cursor."""
        if (row := self.cursor_row()) is not None:
            self.go(Place("artist", (row,)))

    def album(self) -> None:
        """Go to the album of the track under the cursor."""
        if (row := self.cursor_row()) is None:
            return
        if not self.app.tracks.info(row).album:
            self.app.say("The catalogue knows no album of this track; a lists its artist.")
            return
        self.go(Place("album", (row,)))

    def versions(self) -> None:
        """Unfold the other versions of the song under the cursor, or fold them again."""
        listing, line = self.app.listing, self.app.place_cursor
        turned = listing.turned(line)
        if turned is listing or self.app.current_row() != int(listing.rows[line]):
            self.app.say("No other version of this song was left out here; +1 beside a track tells of one.")
            return
        self._leave()
        self.app.listing = turned

    def browse(self) -> None:
        """Go to the list of all tracks."""
        self.go(Place())

    def loves(self) -> None:
        """Go to the loved tracks."""
        self.go(Place("loves"))

    def bans(self) -> None:
        """Go to the banned tracks."""
        self.go(Place("bans"))

    def journal(self) -> None:
        """Go to what was heard."""
        self.go(Place("journal"))

    def playing(self) -> None:
        """Go to the track that plays."""
        playing = self.app.playing
        if playing is None or playing.row is None:
            self.app.say("Nothing plays.")
            return
        self.go(Place("track", (playing.row,)))
