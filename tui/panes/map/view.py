"""The map: all tracks on a plane, and beside it what is near in truth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from segue.core.explore.projection import project
from segue.tui.listing import Listing
from segue.tui.look import look
from segue.tui.panes.base import BaseView, style_beside
from segue.tui.panes.map.canvas import MapCanvas
from segue.tui.panes.map.frame import Positions
from segue.tui.panes.map.heads import Legend, MapHead, NoMap
from segue.tui.walk import Place
from segue.tui.widgets.detail import Detail
from segue.tui.widgets.track_list import TrackList

REST = 0.12
"""Seconds that the crosshair rests on a track before what is near it is looked up."""
MARKED = 30
"""Near tracks that are marked on the map."""


@dataclass
class NearKnown(Message):
    """What is near a track in truth is known."""

    row: int
    listing: Listing


@dataclass
class LaidOut(Message):
    """A map was laid out."""

    positions: Positions


class MapView(BaseView):
    """The map, its side and its legend."""

    DEFAULT_CSS = style_beside(__file__)

    near_of: int | None = None
    """The track whose neighbours are listed."""
    _resting: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the map, or say how to make one."""
        positions = self.segue.library.positions
        if positions is None:
            yield NoMap(id="no-map")
        else:
            yield from self._parts(positions)

    def _parts(self, positions: Positions) -> Sequence[Widget]:
        app = self.segue
        canvas = MapCanvas(positions, aim=self._aim() or 0, id="canvas")
        side = Vertical(
            Detail(id="map-detail"),
            Static("", id="map-near-head", markup=False),
            TrackList(app.tracks, sign=app.desk.taste.sign, glyphs=app.glyphs, numbered=True, id="map-near"),
            id="map-side",
        )
        return MapHead(id="map-head"), Horizontal(canvas, side, id="map-columns"), Legend()

    def on_mount(self) -> None:
        """Follow the walk."""
        self.on_resize()
        for name in ("walk", "listing"):
            self.watch(self.segue, name, self._follow, init=False)
        self.watch(self.segue, "taste", self._follow, init=False)
        self._follow()

    def on_resize(self) -> None:
        """Take the layout that fits the width."""
        self.set_class(self.app.size.width < 100, "narrow")

    @property
    def canvas(self) -> MapCanvas | None:
        """The map, where there is one."""
        return next(iter(self.query(MapCanvas)), None)

    @property
    def near(self) -> TrackList:
        """The list beside it."""
        return self.query_one("#map-near", TrackList)

    def focus_first(self) -> None:
        """Give the focus to the map."""
        self.query_one("#canvas, #no-map").focus()

    def current_row(self) -> int | None:
        """Give the track under the crosshair."""
        return self.canvas.row if self.canvas else None

    def follows(self, place: Place) -> bool:
        """Show tracks and paths on the map."""
        return place.kind in {"track", "path"}

    def opened(self) -> None:
        """Show where the listener is now."""
        aim = self._aim()
        if self.canvas is not None and aim is not None:
            self.canvas.point_at(aim)

    def _here(self) -> int | None:
        return self.segue.walk.here.seed

    def _aim(self) -> int | None:
        """Where the crosshair begins: on the centre, or where a list without one has its cursor."""
        rows, cursor = self.segue.listing.rows, self.segue.place_cursor
        return self._here() if self._here() is not None or cursor >= len(rows) else rows[cursor]

    def _follow(self) -> None:
        """Mark where the listener is, the path, and what was heard."""
        app, canvas = self.segue, self.canvas
        if canvas is None:
            return
        path = app.listing.rows if app.walk.here.kind == "path" else []
        heard = tuple(sorted(app.taste.heard))
        canvas.marks = replace(canvas.marks, here=self._here(), path=tuple(path), heard=heard)

    # --- the crosshair

    def on_map_canvas_moved(self, event: MapCanvas.Moved) -> None:
        """Say which track that is, and look up what is near it once the crosshair rests."""
        event.stop()
        self.query_one(Detail).show(event.row)
        self.query_one(MapHead).refresh()
        self.segue.refresh_keys()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self._look_up)
        self.segue.desk.sound.rested(event.row)

    def on_map_canvas_drawn(self, event: MapCanvas.Drawn) -> None:
        """Say how much is in sight, and which layers are shown."""
        event.stop()
        self.query_one(MapHead).refresh()
        self.query_one(Legend).refresh()

    def _look_up(self) -> None:
        row = self.current_row()
        if row is None:
            self._show_near(None, Listing(empty="No track is under the crosshair."))
            return
        question = self.segue.question()
        self.segue.work(
            "map-near",
            lambda: NearKnown(row, look(Place("track", (row,)), question)),
            what="Looking up what is near",
            to=self,
        )

    def on_near_known(self, message: NearKnown) -> None:
        """List what is near, and mark it on the map."""
        if message.row == self.current_row():
            self._show_near(message.row, message.listing)

    def _show_near(self, row: int | None, listing: Listing) -> None:
        self.near_of = row
        self.near.show(replace(listing, notes={}))
        canvas = self.canvas
        if canvas is not None:
            canvas.marks = replace(canvas.marks, near=tuple(listing.rows[:MARKED]))
        head = "Near it in truth" if row is not None else "Nothing here"
        self.query_one("#map-near-head", Static).update(head)

    def on_map_canvas_chosen(self, event: MapCanvas.Chosen) -> None:
        """Go to the track under the crosshair; the map centres on it."""
        event.stop()
        self._go(event.row)

    def on_track_list_chosen(self, event: TrackList.Chosen) -> None:
        """Go to a track of the list; the map centres on it."""
        event.stop()
        self._go(event.row)

    def on_track_list_moved(self, event: TrackList.Moved) -> None:
        """Let the detail follow the cursor of the list."""
        event.stop()
        if event.tracks.has_focus:
            self.query_one(Detail).show(event.row)
            self.segue.desk.sound.rested(event.row)

    def _go(self, row: int) -> None:
        self.segue.desk.walk.go(Place("track", (row,)))
        if self.canvas is not None:
            self.canvas.centre_on(row)

    # --- a map where the library has none

    def on_no_map_wanted(self) -> None:
        """Lay out a map in the background."""
        vectors = self.segue.library.vectors
        self.segue.work("map-layout", lambda: LaidOut(project(vectors)), what="Laying out the map", to=self)

    async def on_laid_out(self, message: LaidOut) -> None:
        """Show the map that was laid out."""
        await self.query(NoMap).remove()
        await self.mount_all(self._parts(message.positions))
        self._follow()
        self.focus_first()
