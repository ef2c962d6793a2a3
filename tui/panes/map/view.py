"""The map: all tracks on a plane, and beside it the true nearest neighbours; or why the library has none."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive, var
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from segue.core.explore.projection import project
from segue.core.explore.variety import Taste
from segue.core.text import printable
from segue.tui.commands import HasCommands, command
from segue.tui.model.glyphs import fit
from segue.tui.model.listing import Listing
from segue.tui.model.places import PathPlace, Place, TrackPlace
from segue.tui.model.values import Basket
from segue.tui.model.walk import Walk
from segue.tui.panes import BaseView, style_beside
from segue.tui.panes.map.canvas import MapCanvas
from segue.tui.panes.map.frame import Positions
from segue.tui.panes.map.picture import NAMES
from segue.tui.widgets.base import ClickableLine, SegueWidget
from segue.tui.widgets.detail import Detail
from segue.tui.widgets.track_list import TrackList


class MapHeader(SegueWidget):
    """The track under the crosshair, and how much of the map is in sight."""

    def render(self) -> RenderResult:
        """Draw the line."""
        canvas = self.screen.query_one(MapCanvas)
        frame = canvas.frame
        if frame is None:
            return Content("")
        zoom = frame.window.zoom
        sight = f"{frame.in_sight:,} in sight" + (f"  x{zoom:.0f} " if zoom > 1 else " ")
        if canvas.row is None:
            return self._ends(Content.styled(" no track near the crosshair", "$faint"), sight)
        label = Content.styled(f" {printable(self.segue.tracks.info(canvas.row).label)}", "bold")
        others = len(frame.tracks_in(*canvas.cross)) - 1
        more = f"  and {others:,} more in this cell; + zooms in" if others > 0 else ""
        return self._ends(label, sight, more)

    def _ends(self, left: Content, right: str, more: str = "") -> Content:
        room = self.size.width - len(right) - 1
        if left.cell_length + len(more) <= room:
            left = Content.assemble(left, (more, "$faint"))
        left = left.truncate(room, ellipsis=True, pad=True)
        return Content.assemble(left, " ", (right, "$faint"))


class Legend(ClickableLine):
    """The layers with their signs and keys. A click shows or hides one."""

    def render(self) -> RenderResult:
        """Draw the line."""
        glyphs, plain = self.segue.glyphs, self.segue.glyphs.ascii_only
        signs = {
            "here": glyphs.here,
            "near": "1-9 o" if plain else "1–9 ○",
            "path": "A-Z" if plain else "A–Z",
            "heard": "h" if plain else "♪",
            "names": "o" if plain else "◦",
            "regions": "#" if plain else "■",
        }
        shown = self.screen.query_one(MapCanvas).marks.shown
        pieces = [(Content(" "), "")]
        for number, name in enumerate(NAMES, 1):
            what = f"{signs[name]} {name}" if name in shown else f"({name})"
            style = "$quiet" if name in shown else "$faint"
            piece = Content.assemble((f"{number} ", "bold $primary"), (what, style), "  ")
            pieces.append((piece, f"app.do('map.layer_{name}')"))
        return self.joined(pieces).truncate(self.size.width)

    async def on_mouse_down(self) -> None:
        """Focus the map: a click runs a command of it."""
        self.screen.set_focus(self.screen.query_one(MapCanvas))


class NoMap(HasCommands, SegueWidget, can_focus=True):
    """What to do where the library has no map."""

    BINDING_GROUP_TITLE = "No map yet"
    HELP = "This library has no map. One can be laid out from its vectors."

    busy: reactive[bool] = reactive(False)

    class Wanted(Message):
        """The listener asks for a map."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to lay out a map once."""
        return not self.busy if action == "lay_out" else super().check_action(action, parameters)

    @command("map.lay_out", "o", "lay out", 99)
    def action_lay_out(self) -> None:
        """Lay out a map, for a library that has none."""
        self.busy = True
        self.post_message(self.Wanted())

    def render(self) -> RenderResult:
        """Draw the lines."""
        name = printable(self.segue.library.name)
        if self.busy:
            return Content.styled("Laying out the map …", "$quiet")
        return Content.assemble(
            ("This library has no map yet\n\n", "bold"),
            ("o", "bold $primary"), " lays one out now, from its vectors. It is kept until you leave.\n\n",
            ("To keep one, train the library again:\n", "$quiet"),
            (fit(f"  segue train FILE --name {name} --map pca", 72).rstrip(), "$quiet"),
            ("\n--map umap keeps neighbourhoods together better, but takes minutes.", "$faint"),
        )  # fmt: skip


REST = 0.12
"""Seconds that the crosshair rests on a track before its neighbours are found."""
MARKED = 30
"""Near tracks that are marked on the map."""


class MapView(BaseView):
    """The map, its side and its legend."""

    DEFAULT_CSS = style_beside(__file__)
    PARTS = (MapCanvas, NoMap)

    walk: var[Walk] = var(Walk, init=False)
    listing: var[Listing] = var(Listing, init=False)
    taste: var[Taste] = var(Taste, init=False)
    basket: var[Basket] = var(Basket)
    mark: var[int | None] = var(None)
    previews: var[Mapping[str, str]] = var(dict)

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
        app, view = self.segue, MapView
        canvas = MapCanvas(positions, aim=self._aim() or 0, id="canvas")
        detail = Detail(id="map-detail").data_bind(view.taste, view.basket, view.mark, view.previews)
        side = Vertical(
            detail,
            Static("", id="map-near-head", markup=False),
            TrackList(app.tracks, sign=app.sign, glyphs=app.glyphs, numbered=True, id="map-near"),
            id="map-side",
        )
        return MapHeader(id="map-head"), Horizontal(canvas, side, id="map-columns"), Legend()

    def on_mount(self) -> None:
        """Take the layout that fits the width."""
        self.on_resize()
        self.watch_walk()

    def on_resize(self) -> None:
        """Take the layout that fits the width."""
        self.set_class(self.app.size.width < 100, "narrow")
        self.set_class(self.app.size.width >= 150, "wide")
        self.set_class(self.segue.glyphs.ascii_only, "ascii")

    @property
    def canvas(self) -> MapCanvas | None:
        """The map, where there is one."""
        return next(iter(self.query(MapCanvas)), None)

    @property
    def near(self) -> TrackList:
        """The list beside it."""
        return self.query_one("#map-near", TrackList)

    def focus_first(self) -> None:
        """Focus the map."""
        self.query_one("#canvas, #no-map").focus()

    def current_row(self) -> int | None:
        """Return the track under the crosshair."""
        return self.canvas.row if self.canvas else None

    def follows(self, place: Place) -> bool:
        """Show tracks and paths on the map."""
        return isinstance(place, TrackPlace | PathPlace)

    def became_visible(self) -> None:
        """Show where the listener is now."""
        aim = self._aim()
        if self.canvas is not None and aim is not None:
            self.canvas.point_at(aim)

    def _here(self) -> int | None:
        return self.segue.walk.here.seed

    def _aim(self) -> int | None:
        """Where the crosshair begins: on the centre, or where a list without one has its cursor."""
        rows, cursor = self.segue.listing.rows, self.segue.walk.cursor
        return self._here() if self._here() is not None or cursor >= len(rows) else rows[cursor]

    def watch_walk(self) -> None:
        """Mark where the listener is, the path, and the tracks that were heard."""
        app, canvas = self.segue, self.canvas
        if canvas is None:
            return
        path = app.listing.rows if isinstance(app.walk.here, PathPlace) else []
        heard = tuple(sorted(app.taste.heard))
        canvas.marks = replace(canvas.marks, here=self._here(), path=tuple(path), heard=heard)

    watch_listing = watch_taste = watch_walk

    # --- the crosshair

    def on_map_canvas_moved(self, event: MapCanvas.Moved) -> None:
        """Show which track that is, and look up what is near it once the crosshair rests."""
        event.stop()
        self.query_one(Detail).show(event.row)
        self.query_one(MapHeader).refresh()
        self.segue.refresh_keys()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST, self._look_up)
        self.segue.cursor_rested(event.row)

    def on_map_canvas_drawn(self, event: MapCanvas.Drawn) -> None:
        """Show how much is in view, and which layers are on."""
        event.stop()
        self.query_one(MapHeader).refresh()
        self.query_one(Legend).refresh()

    def _look_up(self) -> None:
        row = self.current_row()
        if row is None:
            self._show_near(None, Listing(empty="No track is under the crosshair."))
            return
        request = self.segue.listing_request()

        def show(listing: Listing) -> None:
            if row == self.current_row():  # the crosshair may have moved on
                self._show_near(row, listing)

        self.work("map-near", lambda: TrackPlace((row,)).list(request), show, what="Finding the neighbours")

    def _show_near(self, row: int | None, listing: Listing) -> None:
        self.near_of = row
        listing = listing.without_its_track()
        self.near.show(replace(listing, notes={}))
        canvas = self.canvas
        if canvas is not None:
            canvas.marks = replace(canvas.marks, near=tuple(listing.rows[:MARKED]))
        head = "Its true neighbours" if row is not None else "Nothing here"
        self.query_one("#map-near-head", Static).update(head)

    def on_map_canvas_chosen(self, event: MapCanvas.Chosen | TrackList.Chosen) -> None:
        """Go to the track under the crosshair, or to one of the list; the map centres on it."""
        event.stop()
        self.segue.go(TrackPlace((event.row,)))
        if self.canvas is not None:
            self.canvas.centre_on(event.row)

    on_track_list_chosen = on_map_canvas_chosen

    def on_track_list_moved(self, event: TrackList.Moved) -> None:
        """Show the details of the track under the cursor."""
        event.stop()
        if event.lines.has_focus:
            self.query_one(Detail).show(event.row)
            self.segue.cursor_rested(event.row)

    # --- a map where the library has none

    def on_no_map_wanted(self) -> None:
        """Lay out a map in the background."""
        vectors = self.segue.library.vectors
        self.work("map-layout", lambda: project(vectors), self._show_map, what="Laying out the map")

    async def _show_map(self, positions: Positions) -> None:
        await self.query(NoMap).remove()
        with self._context():  # for the data that is bound
            parts = self._parts(positions)
        await self.mount_all(parts)
        self.watch_walk()
        self.focus_first()
