"""The table of both libraries' figures, above their lists."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.evaluation import Measure, decision
from segue.core.evaluation.compare import Comparison
from segue.core.evaluation.render import signed
from segue.core.text import printable
from segue.tui.panes.compare.comparison import Figures
from segue.tui.panes.metrics.figures import figure
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.cells import fit, interval_bar


class FiguresTable(SegueWidget):
    """A line for each library, and what to make of them."""

    sides: reactive[tuple[Figures, Figures] | None] = reactive(None, layout=True)
    measured: reactive[Comparison | None] = reactive(None, layout=True)

    def render(self) -> RenderResult:
        """Draw the lines."""
        if self.sides is None:
            return Content("")
        lines = [self._side(letter, side) for letter, side in zip("AB", self.sides, strict=True)]
        lines.append(self._advice(*self.sides))
        width = max(self.size.width, 1)
        return Content("\n").join([line.truncate(width, ellipsis=True) for line in lines])

    def _side(self, letter: str, side: Figures) -> Content:
        dots = self.segue.glyphs.ellipsis
        facts = f"{side.tracks:>9,} tracks  {side.length:>3} long  {fit(printable(side.recipe), 8, dots)}"
        head = Content.assemble(
            (f" {letter} ", "bold $primary"), (fit(side.name, 14, dots), "bold"), (facts, "$quiet")
        )
        if not side.rankers:
            shown = f"  not scored: segue evaluate --library {printable(side.name)}"
            fits = head.cell_length + len(shown) <= self.size.width
            return head + Content.styled(shown if fits else "  segue evaluate scores it", "$faint")
        parts = [self._measure(*one) for one in side.rankers[: 1 if self.size.width < 110 else 2]]
        return Content("").join([head, *parts])

    def _measure(self, ranker: str, measure: Measure) -> Content:
        sides = self.sides or ()
        top = max((hit.high for side in sides for _, hit in side.rankers), default=1.0)
        thick, thin = interval_bar(
            measure.mean, measure.low, measure.high, top=top, width=12, glyphs=self.segue.glyphs
        )
        return Content.assemble(
            (f"  {ranker} ", "$quiet"),
            (thick, "$primary"),
            (thin, "$quiet"),
            (f" {figure(measure.mean)}", "bold"),
        )

    def _advice(self, one: Figures, other: Figures) -> Content:
        found = self.measured
        if found is not None:
            verdicts = {1: "A hits more often", -1: "B hits more often", 0: "too close to tell apart"}
            verdict = verdicts[decision(found.hit)]
            numbers = f"hit@{found.k} of A minus B {signed(found.hit)}"
            pairs = f"{found.one.scores.pairs:,} {found.pairs} pairs, by {found.one.ranker}"
            return Content.styled(f" {numbers}: {verdict}; {pairs}", "$accent")
        if one.fingerprint and one.fingerprint == other.fingerprint:
            return Content.styled(
                " Trained on the same playlists. d measures both on the same pairs.", "$faint"
            )
        return Content.styled(" Trained on different playlists: their scores are not comparable.", "$faint")
