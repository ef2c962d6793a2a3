"""The views by name. A view is imported when it is first shown, so it may import what it needs.

How to add a view
-----------------
1. Make the package `tui/panes/NAME/` with a `view.py` that holds its class, derived from `BaseView`:
   `compose`, `focus_first()`, and `current_row()`, the track that commands such as radio and love act on.
   Its own commands are `action_...` methods declared by `@command`; their keys win over the app's.
   `style.tcss` beside it is read by `DEFAULT_CSS = style_beside(__file__)`; colours are theme variables.
2. Name the state it needs in `STATE = (Explorer.walk, ...)`, declare a `reactive` of the same name for each,
   and hand them on to its widgets by `data_bind`. Changes go back by a message or a method of `Explorer`,
   such as `self.segue.go(place)`.
3. Slow work goes through `self.work(group, job, then, what=...)`: `job` runs in a thread, `then` gets
   its result; an error becomes a toast.
4. Add it to `VIEWS` below, and its command `views.NAME` to `tui/controllers/views.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from segue.core.errors import UsageError
from segue.tui.commands import Command, Group
from segue.tui.model.settings import suggestion
from segue.tui.widgets.base import BaseView


def _explore() -> type[BaseView]:
    from segue.tui.panes.explore.view import ExploreView

    return ExploreView


def _radio() -> type[BaseView]:
    from segue.tui.panes.radio.view import RadioView

    return RadioView


def _metrics() -> type[BaseView]:
    from segue.tui.panes.metrics.view import MetricsView

    return MetricsView


def _map() -> type[BaseView]:
    from segue.tui.panes.map.view import MapView

    return MapView


def _train() -> type[BaseView]:
    from segue.tui.panes.train.view import TrainView

    return TrainView


def _compare() -> type[BaseView]:
    from segue.tui.panes.compare.view import CompareView

    return CompareView


VIEWS: dict[str, Callable[[], type[BaseView]]] = {
    "explore": _explore,
    "radio": _radio,
    "metrics": _metrics,
    "map": _map,
    "train": _train,
    "compare": _compare,
}
"""Imports each view, in the order of the header."""


def command_groups(app_commands: Sequence[Command]) -> list[Group]:
    """Return every command, the app's first; this imports every view."""
    everywhere = Group(
        "Everywhere",
        "The list holds tracks. Open one to see its neighbours, play it, or start a radio from it.",
        tuple(app_commands),
    )
    return [everywhere, *(group for load in VIEWS.values() for group in load().groups())]


def nested(one: Command, other: Command) -> bool:
    """Whether a key of both would run only one: where either is everywhere, or both belong to one view."""
    places = {each.id.partition(".")[0] for each in (one, other)}
    own = places & {*VIEWS, "searching", "list", "metrics", "train", "compare", "map"}
    return len(own) < 2


def check_keymap(path: Path, keymap: Mapping[str, str], app_commands: Sequence[Command]) -> None:
    """Check that every command in the keymap of a settings file exists.

    A view is imported only for its own commands.

    Raises
    ------
    UsageError
        When a command does not exist.
    """
    known = {command.id for command in app_commands}
    for name in keymap:
        if name not in known:
            view = name.partition(".")[0]
            own = VIEWS[view if view in VIEWS else "explore"]().groups()
            known |= {command.id for group in own for command in group.commands}
        if name not in known:
            every = [each.id for group in command_groups(app_commands) for each in group.commands]
            raise UsageError(f"{path}: unknown command {name!r} in [keys]{suggestion(name, every)}")
