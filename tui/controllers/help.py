"""Help: the palette, the keys, the tour, and the way out."""

from segue.tui import offer
from segue.tui.commands import contexts
from segue.tui.controllers.base import Controller


class Help(Controller):
    """Explains, and leaves."""

    def palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def context(self) -> None:
        """Explain what has the focus."""
        from segue.tui.screens.keys import KeysScreen

        found = [context for context, _ in offer.focused_contexts(self.app)]
        self.app.push_screen(KeysScreen("Help", found))

    def keys(self) -> None:
        """List every key."""
        from segue.tui.screens.keys import KeysScreen

        self.app.push_screen(KeysScreen("All keys", list(contexts().values())))

    def tour(self) -> None:
        """Take the tour."""
        from segue.tui.screens.tour import TourScreen

        self.app.push_screen(TourScreen())

    def quit(self) -> None:
        """Leave, and keep where the listener is."""
        self.app.session.keep()
        self.app.exit()
