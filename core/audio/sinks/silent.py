"""The sink for no device at all: time passes, nothing is heard."""

import time
from collections.abc import Callable

from segue.core.audio.pcm import RATE
from segue.core.audio.timeline import Timeline


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
