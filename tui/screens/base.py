"""What the screens over the views share."""

from typing import TypeVar, cast

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from segue.tui.context import Explorer

Answer = TypeVar("Answer")


class Overlay(ModalScreen[Answer]):
    """A screen over the views. Escape leaves it without an answer."""

    BINDINGS = [("escape", "leave", "leave")]  # noqa: RUF012 - Textual's own way of declaring

    @property
    def segue(self) -> Explorer:
        """The app."""
        return cast("Explorer", self.app)

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer and leave once, even if the next key comes before this screen has gone."""
        if self.app.screen is not self:
            return AwaitComplete()  # nothing to wait for
        return super().dismiss(result)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
