"""What workers tell the app. Each is an answer, and carries what it answers, so that a late one can be dropped."""

from dataclasses import dataclass

from textual.message import Message

from tui.listing import Listing
from tui.walk import Place


@dataclass
class PlaceListed(Message):
    """The tracks of a place are known."""

    place: Place
    listing: Listing


@dataclass
class SearchAnswered(Message):
    """The catalogue answered a query."""

    query: str
    listing: Listing


@dataclass
class WorkFailed(Message):
    """A job in the background failed. `what` names it for the listener, `error` says why."""

    what: str
    error: Exception


@dataclass
class Said(Message):
    """A word from a job in the background for the listener."""

    text: str
    severity: str = "information"


@dataclass
class Heard(Message):
    """Something changed in what is played (see `tui.controllers.sound`)."""

    event: object

    def can_replace(self, message: Message) -> bool:
        """Keep every event: each may be the end of a track."""
        return False
