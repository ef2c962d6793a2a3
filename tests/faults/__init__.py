"""Segue broken on purpose, from outside and within."""
