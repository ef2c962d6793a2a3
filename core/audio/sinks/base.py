"""The protocol of a sink, and the silent one, which needs no device."""

import time
from collections.abc import Callable
from typing import Protocol

from segue.core.audio.pcm import RATE
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
        """Stop playing; returns the frame from which to go on later."""
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
        """Hand on what is due; returns the seconds until the next time."""
        ...

    def failure(self) -> str:
        """Why it no longer plays; empty while all is well."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


class SilentSink:
    """Plays to nobody at the speed of a clock, so that radio, progress and skipping work without a device."""

    name = "silent"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first = 0
        self._began: float | None = None

    def start(self, timeline: Timeline, first: int) -> None:  # noqa: ARG002 - nobody listens
        """Let time pass from frame `first`."""
        self._first, self._began = first, self._clock()

    def stop(self) -> int:
        """Stop the clock."""
        self._first, self._began = self.heard(), None
        return self._first

    def heard(self) -> int:
        """The frame that would be heard now."""
        if self._began is None:
            return self._first
        return self._first + int((self._clock() - self._began) * RATE)

    def editable(self) -> int:
        """Nothing is ever handed over, so all that comes can be changed."""
        return self.heard()

    def edited(self, at: int) -> None:
        """Nothing was handed over."""

    def feed(self) -> float:
        """Nothing to hand on."""
        return 3600.0

    def failure(self) -> str:
        """It never fails."""
        return ""

    def close(self) -> None:
        """Nothing to let go."""
