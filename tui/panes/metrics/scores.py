"""The figures: rankers against each other, popularity buckets, and the training curve."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.widgets import Static

from segue.core.errors import SegueError
from segue.core.evaluation import Bucket, RankerScores, Report
from segue.core.text import printable
from segue.tui.panes.metrics import figures
from segue.tui.panes.metrics.figures import Counting
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.chart import Curve
from segue.tui.widgets.line_list import LineList, Part, TableHead


class ScoresPane(SegueWidget):
    """The report of a library."""

    report: reactive[Report | None] = reactive(None, init=False)
    counting: reactive[Counting] = reactive("all", init=False)

    def compose(self) -> ComposeResult:
        """Lay out the rankers above, buckets and curves below."""
        glyphs = self.segue.glyphs
        yield TableHead(lambda width: figures.ranker_head(width, self._k))
        yield LineList(self._draw_ranker, glyphs=glyphs, id="rankers")
        yield Static("", id="verdict", markup=False)
        with Horizontal(id="below"):
            with Vertical(id="bucket-side"):
                yield Static("", id="bucket-title", markup=False, classes="title")
                yield TableHead(lambda width: figures.bucket_head(width, self._k))
                yield LineList(self._draw_bucket, glyphs=glyphs, id="buckets")
            with Vertical(id="curve-side"):
                yield Static("Training, by epoch", classes="title")
                yield Curve("hit@10", floor=0.0, id="curve-hit")
                yield Curve("loss", id="curve-loss")

    def on_mount(self) -> None:
        """Draw the training curve, which no report is needed for."""
        self.set_class(self.app.size.width < 100, "narrow")
        try:
            self.show_history(self.segue.library.history)
        except SegueError as error:
            self.segue.say(str(error), "error")

    def on_resize(self) -> None:
        """Take the layout that fits the width."""
        self.set_class(self.app.size.width < 100, "narrow")

    @property
    def _k(self) -> int:
        return 10 if self.report is None else self.report.k

    @property
    def rankers(self) -> LineList[RankerScores]:
        """The list of rankers."""
        return self.query_one("#rankers", LineList)

    @property
    def buckets(self) -> LineList[Bucket]:
        """The list of buckets."""
        return self.query_one("#buckets", LineList)

    def show_history(self, history: list[dict[str, Any]]) -> None:
        """Draw the training curve."""
        for name, key in (("#curve-hit", "hit_at_10"), ("#curve-loss", "loss")):
            points = [
                (float(line["epoch"]), float(line[key])) for line in history if line.get(key) is not None
            ]
            self.query_one(name, Curve).show(points)

    def watch_report(self) -> None:
        """Show another report."""
        self._fill()

    def watch_counting(self) -> None:
        """Count in another way."""
        self._fill()

    def _fill(self) -> None:
        report = self.report
        if report is None:
            return
        rankers = figures.ranked(report, self.counting)
        before = self.rankers.item
        names = [ranker.ranker for ranker in rankers]
        cursor = names.index(before.ranker) if before and before.ranker in names else 0
        self.rankers.styles.height = len(rankers)
        self.rankers.show(rankers, cursor=cursor)
        verdict = f"{figures.verdict(report, self.counting)} {figures.remarks(report)}"
        self.query_one("#verdict", Static).update(verdict)
        for head in self.query(TableHead):
            head.refresh()

    def _draw_ranker(self, ranker: RankerScores, width: int) -> list[Part]:
        top = max(figures.scores_of(one, self.counting).hit.high for one in self.rankers.items)
        return figures.ranker_line(ranker, self.counting, top, width, self.segue.glyphs)

    def _draw_bucket(self, bucket: Bucket, width: int) -> list[Part]:
        top = max(one.scores.hit.high for one in self.buckets.items)
        return figures.bucket_line(bucket, top, width, self.segue.glyphs)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Show the buckets of the ranker under the cursor."""
        if event.lines is self.rankers and self.rankers.item is not None:
            event.stop()
            ranker = self.rankers.item
            title = f"{printable(ranker.ranker)}, by how often the truth occurs"
            self.query_one("#bucket-title", Static).update(title)
            self.buckets.show(ranker.buckets, cursor=self.buckets.cursor)

    def focus_first(self) -> None:
        """Focus the rankers."""
        self.rankers.focus()
