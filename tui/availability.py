"""Which commands make sense now: for the key bar, the palette and the help."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from textual.widgets import Input

from segue.tui.commands import Command, HasCommands, names_of
from segue.tui.model.places import CratePlace, Place

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from segue.tui.context import Explorer


def has_track(app: "Explorer") -> bool:
    """Whether there is a track to act on."""
    return app.current_row() is not None


def lists_a_place(app: "Explorer") -> bool:
    """Whether the view in sight lists the tracks of the present place."""
    view = app.view_in_sight()
    return view is None or view.id == "explore"


def has_dials(app: "Explorer") -> bool:
    """Whether the view in sight has dials: those of the lists, or those of the radio."""
    view = app.view_in_sight()
    return view is None or view.id in {"explore", "radio"}


def is_playing(app: "Explorer") -> bool:
    """Whether a track is in the player."""
    return app.playing is not None


def queue_is_on(app: "Explorer") -> bool:
    """Whether something plays from the queue or will."""
    return app.radio.on


def radio_is_on(app: "Explorer") -> bool:
    """Whether a radio plays, or will after a list."""
    return app.radio.on and app.radio.seed is not None


def in_queue(app: "Explorer") -> bool:
    """Whether the cursor is in the list of what comes next."""
    return app.focused is not None and app.focused.id == "upcoming"


def in_ordered_list(app: "Explorer") -> bool:
    """Whether the cursor is in a list that the listener orders: the queue, or a crate."""
    return in_queue(app) or (app.focused is not None and app.focused.id == "tracks" and at(CratePlace)(app))


def at(kind: type[Place]) -> "Callable[[Explorer], bool]":
    """Return the condition that the view in sight shows the present place, and that this is of a kind."""

    def holds(app: "Explorer") -> bool:
        here, view = app.walk.here, app.view_in_sight()
        follows = getattr(view, "follows", None)  # of every view
        return isinstance(here, kind) and (follows is None or follows(here))

    return holds


def has_basket(app: "Explorer") -> bool:
    """Whether something is in the basket."""
    return len(app.basket) > 0


def has_versions(app: "Explorer") -> bool:
    """Whether the track has other versions that the list in sight hides."""
    return lists_a_place(app) and app.current_row() in app.listing.versions


def widgets_with_commands(app: "Explorer") -> Iterator[HasCommands]:
    """Yield the widgets that have commands, from the focused one outwards."""
    node: DOMNode | None = app.focused or app.view_in_sight()
    while node is not None and node is not app:
        if isinstance(node, HasCommands) and node.OWN_COMMANDS:
            yield node
        node = node.parent


def within_reach(app: "Explorer") -> list[Command]:
    """Return every command that a key could run, the focused widget's first and the app's last."""
    return [command for command in _reachable(app) if command.holds(app)]


def of_widgets(app: "Explorer") -> Iterator[Command]:
    """Yield the commands of the focused widget and its view, whose keys win over the app's."""
    for widget in widgets_with_commands(app):
        for command in widget.OWN_COMMANDS:
            if widget.check_action(command.action, ()) is not False:
                yield command


def _reachable(app: "Explorer") -> Iterator[Command]:
    yield from of_widgets(app)
    yield from app.app_commands


def offered(app: "Explorer") -> list[Command]:
    """Return the commands for the key bar, the weightiest first.

    A key that an inner widget takes hides the outer one's. While the listener types, the app's keys are
    letters.
    """
    taken: set[str] = set()
    found: list[Command] = []
    typing = isinstance(app.focused, Input)
    for command in _reachable(app):
        if not command.weight or (typing and command in app.app_commands):
            continue
        keys = set(names_of(command.keys_in(app.settings.keys)))
        if keys <= taken:
            continue
        if command.holds(app):
            found.append(command)
            taken |= keys
    return sorted(found, key=lambda command: -command.weight)
