"""Metrics: the report, the held-out playlists of a bucket, and one of them with its predictions."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import ContentSwitcher
from textual.worker import get_current_worker

from segue.core.errors import SegueError
from segue.core.evaluation import (
    Pair,
    Report,
    is_being_scored,
    list_pairs,
    open_case,
    pair_ranks,
    read_report,
)
from segue.core.evaluation.report import PairSet
from segue.core.library import Manifest
from segue.core.places import is_shipped
from segue.core.rankers import available_rankers, default_ranker, ranker, set_next_weights
from segue.tui.child import Child, Event
from segue.tui.panes.base import BaseView, style_beside
from segue.tui.panes.metrics.case import CaseOpened, CasePane
from segue.tui.panes.metrics.commands import CONTEXT
from segue.tui.panes.metrics.figures import COUNTINGS
from segue.tui.panes.metrics.heads import MetricsHead, NoReport, Scoring
from segue.tui.panes.metrics.pairs import FILTERS, PairsListed, PairsPane, Question
from segue.tui.panes.metrics.scores import ScoresPane
from segue.tui.walk import Place
from segue.tui.widgets.line_list import LineList
from segue.tui.widgets.track_list import TrackList

WAIT = 1.0
"""Seconds until a report that is being computed is looked for again."""


@dataclass
class ReportRead(Message):
    """The library's report is known; None where it was not scored."""

    pairs: PairSet
    report: Report | None
    trouble: str = ""
    computing: bool = False
    """Whether another process is scoring the library, so that there will be one."""


@dataclass
class ScoringTold(Message):
    """The child that scores the library told something."""

    child: Child
    event: Event


@dataclass
class ScoringEnded(Message):
    """The child that scores the library has ended."""

    child: Child


class MetricsView(BaseView):
    """Three levels, each a pane: the scores, the playlists of a bucket, one playlist."""

    DEFAULT_CSS = style_beside(__file__)
    BINDINGS: ClassVar[list[BindingType]] = [*CONTEXT.bindings()]
    CONTEXT = CONTEXT

    pairs: PairSet = "validation"
    report: Report | None = None

    _child: Child | None = None
    _began = 0.0
    _computing = False

    def compose(self) -> ComposeResult:
        """Lay out the head and the levels."""
        yield MetricsHead(id="metrics-head")
        with ContentSwitcher(initial="no-report", id="levels"):
            yield NoReport(id="no-report")
            yield ScoresPane(id="scores")
            yield PairsPane(id="bucket")
            yield CasePane(id="case")

    def on_mount(self) -> None:
        """Choose the two rankers that predict side by side: the model alone, and what ranks by default."""
        first, second = "nearest", default_ranker(self.segue.library)
        self._columns = [first, second if second != first else "popularity"]

    def opened(self) -> None:
        """Read the report: it may have been written since."""
        self._read()

    async def on_unmount(self) -> None:
        """Leave no scoring behind: nobody would see its report."""
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
        """Give the focus to the pane in sight."""
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
        """Give the truth of the playlist under the cursor."""
        if self.level != "bucket":
            return None
        item = self.query_one(PairsPane).lines.item
        return item[0].target if item else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer each key where it means something."""
        running = self._child is not None
        holds = {
            "open": self.level in {"scores", "bucket"},
            "up": self.level in {"bucket", "case"},
            "evaluate": not running and not self._computing and self.level in {"scores", "no-report"},
            "stop": running,
            "pairs": self.level in {"scores", "no-report"},
            "counting": self.level == "scores",
            "filter": self.level == "bucket",
            "next_case": self.level == "case",
            "previous_case": self.level == "case",
            "ranker": self.level == "case",
        }
        return holds.get(action, super().check_action(action, parameters))

    def action_open(self) -> None:
        """Go into the line under the cursor."""
        if isinstance(self.segue.focused, LineList):
            self.segue.focused.action_choose()

    def action_up(self) -> None:
        """Go back a level."""
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

        def job() -> ReportRead:
            try:
                computing = is_being_scored(library)  # first: the report is written before the lock ends
                report = read_report(library, pairs)
                return ReportRead(pairs, report, computing=report is None and computing)
            except SegueError as error:
                return ReportRead(pairs, None, str(error))

        self.segue.work("metrics-report", job, what="Reading the report", to=self)

    def on_report_read(self, message: ReportRead) -> None:
        """Show the report, or say how to come by one."""
        if message.pairs != self.pairs:
            return
        first = self.report is None or message.report is None
        self.report = message.report
        head, none = self.query_one(MetricsHead), self.query_one(NoReport)
        head.report, head.pairs = message.report, message.pairs
        none.pairs, none.trouble, none.known = message.pairs, message.trouble, True
        waited, self._computing = self._computing, message.computing and self._child is None
        none.computing = self._computing
        if self._computing:
            self.set_timer(WAIT, self._read)
        elif waited:
            self._scored()
        if message.report is None:
            self._show("no-report")
        else:
            self.query_one(ScoresPane).report = message.report
            if first:
                self._show("scores")

    def action_pairs(self) -> None:
        """Change between validation and test pairs."""
        self.pairs = "test" if self.pairs == "validation" else "validation"
        self._read()

    def action_counting(self) -> None:
        """Count repeats in another way."""
        scores, head = self.query_one(ScoresPane), self.query_one(MetricsHead)
        order = list(COUNTINGS)
        scores.counting = order[(order.index(scores.counting) + 1) % len(order)]
        head.counting = scores.counting

    # --- scoring in the background

    def action_evaluate(self) -> None:
        """Score the library in another process."""
        library = self.segue.library
        if is_shipped(library.path):
            self.segue.say("The demo stays as it was shipped, its scores too. Train a library to score it.")
            return
        child = Child(
            ("evaluate", "--library", str(library.path), "--pairs", self.pairs, "--json"), "evaluate"
        )
        try:
            child.start()
        except OSError as error:
            self.segue.say(f"Scoring can't start: {error}", "error")
            return
        self._child, self._began = child, time.monotonic()
        self.query_one(MetricsHead).scoring = Scoring(0.0)
        self.segue.work("metrics-scoring", self._follow(child), what="Scoring", to=self)
        self.segue.refresh_keys()

    def _follow(self, child: Child) -> Callable[[], Message]:
        def job() -> Message:
            worker = get_current_worker()
            for event in child.events(lambda: worker.is_cancelled):
                self.post_message(ScoringTold(child, event))
            return ScoringEnded(child)

        return job

    def action_stop(self) -> None:
        """Stop scoring."""
        if self._child is not None:
            self._child.stop()

    def on_scoring_told(self, message: ScoringTold) -> None:
        """Show how far it is."""
        total = message.event.get("total") or 0
        if message.event["event"] == "progress" and total:
            share = message.event["done"] / total
            self.query_one(MetricsHead).scoring = Scoring(time.monotonic() - self._began, share)

    def on_scoring_ended(self, message: ScoringEnded) -> None:
        """Show the new report, or say why there is none."""
        child, self._child = message.child, None
        self.query_one(MetricsHead).scoring = None
        if child.code == 0:
            self._scored()
            self.segue.say("Scored.")
            self._read()
        elif child.stopping:
            self.segue.say("Scoring was stopped.")
        else:
            self.segue.say(f"Scoring failed: {child.what_went_wrong}", "error")
        self.segue.refresh_keys()

    def _scored(self) -> None:
        """Let the open library have the weights and the figures that were found meanwhile."""
        library = self.segue.library
        library.manifest = Manifest.read(library.path / "library.json")
        if library.manifest.next_weight is not None:
            set_next_weights(library, library.manifest.next_weight, library.manifest.next_popularity)
        self.segue.refresh_keys()

    # --- the playlists of a bucket

    def _open_bucket(self) -> None:
        scores, library = self.query_one(ScoresPane), self.segue.library
        bucket, chosen, report = scores.buckets.item, scores.rankers.item, self.report
        if bucket is None or chosen is None or report is None:
            return
        question = Question(report.pairs, bucket, chosen.ranker, report.k)
        pane = self.query_one(PairsPane)
        if question != pane.question:
            pane.ask(question)

            def job() -> PairsListed:
                pairs = list_pairs(library, question.pairs, bucket=bucket)
                both = np.array([(pair.seed, pair.target) for pair in pairs], np.int32)
                ranks = pair_ranks(ranker(library, question.ranker), both, question.k)
                return PairsListed(question, pairs, ranks.tolist())

            self.segue.work("metrics-pairs", job, what="Listing the playlists", to=self)
        self._show("bucket")

    def on_pairs_listed(self, message: PairsListed) -> None:
        """List them."""
        self.query_one(PairsPane).answer(message)

    def action_filter(self) -> None:
        """List all, hits or misses."""
        pane = self.query_one(PairsPane)
        pane.filter = FILTERS[(FILTERS.index(pane.filter) + 1) % len(FILTERS)]

    # --- one playlist

    def _open_case(self, pair: Pair) -> None:
        library, names = self.segue.library, tuple(self._columns)
        self.segue.work(
            "metrics-case",
            lambda: CaseOpened(open_case(library, pair, rankers=names)),
            what="Opening the playlist",
            to=self,
        )

    def on_case_opened(self, message: CaseOpened) -> None:
        """Show it."""
        self.query_one(CasePane).show(message.case)
        if self.level != "case":
            self._show("case")

    def action_next_case(self) -> None:
        """Go to the next playlist of the list."""
        self._turn(1)

    def action_previous_case(self) -> None:
        """Go to the playlist before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        lines = self.query_one(PairsPane).lines
        before = lines.cursor
        lines.cursor += step
        if lines.cursor == before:
            self.segue.say("That was the last one." if step > 0 else "That was the first one.")
        elif lines.item is not None:
            self._open_case(lines.item[0])

    def action_ranker(self) -> None:
        """Let the next ranker predict in the focused column."""
        pane = self.query_one(CasePane)
        column, names = pane.focused_column(), available_rankers(self.segue.library)
        if column is None:
            self.segue.say("Go to a column of predictions first: tab.")
        elif pane.case is not None:
            other = self._columns[1 - column]
            following = names[names.index(self._columns[column]) + 1 :] + names
            self._columns[column] = next(name for name in following if name != other)
            self._open_case(pane.case.pair)

    def on_track_list_chosen(self, event: TrackList.Chosen) -> None:
        """Open the track where its neighbours are listed."""
        event.stop()
        self.segue.desk.walk.go(Place("track", (event.row,)))

    def on_track_list_moved(self, event: TrackList.Moved) -> None:
        """Let the sound follow the cursor of the focused list."""
        event.stop()
        if event.tracks.has_focus:
            self.segue.desk.sound.rested(event.row)
