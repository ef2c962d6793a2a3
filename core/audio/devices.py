"""The sinks that play to a sound device, through simpleaudio or miniaudio, and how to keep ALSA quiet."""

import ctypes
import mmap
import os
import sys
import time
from collections.abc import Callable, Generator
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from segue.core.audio.pcm import CHANNELS, FRAME_BYTES, RATE, Samples, frames
from segue.core.audio.sinks import NotInstalledError, Sink, SinkError
from segue.core.audio.timeline import Timeline

STRETCH = frames(600)
"""Frames of one buffer. At its end the next one begins, which may be heard as a short gap."""
AHEAD = frames(6)
EVERY = 1.0
"""Seconds between looks at the device."""
LAG = frames(0.3)
"""simpleaudio asks for 100 ms of latency and reads that far ahead; what it has taken cannot be changed. The
rest is for buffers beyond it (ALSA's file device has 200 ms) and for this thread to get its turn."""
PIECE = frames(0.5)
"""Frames mixed at a time, which takes about 2 ms."""
BUSY_SECONDS = 2.0


class SimpleaudioSink:
    """The sink that is preferred where simpleaudio is installed. Raises `SinkError` where it is not.

    simpleaudio knows only how to play one buffer to its end, and reads it in place while it plays. So the
    buffer is long and empty, and is filled a few seconds ahead of what is heard; an edit of the timeline
    writes those seconds again. That gives seek, volume, crossfades and instant silence without reopening the
    device, none of which simpleaudio has.
    """

    name = "simpleaudio"

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        if _crashes():
            raise SinkError("simpleaudio crashes on this Python; install simpleaudio-patched in its place")
        try:
            import simpleaudio
        except ImportError:
            raise NotInstalledError("simpleaudio is not installed") from None
        self._simpleaudio = simpleaudio
        self._clock = clock
        self._sleep = sleep
        self._timeline = Timeline()
        self._playing: Any = None
        self._began = 0.0
        self._first = 0
        self._written = 0
        self._freed = 0

    def start(self, timeline: Timeline, first: int) -> None:
        """Open the device and play a fresh stretch."""
        silence_alsa()
        self._timeline = timeline
        self._memory = _reserve(STRETCH * FRAME_BYTES)
        self._buffer: Samples = np.frombuffer(self._memory, dtype=np.int16).reshape(-1, CHANNELS)
        self._first, self._written, self._freed = first, 0, 0
        self._fill(AHEAD)
        knock_alsa()
        deadline = self._clock() + BUSY_SECONDS
        while True:
            self._began = self._clock()  # rather too early: an edit must not come behind the device
            try:
                self._playing = self._simpleaudio.play_buffer(self._buffer, CHANNELS, 2, RATE)
                break
            except Exception as error:  # noqa: BLE001 - its own class derives from Exception and lives in a private module
                # on a card that does not mix, the previous stretch holds the device until it has drained
                if self._clock() > deadline:
                    raise SinkError(f"simpleaudio cannot open the sound device: {_plain(error)}") from None
            self._sleep(0.05)

    def stop(self) -> int:
        """Silence what has not been handed over, let the device play the rest, and release it."""
        with self._timeline.lock:
            at, playing = self.editable(), self._playing
            if playing is not None:
                # simpleaudio ignores stop() in the last 0.4 s of a buffer, which this one never reaches
                self._buffer[at - self._first :][: AHEAD + PIECE] = 0
            self._first, self._playing = at, None
        if playing is not None:
            self._sleep(LAG / RATE)  # until then it plays what came before
            playing.stop()
        return at

    def heard(self) -> int:
        """The frame heard now, by the clock: simpleaudio reports no position."""
        if self._playing is None:
            return self._first
        return self._first + int((self._clock() - self._began) * RATE)

    def editable(self) -> int:
        """The frames that simpleaudio has not yet read."""
        return self.heard() if self._playing is None else self.heard() + LAG

    def edited(self, at: int) -> None:
        """Write the most urgent frames again at once; the others follow with the next `feed`."""
        if self._playing is not None:
            first = at - self._first
            self._write(first, first + PIECE)
            self._written = min(self._written, first + PIECE)

    def feed(self) -> float:
        """Fill the buffer up to six seconds ahead."""
        at = self.editable() - self._first
        if at + AHEAD > STRETCH:
            here = self.stop()
            self.start(self._timeline, here)
            return EVERY
        self._fill(at + AHEAD)
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

    def _fill(self, end: int) -> None:
        """Fill the buffer to its frame `end`, in pieces, so that an edit never waits long for the lock."""
        while self._written < end:
            with self._timeline.lock:
                last = min(self._written + PIECE, end)
                self._write(self._written, last)
                self._written = last

    def _write(self, begin: int, end: int) -> None:
        self._buffer[begin:end] = self._timeline.mix(self._first + begin, end - begin)

    def _free(self, before: int) -> None:
        """Free memory that has been played."""
        end = before * FRAME_BYTES // mmap.PAGESIZE * mmap.PAGESIZE
        if end > self._freed and hasattr(mmap, "MADV_DONTNEED"):
            self._memory.madvise(mmap.MADV_DONTNEED, self._freed, end - self._freed)
            self._freed = end


def _crashes(python: int = sys.hexversion) -> bool:
    """Whether this is the original simpleaudio on Python 3.12 or later.

    There it frees memory without the interpreter lock, which kills the program at the end of the first sound
    unless Python was started with an allocator that needs no lock. The patched package has another name and
    is imported by the same.
    """
    if python < 0x030C0000 or os.environ.get("PYTHONMALLOC") == "malloc":
        return False
    try:
        metadata.version("simpleaudio")
    except metadata.PackageNotFoundError:
        return False
    return True


def _reserve(size: int) -> mmap.mmap:
    """Zeroed memory that takes room only where it is written."""
    if hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return mmap.mmap(-1, size)


def _plain(error: Exception) -> str:
    """`Error opening PCM device. -- CODE: -2 -- MSG: No such file` becomes `No such file`."""
    return str(error).rpartition("MSG: ")[2].strip() or type(error).__name__


PERIOD_MS = 80
PERIODS = 3
LATENCY = PERIOD_MS * PERIODS / 1000
STALL = 2.0
"""Seconds without a pull after which the device counts as gone."""
RUSH = frames(2.0)
"""Frames pulled beyond what can have been heard, after which the device counts as a sham."""


class MiniaudioSink:
    """The sink that needs no compiler: a wheel that loads the system's sound library by itself.

    miniaudio pulls the sound it needs from its own thread.
    """

    name = "miniaudio"

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._device: Any = None
        self._running = False
        self._resting = False
        self._next = 0
        self._began = (0, 0.0)
        self._pulled = (0, 0.0)

    def start(self, timeline: Timeline, first: int) -> None:
        """Open the device if need be and let it pull."""
        import miniaudio  # 50 ms

        silence_alsa()
        unwanted = {miniaudio.Backend.NULL, miniaudio.Backend.JACK}  # JACK's library writes to fd 2
        self._next, self._resting = first, False
        self._began = self._pulled = (first, self._clock())
        pull = self._pull(timeline)
        next(pull)
        try:
            if self._device is None:
                self._device = miniaudio.PlaybackDevice(
                    output_format=miniaudio.SampleFormat.SIGNED16,
                    nchannels=CHANNELS,
                    sample_rate=RATE,
                    buffersize_msec=PERIOD_MS,
                    callback_periods=PERIODS,
                    backends=[backend for backend in miniaudio.Backend if backend not in unwanted],
                    app_name="segue",
                )
            self._device.start(pull)
        except miniaudio.MiniaudioError as error:
            self.close()
            raise SinkError(f"miniaudio cannot open a sound device: {error.args[0]}") from None
        self._running = True

    def stop(self) -> int:
        """Let the device play out what it has pulled, then stop it."""
        import miniaudio

        if self._running:
            # a device that is stopped drops what it has not played yet: let that be silence
            self._resting = True
            self._sleep(LATENCY)
        self._running = False
        if self._device is not None:
            try:
                self._device.stop()
            except miniaudio.MiniaudioError:
                self.close()
        return self._next

    def heard(self) -> int:
        """The frame heard now: what had been pulled, less what waits in the device's buffer."""
        if not self._running:
            return self._next
        now = self._clock()
        first, began = self._began
        pulled, when = self._pulled
        waiting = frames(LATENCY)
        by_pull = pulled - waiting + int((now - when) * RATE)
        return min(by_pull, first + int((now - began) * RATE), self._next)

    def editable(self) -> int:
        """The next frame to be pulled."""
        return self._next

    def edited(self, at: int) -> None:
        """Nothing was handed over beyond what `editable` says."""

    def feed(self) -> float:
        """Nothing to hand on."""
        return STALL / 2

    def failure(self) -> str:
        """The device is gone when it has not pulled for a while, and a sham when it pulls without playing."""
        if self._running and self._clock() - self._pulled[1] > STALL:
            return "the sound device stopped"
        if self._running and self._rushed():
            return "the sound device takes sound but plays none"
        return ""

    def close(self) -> None:
        """Close the device."""
        self._running = False
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _rushed(self) -> bool:
        """Whether far more has been pulled than can have been heard, as ALSA's null device does."""
        first, began = self._began
        pulled, when = self._pulled
        return pulled - first > (when - began) * RATE + RUSH

    def _pull(self, timeline: Timeline) -> Generator[Samples | bytes, int, None]:
        """Answer each pull with as many frames as it asks for."""
        count = yield b""
        while True:
            if self._resting:
                count = yield bytes(count * FRAME_BYTES)
                continue
            first = self._next
            # first move on, then render: an edit made in between lands behind these frames, never within them
            self._next = first + count
            self._pulled = (first + count, self._clock())
            if self._rushed():
                self._sleep(0.1)  # it would take all of the processor until the player looks
            count = yield timeline.mix(first, count)


DEVICES: dict[str, Callable[[Callable[[], float]], Sink]] = {
    "simpleaudio": SimpleaudioSink,
    "miniaudio": MiniaudioSink,
}
"""The sinks of this module by name, in the order in which they are tried; each takes a clock."""


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
