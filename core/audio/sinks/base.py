"""The protocol of a sink, the silent one, which needs no device, and how to keep ALSA quiet."""

import ctypes
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Protocol

from segue.core.audio.pcm import CHANNELS, RATE
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
    """Plays silently at the speed of a clock, so that radio, progress and skipping work without a device."""

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


_PLAYBACK = 0
_S16_LE = 2
_INTERLEAVED = 3
_LATENCY = 100_000
_BUSY = -16


@cache
def _libasound() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL("libasound.so.2")
    except OSError:
        return None
    library.snd_strerror.restype = ctypes.c_char_p
    return library


@cache
def silence_alsa() -> None:
    """Keep ALSA from writing errors to file descriptor 2, where a TUI draws.

    Without a device one open writes 8 lines. The handler is a C function that ignores its arguments: unlike a
    Python callback it needs no interpreter lock and outlives the interpreter.
    """
    library = _libasound()
    if library is not None:
        ignore = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        library.snd_lib_error_set_handler(ignore)


def knock_alsa() -> None:
    """Open, set up and close ALSA's default device; raises `SinkError` where there is none.

    simpleaudio does that while it holds the interpreter lock, so a sound server that answers slowly would
    freeze the whole program. Doing it first without the lock, simpleaudio meets only a server that is awake.
    """
    library = _libasound()
    if library is None:
        return
    silence_alsa()
    handle = ctypes.c_void_p()
    code = library.snd_pcm_open(ctypes.byref(handle), b"default", _PLAYBACK, 0)
    if code >= 0:
        code = library.snd_pcm_set_params(handle, _S16_LE, _INTERLEAVED, CHANNELS, RATE, 1, _LATENCY)
        library.snd_pcm_close(handle)
    if code < 0 and code != _BUSY:  # busy may pass
        raise SinkError(f"no sound device: {library.snd_strerror(code).decode()}")
