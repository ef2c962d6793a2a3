"""What every controller is."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segue.tui.app import SegueApp


class Controller:
    """Carries out the commands of one kind. Its methods without arguments are the commands' doings."""

    def __init__(self, app: "SegueApp") -> None:
        self.app = app

    def cursor_row(self) -> int | None:
        """Give the track under the cursor, or say that there is none."""
        row = self.app.current_row()
        if row is None:
            self.app.say("No track is under the cursor. / searches, ! surprises.")
        return row

    def label(self, row: int) -> str:
        """Give a track's title and artist."""
        return self.app.tracks.info(row).label
