"""Play through simpleaudio, which knows only how to play one buffer to its end.

It reads the buffer in place while it plays. So the buffer given to it is long and empty, and is filled a few
seconds ahead of what is heard; an edit of the timeline writes those seconds again. That gives seek, volume,
crossfades and instant silence without opening the device anew, none of which simpleaudio has.
"""

import mmap
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from core.audio.pcm import CHANNELS, FRAME_BYTES, RATE, Samples, frames
from core.audio.sinks import alsa
from core.audio.sinks.base import Render, SinkError

STRETCH = frames(600)
"""Frames of one buffer. At its end the next one begins, which may be heard as a short gap."""
AHEAD = frames(6)
EVERY = 1.0
"""Seconds between looks at the device."""
LAG = frames(0.2)
"""simpleaudio asks for 100 ms of latency and writes that far ahead; what it has taken cannot be changed."""
BUSY_SECONDS = 2.0


class SimpleaudioSink:
    """The sink that is preferred where simpleaudio is installed. Raises `SinkError` where it is not."""

    name = "simpleaudio"

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        try:
            import simpleaudio
        except ImportError:
            raise SinkError("simpleaudio is not installed") from None
        self._simpleaudio = simpleaudio
        self._clock = clock
        self._sleep = sleep
        self._playing: Any = None
        self._began = 0.0
        self._first = 0
        self._written = 0
        self._freed = 0

    def start(self, render: Render, first: int) -> None:
        """Open the device and play a fresh stretch."""
        alsa.silence()
        self._render = render
        self._memory = _reserve(STRETCH * FRAME_BYTES)
        self._buffer: Samples = np.frombuffer(self._memory, dtype=np.int16).reshape(-1, CHANNELS)
        self._first, self._written, self._freed = first, 0, 0
        self._fill(0, AHEAD)
        alsa.knock()
        deadline = self._clock() + BUSY_SECONDS
        while True:
            try:
                self._playing = self._simpleaudio.play_buffer(self._buffer, CHANNELS, 2, RATE)
                break
            except Exception as error:  # noqa: BLE001 - its own class derives from Exception and lives in a private module
                # on a card that does not mix, the previous stretch holds the device until it has drained
                if self._clock() > deadline:
                    raise SinkError(f"simpleaudio cannot open the sound device: {_plain(error)}") from None
            self._sleep(0.05)
        self._began = self._clock()

    def stop(self) -> int:
        """Silence what has not been handed over, then let the device drain."""
        at = self.editable()
        if self._playing is not None:
            # simpleaudio ignores stop() in the last 0.4 s of a buffer; this one never comes that near its end
            self._buffer[at - self._first : self._written] = 0
            self._playing.stop()
            self._playing = None
        self._first = at
        return at

    def heard(self) -> int:
        """The frame heard now, by the clock: simpleaudio knows no position."""
        if self._playing is None:
            return self._first
        return self._first + int((self._clock() - self._began) * RATE)

    def editable(self) -> int:
        """The frames that simpleaudio has not yet read."""
        return self.heard() if self._playing is None else self.heard() + LAG

    def feed(self, *, edited: bool) -> float:
        """Fill the buffer up to six seconds ahead."""
        at = self.editable() - self._first
        if at + AHEAD > STRETCH:
            here = self.stop()
            self.start(self._render, here)
            return EVERY
        self._fill(min(at, self._written) if edited else self._written, at + AHEAD)
        self._free(at - AHEAD)
        return EVERY

    def failure(self) -> str:
        """The device is gone when simpleaudio has left a buffer that is not at its end."""
        if self._playing is not None and not self._playing.is_playing():
            return "the sound device stopped"
        return ""

    def close(self) -> None:
        """Stop; simpleaudio opens a device for each buffer, so nothing else is held."""
        self.stop()

    def _fill(self, begin: int, end: int) -> None:
        if end > begin:
            self._buffer[begin:end] = self._render(self._first + begin, end - begin)
            self._written = end

    def _free(self, before: int) -> None:
        """Give memory that has been played back to the system."""
        end = before * FRAME_BYTES // mmap.PAGESIZE * mmap.PAGESIZE
        if end > self._freed and hasattr(mmap, "MADV_DONTNEED"):
            self._memory.madvise(mmap.MADV_DONTNEED, self._freed, end - self._freed)
            self._freed = end


def _reserve(size: int) -> mmap.mmap:
    """Zeroed memory that takes room only where it is written."""
    if hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return mmap.mmap(-1, size)


def _plain(error: Exception) -> str:
    """`Error opening PCM device. -- CODE: -2 -- MSG: No such file` becomes `No such file`."""
    return str(error).rpartition("MSG: ")[2].strip() or type(error).__name__
