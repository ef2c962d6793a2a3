"""The held-out playlists of a bucket."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widgets import Static

from segue.core.evaluation import Bucket, Pair
from segue.core.evaluation.report import PairSet
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.cells import fit
from segue.tui.widgets.line_list import LineList, Part, TableHead

Filter = Literal["all", "hits", "misses"]
FILTERS: tuple[Filter, ...] = ("all", "hits", "misses")


@dataclass(frozen=True)
class PairsRequest:
    """Which playlists to list."""

    pairs: PairSet
    bucket: Bucket
    ranker: str
    k: int


class PairsPane(SegueWidget):
    """A line for each held-out playlist: was the truth found, after which track, which track it was."""

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
        self.query_one("#pairs-title", Static).update(f"Playlists whose truth occurs {self._times()} …")
        self.lines.show([], empty="Ranking …")

    def show(self, request: PairsRequest, ranked: Sequence[tuple[Pair, int]]) -> None:
        """List pairs with the rank of each one's truth, 0 for a miss, if they are still asked for."""
        if request == self.request:
            self._all = list(ranked)
            self._list()

    def watch_filter(self) -> None:
        """List hits or misses only."""
        if self.request is not None:
            self._list()

    def _times(self) -> str:
        bucket = self.request.bucket if self.request else None
        label = bucket.label if bucket else ""
        return label if label == "never" else f"{label} times"

    def _list(self) -> None:
        request = self.request
        if request is None:
            return
        hits = sum(rank > 0 for _, rank in self._all)
        kept = [
            pair for pair in self._all if self.filter == "all" or (pair[1] > 0) == (self.filter == "hits")
        ]
        only = "" if self.filter == "all" else f", the {self.filter} only"
        title = (
            f"{len(self._all):,} {request.pairs} playlists whose truth occurs {self._times()}{only}. "
            f"{request.ranker} finds {hits:,} of them."
        )
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
