"""Segue's engine: playlists in, a music space out. It knows no user interface."""

__version__ = "0.1.0"
