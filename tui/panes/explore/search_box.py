"""The search line."""

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input

from segue.core.text import LONGEST
from segue.tui.commands import HasCommands, command


class SearchBox(HasCommands, Input):
    """A line to type in. `/` on an empty line switches between the catalogue and the list in sight."""

    BINDING_GROUP_TITLE = "The search line"
    HELP = (
        "Words in any order, without accents or capitals. a: artist, t: title, al: album; ids and links too."
    )

    scope: reactive[str] = reactive("catalogue")
    """`catalogue` or `list`."""

    class Left(Message):
        """The listener left the line."""

    class Done(Message):
        """The listener goes on to the results."""

    class Chosen(Message):
        """The listener opens the first result."""

    class Scoped(Message):
        """The scope changed."""

    def __init__(self, placeholder: str, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False, id=id)
        self._catalogue_placeholder = placeholder

    async def _on_key(self, event: events.Key) -> None:
        if event.character == "/" and not self.value:
            event.stop()
            event.prevent_default()
            self.action_scope()
            return
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        event.text = event.text[:LONGEST]  # before Input inserts it: a longer query finds nothing more

    def watch_scope(self) -> None:
        """Show where is searched."""
        self.placeholder = "Find in this list" if self.scope == "list" else self._catalogue_placeholder
        self.set_class(self.scope == "list", "-list")

    @command("searching.scope", "ctrl+t,/", "this list / catalogue", 96)
    def action_scope(self) -> None:
        """On an empty line: search this list instead of the catalogue, or the catalogue again."""
        self.scope = "list" if self.scope == "catalogue" else "catalogue"
        self.post_message(self.Scoped())

    @command("searching.leave", "escape", "leave", 99)
    def action_leave(self) -> None:
        """Go back to the list."""
        self.post_message(self.Left())

    @command("searching.choose", "enter", "first result", 98)
    def action_choose(self) -> None:
        """Open the first result."""
        self.post_message(self.Chosen() if self.scope == "catalogue" else self.Done())

    @command("searching.down", "down,tab", "to the results", 97)
    def action_down(self) -> None:
        """Go to the results."""
        self.post_message(self.Done())
