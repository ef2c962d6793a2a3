"""The panels beside the form: the libraries, the training that runs, and the search for settings."""

from dataclasses import dataclass
from pathlib import Path

from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from segue.core.errors import SegueError
from segue.core.evaluation import best_of_model
from segue.core.libraries import library_at
from segue.core.library import Library, Manifest
from segue.core.places import all_libraries
from segue.core.text import printable
from segue.core.tuning.render import Entry, Leaderboard, importance_bars, reached, result_lines, text, varied
from segue.tui.model.glyphs import Glyphs, bar, clock, figure, fit
from segue.tui.panes.train.run import PHASES, Run
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.chart import Curve
from segue.tui.widgets.cursor_list import LineList, Part, TableHead


def amount(number: object) -> str:
    """A whole number as one reads it; nothing where a library says something else of itself."""
    return f"{number:,}" if isinstance(number, int) and not isinstance(number, bool) else ""


class Facts(SegueWidget):
    """A training in words: what it does, how far and how fast; without one, the library under the cursor."""

    run: reactive[Run | None] = reactive(None)
    library: reactive["StoredLibrary | None"] = reactive(None)

    def render(self) -> RenderResult:
        """Draw the lines."""
        run = self.run
        if run is None:
            start = Content.assemble(
                ("Nothing is being trained\n", "bold $quiet"),
                ("Fill in the form and press ctrl+s. i goes to the form.\n", "$quiet"),
                ("In a shell: segue train FILE --name NAME", "$faint"),
            )
            return Content("\n").join([*self._about(), start])
        style = "$error" if run.phase == "failed" else "$success" if run.phase == "done" else "$accent"
        head = Content.assemble((printable(run.name), "bold"), (f"  {PHASES[run.phase]}", style))
        corpus = Content.styled(run.corpus or "…", "$quiet")
        return Content("\n").join([head, corpus, self._progress(run), self._words(run)])

    def _about(self) -> list[Content]:
        """What the library under the cursor was made of, and how well it predicts."""
        stored = self.library
        if stored is None or stored.manifest is None:
            return []
        manifest, glyphs = stored.manifest, self.segue.glyphs
        made, corpus = {**manifest.parameters, **manifest.training}, manifest.corpus
        facts = [
            ("tracks", f"{stored.tracks:,}"),
            ("playlists", amount(corpus.get("n_playlists"))),
            ("from", str(corpus.get("source", ""))),
            ("recipe", manifest.recipe),
            ("dimensions", amount(made.get("dim"))),
            ("epochs", amount(made.get("epochs"))),
            ("made", stored.created),
        ]
        room = max(self.size.width - 12, 4)
        lines = [Content.styled(printable(stored.path.name), "bold"), Content("")]
        lines += [
            Content.assemble((f"{name:<12}", "$quiet"), fit(printable(value), room, glyphs.ellipsis))
            for name, value in facts
            if value
        ]
        scores = manifest.scores.get("validation", {})
        figures = {name: each["hit@10"] for name, each in scores.items() if "hit@10" in each}
        if figures:
            lines += [Content(""), Content.styled("hit@10 on validation pairs", "bold $quiet")]
        best = sorted(figures, key=lambda name: -figures[name])[:5]
        for name in dict.fromkeys([*best, *({"popularity"} & set(figures))]):
            drawn = bar(figures[name], max(min(24, self.size.width - 21), 0), glyphs)
            figure = f" {figures[name]:.3f}"
            lines.append(Content.assemble((fit(name, 14), "$quiet"), (drawn, "$primary"), figure))
        return [*lines, Content("")]

    def _progress(self, run: Run) -> Content:
        width = max(min(self.size.width - 6, 60), 4)
        done = bar(run.fraction, width, self.segue.glyphs).rstrip()
        rest = self.segue.glyphs.rest * (width - len(done))
        return Content.assemble((done, "$accent"), (rest, "$line"), (f" {run.fraction:>4.0%}", "$quiet"))

    def _words(self, run: Run) -> Content:
        if run.phase == "failed":
            return Content.styled(printable(run.remark), "$error")
        if run.phase in {"scoring", "done"}:
            return Content.assemble(("o", "bold $primary"), " opens it")
        if run.phase == "stopped":
            keys = (("o", "bold $primary"), " opens what it has   ", ("R", "bold $primary"), " resumes it")
            return Content.assemble(*keys)
        if not run.epochs:
            return Content.styled(printable(run.remark), "$faint")
        words = f"epoch {run.epoch} of {run.epochs}   {run.speed:,.0f} positives/s   "
        return Content.styled(
            f"{words}{clock(run.seconds)} elapsed, {clock(run.seconds_left)} left", "$quiet"
        )


class RunPanel(SegueWidget):
    """A training with its curves."""

    run: reactive[Run | None] = reactive(None, init=False)

    def compose(self) -> ComposeResult:
        """Lay out the facts above two curves."""
        yield Facts(id="facts")
        with Horizontal(id="run-curves"):
            yield Curve("hit@10 by epoch", floor=0.0, id="run-hit")
            yield Curve("loss by epoch", id="run-loss")

    def watch_run(self, run: Run | None) -> None:
        """Show how far it is."""
        self.query_one(Facts).run = run
        self.set_class(run is None, "idle")
        self.query_one("#run-curves").display = run is not None and bool(run.loss)
        if run is not None:
            self.query_one("#run-hit", Curve).show(run.hit)
            self.query_one("#run-loss", Curve).show(run.loss)


STATES = {"searching": "searching", "retraining": "training the winner again", "finished": "finished"}


class BoardPanel(SegueWidget):
    """A search for settings: its trials, the best first, and what matters."""

    board: reactive[Leaderboard | None] = reactive(None, init=False)

    def compose(self) -> ComposeResult:
        """Lay out the trials under a title."""
        yield Static("", id="board-title", markup=False)
        yield TableHead(lambda _width: "  trial  hit@10         epochs  settings" if self.board else "")
        yield LineList(self._draw, glyphs=self.segue.glyphs, id="board")
        yield Static("", id="board-facts", markup=False)

    @property
    def entries(self) -> LineList[Entry]:
        """The list of trials."""
        return self.query_one("#board", LineList)

    def show_none(self, library: str, trouble: str) -> None:
        """Show that a library has no search, or why its search can't be shown."""
        self.set_reactive(BoardPanel.board, None)
        self.query_one("#board-title", Static).update(f"Search for settings: {printable(library)}")
        self.query_one(TableHead).refresh()
        self.query_one("#board-facts", Static).update("")
        self.entries.show([], empty=trouble or "No search yet. T starts one here, segue tune in a shell.")

    def watch_board(self, board: Leaderboard | None) -> None:
        """Show how far the search is."""
        if board is None:
            return
        tried = sum(entry.state == "done" for entry in board.entries)
        pruned = sum(entry.state == "pruned" for entry in board.entries)
        stopped = board.state == "searching" and not any(entry.state == "running" for entry in board.entries)
        state = "stopped, T resumes it" if stopped and board.entries else STATES[board.state]
        title = f"Search for {printable(board.library)}: {state}, {tried} tried, {pruned} pruned"
        self.query_one("#board-title", Static).update(title)
        self.query_one(TableHead).refresh()
        entries = [entry for entry in board.ranked() if entry.state != "stopped"]
        self.entries.show(entries, cursor=self.entries.cursor, empty="The first trial is being prepared.")
        facts = [*result_lines(board), *importance_bars(board)]
        self.query_one("#board-facts", Static).update(printable("\n".join(facts)) if facts else "")

    def _draw(self, entry: Entry, width: int) -> list[Part]:
        board, glyphs = self.board, self.segue.glyphs
        if board is None:
            return []
        best = max((reached(one) for one in board.entries), default=0.0) or 1.0
        score = reached(entry)
        names = varied(board)
        settings = entry.name or "  ".join(f"{name} {text(entry.params.get(name))}" for name in names)
        done = entry.state == "done"
        return [
            (f"{entry.number:>6}  ", "faint"),
            (figure(score, 4) if score else "   – ", "strong" if done else "quiet"),
            (" " + bar(score / best, 8, glyphs) + " ", "bar"),
            (f"{len(entry.epochs):>3} ", "quiet"),
            (fit("" if done else entry.state, 8), "accent"),
            (fit(settings, max(width - 34, 0), glyphs.ellipsis), "quiet"),
        ]


DATED = 44
"""Cells from which on a line has the date."""


@dataclass(frozen=True)
class StoredLibrary:
    """A library on disk."""

    path: Path
    tracks: int = 0
    hit: float | None = None
    """hit@10 on validation pairs of its better ranker, baselines aside."""
    created: str = ""
    trouble: str = ""
    """Why it can't be opened."""
    manifest: Manifest | None = None


def stored_libraries(current: Path) -> list[StoredLibrary]:
    """Read every library there is, and the open one wherever it is. Some milliseconds each: for a thread."""
    paths = list(all_libraries())
    if not any(same(path, current) for path in paths):
        paths = [current, *paths]
    return [stored_library(path) for path in paths]


def stored_library(path: Path) -> StoredLibrary:
    """Read one library's facts."""
    try:
        library = Library.open(path)
        best = best_of_model(library.manifest)
        hit = None if best is None else best[1]["hit@10"]
        manifest = library.manifest
        return StoredLibrary(path, len(library), hit, manifest.created[:10], manifest=manifest)
    except SegueError as error:
        return StoredLibrary(path, trouble=str(error))


def is_unfinished(path: Path) -> bool:
    """Whether a library was left by a stopped training."""
    found = library_at(path)
    return found is not None and found.training.get("stopped_early") is True


def same(one: Path, other: Path) -> bool:
    """Whether two paths are one folder."""
    return one.absolute() == other.absolute()


def draw(item: StoredLibrary, width: int, *, current: Path, glyphs: Glyphs) -> list[Part]:
    """Draw a library: whether it is open, its name, its size, its score, and when it was made."""
    sign = f"{glyphs.here} " if same(item.path, current) else "  "
    if item.trouble:
        name = fit(item.path.name, 14, glyphs.ellipsis)
        return [("  ", "text"), (f"{name} ", "text"), (fit(item.trouble, width - 18, glyphs.ellipsis), "bad")]
    room = _room(width)
    hit = "-" if item.hit is None else figure(item.hit)
    parts = [
        (sign, "accent"),
        (fit(item.path.name, room, glyphs.ellipsis), "strong" if sign.strip() else "text"),
        (f"{item.tracks:>10,}", "quiet"),
        (f"{hit:>6}", "text"),
    ]
    return [*parts, (f"  {item.created}", "faint")] if width >= DATED else parts


def head(width: int) -> str:
    """Return the line above the list."""
    line = f"   {'library':<{_room(width)}}{'tracks':>10}{'hit':>6}"
    return f"{line}  made" if width >= DATED else line


def _room(width: int) -> int:
    """Return the cells that a name has."""
    return max(width - 19 - (12 if width >= DATED else 0), 4)
