"""Metrics: the report, the held-out playlists of a bucket, and one of them with its predictions."""

import time
from functools import partial

import numpy as np
from textual.app import ComposeResult
from textual.widgets import ContentSwitcher

from segue.core import evaluation
from segue.core.errors import SegueError
from segue.core.evaluation.report import PairSet
from segue.core.library import Manifest
from segue.core.places import is_shipped
from segue.core.rankers import available_rankers, default_ranker, ranker, set_next_weights
from segue.tui.child import Child, Event
from segue.tui.commands import command
from segue.tui.model.places import TrackPlace
from segue.tui.panes import BaseView, style_beside
from segue.tui.panes.metrics.pairs import FILTERS, CasePane, PairsPane, PairsRequest
from segue.tui.panes.metrics.scores import COLUMNS, COUNTINGS, MetricsHeader, NoReport, ScoresPane, Scoring
from segue.tui.widgets.cursor_list import LineList
from segue.tui.widgets.track_list import TrackList

WAIT = 1.0
"""Seconds until a report that is being computed is looked for again."""


class MetricsView(BaseView):
    """Three levels, each a pane: the scores, the playlists of a bucket, one playlist."""

    DEFAULT_CSS = style_beside(__file__)
    BINDING_GROUP_TITLE = "Metrics"
    HELP = (
        "How often the true next track is among the first ten suggestions, next to the baselines. Enter on a "
        "ranker goes to its popularity buckets, enter on a bucket to its held-out playlists, enter on a "
        "playlist shows its tracks, the true next track, and what two rankers predict. " + COLUMNS
    )

    pairs: PairSet = "validation"
    report: evaluation.Report | None = None

    _child: Child | None = None
    _began = 0.0
    _computing = False

    def compose(self) -> ComposeResult:
        """Lay out the head and the levels."""
        yield MetricsHeader(id="metrics-head")
        with ContentSwitcher(initial="no-report", id="levels"):
            yield NoReport(id="no-report")
            yield ScoresPane(id="scores")
            yield PairsPane(id="bucket")
            yield CasePane(id="case")

    def on_mount(self) -> None:
        """Choose the two rankers that predict side by side: the model alone, and what ranks by default."""
        first, second = "nearest", default_ranker(self.segue.library)
        self._columns = [first, second if second != first else "popularity"]

    def became_visible(self) -> None:
        """Read the report: it may have been written since."""
        self._read()

    async def on_unmount(self) -> None:
        """Stop a scoring whose report would not be seen."""
        if self._child is not None:
            self._child.stop()

    # --- the levels

    @property
    def level(self) -> str:
        """The pane in sight; empty before there is one."""
        return next((switcher.current or "" for switcher in self.query(ContentSwitcher)), "")

    def _show(self, level: str) -> None:
        self.query_one("#levels", ContentSwitcher).current = level
        self.call_after_refresh(self.focus_first)

    def focus_first(self) -> None:
        """Focus the pane in sight."""
        if self.level == "scores":
            self.query_one(ScoresPane).focus_first()
        elif self.level == "bucket":
            self.query_one(PairsPane).lines.focus()
        elif self.level == "case":
            self.query_one(CasePane).focus_first()
        else:
            self.query_one(NoReport).focus()
        self.segue.refresh_keys()

    def current_row(self) -> int | None:
        """Return the target of the playlist under the cursor."""
        if self.level != "bucket":
            return None
        item = self.query_one(PairsPane).lines.item
        return item[0].target if item else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer each command where it applies."""
        running = self._child is not None
        holds = {
            "open": self.level in {"scores", "bucket"}, "up": self.level in {"bucket", "case"},
            "evaluate": not running and not self._computing and self.level in {"scores", "no-report"},
            "stop": running, "pairs": self.level in {"scores", "no-report"},
            "counting": self.level == "scores", "filter": self.level == "bucket",
            "next_case": self.level == "case", "previous_case": self.level == "case",
            "ranker": self.level == "case",
        }  # fmt: skip
        return holds.get(action, super().check_action(action, parameters))

    @command("metrics.open", "enter", "open", 96)
    def action_open(self) -> None:
        """Open the line under the cursor."""
        if isinstance(self.segue.focused, LineList):
            self.segue.focused.action_choose()

    @command("metrics.up", "escape,h,backspace", "up", 95)
    def action_up(self) -> None:
        """Go back up a level."""
        self._show("bucket" if self.level == "case" else "scores")

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Go from a ranker to its buckets, from a bucket to its playlists, from a playlist to its tracks."""
        event.stop()
        scores = self.query_one(ScoresPane)
        if event.lines is scores.rankers:
            scores.buckets.focus()
        elif event.lines is scores.buckets:
            self._open_bucket()
        elif event.lines.item is not None:
            self._open_case(event.lines.item[0])

    # --- the report

    def _read(self) -> None:
        library, pairs = self.segue.library, self.pairs

        def job() -> tuple[evaluation.Report | None, str, bool]:
            try:
                computing = evaluation.is_being_scored(library)  # until report and weights are both written
                report = evaluation.read_report(library, pairs)
            except SegueError as error:
                return None, str(error), False
            return report, "", computing

        def show(found: tuple[evaluation.Report | None, str, bool]) -> None:
            if pairs == self.pairs:
                self._show_report(*found)

        self.work("metrics-report", job, show, what="Reading the report")

    def _show_report(self, report: evaluation.Report | None, trouble: str, computing: bool) -> None:
        """Show the report, or how to make one; while another process computes it, look again."""
        first = self.report is None or report is None
        self.report = report
        head, none = self.query_one(MetricsHeader), self.query_one(NoReport)
        head.report, head.pairs = report, self.pairs
        none.pairs, none.trouble, none.known = self.pairs, trouble, True
        waited, self._computing = self._computing, computing and self._child is None
        none.computing = self._computing
        if self._computing:
            self.set_timer(WAIT, self._read)
        elif waited:
            self._take_scores()
        if report is None:
            self._show("no-report")
        else:
            self.query_one(ScoresPane).report = report
            if first:
                self._show("scores")

    @command("metrics.pairs", "t", "other pairs", 70)
    def action_pairs(self) -> None:
        """Switch between validation pairs and test pairs."""
        self.pairs = "test" if self.pairs == "validation" else "validation"
        self._read()

    @command("metrics.counting", "c", "counting", 69)
    def action_counting(self) -> None:
        """Count all pairs, leave out repeats, or count as the paper does."""
        scores, head = self.query_one(ScoresPane), self.query_one(MetricsHeader)
        order = list(COUNTINGS)
        scores.counting = order[(order.index(scores.counting) + 1) % len(order)]
        head.counting = scores.counting

    # --- scoring in the background

    @command("metrics.evaluate", "e", "score now", 80)
    def action_evaluate(self) -> None:
        """Score the library (segue evaluate)."""
        library = self.segue.library
        if is_shipped(library.path):
            self.segue.say("The demo and its scores can't be changed. Train a library to score it.")
            return
        child = Child(
            ("evaluate", "--library", str(library.path), "--pairs", self.pairs, "--json"), "evaluate"
        )
        if not self.start(child, "Scoring"):
            return
        self._child, self._began = child, time.monotonic()
        self.query_one(MetricsHeader).scoring = Scoring(0.0)
        self.follow(child, self._show_progress, self._show_scored, "Scoring")
        self.segue.refresh_keys()

    @command("metrics.stop", "E", "stop scoring", 81)
    def action_stop(self) -> None:
        """Stop scoring and keep the previous scores."""
        if self._child is not None:
            self._child.stop()

    def _show_progress(self, event: Event) -> None:
        total = event.get("total") or 0
        if event["event"] == "progress" and total and self._child is not None:
            share = event["done"] / total
            self.query_one(MetricsHeader).scoring = Scoring(time.monotonic() - self._began, share)

    def _show_scored(self, child: Child) -> None:
        """Show the new report, or say why there is none."""
        self._child = None
        self.query_one(MetricsHeader).scoring = None
        if child.code == 0:
            self._take_scores()
            self.segue.say("Scoring has finished.")
            self._read()
        elif child.stopping:
            self.segue.say("Scoring was stopped; e starts it again.")
        else:
            self.segue.say(f"Scoring failed: {child.what_went_wrong}", "error")
        self.segue.refresh_keys()

    def _take_scores(self) -> None:
        """Return the open library the weights and figures that were computed meanwhile."""
        library = self.segue.library
        library.manifest = manifest = Manifest.read(library.path / "library.json")
        if manifest.next_weight is not None:
            weights = manifest.next_weight, manifest.next_popularity, manifest.next_following
            set_next_weights(library, *weights)
        self.segue.refresh_keys()

    # --- the playlists of a bucket

    def _open_bucket(self) -> None:
        scores, library = self.query_one(ScoresPane), self.segue.library
        bucket, chosen, report = scores.buckets.item, scores.rankers.item, self.report
        if bucket is None or chosen is None or report is None:
            return
        request = PairsRequest(report.pairs, bucket, chosen.ranker, report.k)
        pane = self.query_one(PairsPane)
        if request != pane.request:
            pane.start(request)

            def job() -> list[tuple[evaluation.Pair, int]]:
                pairs = evaluation.list_pairs(library, request.pairs, bucket=bucket)
                both = np.array([(pair.seed, pair.target) for pair in pairs], np.int32)
                ranks = evaluation.pair_ranks(ranker(library, request.ranker), both, request.k)
                return list(zip(pairs, ranks.tolist(), strict=True))

            def show(ranked: list[tuple[evaluation.Pair, int]]) -> None:
                pane.show(request, ranked)

            self.work("metrics-pairs", job, show, what="Listing the playlists")
        self._show("bucket")

    @command("metrics.filter", "i", "hits or misses", 79)
    def action_filter(self) -> None:
        """List all playlists, the hits only, or the misses only."""
        pane = self.query_one(PairsPane)
        pane.filter = FILTERS[(FILTERS.index(pane.filter) + 1) % len(FILTERS)]

    # --- one playlist

    def _open_case(self, pair: evaluation.Pair) -> None:
        job = partial(evaluation.open_case, self.segue.library, pair, rankers=tuple(self._columns))
        self.work("metrics-case", job, self._show_case, what="Opening the playlist")

    def _show_case(self, case: evaluation.Case) -> None:
        self.query_one(CasePane).show(case)
        if self.level != "case":
            self._show("case")

    @command("metrics.next_case", "n", "next playlist", 78)
    def action_next_case(self) -> None:
        """Go to the next held-out playlist."""
        self._turn(1)

    @command("metrics.previous_case", "N", "previous", 77)
    def action_previous_case(self) -> None:
        """Go to the previous held-out playlist."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        lines = self.query_one(PairsPane).lines
        before = lines.cursor
        lines.cursor += step
        if lines.cursor == before:
            self.segue.say("That was the last one." if step > 0 else "That was the first one.")
        elif lines.item is not None:
            self._open_case(lines.item[0])

    @command("metrics.ranker", "K", "other ranker", 76)
    def action_ranker(self) -> None:
        """Show the predictions of another ranker in the focused column."""
        pane = self.query_one(CasePane)
        column, names = pane.focused_column(), available_rankers(self.segue.library)
        if column is None:
            self.segue.say("Press Tab to go to a column of predictions first.")
        elif pane.case is not None:
            other = self._columns[1 - column]
            following = names[names.index(self._columns[column]) + 1 :] + names
            self._columns[column] = next(name for name in following if name != other)
            self._open_case(pane.case.pair)

    def on_track_list_chosen(self, event: TrackList.Chosen) -> None:
        """Open the track where its neighbours are listed."""
        event.stop()
        self.segue.go(TrackPlace((event.row,)))

    def on_track_list_moved(self, event: TrackList.Moved) -> None:
        """Report where the cursor of the focused list is, for audition."""
        event.stop()
        if event.lines.has_focus:
            self.segue.cursor_rested(event.row)
