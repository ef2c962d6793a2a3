"""What a radio tells whoever listens, in the order in which it happens."""

from collections.abc import Sequence
from dataclasses import dataclass

from segue.core.radio.parts import Planned
from segue.core.tracks import TrackInfo


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """A track has begun."""

    planned: Planned
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

    plan: Sequence[Planned]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the listener should know, in one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The radio is over, and why."""

    reason: str


RadioEvent = Preparing | NowPlaying | Played | Skipped | Replanned | Notice | Stopped
"""An event, for `match`."""
