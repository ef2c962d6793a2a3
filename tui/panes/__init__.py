"""The views, each a package of its own.

How to add a view
-----------------
1. Add a `ViewSpec` to `VIEWS` below. Its keys, title and help make the command `views.NAME` by themselves.
2. Make the package `tui/panes/NAME/` with an `__init__.py` that holds a docstring only, and
   - `view.py` with the class `MapView` for a view `map` (derive it from `BaseView`): compose,
     `focus_first()`, and `current_row()`, the track that commands such as radio, love and Enter act on;
   - `commands.py` with `CONTEXT = Context("NAME", title, about, (Command("NAME.zoom_in", "plus", ...),))`;
     the view's `BINDINGS = CONTEXT.bindings()` then call its `action_zoom_in`. Its keys win;
   - `style.tcss`, read by `DEFAULT_CSS = style_beside(__file__)`, its rules nested in `MapView { ... }`;
     colours only through theme variables (`$quiet`, `$faint`, `$line`, ...).
3. Shared state is read from the app (`self.segue.walk`, `.listing`, `.dials`, `.playing`, `.radio`, ...) and
   watched with `self.watch(self.segue, "walk", self._walk_changed)`. To change it call a controller
   (`self.segue.desk.walk.go(Place("track", (row,)))`); no view reaches into another.
4. Slow work goes through `self.segue.work(group, job, what, to=self)`: the job runs in a thread and returns a
   message, which arrives at the view as `on_...`. An error arrives as a toast.
5. Tests: `tests/tui/test_NAME.py` for every command and state, and rows in `tests/tui/test_snapshots.py`.

A view is imported and made when it is first shown, so it may import what it needs (not TensorFlow).
"""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segue.tui.commands import Context
    from segue.tui.panes.base import BaseView


@dataclass(frozen=True)
class ViewSpec:
    """What is known of a view before it is imported."""

    name: str
    title: str
    keys: str
    help: str

    def context(self) -> "Context | None":
        """Give the view's own commands, if it has any."""
        if not (FOLDER / self.name / "commands.py").exists():
            return None
        found: Context = importlib.import_module(f"segue.tui.panes.{self.name}.commands").CONTEXT
        return found

    def load(self) -> "type[BaseView]":
        """Import the view."""
        found: type[BaseView] = getattr(
            importlib.import_module(f"segue.tui.panes.{self.name}.view"), f"{self.name.capitalize()}View"
        )
        return found


FOLDER = Path(__file__).parent
VIEWS = (
    ViewSpec("explore", "Explore", "f2", "Search, neighbours and detail."),
    ViewSpec("radio", "Radio", "f3", "What plays, the next five with reasons, and the dials."),
    ViewSpec("metrics", "Metrics", "f4", "Scores against the baselines, down to every held-out playlist."),
    ViewSpec("map", "Map", "f5,M", "All tracks on a plane, and what is near in truth."),
    ViewSpec("train", "Train", "f6", "Start a training or a search, watch it, and open what came of it."),
    ViewSpec("compare", "Compare", "f7,C", "The neighbours of a track in two libraries, and their scores."),
)
