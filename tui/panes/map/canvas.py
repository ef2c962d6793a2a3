"""The map itself: a window on it, and a crosshair."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from segue.tui.panes.base import SegueWidget
from segue.tui.panes.map.commands import CONTEXT
from segue.tui.panes.map.frame import Frame, Positions, Window, draw
from segue.tui.panes.map.landmarks import Landmark, candidates, landmarks
from segue.tui.panes.map.layers import Layers
from segue.tui.panes.map.picture import Picture
from segue.tui.screens.key import KeyScreen
from segue.tui.widgets.braille import HIGH, WIDE

STEP = 1.5
"""By how much a press zooms."""
EDGE = 2
"""Cells from the edge at which the map moves with the crosshair."""


class MapCanvas(SegueWidget, can_focus=True):
    """The tracks on a plane. The crosshair moves by cells, and the map with it at the edges."""

    BINDINGS: ClassVar[list[BindingType]] = [*CONTEXT.bindings()]
    CONTEXT = CONTEXT
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "map--thin", "map--middle", "map--dense", "map--name", "map--key", "map--crosshair", "map--aimed",
        "map--here", "map--near", "map--path", "map--heard",
    }  # fmt: skip

    window: reactive[Window] = reactive(Window, init=False)
    marks: reactive[Layers] = reactive(Layers, init=False)
    keyed: reactive[bool] = reactive(False, init=False)
    """Whether each name shows the letter that jumps to it."""

    class Moved(Message):
        """The crosshair came to another track, or to none."""

        def __init__(self, row: int | None) -> None:
            super().__init__()
            self.row = row

        def can_replace(self, message: Message) -> bool:
            """Say that only the latest move matters."""
            return isinstance(message, MapCanvas.Moved)

    class Drawn(Message):
        """The map was drawn anew, or other layers over it. A burst of them becomes one."""

        def can_replace(self, message: Message) -> bool:
            """Say that one is enough."""
            return isinstance(message, MapCanvas.Drawn)

    class Chosen(Message):
        """The listener wants to go to the track under the crosshair."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    def __init__(self, positions: Positions, *, aim: int = 0, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.positions = positions
        self.cross = (0, 0)
        """Column and line of the crosshair."""
        self.row: int | None = None
        """The track under it."""
        self.frame: Frame | None = None
        self.landmarks: list[Landmark] = []
        self._picture: Picture | None = None
        self._aim = aim

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Lay nothing out: there is a map."""
        return False if action == "lay_out" else super().check_action(action, parameters)

    # --- what is in sight

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the map for its size first, should that be another; the crosshair stays on its track.

        Textual does not tell every widget of its first size.
        """
        if self.frame is None or (self.frame.width, self.frame.height) != self.size:
            row = self._aim if self.frame is None else self.row
            self._draw()
            if row is not None:
                self.point_at(row)
        return super().render_lines(crop)

    def watch_window(self) -> None:
        """Draw what has come into sight."""
        self._draw()

    def watch_marks(self) -> None:
        """Mark what the layers hold."""
        self._overlay()

    def watch_keyed(self) -> None:
        """Show or hide the letters."""
        self._overlay()

    def _draw(self) -> None:
        width, height = self.size.width, self.size.height
        if width < 4 or height < 2:
            return
        self.frame = draw(self.positions, self.window, width, height)
        rows = candidates(self.frame)
        infos = list(zip(rows, self.segue.tracks.infos(rows), strict=True))
        self.landmarks = landmarks(self.frame, infos, at_most=width * height // 120)
        self._picture = Picture(self.frame, ascii_only=self.segue.glyphs.ascii_only)
        self._overlay()

    def _overlay(self) -> None:
        if self._picture is not None:
            self._picture.overlay(
                positions=self.positions,
                layers=self.marks,
                names=self.landmarks,
                glyphs=self.segue.glyphs,
                keyed=self.keyed,
            )
            self.refresh()
            self.post_message(self.Drawn())

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
            self.refresh(Region(0, y, frame.width, 1))
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

    def action_left(self) -> None:
        """Move the crosshair left."""
        self._step(-1, 0)

    def action_right(self) -> None:
        """Move the crosshair right."""
        self._step(1, 0)

    def action_up(self) -> None:
        """Move the crosshair up."""
        self._step(0, -1)

    def action_down(self) -> None:
        """Move the crosshair down."""
        self._step(0, 1)

    def action_far_left(self) -> None:
        """Move the map."""
        self._pan(-0.5, 0)

    def action_far_right(self) -> None:
        """Move the map."""
        self._pan(0.5, 0)

    def action_far_up(self) -> None:
        """Move the map."""
        self._pan(0, 0.5)

    def action_far_down(self) -> None:
        """Move the map."""
        self._pan(0, -0.5)

    def action_recentre(self) -> None:
        """Go to the track under the crosshair."""
        if self.row is not None:
            self.post_message(self.Chosen(self.row))

    def action_home(self) -> None:
        """Put the crosshair on the place where the listener is."""
        if self.marks.here is None:
            self.segue.say("You are at no track. enter goes to the one under the crosshair.")
        else:
            self.point_at(self.marks.here)

    def action_jump(self) -> None:
        """Put a letter on every name, and go to the one whose letter is typed."""
        if not self.landmarks:
            self.segue.say("No name is in sight. - shows more of the map.")
            return
        self.keyed = True
        self.segue.push_screen(KeyScreen("Go to which letter? esc leaves"), self._jump_to)

    def _jump_to(self, key: str | None) -> None:
        self.keyed = False
        found = next((name for name in self.landmarks if name.key == key), None)
        if found is not None:
            self.point_at(found.row)
        elif key is not None:
            self.segue.say(f"No name has the letter {key!r}.")

    # --- the layers

    def _toggle(self, name: str) -> None:
        self.marks = self.marks.toggled(name)

    def action_layer_here(self) -> None:
        """Show or hide where the listener is."""
        self._toggle("here")

    def action_layer_near(self) -> None:
        """Show or hide what is near."""
        self._toggle("near")

    def action_layer_path(self) -> None:
        """Show or hide the path."""
        self._toggle("path")

    def action_layer_heard(self) -> None:
        """Show or hide what was heard."""
        self._toggle("heard")

    def action_layer_names(self) -> None:
        """Show or hide the names."""
        self._toggle("names")

    # --- the zoom

    def action_zoom_in(self) -> None:
        """Look closer."""
        self._zoom(STEP)

    def action_zoom_out(self) -> None:
        """See more."""
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

    def action_whole(self) -> None:
        """See the whole map."""
        self._zoom(1 / self.window.zoom)

    # --- the mouse

    def on_click(self, event: events.Click) -> None:
        """Put the crosshair there; a second click goes in."""
        if event.chain > 1:
            self.action_recentre()
        else:
            self._point(event.x, event.y)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look closer at what is under the mouse."""
        event.stop()
        self._point(event.x, event.y)
        self._zoom(STEP)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """See more."""
        event.stop()
        self._zoom(1 / STEP)


def _within(value: int, size: int) -> int:
    return min(max(value, 0), size - 1)
