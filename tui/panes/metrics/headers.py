"""The line above the figures, and what is shown when there are none."""

from dataclasses import dataclass

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.evaluation import Report
from segue.core.evaluation.report import PairSet
from segue.core.text import printable
from segue.tui.model.words import clock
from segue.tui.panes.metrics.scores import COUNTINGS, Counting
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.cells import bar


@dataclass(frozen=True)
class Scoring:
    """How far a scoring in the background is."""

    seconds: float
    share: float | None = None
    """None before its first progress event."""


class MetricsHeader(SegueWidget):
    """What was measured, and how far a scoring is."""

    report: reactive[Report | None] = reactive(None)
    pairs: reactive[PairSet] = reactive("validation")
    counting: reactive[Counting] = reactive("all")
    scoring: reactive[Scoring | None] = reactive(None)

    def render(self) -> RenderResult:
        """Draw the line."""
        report, right = self.report, Content("")
        if self.scoring is not None:
            right = self._progress(self.scoring)
        elif report is not None:
            right = Content.styled(f"{COUNTINGS[self.counting]} ", "$faint")
        left = Content.styled(f" {self.pairs} pairs", "bold")
        if report is not None:
            seen = f"{report.n_pairs:,} pairs, {report.n_tracks:,} tracks, scored {report.created[:10]}"
            left = Content.assemble(left, (f"  {seen}", "$faint"))
        room = max(self.size.width - right.cell_length, 1)
        return Content.assemble(left.truncate(room, ellipsis=True, pad=True), right)

    def _progress(self, scoring: Scoring) -> Content:
        if scoring.share is None:
            return Content.styled(f"scoring … {clock(scoring.seconds)} ", "$accent")
        done = bar(scoring.share, 16, self.segue.glyphs).rstrip()
        rest = self.segue.glyphs.rest * (16 - len(done))
        done_words = f" {scoring.share:.0%}  {clock(scoring.seconds)} "
        return Content.assemble(
            ("scoring ", "$accent"), (done, "$accent"), (rest, "$line"), (done_words, "$quiet")
        )


class NoReport(SegueWidget, can_focus=True):
    """What to do where the library was not scored, or cannot be."""

    pairs: reactive[PairSet] = reactive("validation")
    known: reactive[bool] = reactive(False)
    """Whether the report was looked for."""
    computing: reactive[bool] = reactive(False)
    """Whether another process is scoring the library."""
    trouble: reactive[str] = reactive("")
    """Why the figures can't be shown; empty when they were never computed."""

    def render(self) -> RenderResult:
        """Draw the lines."""
        if not self.known:
            return Content.styled(f"Reading the scores {self.segue.glyphs.ellipsis}", "$faint")
        if self.computing:
            return Content("\n").join(
                [
                    Content.styled("The scores are being computed", "bold"),
                    Content.styled("They appear here when they are done.", "$quiet"),
                ]
            )
        name = printable(self.segue.library.name)
        command = f"segue evaluate --library {name}" + (" --pairs test" if self.pairs == "test" else "")
        lines = [Content.styled(f"Not scored on {self.pairs} pairs yet", "bold")]
        if self.trouble:
            lines = [Content.styled("There are no scores to show", "bold"), Content(printable(self.trouble))]
        lines += [
            Content(""),
            Content.assemble(("e", "bold $primary"), " scores the library and the baselines now."),
            Content.styled(f"In a shell: {command}", "$quiet"),
        ]
        if self.pairs == "test":
            lines.append(
                Content.styled("Score on test pairs once, at the end; choose on validation pairs.", "$faint")
            )
        return Content("\n").join(lines)
