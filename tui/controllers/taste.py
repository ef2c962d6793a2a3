"""Loves and bans."""

from collections.abc import Callable

from segue.core.explore.taste import Taste, artist_key
from segue.tui.controllers.base import Controller


class TasteDesk(Controller):
    """Loves pull the radio, bans hold everywhere. Both are kept in the state, and both can be undone."""

    def refresh(self) -> None:
        """Read loves, bans and journal again, and let the radio follow."""
        self.app.taste = Taste.of(self.app.library, self.app.state)
        self.app.desk.radio.refresh()

    def love(self) -> None:
        """Love the track under the cursor, or no longer."""
        if (row := self.cursor_row()) is not None:
            self.love_row(row)

    def love_row(self, row: int) -> None:
        """Love a track, or no longer."""
        track_id, state = self.app.tracks.info(row).track_id, self.app.state
        loved = row in self.app.taste.loved
        change = state.unlove if loved else state.love
        self._change("love", row, lambda: change(track_id), lifted=loved)

    def ban(self) -> None:
        """Ban the track under the cursor, or lift the ban."""
        if (row := self.cursor_row()) is None:
            return
        track_id, state = self.app.tracks.info(row).track_id, self.app.state
        banned = track_id in state.bans().tracks
        if not banned and row in self.app.taste.banned:
            self.app.say("Its artist is banned; X lifts that.")
            return
        change = state.unban_track if banned else state.ban_track
        self._change("ban", row, lambda: change(track_id), lifted=banned)
        if not banned:
            self.app.desk.radio.leave(row)

    def ban_artist(self) -> None:
        """Ban the artist of the track under the cursor, or lift the ban."""
        if (row := self.cursor_row()) is None:
            return
        artist, state = artist_key(self.app.library, row), self.app.state
        banned = artist in state.bans().artists
        change = state.unban_artist if banned else state.ban_artist
        self._change("ban the artist of", row, lambda: change(artist), lifted=banned)
        if not banned:
            self.app.desk.radio.leave(row)

    def _change(self, verb: str, row: int, change: Callable[[], int | None], *, lifted: bool) -> None:
        name = f"{'no longer ' if lifted else ''}{verb} {self.label(row)}"
        state, number = self.app.state, change()

        def then(step: Callable[[int], object]) -> Callable[[], bool]:
            def do() -> bool:
                stepped = number is not None and step(number) is not None
                self.refresh()
                return stepped

            return do

        # undone in the state's own history, which `segue state undo` goes on with
        self.refresh()
        self.app.desk.undo.did(name, then(state.redo), then(state.undo))
        self.app.say(f"{name[0].upper()}{name[1:]}. u undoes.")

    def sign(self, row: int) -> str:
        """Give the sign before a track in a list."""
        app, glyphs = self.app, self.app.glyphs
        if app.playing is not None and app.playing.row == row:
            return glyphs.paused if app.playing.paused else glyphs.playing
        if app.mark == row:
            return glyphs.mark
        if weight := app.basket.weight(row):
            return glyphs.plus if weight > 0 else glyphs.minus
        if row in app.taste.banned:
            return glyphs.ban
        if row in app.taste.loved:
            return glyphs.love
        status = app.excerpts.get(app.tracks.info(row).track_id, "") if app.excerpts else ""
        return {"ready": glyphs.dot, "fetching": glyphs.ellipsis, "none": glyphs.silent}.get(status, " ")
