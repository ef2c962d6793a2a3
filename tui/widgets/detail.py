"""The details of one track."""

from collections.abc import Mapping

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.reactive import var

from segue.core.explore.variety import Taste
from segue.core.text import counted, printable
from segue.tui.model.glyphs import bar, clock, joined
from segue.tui.model.values import Basket
from segue.tui.widgets.base import SegueWidget

PREVIEW = {
    "fetching": "{glyphs.ellipsis} fetching the preview",
    "ready": "{glyphs.dot} preview ready",
    "none": "{glyphs.silent} no preview",
}
"""The status of a track's preview, with the sign that lists show."""
KEPT = 8
"""Lines that the details keep once a track needed them: what is below does not move with the cursor."""


class Detail(SegueWidget):
    """The track under the cursor: who it is, how near, how often played."""

    row: int | None = None
    similarity: float | None = None

    taste: var[Taste] = var(Taste, init=False)
    basket: var[Basket] = var(Basket, init=False)
    mark: var[int | None] = var(None, init=False)
    previews: var[Mapping[str, str]] = var(dict, init=False)

    _kept = Size(0, 0)
    """The present width, and the most lines needed at it, up to `KEPT`."""

    def show(self, row: int | None, similarity: float | None = None) -> None:
        """Show a track, and how similar it is to the centre."""
        self.row, self.similarity = row, similarity
        self.follow()

    def follow(self) -> None:
        """Draw again, and lay out the screen again only where the height changes: that draws all of it."""
        width, height = self.size
        self.refresh(layout=not width or self._height_at(width) != height)

    watch_taste = watch_basket = watch_mark = watch_previews = follow

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return the lines needed, or those kept for the track before."""
        return self._height_at(width)

    def _height_at(self, width: int) -> int:
        needed = self._draw(width).get_height({}, width)
        kept = self._kept.height if self._kept.width == width else 0
        self._kept = Size(width, max(kept, min(needed, KEPT)))
        return max(needed, self._kept.height)

    def render(self) -> RenderResult:
        """Draw the lines."""
        return self._draw(self.size.width)

    def _draw(self, width: int) -> Content:
        if self.row is None:
            return Content.styled("No track is under the cursor.", "$faint")
        app, width = self.segue, max(width, 10)
        info = app.tracks.info(self.row)
        lines = [Content.styled(printable(info.title or info.track_id), "bold")]
        if info.artist:
            lines.append(Content(printable(info.artist)))
        year = printable(info.release_date[:4])
        if info.album:
            lines.append(Content.styled(printable(info.album), "$quiet"))
        about = [year, printable(info.genre), f"{info.bpm:.0f} bpm" if info.bpm else ""]
        about += [clock(info.duration)] if info.duration else []
        if any(about):
            lines += [Content.styled(line, "$quiet") for line in joined(about, f" {app.glyphs.dot} ", width)]
        if not info.title:
            lines.append(Content.styled("no metadata; add it with segue train --metadata FILE", "$faint"))
        lines.append(self._numbers(self.row, width))
        if flags := self._flags(self.row):
            lines.append(flags)
        return Content("\n").join(lines)

    def _numbers(self, row: int, width: int) -> Content:
        app = self.segue
        plays = counted(app.library.catalogue.plays(row), "play") if app.library.knows_plays else ""
        if self.similarity is None or width < 24:
            return Content.styled(plays, "$faint")
        drawn = bar(self.similarity, max(min(10, width - len(plays) - 9), 0), app.glyphs)
        return Content.assemble((drawn, "$primary"), f" {self.similarity:.3f}  ", (plays, "$faint"))

    def _flags(self, row: int) -> Content | None:
        app, weight = self.segue, self.basket.weight(row)
        status = self.previews.get(app.tracks.info(row).track_id, "")
        words = [
            (f"{app.glyphs.love} loved", "$error") if row in self.taste.loved else None,
            (f"{app.glyphs.ban} banned", "$error") if row in self.taste.banned else None,
            (f"{app.glyphs.mark} path starts here", "$accent") if self.mark == row else None,
            (f"{weight:+d} in the blend", "$accent") if weight else None,
            (PREVIEW[status].format(glyphs=app.glyphs), "$faint") if status else None,
        ]
        shown = [Content.styled(*word) for word in words if word]
        return Content("  ").join(shown) if shown else None
