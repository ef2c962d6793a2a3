"""The lines above and below the map, and what stands there where the library has none."""

from typing import ClassVar

from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from segue.core.text import printable
from segue.tui.panes.base import SegueWidget
from segue.tui.panes.map.canvas import MapCanvas
from segue.tui.panes.map.commands import CONTEXT
from segue.tui.panes.map.layers import NAMES
from segue.tui.widgets.cells import fit
from segue.tui.widgets.spots import Spots


class MapHead(SegueWidget):
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
        more = f"  and {others:,} more in this cell; + parts them" if others > 0 else ""
        return self._ends(label, sight, more)

    def _ends(self, left: Content, right: str, more: str = "") -> Content:
        room = self.size.width - len(right) - 1
        if left.cell_length + len(more) <= room:
            left = Content.assemble(left, (more, "$faint"))
        left = left.truncate(room, ellipsis=True, pad=True)
        return Content.assemble(left, " ", (right, "$faint"))


class Legend(Spots):
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
        }
        shown = self.screen.query_one(MapCanvas).marks.shown
        self.forget_spots()
        drawn, start = [Content(" ")], 1
        for number, name in enumerate(NAMES, 1):
            what = f"{signs[name]} {name}" if name in shown else f"({name})"
            style = "$quiet" if name in shown else "$faint"
            part = Content.assemble((f"{number} ", "bold $primary"), (what, style), "  ")
            self.spot(start, part.cell_length, f"app.do('map.layer_{name}')")
            drawn.append(part)
            start += part.cell_length
        return Content("").join(drawn).truncate(self.size.width)

    async def on_mouse_down(self) -> None:
        """Give the focus to the map, whose command a click does."""
        self.screen.set_focus(self.screen.query_one(MapCanvas))


class NoMap(SegueWidget, can_focus=True):
    """What to do where the library has no map."""

    BINDINGS: ClassVar[list[BindingType]] = [*CONTEXT.bindings()]
    CONTEXT = CONTEXT

    busy: reactive[bool] = reactive(False)

    class Wanted(Message):
        """The listener wants a map."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer nothing of the map's keys but to lay one out."""
        own = {command.method for command in CONTEXT.commands}
        return (
            action == "lay_out" and not self.busy
            if action in own
            else super().check_action(action, parameters)
        )

    def action_lay_out(self) -> None:
        """Ask for a map."""
        self.busy = True
        self.post_message(self.Wanted())

    def render(self) -> RenderResult:
        """Draw the lines."""
        name = printable(self.segue.library.name)
        if self.busy:
            return Content.styled("Laying out the map …", "$quiet")
        return Content("\n").join(
            [
                Content.styled("This library has no map yet", "bold"),
                Content(""),
                Content.assemble(
                    ("o", "bold $primary"), " lays one out now, from its vectors. It lasts until you leave."
                ),
                Content(""),
                Content.styled("To keep one, train the library again:", "$quiet"),
                Content.styled(fit(f"  segue train FILE --name {name} --map pca", 72).rstrip(), "$quiet"),
                Content.styled(
                    "--map umap keeps neighbourhoods together better, and takes minutes.", "$faint"
                ),
            ]
        )
