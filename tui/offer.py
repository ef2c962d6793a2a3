"""Which commands make sense now: for the key bar, the palette and the help."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Input

from segue.tui.commands import APP, Command, Context

if TYPE_CHECKING:
    from segue.tui.app import SegueApp

CONDITIONS: dict[str, "Callable[[SegueApp], bool]"] = {
    "": lambda _app: True,
    "track": lambda app: app.current_row() is not None,
    "playing": lambda app: app.playing is not None,
    "radio": lambda app: app.radio.on,
    "path": lambda app: app.walk.here.kind == "path",
    "playlist": lambda app: app.walk.here.kind == "playlist",
    "basket": lambda app: len(app.basket) > 0,
    "versions": lambda app: app.current_row() in app.listing.versions,
    "finding": lambda app: getattr(app.focused, "finding", None) is not None,
}
"""What `Command.when` can name."""


def focused_contexts(app: "SegueApp", focused: Widget | None = None) -> Iterator[tuple[Context, DOMNode]]:
    """Give the contexts from the focused widget outwards, each with its widget; the app's comes last."""
    node: DOMNode | None = focused or app.focused or app.current_view()
    while node is not None and node is not app:
        context = getattr(node, "CONTEXT", None)
        if isinstance(context, Context):
            yield context, node
        node = node.parent
    yield APP, app


def within_reach(app: "SegueApp", focused: Widget | None) -> list[Command]:
    """Give every command that a key could do while a widget has the focus."""
    return [
        command
        for context, node in focused_contexts(app, focused)
        for command in context.commands
        if allows(node, command)
    ]


def allows(node: DOMNode, command: Command) -> bool:
    """Whether the widget that carries a command's context would do it now."""
    return node.check_action(command.method, ()) is not False


def offered(app: "SegueApp") -> list[Command]:
    """Give the commands for the key bar, weightiest first.

    A key that an inner widget takes hides the outer one's.
    """
    taken: set[str] = set()
    found: list[Command] = []
    typing = isinstance(app.focused, Input)
    for context, node in focused_contexts(app):
        for command in context.commands if not (typing and context is APP) else ():
            keys = {key.strip() for key in app.keys_of(command).split(",")}
            if command.weight and app.holds(command) and allows(node, command) and not keys <= taken:
                found.append(command)
                taken |= keys
    return sorted(found, key=lambda command: -command.weight)
