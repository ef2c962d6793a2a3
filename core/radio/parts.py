"""What a session needs from others, and the events it sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from segue.core.tracks import TrackInfo

if TYPE_CHECKING:
    from segue.core.explore.radio import Planned


class Planner(Protocol):
    """What a session wants of `core.radio.queue.Queue`, and a queue of `core.explore.radio.RadioPlanner`."""

    @property
    def plan(self) -> "Sequence[Planned]":
        """The next tracks. Empty when nothing is left."""

    def advance(self) -> object:
        """The first of the plan has begun to play."""

    @property
    def notice(self) -> str:
        """What the listener should know of the plan, such as that the search was widened; else empty."""

    def skip(self, heard: float) -> object:
        """The listener skipped what was playing after so many seconds."""

    def drop(self, row: int) -> object:
        """A planned track cannot be played: never offer it again in this radio."""


class Journal(Protocol):
    """Where it is written down what was heard: `core.state.State`."""

    def record(self, track_id: str, *, source: str, seconds: float, outcome: str) -> None:
        """Write a line."""


class Scrobbler(Protocol):
    """Who is notified of what is heard: `core.listenbrainz.ListenBrainz`."""

    def begun(self, track: TrackInfo) -> None:
        """A track has begun to play."""

    def heard(self, track: TrackInfo, seconds: float, length: float) -> None:
        """A whole track, not a preview, was heard for so many seconds of its length."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a radio ends, and how long each track may play. None is for ever."""

    track_seconds: float | None = None
    """Seconds of each preview; None plays it whole."""
    tracks: int | None = None
    seconds: float | None = None
    patience: float = 900.0
    """Seconds without Deezer, or of tracks that cannot be played, after which a silent radio gives up."""


FOREVER = Limits()


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """A track has begun."""

    planned: "Planned"
    track: TrackInfo
    seconds: float
    """How long its preview lasts."""
    credit: str
    link: str
    """Who gave the preview, and the page of the track: both are to be shown."""
    note: str
    """How the preview was found when it is not simply the track's own."""
    envelope: Sequence[float] = ()
    """How loud each two-hundredth of the preview is, from 0 to 1."""
    cover: str = ""
    """The address of the album's cover."""


@dataclass(frozen=True, slots=True)
class Preparing:
    """Nothing plays yet: the next track is being fetched or decoded."""

    track: TrackInfo
    stage: str
    """`fetching` or `decoding`."""


@dataclass(frozen=True, slots=True)
class Paused:
    """Another program has paused what plays, or resumed it."""

    paused: bool


@dataclass(frozen=True, slots=True)
class Played:
    """A track was heard to its end."""

    track: TrackInfo


@dataclass(frozen=True, slots=True)
class Skipped:
    """A track was not played, or not to its end."""

    track: TrackInfo
    reason: str


@dataclass(frozen=True, slots=True)
class Replanned:
    """What comes next: all of a list, the next five tracks of a radio."""

    plan: "Sequence[Planned]"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the listener should know, in one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The radio is over, and why."""

    reason: str


RadioEvent = Preparing | NowPlaying | Paused | Played | Skipped | Replanned | Notice | Stopped
"""An event, for `match`."""
