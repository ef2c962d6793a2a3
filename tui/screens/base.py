"""What the small screens share."""

from typing import TYPE_CHECKING, TypeVar, cast

from textual.screen import ModalScreen

if TYPE_CHECKING:
    from tui.app import SegueApp

Answer = TypeVar("Answer")


class Overlay(ModalScreen[Answer]):
    """A screen over the views. Escape leaves it without an answer."""

    BINDINGS = [("escape", "leave", "leave")]  # noqa: RUF012 - Textual's own way of declaring

    @property
    def segue(self) -> "SegueApp":
        """The app."""
        return cast("SegueApp", self.app)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
