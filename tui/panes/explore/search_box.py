"""The search line."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input

from segue.core.text import LONGEST
from segue.tui.commands import SEARCH


class SearchBox(Input):
    """A line to type in. `/` on an empty line changes between the catalogue and the list in sight."""

    BINDINGS: ClassVar[list[BindingType]] = [*SEARCH.bindings()]
    CONTEXT = SEARCH

    scope: reactive[str] = reactive("catalogue")
    """`catalogue` or `list`."""

    class Left(Message):
        """The listener gave up."""

    class Done(Message):
        """The listener wants to go to what was found."""

    class Chosen(Message):
        """The listener wants to go into the first track that was found."""

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
        """Say where is being looked."""
        self.placeholder = "Find in this list" if self.scope == "list" else self._catalogue_placeholder
        self.set_class(self.scope == "list", "-list")

    def action_scope(self) -> None:
        """Look in the list instead of the catalogue, or the other way round."""
        self.scope = "list" if self.scope == "catalogue" else "catalogue"
        self.post_message(self.Scoped())

    def action_leave(self) -> None:
        """Give up."""
        self.post_message(self.Left())

    def action_choose(self) -> None:
        """Go into the first track that was found."""
        self.post_message(self.Chosen() if self.scope == "catalogue" else self.Done())

    def action_down(self) -> None:
        """Go to what was found."""
        self.post_message(self.Done())
