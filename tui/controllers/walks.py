"""Going from place to place, being surprised, and asking why a track is near."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import field

from segue.tui.availability import has_dials, has_track, has_versions, is_playing
from segue.tui.commands import command
from segue.tui.controllers.base import Controller
from segue.tui.controllers.views import Views
from segue.tui.model import places
from segue.tui.model.glyphs import ordered_by
from segue.tui.model.listing import Listing
from segue.tui.model.walk import Walk

if TYPE_CHECKING:
    from numpy.random import Generator

    from segue.core.explore.explain import Explanation
    from segue.core.explore.explain_playlist import PlaylistExplanation
    from segue.core.explore.surgeon import Ask


class Walks(Controller):
    """The walk: into a track's neighbourhood, back, forward, and to other kinds of places."""

    _views: Views
    _rng: "Generator | None" = None
    _surprises: set[int] = field(default_factory=set)
    _surprised_from: int | None = None
    _farther: int = 0
    _landed: places.Place | None = None

    def go(self, place: places.Place, cursor: int | None = None) -> None:
        """Go on to a place and list it."""
        if place == self.app.walk.here and isinstance(place, places.TrackPlace):
            self.app.say("This track is already open; its neighbours are below it.")
        self._put(self.app.walk.into(place, cursor))

    def replace(self, place: places.Place) -> None:
        """Put another place in the place of this one."""
        self._put(self.app.walk.replaced(place))

    def _put(self, walk: Walk) -> None:
        self.app.walk = walk
        self._views.show_for(walk.here)
        self.list_here()

    def list_here(self) -> None:
        """List the present place, in the background unless it is the list of all tracks."""
        place, request = self.app.walk.here, self.app.listing_request()
        if isinstance(place, places.AllTracks):
            self.app.listing = place.list(request)
            return

        def show(listing: Listing) -> None:
            if place == self.app.walk.here:  # the listener may have gone on
                self.app.listing = listing

        self.app.work("place", lambda: place.list(request), show, what="Listing this place")

    @command("walk.back", "h,backspace", "back", 88)
    def back(self) -> None:
        """Go back to the place before; its cursor is where you left it."""
        self._step(self.app.walk.back(), "This is where the walk began. / searches, ! surprises.")

    @command("walk.forward", "L", "forward")
    def forward(self) -> None:
        """Go forward to the place you came back from."""
        self._step(self.app.walk.forward(), "Nothing ahead: forward undoes back.")

    def jump(self, number: int) -> None:
        """Go to a hop by its number, as the breadcrumb does."""
        self._step(self.app.walk.jump(number), "You are there.")

    def _step(self, walk: Walk, otherwise: str) -> None:
        if walk.at == self.app.walk.at:
            self.app.say(otherwise)
        else:
            self._put(walk)

    @command("walk.artist", "a", "artist", 40, also="band singer", when=has_track)
    def artist(self) -> None:
        """List the tracks of this artist, and the nearest artists."""
        if (row := self.cursor_row()) is not None:
            self.go(places.ArtistPlace((row,)))

    @command("walk.album", "b", "album", when=has_track)
    def album(self) -> None:
        """List the tracks of this album."""
        if (row := self.cursor_row()) is None:
            return
        if not self.app.tracks.info(row).album:
            self.app.say("The catalogue has no album for this track; a lists its artist.")
            return
        self.go(places.AlbumPlace((row,)))

    @command("walk.browse", "", "all tracks")
    def browse(self) -> None:
        """List all tracks, the most played first."""
        self.go(places.AllTracks())

    @command("walk.loves", "", "loved tracks", also="favourites favorites likes love list")
    def loves(self) -> None:
        """List the tracks you love."""
        self.go(places.LovedPlace())

    @command("walk.bans", "", "banned tracks", also="dislikes blocked ban list")
    def bans(self) -> None:
        """List the banned tracks; x lifts a ban."""
        self.go(places.BannedPlace())

    @command("walk.journal", "J", "journal", also="history heard log")
    def journal(self) -> None:
        """List what you heard, the latest first."""
        self.go(places.JournalPlace())

    @command("walk.versions", "e", "versions", 47, when=has_versions)
    def versions(self) -> None:
        """Show the other versions of this song below it, or hide them again."""
        listing, line = self.app.listing, self.app.walk.cursor
        changed = listing.with_versions_toggled(line)
        if changed is listing or self.app.current_row() != int(listing.rows[line]):
            self.app.say("This song has no hidden versions here; +1 beside a track counts them.")
        else:
            self.app.listing = changed

    @command("walk.playing", "@", "go to playing", when=is_playing)
    def playing(self) -> None:
        """Go to the track that plays."""
        if (row := self.playing_row()) is not None:
            self.go(places.TrackPlace((row,)))

    @command("surprise.jump", "!", "surprise", 44, also="random shuffle", when=has_dials)
    def surprise(self) -> None:
        """Jump to a far track that still fits; press again to go farther."""
        if self._landed != self.app.walk.here:
            here = self.app.walk.here.seed
            self._surprised_from, self._farther = here if here is not None else self.app.current_row(), 0
        else:
            self._farther += 1
        library, seed, farther, rng = self.app.library, self._surprised_from, self._farther, self._random()
        without = frozenset(self._surprises | self.app.taste.banned)

        def find() -> int | None:
            from segue.core.explore.path import surprise

            if seed is None:
                return int(rng.integers(len(library)))
            found = surprise(library, seed, farther=farther, rng=rng, without=without)
            return None if found is None else found.row

        self.app.work("surprise", find, self._land, what="The surprise")

    def _random(self) -> "Generator":
        if self._rng is None:
            from numpy.random import default_rng

            self._rng = default_rng(self.app.equipment.seed)
        return self._rng

    def _land(self, row: int | None) -> None:
        if row is None:
            self.app.say("Nothing that far away still fits; press ! on another track to find more.")
            self._farther, self._surprises = 0, set()
            return
        self._surprises.add(row)
        self._landed = places.TrackPlace((row,))
        self.go(self._landed)

    @command("explain.show", "?", "explain", 48, also="why reason", when=has_track)
    def explain(self) -> None:
        """Explain why this track is near the seed, or goes with the playlist."""
        row, seed = self.cursor_row(), self._compared_with()
        if row is None:
            return
        here = self.app.walk.here
        if isinstance(here, places.PlaylistPlace) and here.suggests and row not in here.rows:
            self._explain_in_playlist(here, row)
            return
        if seed is None or seed == row:
            self.app.say("? explains why a track is near the seed: open a track, press ? on a neighbour.")
            return
        self.explain_pair(seed, row)

    def explain_pair(self, seed: int, row: int, *, reason: str = "", heard: Sequence[int] = ()) -> None:
        """Explain why a track is near another; first why the radio plays it, after what was heard."""
        library, ranker = self.app.library, "nearest" if reason else self.app.dials.ranker

        def collect() -> "tuple[Explanation, list[str]]":
            from segue.core.explore.explain import explain
            from segue.core.explore.explain_playlist import explain_in_playlist
            from segue.core.explore.radio import CONTINUED

            by_radio = [f"the radio: {reason}"] if reason else []
            last = heard[-CONTINUED:]
            if reason and last and row not in last and library.knows_plays:
                sentence = explain_in_playlist(library, last, row).sentences()[0]
                by_radio.append(f"after what was heard {sentence}")
            return explain(library, seed, row, by=ranker), by_radio

        self.app.work(
            "explain", collect, lambda found: self._show_explanation(*found), what="The explanation"
        )

    def _explain_in_playlist(self, place: places.PlaylistPlace, row: int) -> None:
        library, by = self.app.library, place.own_ranker(self.app.dials)

        def collect() -> "PlaylistExplanation":
            from segue.core.explore.explain_playlist import explain_in_playlist

            ask: Ask = "continue" if place.part == "continue" else "missing"
            return explain_in_playlist(library, place.rows, row, ask=ask, ranker=by)

        def show(explanation: "PlaylistExplanation") -> None:
            from segue.tui.screens.help import explanation_screen

            self.app.push_screen(
                explanation_screen(
                    self.label(row), place.name, explanation.sentences(), title="Why this track"
                )
            )

        self.app.work("explain", collect, show, what="The explanation")

    def _compared_with(self) -> int | None:
        """Return what a track is compared with: the step before it on a path, else the seed."""
        here, rows, cursor = self.app.walk.here, self.app.listing.rows, self.app.walk.cursor
        if isinstance(here, places.PathPlace) and 0 < cursor < len(rows):
            return rows[cursor - 1]
        return here.rows[0] if here.rows else None

    def _show_explanation(self, explanation: "Explanation", by_radio: list[str]) -> None:
        from segue.tui.screens.help import explanation_screen

        labels = self.label(explanation.track.row), self.label(explanation.seed.row)
        title = "Why this plays" if by_radio else f"Why this track{ordered_by(explanation.ranker)}"
        examples = [
            "Together in a playlist: " + " / ".join(self.label(row) for row in rows)
            for rows in explanation.examples
        ]
        sentences = [*by_radio, *explanation.sentences(), *examples]
        self.app.push_screen(explanation_screen(*labels, sentences, title=title))
