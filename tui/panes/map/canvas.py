"""The map itself: a window on it, and a crosshair.

One widget, and a method for each of its keys; what it draws is made in `frame` and `picture`.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from textual import events, geometry
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from segue.tui.availability import has_track
from segue.tui.commands import HasCommands, command
from segue.tui.model.places import RegionPlace
from segue.tui.panes.map import frame as frames
from segue.tui.panes.map.picture import Layers, Picture
from segue.tui.screens.ask import KeyScreen
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.chart import HIGH, WIDE

STEP = 1.5
"""By how much a press zooms."""
EDGE = 2
"""Cells from the edge at which the map moves with the crosshair."""


class MapCanvas(HasCommands, SegueWidget, can_focus=True):
    """The tracks on a plane. The crosshair moves by cells, and the map with it at the edges."""

    BINDING_GROUP_TITLE = "The map"
    HELP = (
        "Every track is a dot; dense regions look dense. The crosshair points at the most played track of "
        "its cell. Distances on a plane mislead, so the list beside it holds the true nearest neighbours; 1 "
        "to 9 mark them on the map. Colours are regions, named by their most common genre or artist; e lists "
        "one. A click moves the crosshair, a double click opens, the wheel zooms."
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "map--thin", "map--middle", "map--dense", "map--name", "map--key", "map--crosshair", "map--aimed",
        "map--here", "map--near", "map--path", "map--heard",
        *(f"map--region-{number}" for number in range(frames.MOST)),
    }  # fmt: skip

    window: reactive[frames.Window] = reactive(frames.Window, init=False)
    marks: reactive[Layers] = reactive(Layers, init=False)
    keyed: reactive[bool] = reactive(False, init=False)
    """Whether each name shows the letter that jumps to it."""

    class Moved(Message):
        """The crosshair came to another track, or to none."""

        def __init__(self, row: int | None) -> None:
            super().__init__()
            self.row = row

        def can_replace(self, message: Message) -> bool:
            """Whether only the later move matters."""
            return isinstance(message, MapCanvas.Moved)

    class Drawn(Message):
        """The map or its layers were drawn again. A burst of them becomes one."""

        def can_replace(self, message: Message) -> bool:
            """Whether one is enough."""
            return isinstance(message, MapCanvas.Drawn)

    class Chosen(Message):
        """The listener opens the track under the crosshair."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def __init__(self, positions: frames.Positions, *, aim: int = 0, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.positions = positions
        self.cross = (0, 0)
        """Column and line of the crosshair."""
        self.row: int | None = None
        """The track under it."""
        self.frame: frames.Frame | None = None
        self.landmarks: list[frames.Landmark] = []
        self.parts: NDArray[np.uint8] | None = None
        """The region of each track, once they were found."""
        self.regions: list[frames.Region] = []
        self._picture: Picture | None = None
        self._aim = aim

    def on_mount(self) -> None:
        """Find the regions."""
        positions, catalogue = self.positions, self.segue.library.catalogue

        def find() -> tuple[NDArray[np.uint8], list[frames.Region]]:
            parts = frames.divide(positions)
            rows = frames.leading_rows(parts)
            return parts, frames.named(parts, rows, [catalogue.infos(leading) for leading in rows])

        def show(found: tuple[NDArray[np.uint8], list[frames.Region]]) -> None:
            self.parts, self.regions = found
            if self.frame is not None:  # else the first drawing comes, and points at the track
                self._draw()

        self.work("map-regions", find, show, what="Finding the regions of the map")

    @property
    def region_here(self) -> frames.Region | None:
        """The region of the track under the crosshair."""
        if self.parts is None or self.row is None:
            return None
        return self.regions[int(self.parts[self.row])]

    # --- what is in sight

    def render_lines(self, crop: geometry.Region) -> list[Strip]:
        """Draw the map for its size first, should that be another; the crosshair stays on its track.

        Textual does not tell every widget of its first size.
        """
        if self.frame is None or (self.frame.width, self.frame.height) != self.size:
            row = self._aim if self.frame is None else self.row
            self._draw()
            if row is not None:
                self.point_at(row)
        return super().render_lines(crop)

    def _draw(self) -> None:
        width, height = self.size.width, self.size.height
        if width < 4 or height < 2:
            return
        self.frame = frames.draw(self.positions, self.window, width, height)
        rows = frames.candidates(self.frame)
        infos = list(zip(rows, self.segue.tracks.infos(rows), strict=True))
        self.landmarks = frames.landmarks(self.frame, infos, at_most=width * height // 120)
        hues = None
        if self.parts is not None:
            hues = frames.hue_of_cells(self.parts, self.frame.cells, width * height)
        self._picture = Picture(self.frame, self.segue.glyphs, self.regions, hues)
        self._overlay()

    def _overlay(self) -> None:
        if self._picture is not None:
            self._picture.overlay(self.positions, self.marks, self.landmarks, keyed=self.keyed)
            self.refresh()
            self.post_message(self.Drawn())

    watch_window = _draw
    watch_marks = watch_keyed = _overlay

    def render_line(self, y: int) -> Strip:
        """Draw the line at `y`."""
        if self._picture is None:
            return Strip.blank(self.size.width)
        column, line = self.cross
        return self._picture.line(y, self.get_component_rich_style, column if y == line else None)

    # --- the crosshair

    def point_at(self, row: int) -> None:
        """Put the crosshair on a track, and the map so that it is in sight."""
        if self.frame is None:
            self._aim = row
            return
        if self.frame.cell(row) is None:
            self.window = self.window.at(*self._place(row))
        if (cell := self.frame.cell(row)) is not None:
            self._point(*cell, row)

    def centre_on(self, row: int) -> None:
        """Put a track into the middle, with the crosshair on it."""
        if self.frame is not None:
            self.window = self.window.at(*self._place(row))
        self.point_at(row)

    def _place(self, row: int) -> tuple[float, float]:
        x, y = self.positions[row].tolist()
        return x, y

    def _point(self, column: int, line: int, row: int | None = None) -> None:
        """Put the crosshair on a cell; `row` says which of its tracks is meant, else the most played."""
        frame = self.frame
        if frame is None:
            return
        before, self.cross = self.cross, (_within(column, frame.width), _within(line, frame.height))
        for y in {before[1], self.cross[1]}:
            self.refresh(geometry.Region(0, y, frame.width, 1))
        row = frame.nearest(*self.cross) if row is None else row
        if row != self.row:
            self.row = row
            self.post_message(self.Moved(row))

    def _step(self, across: int, down: int) -> None:
        """Move the crosshair by cells; beyond the edge the map comes to meet it."""
        frame = self.frame
        if frame is None:
            return
        column, line = self.cross[0] + across, self.cross[1] + down
        outside = not EDGE <= column < frame.width - EDGE or not EDGE <= line < frame.height - EDGE
        if outside and self.window.zoom > 1:
            self._pan(across / frame.width * 8, -down / frame.height * 4, keep=(column, line))
        else:
            self._point(column, line)

    def _pan(self, x: float, y: float, keep: tuple[int, int] | None = None) -> None:
        """Move the map by shares of what is in sight. The crosshair goes to the place at the cell `keep`."""
        frame, before = self.frame, self.window
        if frame is None:
            return
        place = frame.place(*(keep or self.cross))
        self.window = self.window.moved(x, y)
        if keep is None or self.window == before:
            self._point(*(keep or self.cross))
        else:
            self._point_place(*place)

    def _point_place(self, x: float, y: float) -> None:
        if self.frame is not None:
            across, down = self.frame.dot(x, y)
            self._point(int(across // WIDE), int(down // HIGH))

    @command("map.left", "h,left", "left")
    def action_left(self) -> None:
        """Move the crosshair left; at the edge the map moves."""
        self._step(-1, 0)

    @command("map.right", "l,right", "right")
    def action_right(self) -> None:
        """Move the crosshair right; at the edge the map moves."""
        self._step(1, 0)

    @command("map.up", "k,up", "up")
    def action_up(self) -> None:
        """Move the crosshair up; at the edge the map moves."""
        self._step(0, -1)

    @command("map.down", "j,down", "down")
    def action_down(self) -> None:
        """Move the crosshair down; at the edge the map moves."""
        self._step(0, 1)

    @command("map.far_left", "shift+left,ctrl+b", "far left")
    def action_far_left(self) -> None:
        """Move the map by half a screen."""
        self._pan(-0.5, 0)

    @command("map.far_right", "shift+right,ctrl+f", "far right")
    def action_far_right(self) -> None:
        """Move the map by half a screen."""
        self._pan(0.5, 0)

    @command("map.far_up", "shift+up,ctrl+u", "far up")
    def action_far_up(self) -> None:
        """Move the map by half a screen."""
        self._pan(0, 0.5)

    @command("map.far_down", "shift+down,ctrl+d", "far down")
    def action_far_down(self) -> None:
        """Move the map by half a screen."""
        self._pan(0, -0.5)

    @command("map.recentre", "enter", "open", 96, when=has_track)
    def action_recentre(self) -> None:
        """Open the track under the crosshair."""
        if self.row is not None:
            self.post_message(self.Chosen(self.row))

    @command("map.home", "c", "to here", 83)
    def action_home(self) -> None:
        """Put the crosshair on the track where you are."""
        if self.marks.here is None:
            self.segue.say("No current track. Press Enter to open the one under the crosshair.")
        else:
            self.point_at(self.marks.here)

    @command("map.jump", "g", "go to name", 97)
    def action_jump(self) -> None:
        """Put a letter on every name; the letter goes there."""
        if not self.landmarks:
            self.segue.say("No names are in view. - zooms out.")
            return
        self.keyed = True
        self.segue.ask(KeyScreen("Go to which letter? esc cancels"), self._jump_to, self._hide_keys)

    def _hide_keys(self) -> None:
        self.keyed = False

    def _jump_to(self, key: str) -> None:
        self._hide_keys()
        found = next((name for name in self.landmarks if name.key == key), None)
        if found is not None:
            self.point_at(found.row)
        else:
            self.segue.say(f"No name has the letter {key!r}.")

    def _toggle(self, name: str) -> None:
        self.marks = self.marks.toggled(name)

    @command("map.layer_here", "1", "here")
    def action_layer_here(self) -> None:
        """Show or hide where you are."""
        self._toggle("here")

    @command("map.layer_near", "2", "near")
    def action_layer_near(self) -> None:
        """Show or hide the true nearest neighbours."""
        self._toggle("near")

    @command("map.layer_path", "3", "path")
    def action_layer_path(self) -> None:
        """Show or hide the path."""
        self._toggle("path")

    @command("map.layer_heard", "4", "heard")
    def action_layer_heard(self) -> None:
        """Show or hide what you heard."""
        self._toggle("heard")

    @command("map.layer_names", "5", "names")
    def action_layer_names(self) -> None:
        """Show or hide the names."""
        self._toggle("names")

    @command("map.layer_regions", "6", "regions")
    def action_layer_regions(self) -> None:
        """Show or hide the hues and names of the regions."""
        self._toggle("regions")

    @command("map.zoom_in", "+", "zoom in", 99)
    def action_zoom_in(self) -> None:
        """Zoom in on the crosshair."""
        self._zoom(STEP)

    @command("map.zoom_out", "-", "zoom out", 98)
    def action_zoom_out(self) -> None:
        """Zoom out."""
        self._zoom(1 / STEP)

    def _zoom(self, factor: float) -> None:
        """Zoom around the track under the crosshair, or around its cell where there is none."""
        frame = self.frame
        if frame is None:
            return
        row = self.row
        place = frame.place(*self.cross) if row is None else self._place(row)
        self.window = self.window.zoomed(factor, *place)
        if row is None:
            self._point_place(*place)
        else:
            self.point_at(row)

    @command("map.whole", "0", "whole map", 84)
    def action_whole(self) -> None:
        """Show the whole map."""
        self._zoom(1 / self.window.zoom)

    @command("map.region", "e", "enter region", 82)
    def action_region(self) -> None:
        """List the most played tracks of the region under the crosshair, to walk, select or play."""
        if (region := self.region_here) is None:
            self.segue.say("No region is under the crosshair.")
        else:
            self.segue.go(RegionPlace(region.rows, name=region.name))

    def on_click(self, event: events.Click) -> None:
        """Put the crosshair there; a double click opens the track."""
        if event.chain > 1:
            self.action_recentre()
        else:
            self._point(event.x, event.y)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in on the mouse."""
        event.stop()
        self._point(event.x, event.y)
        self._zoom(STEP)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        event.stop()
        self._zoom(1 / STEP)


def _within(value: int, size: int) -> int:
    return min(max(value, 0), size - 1)
