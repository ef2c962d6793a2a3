"""What of a list can be sent to a target, and how each track was found there."""

from collections.abc import Sequence
from dataclasses import dataclass

from segue.core.tracks import TrackInfo


@dataclass(frozen=True, slots=True)
class Sent:
    """A track, and what it is at the target."""

    track: TrackInfo
    where: str
    """The target's own id, path or link; empty where the target does not have it."""
    how: str
    """How it was found; empty where it was not."""


def found(tracks: Sequence[Sent]) -> list[str]:
    """What is sent, in order."""
    return [each.where for each in tracks if each.where]
