"""Sound."""

from tui.controllers.base import Controller


class Sound(Controller):
    """Sound."""

    trouble = ""

    def rested(self, row: object, tracks: object) -> None:
        """Hear."""

    def close(self) -> None:
        """Close."""
