"""Explore: a search line, the tracks of the present place, and beside them detail, radio and scores."""

from math import isnan

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input

from segue.tui.messages import SearchAnswered
from segue.tui.panes.base import BaseView, style_beside
from segue.tui.panes.explore.glances import RadioGlance, ScoreGlance
from segue.tui.panes.explore.heads import Breadcrumb, FinderHead, PlaceHead, Summary
from segue.tui.panes.explore.search_box import SearchBox
from segue.tui.search import search
from segue.tui.walk import Place
from segue.tui.widgets.detail import Detail
from segue.tui.widgets.finding import Finding
from segue.tui.widgets.track_list import TrackList

WIDE = 150
"""Columns from which on the results of a search stand beside the place instead of over it."""
FIND_AT_MOST = 20_000
"""Lines of a list in which words are looked for one by one."""


class ExploreView(BaseView):
    """The home view."""

    DEFAULT_CSS = style_beside(__file__)

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._answered: str | None = None
        """The query whose answer is shown."""
        self._choose_when_answered: str | None = None
        """The query on which enter was pressed before its answer came."""

    def compose(self) -> ComposeResult:
        """Lay out search, place and side."""
        app = self.segue
        yield SearchBox(f"Search {len(app.library):,} tracks", id="search")
        with Horizontal(id="columns"):
            with Vertical(id="finder"):
                yield FinderHead(id="found")
                yield TrackList(app.tracks, sign=app.desk.taste.sign, glyphs=app.glyphs, id="results")
            with Vertical(id="place"):
                yield Breadcrumb()
                yield PlaceHead(id="head")
                yield TrackList(app.tracks, sign=app.desk.taste.sign, glyphs=app.glyphs, id="tracks")
                yield Summary(id="summary")
            with VerticalScroll(id="side", can_focus=False):
                yield Detail(id="detail")
                yield RadioGlance(id="radio-glance")
                yield ScoreGlance(id="score-glance")

    def on_mount(self) -> None:
        """Follow the walk."""
        self.watch(self.segue, "listing", self._show_listing)
        self.watch(self.segue, "walk", self._arrive, init=False)
        self.watch(self.segue, "taste", self._redraw, init=False)
        self.watch(self.segue, "playing", self._redraw, init=False)
        self.watch(self.segue, "excerpts", self._redraw, init=False)

    def on_resize(self, event: events.Resize) -> None:
        """Take the layout that fits the width."""
        self.set_class(event.size.width >= WIDE, "wide")
        if self.has_class("wide") and not len(self.results):
            self._ask(self.query_one(SearchBox).value)
        self.set_class(event.size.width < 100, "narrow")
        self.set_class(event.size.width < 64, "tiny")

    def follows(self, place: Place) -> bool:  # noqa: ARG002 - it follows all
        """Show every kind of place."""
        return True

    @property
    def tracks(self) -> TrackList:
        """The list of the present place."""
        return self.query_one("#tracks", TrackList)

    @property
    def results(self) -> TrackList:
        """The list of what was found."""
        return self.query_one("#results", TrackList)

    def current_row(self) -> int | None:
        """Give the track under the cursor of the list in use."""
        return (self.results if self.has_class("searching") else self.tracks).row

    def focus_first(self) -> None:
        """Give the focus to the list in use."""
        (self.results if self.has_class("searching") else self.tracks).focus()

    def _arrive(self) -> None:
        """Put the place in the stead of a search, wherever the listener came from."""
        if self.has_class("searching"):
            self.remove_class("searching")
            self.tracks.focus()

    def _show_listing(self) -> None:
        self.tracks.show(self.segue.listing, self.segue.walk.cursor)

    def _redraw(self) -> None:
        self.tracks.refresh()
        self.results.refresh()

    # the search

    def open_search(self) -> None:
        """Go to the search line; what stood in it is selected."""
        box = self.query_one(SearchBox)
        self.add_class("searching")
        box.scope = "catalogue"
        box.focus()
        box.action_select_all()
        self._ask(box.value)

    def close_search(self) -> None:
        """Go back to the place."""
        self.remove_class("searching")
        box = self.query_one(SearchBox)
        if box.scope == "catalogue" and not self.has_class("wide"):
            box.clear()
        box.scope = "catalogue"
        self.tracks.focus()
        self.query_one(Detail).show(self.tracks.row, self._similarity(self.tracks))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Answer as the listener types."""
        event.stop()
        box = self.query_one(SearchBox)
        if box.scope == "list":
            self._find(event.value)
        else:
            self._ask(event.value)

    def _ask(self, query: str) -> None:
        library, limit = self.segue.library, 200
        self.segue.work(
            "search", lambda: SearchAnswered(query, search(library, query, limit)), what="The search", to=self
        )

    def on_search_answered(self, message: SearchAnswered) -> None:
        """Show what was found, if the listener still asks for it."""
        if message.query == self.query_one(SearchBox).value:
            self.query_one("#found", FinderHead).update_for(message.query, len(message.listing.rows))
            self.results.show(message.listing)
            self._answered = message.query
            if self._choose_when_answered == message.query:
                self.results.action_choose()
            self._choose_when_answered = None

    def on_search_box_left(self) -> None:
        """Go back to the place when the search line is left."""
        self.close_search()

    def on_search_box_done(self) -> None:
        """Go from the search line to the results, or to the first find."""
        if self.query_one(SearchBox).scope == "list":
            self.close_search()
            self.tracks.action_next_match()
        else:
            self.results.focus()

    def on_search_box_chosen(self) -> None:
        """Go into the first track that was found, once the catalogue has answered what stands in the line."""
        query = self.query_one(SearchBox).value
        if self._answered == query:
            self.results.action_choose()
        else:
            self._choose_when_answered = query

    def on_search_box_scoped(self) -> None:
        """Find in the list, or in the catalogue again."""
        self.set_class(self.query_one(SearchBox).scope == "catalogue", "searching")

    def _find(self, text: str) -> None:
        rows = self.tracks.listing.rows[:FIND_AT_MOST]
        finding = Finding.of(text, self.segue.tracks.infos(rows)) if text.strip() else None
        self.tracks.finding = finding
        self.tracks.refresh()
        self.query_one(Summary).note = finding.told(self.tracks.cursor) if finding else ""

    # the lists

    def on_track_list_moved(self, event: TrackList.Moved) -> None:
        """Let the detail follow the cursor."""
        if event.tracks is self.tracks:
            self.segue.place_cursor = self.tracks.cursor
        in_use = self.results if self.has_class("searching") else self.tracks
        if event.tracks is in_use or event.tracks.has_focus:
            self.query_one(Detail).show(event.row, self._similarity(event.tracks))
            self.segue.desk.sound.rested(event.row, event.tracks.around())
            finding = self.tracks.finding
            self.query_one(Summary).note = finding.told(self.tracks.cursor) if finding else ""
            self.segue.refresh_keys()

    @staticmethod
    def _similarity(tracks: TrackList) -> float | None:
        values = tracks.listing.values
        value = values[tracks.cursor] if values else None
        return None if value is None or isnan(value) else value

    def on_track_list_chosen(self, event: TrackList.Chosen) -> None:
        """Go to the chosen track, or to the artist it stands for."""
        if not self.has_class("wide"):
            self.query_one(SearchBox).clear()
        self.segue.desk.walk.go(Place("track", (event.row,)))
