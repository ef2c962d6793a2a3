"""Compare: the neighbours of one track in two libraries, side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from segue.core.errors import SegueError
from segue.core.evaluation.compare import compare as measure
from segue.core.explore.neighbours import Neighbour
from segue.core.library import Library
from segue.core.places import all_libraries
from segue.core.text import printable
from segue.tui.listing import Tracks
from segue.tui.panes.base import BaseView, style_beside
from segue.tui.panes.compare.align import Line, Side
from segue.tui.panes.compare.answers import Compared, Measured, OtherOpened, compare, figures
from segue.tui.panes.compare.commands import CONTEXT
from segue.tui.panes.compare.table import FiguresTable
from segue.tui.screens.choice import ChoiceScreen
from segue.tui.walk import Place
from segue.tui.widgets.cells import fit
from segue.tui.widgets.line_list import LineList, Part
from segue.tui.widgets.table_head import TableHead


class CompareView(BaseView):
    """A table of figures, and two aligned lists that move as one."""

    DEFAULT_CSS = style_beside(__file__)
    BINDINGS: ClassVar[list[BindingType]] = [*CONTEXT.bindings()]
    CONTEXT = CONTEXT

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

    def on_mount(self) -> None:
        """Follow the walk and the dials."""
        for name in ("walk", "dials"):
            self.watch(self.segue, name, self._ask, init=False)

    def follows(self, place: Place) -> bool:
        """Stay in sight on the way from track to track."""
        return place.kind == "track"

    def opened(self) -> None:
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
            self._say_nothing("There is no other library to compare with. Train one: F6.")

    def focus_first(self) -> None:
        """Give the focus to the lists."""
        self.lines.focus()

    @property
    def lines(self) -> LineList[Line]:
        """The aligned lists."""
        return self.query_one("#compare-lines", LineList)

    def current_row(self) -> int | None:
        """Give the track under the cursor as a row of the open library; its own side first."""
        found, line = self._found, self.lines.item
        if found is None or line is None:
            return None
        if line.left is not None:
            return found.left[line.left.place].row
        if line.right is None or self._tracks is None:
            return None
        track_id = self._tracks.info(found.right[line.right.place].row).track_id
        return next(iter(self.segue.library.catalogue.rows_of_ids([track_id])), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer each key where it means something."""
        if action in {"next_difference", "previous_difference", "measure"}:
            return self._found is not None
        if action == "open":
            return self._other is not None
        return super().check_action(action, parameters)

    # --- the other library

    def _others(self) -> list[Path]:
        here = self.segue.library.path.absolute()
        return [path for path in all_libraries() if path.absolute() != here]

    def action_choose(self) -> None:
        """Ask for the library to compare with."""
        others = self._others()
        if not others:
            self.segue.say("There is no other library. F6 trains one.")
            return
        choices = [(str(path), path.name, str(path.parent)) for path in others]
        self.segue.push_screen(
            ChoiceScreen("Compare with which library?", choices),
            lambda answer: self._open(Path(answer)) if answer else None,
        )

    def _open(self, path: Path) -> None:
        def job() -> OtherOpened:
            try:
                return OtherOpened(path, Library.open(path))
            except SegueError as error:
                return OtherOpened(path, None, str(error))

        self._say_nothing(f"Opening {path.name} …")
        self.segue.work("compare-open", job, what="Opening the other library", to=self)

    def on_other_opened(self, message: OtherOpened) -> None:
        """Compare with it."""
        table = self.query_one(FiguresTable)
        table.sides = table.measured = None
        self._other, self._found = message.library, None
        if message.library is None:
            self._say_nothing(f"{message.trouble}. c chooses another library.")
            return
        self._tracks = Tracks(message.library.catalogue)
        try:
            table.sides = (figures(self.segue.library), figures(message.library))
        except SegueError as error:
            self.segue.say(str(error), "error")
        self._ask()

    def action_open(self) -> None:
        """Open the other library in place of this one."""
        if self._other is not None:
            self.segue.open_library(self._other.path)

    # --- the neighbours

    def _seed(self) -> int:
        """Give the track where the listener is, or the one under the cursor of the list there."""
        app = self.segue
        if (seed := app.walk.here.seed) is not None:
            return seed
        rows = app.listing.rows
        return rows[min(app.place_cursor, len(rows) - 1)] if rows else 0

    def _ask(self) -> None:
        other = self._other
        if other is None or not self.display:
            return
        row, question = self._seed(), self.segue.question()
        self.segue.work("compare", lambda: compare(question, other, row), what="Comparing", to=self)

    def on_compared(self, message: Compared) -> None:
        """Show both lists."""
        if message.other is not self._other or message.row != self._seed():
            return
        label = printable(self.segue.tracks.info(message.row).label)
        if message.lacking:
            self._say_nothing(f"{label}: {message.lacking} Search another track: /.")
            return
        self._found = message
        most = max(len(message.left), len(message.right))
        title = f" {message.shared} of {most} in both, near {label}"
        self.query_one("#compare-title", Static).update(printable(title))
        self.query_one(TableHead).refresh()
        self.lines.show(message.lines, empty="Neither library has a neighbour that the dials let pass.")
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
            self.segue.say("This library does not know that track; o opens the other one.")
        else:
            self.segue.desk.walk.go(Place("track", (row,)))

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Let the sound follow the cursor."""
        event.stop()
        if event.lines.has_focus:
            self.segue.desk.sound.rested(self.current_row())

    def action_next_difference(self) -> None:
        """Go to the next line that differs."""
        self._to_difference(range(self.lines.cursor + 1, len(self.lines)))

    def action_previous_difference(self) -> None:
        """Go to the line before that differs."""
        self._to_difference(range(self.lines.cursor - 1, -1, -1))

    def _to_difference(self, places: Sequence[int]) -> None:
        for place in places:
            if not self.lines.items[place].same:
                self.lines.cursor = place
                return
        self.segue.say("No line differs from here on.")

    # --- the same held-out pairs

    def action_measure(self) -> None:
        """Measure both on the same held-out pairs."""
        other, found, library = self._other, self._found, self.segue.library
        if other is not None and found is not None:
            sides = (library, found.rankers[0]), (other, found.rankers[1])
            self.segue.say("Ranking the held-out pairs in both libraries …")
            self.segue.work(
                "compare-measure", lambda: Measured(other, measure(*sides)), what="Measuring", to=self
            )

    def on_measured(self, message: Measured) -> None:
        """Show the difference."""
        if message.other is self._other:
            self.query_one(FiguresTable).measured = message.comparison

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
        mark = "" if same else "+" if side.other is None else self._arrow(side)
        return [
            (f"{side.place + 1:>4} ", "faint"),
            (label, "quiet" if same else "text" if side.other is not None else "strong"),
            (f"{mark:>5}", "accent"),
            (f"{neighbour.similarity:.2f}".replace("0.", ".").rjust(5) + " ", "faint"),
        ]

    def _arrow(self, side: Side) -> str:
        """Say where the other list has the track: higher up, lower down, or at the same rank."""
        if side.other is None:
            return ""
        up, down = ("^", "v") if self.segue.glyphs.ascii_only else ("↑", "↓")
        sign = up if side.other < side.place else down if side.other > side.place else "="
        return f"{sign}{side.other + 1}"
