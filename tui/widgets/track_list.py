"""The list of tracks: only the lines in sight are drawn, so half a million rows open at once."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import isnan

from msgspec import Struct
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from segue.core.tracks import TrackInfo
from segue.tui.commands import command
from segue.tui.model.glyphs import UNICODE, Glyphs, bar, empty_lines, figure, fit
from segue.tui.model.listing import Listing, Tracks
from segue.tui.widgets.cursor_list import CursorList, ListMessage, ListMoved

UNTITLED_SECONDS = 0.3
"""How long tracks without a title are in sight before their titles are asked for."""
GONE_SECONDS = 1.0
"""How long no track is under the cursor after its own has left a list that moves by itself."""


class TrackList(CursorList):
    """Rows of tracks under a cursor.

    `sign(row)` gives the one-cell sign before a track: loved, banned, playing or nothing.
    """

    class Moved(ListMoved):
        """The cursor came to another track."""

        lines: "TrackList"

        def __init__(self, lines: "TrackList", row: int | None) -> None:
            super().__init__(lines)
            self.row = row
            """The track's row in the library; None in an empty list."""

    class Chosen(ListMessage):
        """The listener wants to go to the track under the cursor."""

        lines: "TrackList"

        def __init__(self, lines: "TrackList", row: int) -> None:
            super().__init__(lines)
            self.row = row

    class Settled(Message):
        """A track is under the cursor again, after the one there had left the list by itself."""

    class Untitled(ListMessage):
        """Tracks without a title are in sight, and have been for a moment."""

        lines: "TrackList"

        def __init__(self, lines: "TrackList", rows: list[int]) -> None:
            super().__init__(lines)
            self.rows = rows
            """Their rows in the library, from the top."""

    def __init__(
        self,
        tracks: Tracks,
        *,
        sign: Callable[[int], str] = lambda _row: " ",
        glyphs: Glyphs = UNICODE,
        numbered: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._tracks = tracks
        self._sign = sign
        self._glyphs = glyphs
        self._numbered = numbered
        self.listing = Listing()
        self._gone = False
        """Whether the track that was under the cursor has just left the list by itself."""
        self._asks = False
        """Whether a look at the tracks without a title is due."""

    # --- what is listed

    def show(self, listing: Listing, cursor: int = 0) -> None:
        """Put a list in place of the present one."""
        self.listing = listing
        self.finding = self.selecting_from = None
        self.begin_at(cursor)

    def follow(self, listing: Listing) -> None:
        """Put a list in place of one that moves by itself: the cursor stays at its track.

        Where that track has gone, no track is under the cursor for a moment, so that a key that was meant for
        it hits no other.
        """
        before, cursor = self.listing.rows, self.cursor
        row = before[cursor] if len(before) else None
        lines = [line for line, other in enumerate(listing.rows) if other == row]
        self.show(listing, min(lines, key=lambda line: abs(line - cursor), default=0))
        if row is not None and not lines:
            self._gone = True
            self.set_timer(GONE_SECONDS, self._settle)

    def _settle(self) -> None:
        self._gone = False
        self.post_message(self.Settled())

    @property
    def row(self) -> int | None:
        """The library row of the track under the cursor; None where it has just gone by itself."""
        return self.listing.rows[self.cursor] if len(self.listing.rows) and not self._gone else None

    def selected(self, line: int) -> bool:
        """Whether a line lies between the selection's beginning and the cursor."""
        return self.selecting_from is not None and min(self.selecting_from, self.cursor) <= line <= max(
            self.selecting_from, self.cursor
        )

    def take_selected(self) -> list[int]:
        """Return the library rows of the selection, which ends."""
        rows = [row for line, row in enumerate(self.listing.rows) if self.selected(line)]
        self.selecting_from = None
        self.refresh()
        return rows

    @command("list.select", "v", "select")
    def action_select(self) -> None:
        """Select from here: move on, then love, ban or blend them all at once."""
        self.selecting_from = self.cursor if self.selecting_from is None else None
        self.refresh()

    def around(self) -> list[int]:
        """Return the library rows beside the cursor's, those first to which it is likeliest to move."""
        lines = (self.cursor + 1, self.cursor + 2, self.cursor - 1)
        return [self.listing.rows[line] for line in lines if 0 <= line < len(self)]

    def info(self, index: int) -> TrackInfo:
        """Return the metadata of a line of the list."""
        return self._tracks.info(self.listing.rows[index])

    def __len__(self) -> int:
        return len(self.listing.rows)

    def post_moved(self) -> None:
        """Post that another track is under the cursor."""
        self._gone = False
        self.listener.post_message(self.Moved(self, self.row))

    def action_choose(self) -> None:
        """Go to the track under the cursor."""
        if self.row is not None:
            self.post_message(self.Chosen(self, self.row))

    # --- drawing

    def render_line(self, y: int) -> Strip:
        """Draw the line at `y` of the widget."""
        index = self.scroll_offset.y + y
        width = self.room.width
        if index < len(self):
            return self._draw(index, width)
        head = int(self.listing.headed)
        room = self.room.height - head
        if len(self) == head and y - head < len(
            lines := empty_lines(self.listing.empty, width, room, self._glyphs)
        ):
            return Strip([Segment(lines[y - head], self.style_of("quiet"))], width)
        return Strip.blank(width, self.plain)

    def in_sight(self) -> Sequence[int]:
        """Return the library rows that are drawn, from the top; none while the list is hidden."""
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        return self.listing.rows[top : top + height] if self.is_on_screen else ()

    def _ask_titles(self) -> None:
        self._asks = False
        rows = [row for row in self.in_sight() if not self._tracks.info(row).title]
        if rows:
            self.post_message(self.Untitled(self, rows))

    def _signed(self, row: int, *, is_head: bool) -> Segment:
        """Draw the sign of a track: each kind has one hue. The track that a list is about has one too."""
        sign, glyphs = self._sign(row), self._glyphs
        if is_head and sign in {" ", glyphs.heard}:
            sign = glyphs.here
        hues = {glyphs.love: "bad", glyphs.ban: "faint", glyphs.heard: "good"}
        return Segment(sign + " ", self.style_of(hues.get(sign, "accent")))

    def _draw(self, index: int, width: int) -> Strip:
        listing, row = self.listing, self.listing.rows[index]
        height = self.room.height
        info = self._tracks.info(row, listing.rows[index : index + height])
        if not info.title and not self._asks:
            self._asks = True
            self.set_timer(UNTITLED_SECONDS, self._ask_titles)
        columns = Columns.within(
            width, numbered=self._numbered, valued=listing.values is not None, noted=listing.noted
        )
        dots = self._glyphs.ellipsis
        segments = [
            Segment(
                self._glyphs.cursor if index == self.cursor or self.selected(index) else " ",
                self.style_of("bar"),
            ),
            self._signed(row, is_head=index == 0 and listing.headed),
        ]
        if columns.number:
            segments.append(Segment(f"{index + 1:>{columns.number - 1}} ", self.style_of("faint")))
        if listing.values is not None:
            value = listing.values[index]
            shown = "" if isnan(value) else figure(value, 2)
            if columns.bar:
                drawn = bar(0.0 if isnan(value) else value, columns.bar, self._glyphs)
                segments.append(Segment(drawn, self.style_of("bar")))
                shown = f"{shown:>4}  "
            segments.append(Segment(f"{shown:<5}", self.style_of("quiet")))
        title = "found" if self.finding and index in self.finding else "text"
        segments.append(
            Segment(fit(info.title or info.track_id, columns.title, dots) + "  ", self.style_of(title))
        )
        if columns.artist:
            segments.append(Segment(fit(info.artist, columns.artist, dots), self.style_of("quiet")))
        if columns.note:
            note = fit(listing.notes.get(index, ""), columns.note, dots)
            segments.append(Segment("  " + note, self.style_of("faint")))
        if index == self.cursor or self.selected(index):
            over = self.cursor_style
            segments = [Segment(text, (style or Style()) + over) for text, style, _ in segments]
            return Strip(segments).adjust_cell_length(width, over)
        return Strip(segments).adjust_cell_length(width, self.plain)


BAR = 8
"""Cells of a bar in every list, so that equal lengths mean the same everywhere."""
NARROWEST = 18
"""Cells that title and artist need at least to stand beside each other."""


class Columns(Struct, frozen=True):
    """Widths in cells, 0 for a column that has no room."""

    number: int
    bar: int
    title: int
    artist: int
    note: int

    @staticmethod
    @lru_cache(maxsize=256)
    def within(width: int, *, numbered: bool, valued: bool, noted: int) -> "Columns":
        """Share `width` cells: the title gets one and a half times the artist's part.

        `noted` is the longest note's width, 0 for a list without.
        """
        number = 4 if numbered else 0
        bar = 0 if not valued or width < 60 else BAR
        note = 0 if not noted or width < 50 else min(noted, 16 if width < 90 else 20)
        left = width - 6 - number - (5 if valued else 0) - (bar + 1 if bar else 0) - (note + 2 if note else 0)
        if left < NARROWEST:
            return Columns(number, bar, max(left, 4), 0, note)
        title = left * 3 // 5
        return Columns(number, bar, title, left - title, note)
