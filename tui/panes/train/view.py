"""Train: a form, the libraries there are, and what is being trained or searched."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import ContentSwitcher, Input, Static
from textual.worker import get_current_worker

from segue.core.errors import SegueError
from segue.core.tuning.leaderboard import Leaderboard, read_leaderboard, study_of
from segue.tui.child import Child, Event
from segue.tui.panes.base import BaseView, style_beside
from segue.tui.panes.train import libraries
from segue.tui.panes.train.commands import CONTEXT
from segue.tui.panes.train.form import Form
from segue.tui.panes.train.libraries import Shelf, is_unfinished, shelves
from segue.tui.panes.train.order import Order
from segue.tui.panes.train.panels import BoardPanel, RunPanel
from segue.tui.panes.train.run import Run
from segue.tui.screens.choice import ChoiceScreen
from segue.tui.screens.words import WordsScreen
from segue.tui.widgets.line_list import LineList
from segue.tui.widgets.table_head import TableHead
from segue.tui.widgets.toggle import Toggle

LOOK = 1.0
"""Seconds between two looks at a search."""


@dataclass
class ShelvesRead(Message):
    """It is known which libraries there are."""

    shelves: list[Shelf]


@dataclass
class TrainingTold(Message):
    """A training told something."""

    child: Child
    event: Event


@dataclass
class ChildEnded(Message):
    """A training or a search has ended."""

    child: Child
    trouble: str


@dataclass
class BoardRead(Message):
    """A search as it stands; None where there is none."""

    path: Path
    board: Leaderboard | None
    trouble: str = ""


class TrainView(BaseView):
    """The form and the libraries on the left, a training or a search on the right."""

    DEFAULT_CSS = style_beside(__file__)
    BINDINGS: ClassVar[list[BindingType]] = [*CONTEXT.bindings()]
    CONTEXT = CONTEXT

    _run: Run | None = None
    _followed: Child | None = None
    """The training that is shown."""
    _watched: Path | None = None
    """The library whose search is shown."""

    def compose(self) -> ComposeResult:
        """Lay out both sides."""
        app = self.segue
        draw = partial(libraries.draw, current=app.library.path, glyphs=app.glyphs)
        with Horizontal():
            with Vertical(id="train-left"):
                yield Static("Train a library", classes="title")
                yield Form(id="form")
                yield TableHead(libraries.head)
                yield LineList[Shelf](draw, glyphs=app.glyphs, id="shelves")
            with ContentSwitcher(initial="run-panel", id="train-right"):
                yield RunPanel(id="run-panel")
                yield BoardPanel(id="board-panel")

    def on_mount(self) -> None:
        """Show a training that goes on from before, and look at searches from time to time."""
        self.on_resize()
        self.query_one(RunPanel).watch_run(None)
        if (child := Child.last("train")) is not None:
            self._follow(child)
        self.set_interval(LOOK, self._look)

    def on_resize(self) -> None:
        """Take the layout that fits the width."""
        self.set_class(self.app.size.width < 100, "narrow")

    def opened(self) -> None:
        """Read again which libraries there are."""
        self._read_shelves()

    def focus_first(self) -> None:
        """Give the focus to the libraries, or to the form where nothing was trained yet."""
        self.shelves.focus()

    @property
    def shelves(self) -> LineList[Shelf]:
        """The list of libraries."""
        return self.query_one("#shelves", LineList)

    @property
    def run(self) -> Run | None:
        """The training that is shown."""
        return self._run

    @run.setter
    def run(self, run: Run | None) -> None:
        self._run = self.query_one(RunPanel).run = run
        self.segue.refresh_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer each key where it means something."""
        run, focused = self.run, self.segue.focused
        typing, listing = isinstance(focused, Input | Toggle), isinstance(focused, LineList)
        holds = {
            "start": run is None or run.over,
            "stop": self._stoppable() is not None,
            "resume": (run is None or run.over) and not typing,
            "open_new": run is not None and run.library is not None,
            "open": listing,
            "tune": listing,
            "watch": not typing,
            "form": not typing,
            "leave_form": typing,
        }
        return holds.get(action, super().check_action(action, parameters))

    # --- the libraries

    def _read_shelves(self) -> None:
        current = self.segue.library.path
        self.segue.work(
            "train-shelves", lambda: ShelvesRead(shelves(current)), what="Listing the libraries", to=self
        )

    def on_shelves_read(self, message: ShelvesRead) -> None:
        """List them; the cursor stays on its library, at first the one that is open."""
        before = self.shelves.item.path if self.shelves.item else self.segue.library.path
        paths = [shelf.path.absolute() for shelf in message.shelves]
        cursor = paths.index(before.absolute()) if before.absolute() in paths else 0
        self.shelves.show(message.shelves, cursor=cursor, empty="No library yet. The form above makes one.")

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Open the chosen library."""
        event.stop()
        if event.lines is self.shelves:
            self.action_open()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Let the shown search follow the cursor."""
        event.stop()
        if event.lines is self.shelves and self._watched is not None and self.shelves.item is not None:
            self._watch(self.shelves.item.path)

    def action_open(self) -> None:
        """Open the library under the cursor."""
        if self.shelves.item is not None:
            self._open(self.shelves.item.path, self.shelves.item.trouble)

    def _open(self, path: Path, trouble: str = "") -> None:
        if trouble:
            self.segue.say(trouble, "error")
        elif libraries.same(path, self.segue.library.path) and (self.run is None or self.run.library != path):
            self.segue.say("This library is open.")
        else:
            self.segue.open_library(path)

    # --- the form

    def action_form(self) -> None:
        """Go to the form."""
        self.query_one(Form).focus_first()

    def action_leave_form(self) -> None:
        """Go to the libraries."""
        self.shelves.focus()

    def action_start(self) -> None:
        """Start what the form describes."""
        self._begin(resume=False)

    def action_resume(self) -> None:
        """Go on with what was stopped."""
        self._begin(resume=True)

    def _begin(self, *, resume: bool) -> None:
        form = self.query_one(Form)
        order = form.order
        if (problem := order.problem()) is not None:
            form.complain(*problem)
        elif (order.target / "library.json").exists() and not (resume and is_unfinished(order.target)):
            choices = [("", "leave it", "choose another name"), ("yes", "replace it", "the old one is lost")]
            self.segue.push_screen(
                ChoiceScreen(f"There is a library {order.name.strip()} already", choices),
                lambda answer: self._train(order, resume=resume, replace=True) if answer == "yes" else None,
            )
        else:
            self._train(order, resume=resume)

    def _train(self, order: Order, *, resume: bool, replace: bool = False) -> None:
        child = Child(order.arguments(resume=resume, replace=replace), "train")
        if self._start(child):
            self._follow(child)
            self.shelves.focus()

    def _start(self, child: Child) -> bool:
        try:
            child.start()
        except OSError as error:
            self.segue.say(f"It can't start: {error}", "error")
            return False
        return True

    # --- a training

    def _follow(self, child: Child) -> None:
        self._followed, self._watched = child, None
        name = child.arguments[child.arguments.index("--name") + 1]
        self.run = Run(name)
        self.query_one("#train-right", ContentSwitcher).current = "run-panel"

        def job() -> Message:
            worker = get_current_worker()
            for event in child.events(lambda: worker.is_cancelled):
                self.post_message(TrainingTold(child, event))
            return ChildEnded(child, child.what_went_wrong)

        self.segue.work("train-run", job, what="The training", to=self)

    def on_training_told(self, message: TrainingTold) -> None:
        """Show how far it is."""
        if message.child is self._followed and self.run is not None:
            before, self.run = self.run, self.run.told(message.event)
            if self.run.library is not None and before.library is None:
                self._read_shelves()
                self.segue.refresh_keys()

    def on_child_ended(self, message: ChildEnded) -> None:
        """Say what came of a training or a search."""
        if message.child is self._followed and self.run is not None:
            self.run = self.run.ended(message.child.code, message.trouble)
            self._read_shelves()
            if self.run.phase != "failed":
                self.segue.say(f"{self.run.name} is ready.")
            else:
                self.segue.say(f"Training {self.run.name} failed: {self.run.remark}", "error")
        elif message.child is Child.last("tune"):
            if message.child.code:
                self.segue.say(f"The search ended: {message.trouble}", "error")
            else:
                self.segue.say("The search has ended.")
        self.segue.refresh_keys()

    def _stoppable(self) -> Child | None:
        """Give the search or the training in sight, if it is at work."""
        child = Child.last("tune") if self._watched is not None else self._followed
        return child if child is not None and child.running else None

    def action_stop(self) -> None:
        """Stop what is in sight."""
        child = self._stoppable()
        if child is not None:
            told = (
                "Ending it at once."
                if child.stopping
                else "Stopping after this batch; E again ends it at once."
            )
            child.stop()
            self.segue.say(told)

    def action_open_new(self) -> None:
        """Open what was trained."""
        if self.run is not None and self.run.library is not None:
            self._open(self.run.library)

    # --- a search for settings

    def action_watch(self) -> None:
        """Show the search of the library under the cursor, or the training again."""
        if self._watched is not None or self.shelves.item is None:
            self._watched = None
            self.query_one("#train-right", ContentSwitcher).current = "run-panel"
        else:
            self._watch(self.shelves.item.path)
        self.segue.refresh_keys()

    def _watch(self, path: Path) -> None:
        self._watched = path
        self.query_one("#train-right", ContentSwitcher).current = "board-panel"
        self._look()

    def _look(self) -> None:
        path = self._watched
        if path is None or not self.display:
            return

        def job() -> BoardRead:
            try:
                return BoardRead(path, read_leaderboard(study_of(path)))
            except SegueError as error:
                return BoardRead(path, None, str(error))

        self.segue.work("train-board", job, what="Reading the search", to=self)

    def on_board_read(self, message: BoardRead) -> None:
        """Show it, if it is still watched."""
        if message.path == self._watched:
            panel = self.query_one(BoardPanel)
            if message.board is None:
                panel.none_yet(message.path.name, message.trouble)
            else:
                panel.board = message.board

    def action_tune(self) -> None:
        """Ask what to search and how long, then search."""
        item, running = self.shelves.item, Child.last("tune")
        if item is None:
            return
        if running is not None and running.running:
            self.segue.say("A search is at work already; w watches it, E stops it.")
            return
        choices = [
            ("fast", "fast", "a free search over the fast recipe's settings"),
            ("notebook", "notebook", "the notebook's grid of ten configurations"),
        ]
        self.segue.push_screen(ChoiceScreen(f"Search settings for {item.path.name}", choices), self._ask_time)

    def _ask_time(self, preset: str | None) -> None:
        if preset is not None:
            screen = WordsScreen(
                "How long may it search?", "such as 90s, 10m or 2h; what is found is kept", "10m"
            )
            self.segue.push_screen(screen, lambda budget: self._tune(preset, budget) if budget else None)

    def _tune(self, preset: str, budget: str) -> None:
        if self.shelves.item is None:
            return
        path = self.shelves.item.path
        arguments = ("tune", "--library", str(path), "--preset", preset, "--budget", budget, "--json")
        child = Child(arguments, "tune")
        if not self._start(child):
            return
        self._watch(path)

        def job() -> Message:
            worker = get_current_worker()
            for _ in child.events(lambda: worker.is_cancelled):
                pass  # what it does is read from its leaderboard, as that of a search in a shell
            return ChildEnded(child, child.what_went_wrong)

        self.segue.work("train-tune", job, what="The search", to=self)
