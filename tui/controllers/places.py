"""Places."""

from tui.controllers.base import Controller


class Places(Controller):
    """Places."""
