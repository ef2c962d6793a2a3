"""What a player wants of a sink."""

from typing import Protocol

from segue.core.audio.timeline import Timeline
from segue.core.errors import SegueError


class SinkError(SegueError):
    """The device cannot be opened, or has gone."""


class NotInstalledError(SinkError):
    """The sink's package is not there; that tells nothing of the device."""


class Sink(Protocol):
    """A place that plays a timeline from some frame on. Frames are those of the timeline.

    Only the player's own thread calls `start`, `stop` and `feed`; they may block. The rest answers at once,
    from any thread.
    """

    name: str

    def start(self, timeline: Timeline, first: int) -> None:
        """Begin to play from frame `first`. Raises `SinkError`."""
        ...

    def stop(self) -> int:
        """Stop playing and give the frame from which to go on later."""
        ...

    def heard(self) -> int:
        """The frame that is being heard now."""
        ...

    def editable(self) -> int:
        """The first frame that an edit of the timeline can still change."""
        ...

    def edited(self, at: int) -> None:
        """Take note that the timeline has changed from a frame on that `editable` gave. Holds its lock."""
        ...

    def feed(self) -> float:
        """Hand on what is due; give the seconds until the next time."""
        ...

    def failure(self) -> str:
        """Why it no longer plays; empty while all is well."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...
