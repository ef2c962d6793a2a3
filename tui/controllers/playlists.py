"""Playlists."""

from tui.controllers.base import Controller


class Playlists(Controller):
    """Playlists."""
