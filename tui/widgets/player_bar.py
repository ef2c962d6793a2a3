"""The line of the player: what plays, how far it is, and what is wrong with the sound."""

from textual.app import RenderResult
from textual.content import Content

from segue.core.text import printable
from segue.tui.panes.base import SegueWidget
from segue.tui.widgets.cells import bar, clock, fit

IDLE = "Nothing plays. Space plays the track under the cursor, r starts a radio."
WAITS = "The radio waits where you left it; P goes on."


class PlayerBar(SegueWidget):
    """One line under every view, drawn four times a second while something plays, and never else."""

    def on_mount(self) -> None:
        """Follow what plays."""
        for name in ("playing", "position", "trouble", "unheard", "taste", "radio"):
            self.watch(self.segue, name, self._follow, init=False)

    def _follow(self) -> None:
        self.refresh()

    def render(self) -> RenderResult:
        """Draw the line."""
        playing, width = self.segue.playing, self.size.width
        sound = self.segue.trouble
        if playing is None:
            waits = self.segue.radio.on and self.segue.radio.paused
            idle = printable(self.segue.unheard) or (WAITS if waits else IDLE)
            return self._ends(
                Content.styled(f" {idle}", "$faint"), Content.styled(f"{sound} ", "$faint"), width
            )
        glyphs = self.segue.glyphs
        sign = glyphs.paused if playing.paused else glyphs.playing
        love = f" {glyphs.love}" if playing.row in self.segue.taste.loved else ""
        length = 10 if width < 100 else 24
        share = self.segue.position / playing.duration if playing.duration else 0.0
        done = bar(share, length, glyphs).rstrip()
        times = f" {clock(self.segue.position)}/{clock(playing.duration)}"
        right = Content.assemble(
            (done, "$accent"), (glyphs.rest * (length - len(done)), "$line"), (times, "$quiet"),
            (f"  {playing.credit}" if playing.credit and width >= 100 else "", "$faint"),
            (f"  {sound}" if sound else "", "$faint"), " ",
        )  # fmt: skip
        room = width - right.cell_length - 4 - len(love)
        left = Content.assemble(
            (f" {sign} ", "$accent"), (fit(printable(playing.label), room).rstrip(), "bold"), (love, "$error")
        )
        return self._ends(left, right, width)

    @staticmethod
    def _ends(left: Content, right: Content, width: int) -> Content:
        room = width - left.cell_length - right.cell_length
        if room < 1:
            return left.truncate(width, ellipsis=True)
        return Content.assemble(left, " " * room, right)
