"""Scores and their headings: rankers against each other, popularity buckets, the training curve."""

from dataclasses import dataclass
from typing import Any, Literal

from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from segue.core.errors import SegueError
from segue.core.evaluation import OWN, Bucket, Measure, RankerScores, Report, Scores, decision
from segue.core.evaluation.report import Difference, PairSet
from segue.core.places import library_argument
from segue.core.text import printable
from segue.tui.model.glyphs import Glyphs, bar, clock, figure, fit, interval_bar
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.chart import Curve
from segue.tui.widgets.cursor_list import LineList, Part, TableHead

Counting = Literal["all", "without_repeats", "paper"]
COUNTINGS: dict[Counting, str] = {
    "all": "all pairs",
    "without_repeats": "without repeats",
    "paper": "as in the paper",
}
"""How pairs whose target is their own seed are counted, with the words for it."""
TALL = 30
"""Lines of a screen from which on the remarks leave room for the tables below them."""
WIDE = 104
"""Cells from which on a line has coverage, hubness and same-artist share too."""
_NAME, _FIGURES, _EXTRAS = 14, 22, 25
_BUCKET = 40
RANKERS = {
    "next": "similarity, plus how often the two met, came one after the other, and are played",
    "like": "similarity without what popularity explains of it, plus meetings beyond chance",
    "nearest": "the similarity of the learned vectors alone",
    "popularity": "the most played tracks, whatever came before",
    "following": "what most often came directly after",
    "cooccurrence": "what most often stood within three positions",
    "item-knn": "tracks that share the most playlists, for their size (the cosine of playlist sets)",
    "item-knn-asym": "the same, weighing how often the other track is played less",
    "s-knn": "what the playlists most like this one hold",
    "v-stan": "the same, counting tracks near the end for more",
    "rp3": "two steps of a walk from track to playlist to track, held back from the charts (RP3β)",
    "ease": "a linear model of which tracks stand together (EASE)",
    "ppmi-svd": "vectors counted, not learned: meetings beyond chance (PPMI), reduced by SVD",
    "random": "chance",
}
"""Each ranker in words, for the line below the table."""
COLUMNS = (
    "hit@10 is the share of playlists whose true next track is among the first ten suggestions, as the "
    "notebook measures; NDCG@10, its other figure, counts a hit for more the higher it ranks. MRR is the "
    "mean of 1 / the rank of the target. Coverage is the share of all tracks that are ever suggested. Hubs: "
    "how unevenly tracks are suggested (the skewness of their counts; 0 is even). Artist: the share of "
    "suggestions by the seed's own artist."
)


def scores_of(ranker: RankerScores, counting: Counting) -> Scores:
    """Return the scores that a counting asks for."""
    found: Scores = getattr(ranker, counting)
    return found


def ranked(report: Report, counting: Counting) -> list[RankerScores]:
    """Return the rankers, the best first."""
    return sorted(report.rankers, key=lambda ranker: -scores_of(ranker, counting).hit.mean)


def _bar_width(width: int) -> int:
    return max(width - _NAME - _FIGURES - (_EXTRAS if width >= WIDE else 1), 0)


def ranker_head(width: int, k: int, top: float = 1.0) -> str:
    """Return the line above the rankers, with the axis of the bars."""
    room = _bar_width(width)
    axis = f"0{figure(top):>{room - 2}} " if room >= 12 else " " * room
    line = f" {'ranker':<{_NAME}}{axis}{'hit@' + str(k):>6}{'NDCG@' + str(k):>9}{'MRR':>7}"
    return line + (f"{'coverage':>9}{'hubs':>7}{'artist':>8}" if width >= WIDE else "")


def ranker_line(
    ranker: RankerScores, counting: Counting, top: float, width: int, glyphs: Glyphs
) -> list[Part]:
    """Draw a ranker: bar, figures, and where there is room what its lists are like."""
    scores = scores_of(ranker, counting)
    name = fit(ranker.ranker, _NAME - 1, glyphs.ellipsis) + " "
    parts = [(name, "strong" if ranker.ranker in OWN else "text")]
    parts.append((bar(scores.hit.mean / top if top else 0.0, _bar_width(width), glyphs), "bar"))
    parts.append((f"{figure(scores.hit.mean):>6}{figure(scores.ndcg.mean):>9}", "strong"))
    parts.append((f"{figure(scores.mrr.mean):>7}", "quiet"))
    if width >= WIDE:
        artist = "-" if ranker.same_artist is None else f"{ranker.same_artist:.0%}"
        parts.append((f"{ranker.coverage:>9.0%}{ranker.hubness:>7.1f}{artist:>8}", "quiet"))
    return parts


def bucket_head(width: int, k: int) -> str:
    """Return the line above the buckets."""
    return f" {'plays':<12}{'pairs':>7}  {'hit@' + str(k):<{max(width - _BUCKET, 0)}}{'':>6}{'95 %':>12}"


def bucket_line(bucket: Bucket, top: float, width: int, glyphs: Glyphs) -> list[Part]:
    """Draw a bucket: how often its targets occur, how many pairs, and the share of hits."""
    parts: list[Part] = [(fit(bucket.label, 12), "text"), (f"{bucket.scores.pairs:>7,}  ", "quiet")]
    return [*parts, *_measured(bucket.scores.hit, top, max(width - _BUCKET, 0), glyphs)]


def _measured(measure: Measure, top: float, width: int, glyphs: Glyphs) -> list[Part]:
    thick, thin = interval_bar(measure.mean, measure.low, measure.high, top=top, width=width, glyphs=glyphs)
    interval = f"{figure(measure.low)}–{figure(measure.high)}".replace("–", "-" if glyphs.ascii_only else "–")
    return [
        (thick, "bar"),
        (thin, "quiet"),
        (f"{figure(measure.mean):>6}", "strong"),
        (f"{interval:>12}", "faint"),
    ]


def sentence(report: Report, counting: Counting) -> str:
    """Explain first what the figures mean: how many playlists of a hundred are continued as they were."""
    best = next((one for one in ranked(report, counting) if one.ranker in OWN), None)
    if best is None:
        return ""
    words = (
        f"For {_of_100(best, counting)} of 100 playlists the next track was among ten suggestions of "
        f"{printable(best.ranker)}"
    )
    charts = next((one for one in report.rankers if one.ranker == "popularity"), None)
    return f"{words}; by popularity, for {_of_100(charts, counting)}." if charts else f"{words}."


def _of_100(ranker: RankerScores, counting: Counting) -> str:
    share = 100 * scores_of(ranker, counting).hit.mean
    return f"{share:.0f}" if share >= 2 or share == 0 else f"{share:.1f}"


def verdict(report: Report, counting: Counting) -> str:
    """Show how the model does against the best baseline, pair by pair."""
    if report.lead is None:
        if all(ranker.ranker in OWN for ranker in report.rankers):
            return "Score all rankers to see the model beside the baselines: e."
        return "Score again to compare the model with the best baseline: e."
    found: Difference = getattr(report.lead, counting)
    hit, other = (scores_of(report.ranker(name), counting).hit.mean for name in (found.one, found.other))
    if other == 0:
        return f"{found.one} hits {figure(hit)}; no baseline hits at all."
    low, high = (f"{100 * value:+.1f}" for value in (found.hit.low, found.hit.high))
    pairs = f"Pair by pair it is {100 * found.hit.mean:+.1f} of 100 ({low} to {high})."
    if decision(found.hit) == 0:
        return f"{found.one} and {found.other}, the best baseline, are too close to tell apart here. {pairs}"
    more = "more" if hit > other else "less"
    often = f"{found.one} hits {abs(hit / other - 1):.0%} {more} often than {found.other}, the best baseline."
    return f"{often} {pairs}"


def remarks(report: Report) -> str:
    """Explain what limits the figures, and how well playlists are completed."""
    found = report.completion
    completed = ""
    if found is not None:
        hits = ", ".join(f"{one.ranker} {figure(one.hit.mean)}" for one in found.continued[:3])
        recalls = ", ".join(f"{one.ranker} {figure(one.recall.mean)}" for one in found.missing[:3])
        completed = (
            f" Continuing a playlist, hit@{report.k}: {hits}. "
            f"Finding what is missing, recall@{report.k}: {recalls}."
        )
    return (
        f"{report.target_is_seed:.0%} of the pairs repeat their seed and count as misses (c changes that); "
        f"{report.target_unseen:.0%} of the targets are in no training playlist." + completed
    )


class ScoresPane(SegueWidget):
    """The report of a library."""

    report: reactive[Report | None] = reactive(None, init=False)
    counting: reactive[Counting] = reactive("all", init=False)

    def compose(self) -> ComposeResult:
        """Lay out the rankers above, buckets and curves below."""
        glyphs = self.segue.glyphs
        yield Static("", id="sentence", markup=False)
        yield TableHead(lambda width: ranker_head(width, self._k, self._top))
        yield LineList(self._draw_ranker, glyphs=glyphs, id="rankers")
        yield Static("", id="about-ranker", markup=False)
        yield Static("", id="verdict", markup=False)
        with Horizontal(id="below"):
            with Vertical(id="bucket-side"):
                yield Static("", id="bucket-title", markup=False, classes="title")
                yield TableHead(lambda width: bucket_head(width, self._k))
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
        """Take the layout that fits the screen."""
        self.set_class(self.app.size.width < 100, "narrow")
        self._show_verdict()

    def _show_verdict(self) -> None:
        """Show who is ahead, and where there is room what limits the figures."""
        if self.report is not None:
            rest = f" {remarks(self.report)}" if self.app.size.height >= TALL else ""
            self.query_one("#verdict", Static).update(f"{verdict(self.report, self.counting)}{rest}")

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
        """Show another report, or count in another way."""
        report = self.report
        if report is None:
            return
        rankers = ranked(report, self.counting)
        before = self.rankers.item
        names = [ranker.ranker for ranker in rankers]
        cursor = names.index(before.ranker) if before and before.ranker in names else 0
        self.rankers.styles.height = len(rankers)
        self.rankers.show(rankers, cursor=cursor)
        self._show_verdict()
        self.query_one("#sentence", Static).update(sentence(report, self.counting))
        for head in self.query(TableHead):
            head.refresh()

    watch_counting = watch_report

    def _draw_ranker(self, ranker: RankerScores, width: int) -> list[Part]:
        return ranker_line(ranker, self.counting, self._top, width, self.segue.glyphs)

    @property
    def _top(self) -> float:
        """The figure at the end of the axis: the best one."""
        return max((scores_of(one, self.counting).hit.mean for one in self.rankers.items), default=1.0)

    def _draw_bucket(self, bucket: Bucket, width: int) -> list[Part]:
        top = max(one.scores.hit.high for one in self.buckets.items)
        return bucket_line(bucket, top, width, self.segue.glyphs)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Show the buckets of the ranker under the cursor."""
        if event.lines is self.rankers and self.rankers.item is not None:
            event.stop()
            ranker = self.rankers.item
            name = printable(ranker.ranker)
            about = f"{name}: {RANKERS[ranker.ranker]}" if ranker.ranker in RANKERS else name
            self.query_one("#about-ranker", Static).update(about)
            title = f"{name}, by how often the target occurs"
            self.query_one("#bucket-title", Static).update(title)
            self.buckets.show(ranker.buckets, cursor=self.buckets.cursor)

    def focus_first(self) -> None:
        """Focus the rankers."""
        self.rankers.focus()


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
            there = ("They appear here when they are done.", "$quiet")
            return Content.assemble(("The scores are being computed\n", "bold"), there)
        name = printable(library_argument(self.segue.library.path))
        command = f"segue evaluate --library {name}" + (" --pairs test" if self.pairs == "test" else "")
        why = f"Not scored on {self.pairs} pairs yet"
        if self.trouble:
            why = "There are no scores to show"
        once = "\nScore on test pairs once, at the end; choose on validation pairs."
        return Content.assemble(
            (why, "bold"), f"\n{printable(self.trouble)}" if self.trouble else "", "\n\n",
            ("e", "bold $primary"), " scores the library and the baselines now.\n",
            (f"In a shell: {command}", "$quiet"), (once if self.pairs == "test" else "", "$faint"),
        )  # fmt: skip
