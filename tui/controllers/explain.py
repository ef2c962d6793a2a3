"""Explain."""

from tui.controllers.base import Controller


class Explain(Controller):
    """Explain."""
