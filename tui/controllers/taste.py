"""Loves and bans."""

from collections.abc import Callable

from segue.core.explore.variety import Taste, artist_key
from segue.tui.availability import has_track
from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller
from segue.tui.controllers.history import History
from segue.tui.controllers.playback import Playback
from segue.tui.controllers.steering import Steering


class Tastes(Controller):
    """Loved tracks attract the radio; banned ones are never played. Both are kept in the state file."""

    def __init__(self, app: Explorer, history: History, playback: Playback, steering: Steering) -> None:
        super().__init__(app)
        self._history = history
        self._playback = playback
        self._steering = steering
        self._scored: dict[str, int] = {} if app.equipment.scrobbler is None else self._scores()

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
        """Tell of loves and bans that were made or taken back since the last time."""
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
            self.app.say("Its artist is banned; X lifts that.")
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
        state, number = self.app.state, change()

        def then(step: Callable[[int], object]) -> Callable[[], bool]:
            def do() -> bool:
                changed = number is not None and step(number) is not None
                self.refresh()
                return changed

            return do

        self.refresh()
        self._history.add(name, then(state.redo), then(state.undo))
        self.app.say(f"{name[0].upper()}{name[1:]}. u undoes.")
