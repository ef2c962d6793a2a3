"""The cover of what plays, two pixels a cell."""

from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from segue.tui.model.values import Playing
from segue.tui.widgets.base import SegueWidget

if TYPE_CHECKING:
    from segue.core.deezer.covers import Covers, Pixels

LEAST_WIDTH = 100
"""Cells of a screen that has room for a cover."""


class Cover(SegueWidget):
    """Draws the cover with half blocks: the upper pixel is the letter, the lower its ground.

    It is in the layout only while there is a cover to be seen, so nothing is left blank.
    """

    DEFAULT_CSS = "Cover { width: 24; height: 12; margin-right: 2; }"

    playing: reactive[Playing | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__(id="cover")
        self.display = False
        self._covers: Covers | None = None
        self._pixels: Pixels | None = None
        self._lines: dict[int, Strip] = {}
        self._shown: tuple[object, ...] = ()

    @property
    def wanted(self) -> bool:
        """Whether this screen shows covers at all."""
        app = self.segue
        plain = app.glyphs.ascii_only or app.ansi_color
        return app.equipment.make_covers is not None and not plain and app.size.width >= LEAST_WIDTH

    def watch_playing(self) -> None:
        """Bring the cover of what plays now."""
        self.bring()

    def bring(self) -> None:
        """Bring the cover, unless it is already shown in this size."""
        playing, make = self.playing, self.segue.equipment.make_covers
        if playing is None or playing.row is None or make is None or not self.wanted:
            self._show((), None)
            return
        track = self.segue.tracks.info(playing.row)
        width, height = self._cells()
        wanted = (track.track_id, playing.cover, width, height)
        if wanted == self._shown:
            return
        self._shown = wanted

        def bring() -> "Pixels | None":
            if self._covers is None:
                self._covers = make()
            return self._covers.cover(track, playing.cover, width, 2 * height)

        self.work("cover", bring, lambda pixels: self._show(wanted, pixels), what="The cover")

    def _cells(self) -> tuple[int, int]:
        height = int(self.styles.height.value) if self.styles.height else 12
        return 2 * height, height

    def _show(self, wanted: tuple[object, ...], pixels: "Pixels | None") -> None:
        self._shown, self._pixels, self._lines = wanted, pixels, {}
        self.display = pixels is not None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw two lines of pixels; each line is kept, since a tick of the clock changes none."""
        if self._pixels is None or not 0 <= 2 * y + 1 < len(self._pixels):
            return Strip.blank(self.size.width)
        if y not in self._lines:
            upper, lower = self._pixels[2 * y].tolist(), self._pixels[2 * y + 1].tolist()
            cells = [
                Segment("▀", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
                for above, below in zip(upper, lower, strict=True)
            ]
            self._lines[y] = Strip(cells).simplify()
        return self._lines[y]

    def on_unmount(self) -> None:
        """End what is still being brought."""
        if self._covers is not None:
            self._covers.close()
