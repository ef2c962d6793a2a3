"""What every controller is."""

from segue.tui.context import Explorer


class Controller:
    """Runs the commands of one subject: each is a method declared by `@command`."""

    def __init__(self, app: Explorer) -> None:
        self.app = app

    def cursor_row(self) -> int | None:
        """Return the track under the cursor, or say that there is none."""
        row = self.app.current_row()
        if row is None:
            self.app.say("No track is under the cursor. / searches, ! surprises.")
        return row

    def label(self, row: int) -> str:
        """Return a track's title and artist."""
        return self.app.tracks.info(row).label
