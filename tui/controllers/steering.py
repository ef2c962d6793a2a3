"""What steers the radio: where it starts, its dials, loves and bans."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from msgspec import field
from msgspec.structs import replace

from segue.core.explore.variety import Taste, artist_key
from segue.core.text import counted
from segue.tui.availability import has_track, radio_is_on
from segue.tui.commands import command
from segue.tui.controllers.base import Controller, Planning
from segue.tui.controllers.history import History
from segue.tui.controllers.places import Places
from segue.tui.controllers.playback import Playback
from segue.tui.model.places import AllTracks, CratePlace, LovedPlace, Place
from segue.tui.model.values import StartingPoint

if TYPE_CHECKING:
    from segue.core.explore.radio import RadioPlanner
    from segue.core.radio.queue import Queue
    from segue.tui.model.listing import Listing


class Steering(Controller):
    """Starts radios and turns what steers them."""

    _playback: Playback
    _planning: Planning

    @command("radio.start", "r", "radio", 92, also="station play similar endless", when=has_track)
    def start_radio(self) -> None:
        """Start an endless radio from the track under the cursor, or near all that are selected."""
        if rows := self.chosen_rows():
            self.radio_from(rows)

    def surprise(self) -> None:
        """Start a radio from a track drawn at random, none that is banned."""
        from numpy.random import default_rng

        rng, banned = default_rng(self.app.equipment.seed), self.app.taste.banned
        rows = (int(row) for row in rng.integers(len(self.app.library), size=100))
        if (row := next((row for row in rows if row not in banned), None)) is not None:
            self.radio_from([row])

    def radio_from(self, rows: Sequence[int], source: str = "") -> None:
        """Plan a radio near some tracks in the background, and start it with the first of them."""

        def begin(planner: "RadioPlanner") -> None:
            self._playback.alter(
                "start the radio", lambda queue: queue.fill((), radio=planner, source=source), play=True
            )

        if not self._playback.has_queue:
            self.app.radio = replace(self.app.radio, on=True, paused=False, seed=rows[0], upcoming=())
        self._planning.plan(rows, begin, self._playback.end_unless_playing)

    def follow_dials(self) -> None:
        """Plan again after a dial was turned."""
        dials = self._planning.dials()
        self._steer(lambda planner: planner.turn(dials))

    def replan(self) -> None:
        """Plan again after a love or a ban."""
        self._steer(lambda planner: planner.refresh())

    def _steer(self, change: "Callable[[RadioPlanner], object]") -> None:
        def steered(queue: "Queue") -> None:
            if queue.radio is not None:
                change(queue.radio)

        if self._playback.has_queue:
            self._playback.change_queue(steered)

    @command("radio.reseed", "=", "reseed", 54, when=radio_is_on)
    def reseed(self) -> None:
        """Radio: make the track under the cursor its new seed."""
        if (row := self.cursor_row()) is None:
            return
        if not self._playback.has_queue or self._playback.queue.radio is None:
            self.radio_from([row])
        else:
            self.app.radio = replace(self.app.radio, seed=row)
            self._steer(lambda planner: planner.reseed(row))
            self.app.say(f"The radio now stays near {self.label(row)}.")

    @command("radio.mode", "W", "walk or steer")
    def mode(self) -> None:
        """Radio: switch between the random walk and the steered one."""
        mode: Literal["walk", "steer"] = "walk" if self.app.radio.mode == "steer" else "steer"
        self.app.radio = replace(self.app.radio, mode=mode)
        self._steer(lambda planner: planner.change_mode(mode))
        self.app.say(f"The radio is {'a random walk' if mode == 'walk' else 'steered'}.")


MOST = 6
"""Stations, and crates, that are offered; `S` and `Q` list all."""


class Starts(Controller):
    """Offers places to listen to, and plays the one that is chosen."""

    _playback: Playback
    _steering: Steering
    _places: Places

    def points(self) -> list[StartingPoint]:
        """Return what can be listened to now: the last place, a surprise, loves, crates and stations."""
        app, found, here = self.app, list[StartingPoint](), self.app.walk.here

        def offer(name: str, remark: str, place: Place) -> None:
            found.append(StartingPoint(name, remark, partial(self._play, place)))

        if not isinstance(here, AllTracks):
            offer(here.long_name(app.tracks), "the place you came from", here)
        surprise = "a radio from a track drawn at random"
        found.append(StartingPoint("A surprise", surprise, self._steering.surprise))
        if loved := len(app.taste.loved):
            offer("Your loves", counted(loved, "track"), LovedPlace())
        for name, held in list(app.state.crates().items())[:MOST]:
            if held and here != CratePlace(name=name):
                offer(name, f"a crate of {counted(len(held), 'track')}", CratePlace(name=name))
        for name, value in list(app.state.stations().items())[:MOST]:
            if (place := self._places.read(value, name)) is not None:
                offer(name, f"a station: {place.heading.lower()}", place)
        if isinstance(here, AllTracks) and app.library.knows_plays:
            offer("The most played tracks", "all tracks from the top", here)
        elif isinstance(here, AllTracks):
            offer("All tracks", "in the library's order", here)
        return found

    def _play(self, place: Place) -> None:
        request = self.app.listing_request()

        def play(listing: "Listing") -> None:
            if len(listing.rows):
                self._playback.play_rows(listing.rows, listing.title)
            else:
                self.app.say(listing.empty or "This list has no tracks to play.")

        self.app.work("start", lambda: place.list(request), play, what="Listing this place")


class Tastes(Controller):
    """Loved tracks attract the radio; banned ones are never played. Both are kept in the state file."""

    _history: History
    _playback: Playback
    _steering: Steering
    _scored: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.app.equipment.scrobbler is not None:
            self._scored = self._scores()

    def refresh(self) -> None:
        """Read loves, bans and journal again; the radio plans again."""
        self.app.taste = Taste.of(self.app.library, self.app.state)
        self._steering.replan()
        self._tell_scrobbler()

    def _scores(self) -> dict[str, int]:
        """Loves (1) and bans (-1) by track id."""
        state = self.app.state
        return dict.fromkeys(state.bans().tracks, -1) | dict.fromkeys(state.loves(), 1)

    def _tell_scrobbler(self) -> None:
        """Report loves and bans that were made or undone since the last time."""
        scrobbler = self.app.equipment.scrobbler
        if scrobbler is None:
            return
        before, self._scored = self._scored, self._scores()
        for track_id in before.keys() | self._scored.keys():
            score = self._scored.get(track_id, 0)
            if score != before.get(track_id, 0):
                for row in self.app.library.catalogue.rows_of_ids([track_id]):
                    scrobbler.feedback(self.app.tracks.info(row), score)

    @command("taste.love", "f", "love", 70, also="like favourite heart", when=has_track, on_tracks=True)
    def love(self, row: int) -> None:
        """Toggle love; loved tracks attract the radio."""
        track_id, state = self.app.tracks.info(row).track_id, self.app.state
        loved = row in self.app.taste.loved
        change = state.unlove if loved else state.love
        self._toggle("love", row, lambda: change(track_id), on=loved)

    @command("taste.ban", "x", "ban", 50, also="dislike block hide", when=has_track, on_tracks=True)
    def ban(self, row: int) -> None:
        """Toggle a ban; a banned track is never played or listed."""
        track_id, state = self.app.tracks.info(row).track_id, self.app.state
        banned = track_id in state.bans().tracks
        if not banned and row in self.app.taste.banned:
            self.app.say("Its artist is banned; X lifts the ban.")
            return
        change = state.unban_track if banned else state.ban_track
        self._toggle("ban", row, lambda: change(track_id), on=banned)
        if not banned:
            self._playback.skip_if_playing(row)

    @command("taste.ban_artist", "X", "ban artist", when=has_track, on_tracks=True)
    def ban_artist(self, row: int) -> None:
        """Toggle a ban of this artist."""
        artist, state = artist_key(self.app.library, row), self.app.state
        banned = artist in state.bans().artists
        change = state.unban_artist if banned else state.ban_artist
        self._toggle("ban the artist of", row, lambda: change(artist), on=banned)
        if not banned:
            self._playback.skip_if_playing(row)

    def _toggle(self, verb: str, row: int, change: Callable[[], int | None], *, on: bool) -> None:
        """Make a change; it is undone in the state file's own history, as `segue state undo` does."""
        name = f"{'no longer ' if on else ''}{verb} {self.label(row)}"
        number = change()
        self.refresh()
        self._history.keep(name, number, self.refresh)
        self.app.say(f"{name[0].upper()}{name[1:]}. u undoes.")
