"""What a player wants of a sink."""

from collections.abc import Callable
from typing import Protocol

from core.audio.pcm import Samples
from core.errors import SegueError

Render = Callable[[int, int], Samples]
"""`render(first, count)`: the sound of `count` frames of the timeline from frame `first`."""


class SinkError(SegueError):
    """The device cannot be opened, or has gone."""


class Sink(Protocol):
    """A place that plays a timeline from some frame on. Frames are those of the timeline.

    Only the player's own thread calls `start`, `stop` and `feed`; they may block. The rest answers at once,
    from any thread.
    """

    name: str

    def start(self, render: Render, first: int) -> None:
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

    def feed(self, *, edited: bool) -> float:
        """Hand on what is due, all of it again after an edit; give the seconds until the next time."""
        ...

    def failure(self) -> str:
        """Why it no longer plays; empty while all is well."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...
