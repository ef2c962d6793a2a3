"""Going on where the last session was left."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.app import SegueApp


class Session:
    """Saves and restores where the listener is."""

    def __init__(self, app: "SegueApp") -> None:
        self._app = app

    def restore(self) -> None:
        """Restore."""
        self._app.desk.views.show("explore")

    def save(self) -> None:
        """Save."""
