"""The held-out playlists of a bucket, and one of them with what two rankers predict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.widgets import Static

from segue.core.evaluation import Bucket, Case, Pair, Prediction
from segue.core.evaluation.report import PairSet
from segue.core.text import counted, printable
from segue.tui.model.glyphs import fit
from segue.tui.model.listing import Listing
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.cursor_list import LineList, Part, TableHead
from segue.tui.widgets.track_list import TrackList

Filter = Literal["all", "hits", "misses"]
FILTERS: tuple[Filter, ...] = ("all", "hits", "misses")


@dataclass(frozen=True)
class PairsRequest:
    """Which playlists to list."""

    pairs: PairSet
    bucket: Bucket
    ranker: str
    k: int

    @property
    def times(self) -> str:
        """How often their targets occur."""
        return self.bucket.label if self.bucket.label == "never" else f"{self.bucket.label} times"


class PairsPane(SegueWidget):
    """A line for each held-out playlist: was the target found, after which track, which track it was."""

    filter: reactive[Filter] = reactive("all", init=False)
    request: PairsRequest | None = None

    def compose(self) -> ComposeResult:
        """Lay out the list under its title."""
        yield Static("", id="pairs-title", markup=False, classes="title")
        yield TableHead(self._head)
        yield LineList(self._draw, glyphs=self.segue.glyphs, id="pairs")

    @property
    def lines(self) -> LineList[tuple[Pair, int]]:
        """The list."""
        return self.query_one("#pairs", LineList)

    def start(self, request: PairsRequest) -> None:
        """Clear the list for other playlists, which are being ranked."""
        self.request = request
        self._all: list[tuple[Pair, int]] = []
        self.query_one("#pairs-title", Static).update(f"Playlists whose target occurs {request.times} …")
        self.lines.show([], empty="Ranking …")

    def show(self, request: PairsRequest, ranked: Sequence[tuple[Pair, int]]) -> None:
        """List pairs with the rank of each one's target, 0 for a miss, if they are still asked for."""
        if request == self.request:
            self._all = list(ranked)
            self._list()

    def watch_filter(self) -> None:
        """List hits or misses only."""
        if self.request is not None:
            self._list()

    def _list(self) -> None:
        request = self.request
        if request is None:
            return
        hits = sum(rank > 0 for _, rank in self._all)
        kept = [
            pair for pair in self._all if self.filter == "all" or (pair[1] > 0) == (self.filter == "hits")
        ]
        only = "" if self.filter == "all" else f", the {self.filter} only"
        playlists = counted(len(self._all), f"{request.pairs} playlist")
        found = f"{request.ranker} finds {hits:,} of them."
        title = f"{playlists} whose target occurs {request.times}{only}. {found}"
        self.query_one("#pairs-title", Static).update(title)
        self.lines.show(kept, empty=f"There are no {self.filter} here. i shows the others.")

    def _head(self, width: int) -> str:
        seed, target = self._widths(width)
        return f" {'playlist':>9}  {'rank':>4}  {fit('after', seed)}  {fit('came', target)}{'plays':>7}"

    @staticmethod
    def _widths(width: int) -> tuple[int, int]:
        left = max(width - 27, 20)
        return left // 2, left - left // 2

    def _draw(self, line: tuple[Pair, int], width: int) -> list[Part]:
        pair, rank = line
        seed, target = self._widths(width)
        infos = self.segue.tracks.infos([pair.seed, pair.target])
        dots = self.segue.glyphs.ellipsis
        found = f"{rank:>4}" if rank else f"{self.segue.glyphs.dot:>4}"
        return [
            (f"{pair.playlist:>9,}  ", "faint"),
            (f"{found}  ", "accent" if rank else "faint"),
            (fit(infos[0].label, seed, dots) + "  ", "quiet"),
            (fit(infos[1].label, target, dots), "text"),
            (f"{pair.target_count:>7,}", "faint"),
        ]


LISTS = ("case-tracks", "case-first", "case-second")


class CasePane(SegueWidget):
    """The playlist on the left, two columns of predictions beside it."""

    case: Case | None = None

    def compose(self) -> ComposeResult:
        """Lay out three lists."""
        app = self.segue
        lists = [
            TrackList(app.tracks, sign=self._sign, glyphs=app.glyphs, numbered=True, id=name)
            for name in LISTS
        ]
        yield Static("", id="case-title", markup=False, classes="title")
        with Horizontal(id="case-columns"):
            for tracks in lists:
                with Vertical(id=f"{tracks.id}-side", classes="case-side"):
                    yield Static("", id=f"{tracks.id}-head", markup=False, classes="table-head")
                    yield tracks

    def on_resize(self) -> None:
        """Put the playlist above the predictions where there is no room beside them."""
        self.set_class(self.app.size.width < 160, "narrow")

    on_mount = on_resize

    def show(self, case: Case) -> None:
        """Show another playlist."""
        self.case = case
        pair = case.pair
        target = f"{self.segue.glyphs.mark} {self.segue.tracks.info(pair.target).label}"
        title = (
            f"Playlist {pair.playlist:,}: after {counted(len(case.tracks), 'track')} came {printable(target)}"
        )
        self.query_one("#case-title", Static).update(title)
        self._show_tracks(case)
        for name, prediction in zip(LISTS[1:], case.predictions, strict=True):
            self._show_prediction(name, prediction, pair)

    def _sign(self, row: int) -> str:
        """Mark the target and the seed."""
        pair, glyphs = self.case.pair if self.case else None, self.segue.glyphs
        if pair is not None and row in (pair.target, pair.seed):
            return glyphs.mark if row == pair.target else glyphs.hop
        return self.segue.sign(row)

    def _show_tracks(self, case: Case) -> None:
        rows = [*case.tracks, case.pair.target]
        last = len(case.tracks)
        notes = {last - 1: "the seed", last: "the target"}
        self.query_one("#case-tracks", TrackList).show(Listing(rows, notes=notes), cursor=last)
        count = case.pair.target_count
        times = "in no other playlist" if count == 0 else f"{counted(count, 'time')} in training"
        self.query_one("#case-tracks-head", Static).update(f" What was played; the target occurs {times}")

    def _show_prediction(self, name: str, prediction: Prediction, pair: Pair) -> None:
        rows = prediction.rows
        found = [line for line, row in enumerate(rows) if row == pair.target]
        listing = Listing(
            rows,
            notes=dict.fromkeys(found, "the target"),
            empty=f"{prediction.ranker} predicts nothing from this seed. K shows another ranker.",
        )
        self.query_one(f"#{name}", TrackList).show(listing, cursor=found[0] if found else 0)
        self.query_one(f"#{name}-head", Static).update(
            f" {prediction.ranker}: {self._found(prediction, pair)}"
        )

    def _found(self, prediction: Prediction, pair: Pair) -> str:
        if pair.seed == pair.target:
            return "the target is the seed itself, which is never suggested"
        if prediction.rank_of_target is None:
            return "the target is unknown to it"
        return f"the target has rank {prediction.rank_of_target:,}"

    def focused_column(self) -> int | None:
        """Return which column of predictions has the focus, 0 or 1; None for the playlist."""
        names = {"case-first": 0, "case-second": 1}
        focused = self.segue.focused
        return names.get(focused.id or "") if focused is not None else None

    def focus_first(self) -> None:
        """Focus the first predictions."""
        self.query_one("#case-first", TrackList).focus()
