"""Screens that lie over the views for a moment."""
