"""Compare: the neighbours of one track in two libraries, side by side."""

from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult, RenderResult
from textual.content import Content
from textual.reactive import reactive, var
from textual.widgets import Static

from segue.core.errors import SegueError
from segue.core.evaluation import Measure, decision
from segue.core.evaluation.compare import Comparison
from segue.core.evaluation.compare import compare as measure
from segue.core.evaluation.render import signed
from segue.core.explore.neighbours import Neighbour
from segue.core.library import Library
from segue.core.places import all_libraries
from segue.core.text import counted, printable
from segue.tui.commands import command
from segue.tui.model.glyphs import figure, fit, interval_bar
from segue.tui.model.listing import Tracks
from segue.tui.model.places import Place, TrackPlace
from segue.tui.model.values import Dials
from segue.tui.model.walk import Walk
from segue.tui.panes import BaseView, style_beside
from segue.tui.panes.compare.comparison import Compared, Figures, Line, Side, compare, figures
from segue.tui.screens.ask import FilterScreen
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.cursor_list import LineList, Part, TableHead


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
        facts = f"{side.tracks:>9,} tracks x {side.dimensions:<4} {fit(printable(side.recipe), 8, dots)}"
        head = Content.assemble(
            (f" {letter} ", "bold $primary"), (fit(side.name, 14, dots), "bold"), (facts, "$quiet")
        )
        if not side.rankers:
            shown = f"  not scored: segue evaluate --library {printable(side.argument)}"
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
            pairs = f"{counted(found.one.scores.pairs, f'{found.pairs} pair')}, by {found.one.ranker}"
            return Content.styled(f" {numbers}: {verdict}; {pairs}", "$accent")
        if one.fingerprint and one.fingerprint == other.fingerprint:
            return Content.styled(
                " Trained on the same playlists. d measures both on the same pairs.", "$faint"
            )
        return Content.styled(" Trained on different playlists: their scores are not comparable.", "$faint")


class CompareView(BaseView):
    """A table of figures, and two aligned lists that move as one."""

    DEFAULT_CSS = style_beside(__file__)
    BINDING_GROUP_TITLE = "Compare"
    HELP = (
        "The neighbours of one track in two libraries. Tracks that both list, in the same order, stand on "
        "one line with an = between them. An arrow gives the rank of a track in the other library; + "
        "marks one that the other list lacks. Enter on a line compares from there."
    )
    walk: var[Walk] = var(Walk, init=False)
    dials: var[Dials] = var(Dials, init=False)

    _other: Library | None = None
    _tracks: Tracks | None = None
    """The tracks of the other library."""
    _found: Compared | None = None

    def compose(self) -> ComposeResult:
        """Lay out the table above the lists."""
        yield FiguresTable(id="figures")
        yield Static("", id="compare-title", markup=False)
        yield TableHead(self._head)
        yield LineList[Line](self._draw, glyphs=self.segue.glyphs, id="compare-lines")

    def follows(self, place: Place) -> bool:
        """Stay in sight on the way from track to track."""
        return isinstance(place, TrackPlace)

    def became_visible(self) -> None:
        """Compare, once the view is mounted."""
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Take another library, if one was chosen or there is one to choose."""
        if self._other is not None:
            self._ask()
            return
        others = self._others()
        if others:
            self._open(max(others, key=lambda path: (path / "library.json").stat().st_mtime))
        else:
            self._say_nothing("No other library to compare with. F6 trains one.")

    def focus_first(self) -> None:
        """Focus the lists."""
        self.lines.focus()

    @property
    def lines(self) -> LineList[Line]:
        """The aligned lists."""
        return self.query_one("#compare-lines", LineList)

    def current_row(self) -> int | None:
        """Return the track under the cursor as a row of the open library; its own side first."""
        found, line = self._found, self.lines.item
        if found is None or line is None:
            return None
        if line.left is not None:
            return found.left[line.left.place].row
        return None if line.right is None else found.here[line.right.place]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer each command where it applies."""
        if action in {"next_difference", "previous_difference", "measure"}:
            return self._found is not None
        if action == "open":
            return self._other is not None
        return super().check_action(action, parameters)

    # --- the other library

    def _others(self) -> list[Path]:
        here = self.segue.library.path.absolute()
        return [path for path in all_libraries() if path.absolute() != here]

    @command("compare.choose", "c", "other library", 97)
    def action_choose(self) -> None:
        """Choose the library to compare with."""
        others = self._others()
        if not others:
            self.segue.say("No other library to compare with. F6 trains one.")
            return
        choices = [(str(path), path.name, str(path.parent)) for path in others]
        screen = FilterScreen("Compare with which library?", choices)
        self.segue.ask(screen, lambda answer: self._open(Path(answer)))

    def _open(self, path: Path) -> None:
        def job() -> Library | str:
            try:
                return Library.open(path)
            except SegueError as error:
                return str(error)

        self._say_nothing(f"Opening {path.name} …")
        self.work("compare-open", job, self._show_other, what="Opening the other library")

    def _show_other(self, other: Library | str) -> None:
        """Compare with a library, or show why it could not be opened."""
        table = self.query_one(FiguresTable)
        table.sides = table.measured = None
        self._other, self._found = None, None
        if isinstance(other, str):
            self._say_nothing(f"{other}. c chooses another library.")
            return
        self._other, self._tracks = other, Tracks(other.catalogue.infos)
        try:
            table.sides = (figures(self.segue.library), figures(other))
        except SegueError as error:
            self.segue.say(str(error), "error")
        self._ask()

    @command("compare.open", "o", "open the other", 77)
    def action_open(self) -> None:
        """Open the other library in place of this one."""
        if self._other is not None:
            self.segue.open_library(self._other.path)

    # --- the neighbours

    def _seed(self) -> int:
        """Return the track where the listener is, or the one under the cursor of the list there."""
        app = self.segue
        if (seed := app.walk.here.seed) is not None:
            return seed
        rows = app.listing.rows
        return rows[min(app.walk.cursor, len(rows) - 1)] if rows else 0

    def _ask(self) -> None:
        """Compare at the present place, with the dials as they are now."""
        other = self._other
        if other is None or not self.display:
            return
        row, request = self._seed(), self.segue.listing_request()
        self.work("compare", lambda: compare(request, other, row), self._show, what="Comparing")

    watch_walk = watch_dials = _ask

    def _show(self, found: Compared) -> None:
        """Show both lists, if they are still asked for."""
        if found.other is not self._other or found.row != self._seed():
            return
        label = printable(self.segue.tracks.info(found.row).label)
        if found.missing:
            self._say_nothing(f"{label}: {found.missing} Search another track: /.")
            return
        self._found = found
        most = max(len(found.left), len(found.right))
        title = f" {found.shared} of {most} in both, near {label}"
        self.query_one("#compare-title", Static).update(printable(title))
        self.query_one(TableHead).refresh()
        self.lines.show(found.lines, empty="The dials leave no neighbour in either library.")
        self.segue.refresh_keys()

    def _say_nothing(self, why: str) -> None:
        self._found = None
        self.query_one("#compare-title", Static).update("")
        self.query_one(TableHead).refresh()
        self.lines.show([], empty=why)

    def _head(self, width: int) -> str:
        found = self._found
        if found is None:
            return ""
        half = (width - 3) // 2
        sides = zip("AB", (self.segue.library, found.other), found.rankers, strict=True)
        heads = [fit(f"   {letter}  {library.name}, by {ranker}", half) for letter, library, ranker in sides]
        return f" {heads[0]}   {heads[1]}"

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Compare from the chosen track on."""
        event.stop()
        row = self.current_row()
        if row is None:
            self.segue.say("This library does not have that track; o opens the other one.")
        else:
            self.segue.go(TrackPlace((row,)))

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Report where the cursor is, for audition."""
        event.stop()
        if event.lines.has_focus:
            self.segue.cursor_rested(self.current_row())

    @command("compare.next_difference", "n", "next change", 80)
    def action_next_difference(self) -> None:
        """Go to the next line that differs."""
        self._to_difference(range(self.lines.cursor + 1, len(self.lines)))

    @command("compare.previous_difference", "N", "change before", 79)
    def action_previous_difference(self) -> None:
        """Go to the previous line that differs."""
        self._to_difference(range(self.lines.cursor - 1, -1, -1))

    def _to_difference(self, places: Sequence[int]) -> None:
        for place in places:
            if not self.lines.items[place].same:
                self.lines.cursor = place
                return
        self.segue.say("No more differences below. N goes back up.")

    # --- the same held-out pairs

    @command("compare.measure", "d", "measure", 78)
    def action_measure(self) -> None:
        """Compare both on the same held-out pairs, with an interval."""
        other, found, library = self._other, self._found, self.segue.library
        if other is not None and found is not None:
            sides = (library, found.rankers[0]), (other, found.rankers[1])
            self.segue.say("Ranking the held-out pairs in both libraries …")

            def show(difference: Comparison) -> None:
                if other is self._other:
                    self.query_one(FiguresTable).measured = difference

            self.work("compare-measure", lambda: measure(*sides), show, what="Measuring")

    # --- drawing

    def _draw(self, line: Line, width: int) -> list[Part]:
        found, tracks = self._found, self._tracks
        if found is None or tracks is None:
            return []
        half = (width - 3) // 2
        left = self._side(line.left, found.left, self.segue.tracks, half, same=line.same)
        right = self._side(line.right, found.right, tracks, width - 3 - half, same=line.same)
        return [*left, (" = " if line.same else "   ", "accent"), *right]

    def _side(
        self, side: Side | None, near: Sequence[Neighbour], tracks: Tracks, width: int, *, same: bool
    ) -> list[Part]:
        if side is None:
            return [(" " * width, "text")]
        neighbour = near[side.place]
        info = tracks.info(neighbour.row)
        label = fit(info.label, max(width - 16, 0), self.segue.glyphs.ellipsis)
        up, down = ("^", "v") if self.segue.glyphs.ascii_only else ("↑", "↓")
        mark = "" if same else "+"
        if not same and side.other is not None:  # where the other list has it
            higher, lower = side.other < side.place, side.other > side.place
            mark = f"{up if higher else down if lower else '='}{side.other + 1}"
        return [
            (f"{side.place + 1:>4} ", "faint"),
            (label, "quiet" if same else "text" if side.other is not None else "strong"),
            (f"{mark:>5}", "accent"),
            (f"{figure(neighbour.similarity, 2):>5} ", "faint"),
        ]
