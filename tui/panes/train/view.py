"""Train: a form, the libraries there are, and what is being trained or searched."""

from functools import partial
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import ContentSwitcher, Input, Static

from segue.core.errors import SegueError
from segue.core.libraries import aside_of, is_resumable
from segue.core.tuning.render import Leaderboard, read_leaderboard, study_of
from segue.tui.child import Child, Event
from segue.tui.commands import command
from segue.tui.panes import BaseView, style_beside
from segue.tui.panes.train import panels
from segue.tui.panes.train.run import Form, Run, Toggle, TrainSpec
from segue.tui.screens.ask import ChoiceScreen, LineScreen
from segue.tui.widgets.cursor_list import LineList, TableHead

POLL = 1.0
"""Seconds between two reads of a search."""


class TrainView(BaseView):
    """The form and the libraries on the left, a training or a search on the right."""

    DEFAULT_CSS = style_beside(__file__)
    BINDING_GROUP_TITLE = "Train"
    HELP = (
        "Fill in the form and start: the training runs in another process while you explore. Stopping keeps "
        "the best vectors so far, and resuming continues from there. On a library of the list, enter opens "
        "it, T searches for better settings on its playlists, and w shows such a search, wherever it was "
        "started."
    )

    _run: Run | None = None
    _followed: Child | None = None
    """The training that is shown."""
    _watched: Path | None = None
    """The library whose search is shown."""

    def compose(self) -> ComposeResult:
        """Lay out both sides."""
        app = self.segue
        line = partial(panels.draw, current=app.library.path, glyphs=app.glyphs)
        with Horizontal():
            with Vertical(id="train-left"):
                yield Static("Train a library", classes="title")
                yield Form(id="form")
                yield TableHead(panels.head)
                yield LineList[panels.StoredLibrary](line, glyphs=app.glyphs, id="libraries")
            with ContentSwitcher(initial="run-panel", id="train-right"):
                yield panels.RunPanel(id="run-panel")
                yield panels.BoardPanel(id="board-panel")

    def on_mount(self) -> None:
        """Show a training that still runs, and poll searches."""
        self.on_resize()
        self.query_one(panels.RunPanel).watch_run(None)
        if (child := Child.last("train")) is not None:
            self._follow(child)
        self.set_interval(POLL, self._read_search)

    def on_resize(self) -> None:
        """Take the layout that fits the width."""
        self.set_class(self.app.size.width < 100, "narrow")

    def became_visible(self) -> None:
        """Read again which libraries there are."""
        self._list_libraries()

    def focus_first(self) -> None:
        """Focus the libraries, or to the form where nothing was trained yet."""
        self.libraries.focus()

    @property
    def libraries(self) -> LineList[panels.StoredLibrary]:
        """The list of libraries."""
        return self.query_one("#libraries", LineList)

    @property
    def run(self) -> Run | None:
        """The training that is shown."""
        return self._run

    @run.setter
    def run(self, run: Run | None) -> None:
        self._run = self.query_one(panels.RunPanel).run = run
        self.segue.refresh_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer each command where it applies."""
        run, focused = self.run, self.segue.focused
        typing, listing = isinstance(focused, Input | Toggle), isinstance(focused, LineList)
        holds = {
            "start": run is None or run.over, "stop": self._stoppable() is not None,
            "resume": (run is None or run.over) and not typing,
            "open_new": run is not None and run.library is not None, "open": listing, "tune": listing,
            "watch": not typing, "form": not typing, "leave_form": typing,
        }  # fmt: skip
        return holds.get(action, super().check_action(action, parameters))

    # --- the libraries

    def _list_libraries(self) -> None:
        job = partial(panels.stored_libraries, self.segue.library.path)
        self.work("train-libraries", job, self._show_libraries, what="Listing libraries")

    def _show_libraries(self, stored: list[panels.StoredLibrary]) -> None:
        """List the libraries; the cursor stays on its library, at first the one that is open."""
        before = self.libraries.item.path if self.libraries.item else self.segue.library.path
        paths = [each.path.absolute() for each in stored]
        cursor = paths.index(before.absolute()) if before.absolute() in paths else 0
        self.libraries.show(stored, cursor=cursor, empty="No library yet. Train one with the form above.")

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Open the chosen library."""
        event.stop()
        if event.lines is self.libraries:
            self.action_open()

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Show the library under the cursor, or its search."""
        event.stop()
        if event.lines is self.libraries:
            self.query_one(panels.Facts).library = self.libraries.item
            if self._watched is not None and self.libraries.item is not None:
                self._watch(self.libraries.item.path)

    @command("train.open", "enter", "open library", 79)
    def action_open(self) -> None:
        """Open the library under the cursor."""
        if self.libraries.item is not None:
            self._open(self.libraries.item.path, self.libraries.item.trouble)

    def _open(self, path: Path, trouble: str = "") -> None:
        if trouble:
            self.segue.say(trouble, "error")
        elif panels.same(path, self.segue.library.path) and (self.run is None or self.run.library != path):
            self.segue.say("This library is open already; F2 explores it.")
        else:
            self.segue.open_library(path)

    # --- the form

    @command("train.form", "i", "form", 76)
    def action_form(self) -> None:
        """Go to the form."""
        self.query_one(Form).focus_first()

    @command("train.leave_form", "escape", "leave form", 75)
    def action_leave_form(self) -> None:
        """Go from the form to the libraries."""
        self.libraries.focus()

    @command("train.start", "ctrl+s", "start", 99)
    def action_start(self) -> None:
        """Start the training that the form describes."""
        self._begin(resume=False)

    @command("train.resume", "R", "resume", 80)
    def action_resume(self) -> None:
        """Resume a training that was stopped or killed."""
        self._begin(resume=True)

    def _begin(self, *, resume: bool) -> None:
        form = self.query_one(Form)
        spec = form.spec
        if (problem := spec.problem()) is not None:
            form.show_problem(*problem)
            return
        exists = (spec.target / "library.json").exists()
        begun = panels.is_unfinished(spec.target) if resume else is_resumable(spec.target)
        if exists and not begun if resume else exists or begun:
            name = spec.name.strip()
            title = f"The library {name} already exists" if exists else f"{name} has an unfinished training"
            choices = [
                ("", "keep it", "choose another name" if exists else "R resumes it"),
                ("yes", "replace it", "the old one is lost once the training has ended"),
            ]
            self.segue.ask(
                ChoiceScreen(title, choices),
                lambda answer: self._train(spec, resume=resume, replace=True) if answer else None,
            )
        else:
            self._train(spec, resume=resume)

    def _train(self, spec: TrainSpec, *, resume: bool, replace: bool = False) -> None:
        child = Child(spec.arguments(resume=resume, replace=replace), "train")
        if self.start(child, "The training"):
            self._follow(child)
            self.libraries.focus()

    # --- a training

    def _follow(self, child: Child) -> None:
        self._followed, self._watched = child, None
        name = child.arguments[child.arguments.index("--name") + 1]
        self.run = Run(name)
        self.query_one("#train-right", ContentSwitcher).current = "run-panel"

        def show(event: Event) -> None:
            if child is self._followed and self.run is not None:
                before, self.run = self.run, self.run.after(event)
                if self.run.library is not None and before.library is None:
                    self._list_libraries()
                    self.segue.refresh_keys()

        self.follow(child, show, self._report_end, "The training")

    def _report_end(self, child: Child) -> None:
        """Show how a training or a search ended, and announce it once."""
        trouble = child.what_went_wrong
        if child is self._followed and self.run is not None:
            self.run = self.run.ended(child.code, trouble)
            self._list_libraries()
        if not child.announced:
            child.announced = True
            self._announce_end(child, trouble)
        self.segue.refresh_keys()

    def _announce_end(self, child: Child, trouble: str) -> None:
        if child is self._followed and self.run is not None:
            path = self.run.library
            if self.run.phase == "stopped" and path is not None and aside_of(path).exists():
                self.segue.say(
                    f"{self.run.name} was stopped; the previous one is kept as {aside_of(path).name}."
                )
            elif self.run.phase != "failed":
                self.segue.say(f"{self.run.name} is ready. o in Train (F6) opens it.")
            else:
                self.segue.say(f"Training {self.run.name} failed: {self.run.remark}", "error")
        elif child is Child.last("tune"):
            if child.stopping:
                self.segue.say("The search was stopped.")
            elif child.code:
                self.segue.say(f"The search failed: {trouble}", "error")
            else:
                self.segue.say("The search has finished; w in Train (F6) shows it.")

    def _stoppable(self) -> Child | None:
        """Return the search or the training in sight, if it is running."""
        child = Child.last("tune") if self._watched is not None else self._followed
        return child if child is not None and child.running else None

    @command("train.stop", "E", "stop", 98)
    def action_stop(self) -> None:
        """Stop and keep the best so far; press again to stop at once."""
        child = self._stoppable()
        if child is not None:
            words = (
                "Stopping at once." if child.stopping else "Stopping after this batch; E again stops at once."
            )
            child.stop()
            self.segue.say(words)

    @command("train.open_new", "o", "open new library", 97)
    def action_open_new(self) -> None:
        """Open the library that was trained."""
        if self.run is not None and self.run.library is not None:
            self._open(self.run.library)

    # --- a search for settings

    @command("train.watch", "w", "watch search", 77)
    def action_watch(self) -> None:
        """Show the search of this library, or the training again."""
        if self._watched is not None or self.libraries.item is None:
            self._watched = None
            self.query_one("#train-right", ContentSwitcher).current = "run-panel"
        else:
            self._watch(self.libraries.item.path)
        self.segue.refresh_keys()

    def _watch(self, path: Path) -> None:
        self._watched = path
        self.query_one("#train-right", ContentSwitcher).current = "board-panel"
        self._read_search()

    def _read_search(self) -> None:
        path = self._watched
        if path is None or not self.display:
            return

        def job() -> Leaderboard | str:
            try:
                return read_leaderboard(study_of(path)) or ""
            except SegueError as error:
                return str(error)

        def show(found: Leaderboard | str) -> None:
            if path != self._watched:
                return
            panel = self.query_one(panels.BoardPanel)
            if isinstance(found, str):
                tune = Child.last("tune")
                starts = tune is not None and tune.running and str(path) in tune.arguments
                panel.show_none(path.name, found or ("The search is starting." if starts else ""))
            else:
                panel.board = found

        self.work("train-board", job, show, what="Reading the search")

    @command("train.tune", "T", "search settings", 78)
    def action_tune(self) -> None:
        """Search for better settings on this library's playlists."""
        item, running = self.libraries.item, Child.last("tune")
        if item is None:
            return
        if running is not None and running.running:
            self.segue.say("A search is already running; w shows it, E stops it.")
            return
        choices = [
            ("fast", "fast", "a free search over the fast recipe's settings"),
            ("notebook", "notebook", "the notebook's grid of ten configurations"),
        ]
        self.segue.ask(ChoiceScreen(f"Search settings for {item.path.name}", choices), self._ask_time)

    def _ask_time(self, preset: str) -> None:
        hint = "such as 90s, 10m or 2h; the results are kept"
        screen = LineScreen("How long should it search?", hint, "10m")
        self.segue.ask(screen, lambda budget: self._tune(preset, budget))

    def _tune(self, preset: str, budget: str) -> None:
        if self.libraries.item is None:
            return
        path = self.libraries.item.path
        arguments = ("tune", "--library", str(path), "--preset", preset, "--budget", budget, "--json")
        child = Child(arguments, "tune")
        if self.start(child, "The search"):
            self._watch(path)
            # its progress is read from its leaderboard, as that of a search in a shell
            self.follow(child, lambda _: None, self._report_end, "The search")
