"""Finding tracks."""

from segue.tui.controllers.base import Controller


class Search(Controller):
    """Opens the search line of the explore view."""

    def open(self) -> None:
        """Go to the search line, whatever view is shown."""
        self.app.desk.views.show("explore", focus=False)
        view = self.app.view("explore")
        view.call_after_refresh(view.open_search)  # type: ignore[attr-defined] # found by its name
