"""Loves and bans."""

from tui.controllers.base import Controller


class Taste(Controller):
    """Loves pull the radio, bans hold everywhere."""

    def is_loved(self, row: int) -> bool:
        """Whether a track is loved."""
        return False

    def is_banned(self, row: int) -> bool:
        """Whether a track, or its artist, is banned."""
        return False

    def sign(self, row: int) -> str:
        """Give the sign before a track in a list."""
        app, glyphs = self.app, self.app.glyphs
        if app.playing is not None and app.playing.row == row:
            return glyphs.paused if app.playing.paused else glyphs.playing
        if app.mark == row:
            return glyphs.mark
        if weight := app.basket.weight(row):
            return glyphs.plus if weight > 0 else glyphs.minus
        if self.is_banned(row):
            return glyphs.ban
        return glyphs.love if self.is_loved(row) else " "
