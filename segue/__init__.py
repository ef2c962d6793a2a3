"""Segue: explore a music space learned from playlists."""

from segue.core import __version__

__all__ = ["__version__"]
