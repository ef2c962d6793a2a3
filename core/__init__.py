"""Segue's engine: playlists in, a music space out. It has no user interface."""

__version__ = "0.1.0"
