"""What the small screens share."""

from typing import TYPE_CHECKING, TypeVar, cast

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from segue.tui.app import SegueApp

Answer = TypeVar("Answer")


class Overlay(ModalScreen[Answer]):
    """A screen over the views. Escape leaves it without an answer."""

    BINDINGS = [("escape", "leave", "leave")]  # noqa: RUF012 - Textual's own way of declaring

    @property
    def segue(self) -> "SegueApp":
        """The app."""
        return cast("SegueApp", self.app)

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer and leave, once: a fast typist's next key may come before this screen has gone."""
        if self.app.screen is not self:
            return AwaitComplete()  # of nothing: it is complete at once
        return super().dismiss(result)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
