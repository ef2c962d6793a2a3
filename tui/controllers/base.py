"""What every controller is."""

from collections.abc import Sequence

from segue.tui.context import Explorer
from segue.tui.widgets.track_list import TrackList


class Controller:
    """Runs the commands of one subject: each is a method declared by `@command`."""

    def __init__(self, app: Explorer) -> None:
        self.app = app

    def cursor_row(self) -> int | None:
        """Return the track under the cursor, or say that there is none."""
        row = self.app.current_row()
        if row is None:
            self.app.say("No track is under the cursor. / searches, ! jumps to a surprise.")
        return row

    def label(self, row: int) -> str:
        """Return a track's title and artist."""
        return self.app.tracks.info(row).label

    def rows_from_cursor(self) -> tuple[Sequence[int], str] | None:
        """Return the selected rows, or the list from the cursor on, and what the list is called."""
        row = self.cursor_row()
        if row is None:
            return None
        if selected := self.selected_rows():
            return selected, "the selection"
        listing, line = self.app.current_list()
        if not len(listing.rows):
            return [row], self.label(row)
        return listing.rows[line:], listing.title or "this list"

    def selected_rows(self) -> list[int]:
        """Return the selected rows and end the selection; empty without one."""
        tracks = self.app.focused
        if isinstance(tracks, TrackList) and tracks.selecting_from is not None:
            return tracks.take_selected()
        return []
