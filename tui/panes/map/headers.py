"""The lines above and below the map, and what is shown when the library has none."""

from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from segue.core.text import printable
from segue.tui.commands import HasCommands, command
from segue.tui.panes.map.canvas import MapCanvas
from segue.tui.panes.map.picture import NAMES
from segue.tui.widgets.base import ClickableLine, SegueWidget
from segue.tui.widgets.cells import fit


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
        }
        shown = self.screen.query_one(MapCanvas).marks.shown
        self.clear_spots()
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
        return Content("\n").join(
            [
                Content.styled("This library has no map yet", "bold"),
                Content(""),
                Content.assemble(
                    ("o", "bold $primary"), " lays one out now, from its vectors. It is kept until you leave."
                ),
                Content(""),
                Content.styled("To keep one, train the library again:", "$quiet"),
                Content.styled(fit(f"  segue train FILE --name {name} --map pca", 72).rstrip(), "$quiet"),
                Content.styled(
                    "--map umap keeps neighbourhoods together better, but takes minutes.", "$faint"
                ),
            ]
        )
