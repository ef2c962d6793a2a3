"""Explore: a search line, the tracks of the present place, and beside them details and what is close."""

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive, var
from textual.widgets import Input

from segue.core.explore.variety import Taste
from segue.core.text import LONGEST, counted
from segue.tui.commands import HasCommands, command
from segue.tui.model.listing import Finding, Listing, search
from segue.tui.model.places import Place, TrackPlace
from segue.tui.model.values import Basket, Dials, Playing, Radio
from segue.tui.model.walk import Walk
from segue.tui.panes import BaseView, style_beside
from segue.tui.panes.explore import headers
from segue.tui.widgets.detail import Detail
from segue.tui.widgets.track_list import TrackList

if TYPE_CHECKING:
    from textual.timer import Timer


class SearchBox(HasCommands, Input):
    """A line to type in. `/` on an empty line switches between the catalogue and the list in sight."""

    BINDING_GROUP_TITLE = "The search line"
    HELP = (
        "Words in any order, without accents or capitals. a: artist, t: title, al: album; ids and links too."
    )

    scope: reactive[str] = reactive("catalogue")
    """`catalogue` or `list`."""
    virtual_size = reactive(Size(0, 0))
    """The length of the query; unlike Textual's own it lays nothing out, since a letter moves nothing."""

    class Left(Message):
        """The listener left the line."""

    class Done(Message):
        """The listener goes on to the results."""

    class Chosen(Message):
        """The listener opens the first result."""

    class Scoped(Message):
        """The scope changed."""

    def __init__(self, placeholder: str, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False, id=id)
        self._catalogue_placeholder = placeholder

    async def _on_key(self, event: events.Key) -> None:
        if event.character == "/" and not self.value:
            event.stop()
            event.prevent_default()
            self.action_scope()
            return
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        event.text = event.text[:LONGEST]  # before Input inserts it: a longer query finds nothing more

    def watch_scope(self) -> None:
        """Show where is searched."""
        self.placeholder = "Find in this list" if self.scope == "list" else self._catalogue_placeholder
        self.set_class(self.scope == "list", "-list")

    @command("searching.scope", "ctrl+t,/", "list / catalogue", 96)
    def action_scope(self) -> None:
        """On an empty line: search this list instead of the catalogue, or the catalogue again."""
        self.scope = "list" if self.scope == "catalogue" else "catalogue"
        self.post_message(self.Scoped())

    @command("searching.leave", "escape", "leave", 99)
    def action_leave(self) -> None:
        """Go back to the list."""
        self.post_message(self.Left())

    @command("searching.choose", "enter", "first result", 98)
    def action_choose(self) -> None:
        """Open the first result."""
        self.post_message(self.Chosen() if self.scope == "catalogue" else self.Done())

    @command("searching.down", "down,tab", "to the results", 97)
    def action_down(self) -> None:
        """Go to the results."""
        self.post_message(self.Done())


WIDE = 150
"""Columns from which on search results stand beside the place instead of over it."""
RESULTS = 200
"""Tracks that a search lists at most."""
RESTED = 0.25
"""Seconds that the cursor rests on a track before what is close to it is listed beside it."""
FIND_AT_MOST = 20_000
"""Lines of a list that are searched one by one."""


class ExploreView(BaseView):
    """The home view."""

    DEFAULT_CSS = style_beside(__file__)
    PARTS = (TrackList, SearchBox)

    walk: var[Walk] = var(Walk, init=False)
    listing: var[Listing] = var(Listing, init=False)
    dials: var[Dials] = var(Dials)
    taste: var[Taste] = var(Taste, init=False)
    basket: var[Basket] = var(Basket)
    mark: var[int | None] = var(None)
    playing: var[Playing | None] = var(None, init=False)
    previews: var[Mapping[str, str]] = var(dict, init=False)
    radio: var[Radio] = var(Radio)

    _answered: str | None = None
    """The query whose answer is shown."""
    _listed: Place | None = None
    """The place whose tracks are shown."""
    _rest: "Timer | None" = None
    """Runs until the cursor has rested on a track."""
    _choose_when_answered: str | None = None
    """The query on which enter was pressed before its answer came."""

    def compose(self) -> ComposeResult:
        """Lay out search, place and side."""
        app, view = self.segue, ExploreView
        yield SearchBox(f"Search {counted(len(app.library), 'track')}", id="search")
        with Horizontal(id="columns"):
            with Vertical(id="finder"):
                yield headers.SearchHeader(id="found")
                yield TrackList(app.tracks, sign=app.sign, glyphs=app.glyphs, id="results")
            with Vertical(id="place"):
                yield headers.Breadcrumb().data_bind(view.walk)
                yield headers.PlaceHeader(id="head").data_bind(view.listing, view.dials, view.walk)
                yield TrackList(app.tracks, sign=app.sign, glyphs=app.glyphs, id="tracks")
                yield headers.ListSummary(id="summary").data_bind(view.listing)
            with VerticalScroll(id="side", can_focus=False):
                yield Detail(id="detail").data_bind(view.taste, view.basket, view.mark, view.previews)
                yield headers.RadioSummary(id="radio-summary").data_bind(view.radio)
                yield headers.Ahead(id="ahead")

    def on_resize(self, event: events.Resize) -> None:
        """Take the layout that fits the width."""
        self.set_class(event.size.width >= WIDE, "wide")
        if self.has_class("wide") and not len(self.results):
            self._list_before()
        self.set_class(event.size.width < 100, "narrow")
        self.set_class(self.segue.glyphs.ascii_only, "ascii")
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

    def current_list(self) -> TrackList:
        """Return the list in use."""
        return self.results if self.has_class("searching") else self.tracks

    def focus_first(self) -> None:
        """Focus the list in use."""
        self.current_list().focus()

    def watch_walk(self) -> None:
        """Show the place instead of a search, however the listener came; what was found stays beside."""
        if self.has_class("searching"):
            self.remove_class("searching")
            self.tracks.focus()
        else:
            self._list_before()

    def _list_before(self) -> None:
        """Where there is room, list the place before this one beside it; all tracks beside the first one."""
        walk, box = self.segue.walk, self.query_one(SearchBox)
        if not self.has_class("wide"):
            return
        box.clear()
        if walk.at == 0:
            self._ask("")
            return
        before, request = walk.hops[walk.at - 1], self.segue.listing_request()
        seen = self.tracks.listing if self._listed == before.place else None  # as it was left

        def show(listing: Listing) -> None:
            if self.segue.walk.trail(2)[0][1] == before.place and not box.has_focus:
                self._answered = None
                self.query_one("#found", headers.SearchHeader).words = f"Before: {listing.title}"
                self.results.show(listing, before.cursor)

        self.work("search", lambda: seen or before.place.list(request), show, what="Listing the place before")

    def watch_listing(self, listing: Listing) -> None:
        """Show the tracks of the present place, the cursor where it was left."""
        walk = self.segue.walk
        self._listed = walk.here
        self.tracks.show(listing, walk.cursor)

    def watch_taste(self) -> None:
        """Draw the signs of the tracks again."""
        if self.is_mounted:
            self.tracks.refresh()
            self.results.refresh()

    watch_mark = watch_playing = watch_previews = watch_taste

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
        elif box.has_focus:
            self._ask(event.value)

    def _ask(self, query: str) -> None:
        library = self.segue.library

        def show(found: Listing) -> None:
            if query != self.query_one(SearchBox).value:  # the listener typed on
                return
            self.query_one("#found", headers.SearchHeader).update_for(query, len(found.rows))
            self.results.show(replace(found, title=f"Search for {query}"))
            self._answered = query
            if self._choose_when_answered == query:
                self.results.action_choose()
            self._choose_when_answered = None

        self.work("search", lambda: search(library, query, RESULTS), show, what="The search")

    on_search_box_left = close_search

    def on_search_box_done(self) -> None:
        """Go from the search line to the results, or to the first find."""
        if self.query_one(SearchBox).scope == "list":
            self.close_search()
            self.tracks.action_next_match()
        else:
            self.results.focus()

    def on_search_box_chosen(self) -> None:
        """Open the first result, once the results of what was typed are there."""
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
        self.query_one(headers.ListSummary).note = finding.describe(self.tracks.cursor) if finding else ""

    # the lists

    def on_track_list_moved(self, event: TrackList.Moved) -> None:
        """Show the details of the track under the cursor, and keep where it is."""
        event.stop()
        if event.lines is self.tracks:
            if self._listed == self.segue.walk.here:
                self.segue.keep_cursor(self.tracks.cursor)
            self.query_one(headers.ListSummary).place = self.tracks.place
        if event.lines is self.results:
            self.query_one("#found", headers.SearchHeader).place = self.results.place
        if event.lines is self.current_list() or event.lines.has_focus:
            self.query_one(Detail).show(event.row, self._similarity(event.lines))
            self._look_ahead(event.row)
            self.segue.cursor_rested(event.row, event.lines.around())
            finding = self.tracks.finding
            self.query_one(headers.ListSummary).note = finding.describe(self.tracks.cursor) if finding else ""
            self.segue.refresh_keys()

    def _look_ahead(self, row: int | None) -> None:
        """List what is close to a track once the cursor has rested on it; the list's own is in sight."""
        ahead = self.query_one(headers.Ahead)
        ahead.rows = ()
        if self._rest is not None:
            self._rest.stop()
        if row is None or row == self.segue.walk.here.seed or not self.query_one("#side").display:
            self._rest = None
            return
        place = TrackPlace((row,))

        def show(listing: Listing) -> None:
            if self.query_one(Detail).row == row:
                ahead.rows = [each for each in listing.rows if each != row]

        def look() -> None:
            request = self.segue.listing_request()
            self.work("ahead", lambda: place.list(request), show, what="Looking ahead")

        self._rest = self.set_timer(RESTED, look)

    @staticmethod
    def _similarity(tracks: TrackList) -> float | None:
        values = tracks.listing.values
        value = values[tracks.cursor] if values else None
        return None if value is None or isnan(value) else value

    def on_track_list_chosen(self, event: TrackList.Chosen) -> None:
        """Open the chosen track; during a trailer, the track that plays, which is then played whole."""
        if not self.has_class("wide"):
            self.query_one(SearchBox).clear()
        heard = self.segue.stop_trailer()
        place = TrackPlace((event.row if heard is None else heard,))
        # a track that was searched for is itself under the cursor; from a list the walk goes on below it
        self.segue.go(place, 0 if event.lines is self.results else None)
