"""Radio: what plays, what comes and why, what was heard, and how it is steered."""

import re
from math import isnan, nan

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from segue.core.explore.variety import Taste
from segue.core.text import counted, printable
from segue.tui.model.glyphs import fit
from segue.tui.model.listing import Listing
from segue.tui.model.places import JournalPlace, TrackPlace
from segue.tui.model.values import Dials, Playing, Radio, StartingPoint
from segue.tui.panes import BaseView, style_beside
from segue.tui.panes.radio.now import PLANNING, Cover, DialsTable, NowPlaying, Progress, Remarks
from segue.tui.widgets.cursor_list import LineList, Part
from segue.tui.widgets.track_list import TrackList

NARROW, WIDE = 100, 180
"""Cells of a screen below which the page is drawn small, and from which on it has a third column."""
REASONED = 120
"""Cells from which on each of the next tracks has its reason beside it."""
TALL = 50
"""Lines of a screen from which on the cover is large."""
NUMBERED = re.compile(r"\d+ of \d+(, |$)")
"""How the reason of a track from a list begins."""
MET = re.compile(r"in [\d,]+ playlists?")
"""How the reason begins where playlists hold a track and the one before."""


class RadioView(BaseView):
    """The page of what plays."""

    DEFAULT_CSS = style_beside(__file__)

    radio: var[Radio] = var(Radio, init=False)
    taste: var[Taste] = var(Taste, init=False)
    radio_dials: var[Dials] = var(Dials)
    playing: var[Playing | None] = var(None, init=False)
    position: var[float] = var(0.0)
    volume: var[float] = var(0.0)
    busy: var[str] = var("", init=False)
    listing: var[Listing] = var(Listing, init=False)

    def compose(self) -> ComposeResult:
        """Lay what plays over what comes and what was; beside them the dials, and the place one came from."""
        view, app = RadioView, self.segue
        with Vertical(id="origin"):
            yield Static(id="origin-head", classes="head", markup=False)
            yield self._list("origin-tracks")
        with Vertical(id="page"):
            with Horizontal(id="top"):
                yield Cover().data_bind(view.playing)
                with Vertical(id="now"):
                    yield NowPlaying().data_bind(view.playing, view.radio, view.taste, view.busy)
                    yield Progress().data_bind(view.playing, view.position, view.volume)
            with Horizontal(id="halves"):
                with Vertical(id="lists"):
                    yield Static(id="next-head", classes="head", markup=False)
                    yield self._list("upcoming", numbered=True)
                    yield LineList[StartingPoint](self._draw_start, glyphs=app.glyphs, id="starts")
                    yield Static(id="why", markup=False)
                    yield Static("Heard", classes="head")
                    yield self._list("heard")
                with Vertical(id="steering"):
                    yield DialsTable(id="dials").data_bind(view.radio, view.radio_dials)
                    yield Remarks(id="remarks").data_bind(view.radio)

    def on_resize(self) -> None:
        """Take the layout that fits the screen."""
        width, height = self.app.size
        self.set_class(width < NARROW, "narrow")
        self.set_class(width >= WIDE, "wide")
        self.set_class(height >= TALL, "tall")
        self.watch_radio(self.radio)
        self.call_after_refresh(self.query_one(Cover).bring)

    on_mount = on_resize

    def _list(self, name: str, *, numbered: bool = False) -> TrackList:
        app = self.segue
        return TrackList(app.tracks, sign=app.sign, glyphs=app.glyphs, numbered=numbered, id=name)

    @property
    def silent(self) -> bool:
        """Whether nothing plays, nor will without a key."""
        return not self.radio.on and self.playing is None

    def focus_first(self) -> None:
        """Focus what comes next, or what can be started."""
        self.query_one("#starts" if self.silent else "#upcoming").focus()

    def current_list(self) -> TrackList:
        """Return the list of what comes next."""
        return self.query_one("#upcoming", TrackList)

    def watch_radio(self, radio: Radio) -> None:
        """Show the next tracks, or where to start."""
        rows = [planned.row for planned in radio.upcoming]
        near = [planned.similarity or nan for planned in radio.upcoming]  # 0 where it was put in by hand
        listing = Listing(
            rows,
            None if all(map(isnan, near)) else near,
            {at: self._note(planned.reason, radio.source) for at, planned in enumerate(radio.upcoming)},
            empty=self._empty(radio),
        )
        self.current_list().follow(listing)
        self._show_starts()

    def _note(self, reason: str, source: str) -> str:
        """A reason in the few cells beside a track: the line below the list has all of it."""
        if match := NUMBERED.match(reason):
            reason = reason[match.end() :]
        if reason == source or self.app.size.width < REASONED:
            return ""
        met = MET.match(reason)
        return met[0] if met else reason

    def _empty(self, radio: Radio) -> str:
        if radio.on and not radio.upcoming and self.playing is not None:
            return "This is the last track. i and I add more, O starts a radio from a list."
        return PLANNING

    def _show_starts(self) -> None:
        silent, radio = self.silent, self.radio
        starts, upcoming = self.query_one("#starts", LineList), self.current_list()
        changed = starts.display != silent
        starts.display, upcoming.display = silent, not silent
        self.set_class(silent, "silent")
        self.query_one("#why").display = not silent
        head = "Start from"
        if not silent:
            source = f" from {radio.source}" if radio.source else ""
            head = f"Next{source}: {counted(len(radio.upcoming), 'track')}"
            if radio.seed is not None:
                head = f"Next{source}, and on without end"
        self.query_one("#next-head", Static).update(printable(head))
        if silent:
            starts.show(self.segue.starting_points(), cursor=starts.cursor)
        if changed and self.app.focused in {starts, upcoming}:
            self.focus_first()

    watch_playing = _show_starts

    def _draw_start(self, point: StartingPoint, width: int) -> list[Part]:
        dots = self.segue.glyphs.ellipsis
        remark = min(len(point.remark), max(width // 2, 10))
        name = max(width - remark - 3, 8)
        return [
            (" ", "text"), (fit(point.name, name, dots), "text"), ("  ", "text"),
            (fit(point.remark, remark, dots), "faint"),
        ]  # fmt: skip

    def became_visible(self) -> None:
        """Show what was heard so far, and what can be started."""
        self.watch_taste()
        if self.is_mounted:
            self._show_starts()

    def watch_taste(self) -> None:
        """Show the journal: it is longer when something was heard."""
        place, request = JournalPlace(), self.segue.listing_request()

        def show(listing: Listing) -> None:
            tracks = self.query_one("#heard", TrackList)
            tracks.show(listing, tracks.cursor)

        self.work("journal", lambda: place.list(request), show, what="Reading the journal")
        if self.is_mounted and self.silent:
            self._show_starts()

    def watch_listing(self, listing: Listing) -> None:
        """Show the place one came from; it is in sight on a wide screen."""
        title = listing.title or self.segue.walk.here.heading
        self.query_one("#origin-head", Static).update(printable(title))
        tracks = self.query_one("#origin-tracks", TrackList)
        tracks.show(listing, self.segue.walk.cursor)

    def on_track_list_moved(self, event: TrackList.Moved) -> None:
        """Show why the track under the cursor comes next."""
        if event.lines.id == "upcoming":
            planned = self.radio.upcoming
            line = event.lines.cursor
            why = planned[line].reason if line < len(planned) else ""
            words = Content.assemble((f"{line + 1}  ", "$quiet"), printable(why)) if why else Content("")
            self.query_one("#why", Static).update(words)
        if event.lines.has_focus:
            self.segue.cursor_rested(event.row)

    def on_track_list_chosen(self, event: TrackList.Chosen) -> None:
        """Open the chosen track."""
        self.segue.go(TrackPlace((event.row,)))

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Start what was chosen."""
        point = event.lines.item
        if isinstance(point, StartingPoint):
            point.start()
