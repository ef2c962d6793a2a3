"""Play through miniaudio, which pulls the sound it needs from its own thread."""

import time
from collections.abc import Callable, Generator
from typing import Any

from segue.core.audio.pcm import CHANNELS, FRAME_BYTES, RATE, Samples, frames
from segue.core.audio.sinks.base import SinkError, silence_alsa
from segue.core.audio.timeline import Timeline

PERIOD_MS = 80
PERIODS = 3
LATENCY = PERIOD_MS * PERIODS / 1000
STALL = 2.0
"""Seconds without a pull after which the device counts as gone."""
RUSH = frames(2.0)
"""Frames pulled beyond what can have been heard, after which the device counts as a sham."""


class MiniaudioSink:
    """The sink that needs no compiler: a wheel that loads the system's sound library by itself."""

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
