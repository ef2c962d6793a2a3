"""What workers and other threads tell the app.

An answer carries what it answers, so that a late one can be dropped. Messages are never compared or printed,
and code for that would be made at every start.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textual.message import Message

from segue.tui.listing import Listing
from segue.tui.walk import Place

if TYPE_CHECKING:
    from segue.core.audio import PlayerEvent
    from segue.core.explore.explain import Explanation
    from segue.core.explore.playlist_in import Match
    from segue.core.explore.radio import RadioPlanner
    from segue.core.explore.taste import Taste
    from segue.core.radio.audition import AuditionEvent
    from segue.core.radio.events import RadioEvent


@dataclass(eq=False, repr=False)
class PlaceListed(Message):
    """The tracks of a place are known."""

    place: Place
    listing: Listing


@dataclass(eq=False, repr=False)
class SearchAnswered(Message):
    """The catalogue answered a query."""

    query: str
    listing: Listing


@dataclass(eq=False, repr=False)
class TasteRead(Message):
    """Loves, bans and journal were read."""

    taste: "Taste"


@dataclass(eq=False, repr=False)
class Explained(Message):
    """Why a track is near was found out."""

    explanation: "Explanation"


@dataclass(eq=False, repr=False)
class Surprised(Message):
    """A far track was found; None where there is none."""

    row: int | None


@dataclass(eq=False, repr=False)
class PlaylistRead(Message):
    """A playlist was read and matched against the catalogue."""

    name: str
    matches: "list[Match]"


@dataclass(eq=False, repr=False)
class PreviewTold(Message):
    """How it stands with the excerpt of a track: `fetching`, `ready` or `none`; empty ends what was said."""

    track_id: str
    status: str


@dataclass(eq=False, repr=False)
class Heard(Message):
    """Something happened to the sound or to an audition."""

    event: "PlayerEvent | AuditionEvent"


@dataclass(eq=False, repr=False)
class RadioPlanned(Message):
    """A radio was planned and can go on the air."""

    planner: "RadioPlanner"
    paused: bool = False


@dataclass(eq=False, repr=False)
class RadioTold(Message):
    """A radio told something."""

    radio: object
    """Which radio it was."""
    event: "RadioEvent"


@dataclass(eq=False, repr=False)
class WorkFailed(Message):
    """A job in the background failed. `what` names it for the listener, `error` says why."""

    what: str
    error: Exception


@dataclass(eq=False, repr=False)
class Said(Message):
    """A word from a job in the background for the listener."""

    text: str
    severity: Literal["information", "warning", "error"] = "information"
