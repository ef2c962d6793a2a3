"""Playlists to where people listen."""
