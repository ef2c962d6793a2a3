"""Radio."""

from tui.controllers.base import Controller


class RadioDesk(Controller):
    """Radio."""

    def follow_dials(self) -> None:
        """Follow."""

    def close(self) -> None:
        """Close."""
