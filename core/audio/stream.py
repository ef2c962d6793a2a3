"""The listener's own files, played whole: decoded by a child process a few seconds before they are heard."""

import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

import numpy as np

from segue.core.audio.decode import CHILD_SECONDS, DecodeError, child_of, decode, gain_of
from segue.core.audio.pcm import CHANNELS, FRAME_BYTES, RATE, Samples, frames
from segue.core.files import open_regular

PIECE = frames(0.5)
AHEAD = 16
"""Pieces decoded before they are heard: two seconds more than the sink that takes most at once."""
BEHIND = 16
"""Pieces kept after they were heard, so that going back a little needs no new child."""
PATIENCE = 20.0
"""Seconds to wait for the first pieces; a file of hours takes a while to be searched."""
PREVIEW_SECONDS, WHERE = 30.0, 0.35
"""Seconds that are heard of a file when auditioning, and from what share of it."""
_LEVEL_BY = 120.0
"""The level of a file that is played whole is measured before this second: no long search."""


def preview_start(seconds: float) -> float:
    """Where the preview of a file of so many seconds begins."""
    return max(min(seconds * WHERE, seconds - PREVIEW_SECONDS), 0.0)


class FileSound:
    """A whole file, of which only some seconds are in memory; raises `DecodeError` when it can't be decoded.

    `seconds` is its stated length; where it turns out shorter, a stream of it ends there.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        self.path = path
        self.seconds = seconds
        sample = decode(path, min(preview_start(seconds), _LEVEL_BY), min(PREVIEW_SECONDS, seconds))
        self._gain = 10 ** (gain_of(sample) / 20)
        self._first: Stream | None = self.open(0)
        if not self._first.wait(PATIENCE):
            raise DecodeError(f"{path}: cannot be decoded from its beginning")

    def open(self, first: int, on_change: Callable[[], None] = lambda: None) -> "Stream":
        """Stream the file from a frame on; `on_change` is called when it is ready or caught up."""
        return Stream(_Tape(self.path, first, frames(self.seconds), self._gain, on_change))

    def begin(self, on_change: Callable[[], None]) -> "Stream":
        """Stream the file from its beginning; the first time that is ready at once."""
        stream, self._first = self._first, None
        if stream is None:
            return self.open(0, on_change)
        stream.on_change(on_change)
        return stream


class Stream:
    """A window on a file's samples, which moves with what is read: `samples[a:b]` as of an array.

    What is not decoded yet is silent, and noted as missed. Its child ends when nothing holds the stream any
    more.
    """

    def __init__(self, tape: "_Tape") -> None:
        self._tape = tape
        self._end = weakref.finalize(self, tape.close)
        threading.Thread(target=tape.run, name="segue-stream", daemon=True).start()

    def __len__(self) -> int:
        return self._tape.length

    def __getitem__(self, wanted: slice) -> Samples:
        return self._tape.read(wanted.start, min(wanted.stop, len(self)))

    def on_change(self, call: Callable[[], None]) -> None:
        """Call this from now on when it is ready, or what was missed is there."""
        self._tape.on_change = call

    def holds(self, frame: int) -> bool:
        """Whether it can be read from a frame on at once."""
        return self._tape.holds(frame)

    @property
    def ready(self) -> bool:
        """Whether it can be read from its first frame on."""
        return self._tape.ready.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until it is ready; return whether there is anything to hear."""
        return self._tape.ready.wait(seconds) and not self._tape.empty

    def take_missed(self) -> bool:
        """Whether pieces are there now that were missing when they were read."""
        return self._tape.take_missed()


class _Tape:
    """What a stream and the thread that fills it share."""

    def __init__(
        self, path: Path, first: int, length: int, gain: float, on_change: Callable[[], None]
    ) -> None:
        self.length = length
        self.ready = threading.Event()
        self.on_change = on_change
        self._path, self._first, self._gain = path, first, gain
        self._pieces: dict[int, Samples] = {}
        self._next = self._wanted = 0
        self._missed = self._closed = self._over = False
        self._changed = threading.Condition()

    @property
    def empty(self) -> bool:
        """Whether nothing could be decoded."""
        return self._over and not self._pieces

    def read(self, begin: int, end: int) -> Samples:
        """The samples [begin, end), int16 (end - begin, 2); silence where there are none."""
        out = np.zeros((max(end - begin, 0), CHANNELS), dtype=np.int16)
        with self._changed:
            at = begin
            while at < end:
                number, inside = divmod(at - self._first, PIECE)
                count = min(PIECE - inside, end - at)
                piece = self._pieces.get(number)
                if piece is None:
                    self._missed = self._missed or not self._over
                else:
                    part = piece[inside : inside + count]
                    out[at - begin : at - begin + len(part)] = part
                at += count
            self._wanted = (max(end, self._first) - self._first) // PIECE
            self._changed.notify()
        return out

    def holds(self, frame: int) -> bool:
        with self._changed:
            number = (frame - self._first) // PIECE
            return all(n in self._pieces or (self._over and n >= self._next) for n in (number, number + 1))

    def take_missed(self) -> bool:
        with self._changed:
            there = self._missed and (self._over or self._next > self._wanted)
            self._missed = self._missed and not there
            return there

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()

    def run(self) -> None:
        """Decode as far as it is wanted, until the end or until it is no longer wanted."""
        try:
            with open_regular(self._path) as file:
                cpu = CHILD_SECONDS + self.length / RATE / 10
                process = child_of(file, self._first, self.length - self._first, cpu)
        except (OSError, ValueError):
            self._finish()
            return
        try:
            with cast("IO[bytes]", process.stdout) as out:
                while self._has_room() and (data := out.read(PIECE * FRAME_BYTES)):
                    self._put(data)
        finally:
            process.kill()
            process.wait()
            self._finish()

    def _has_room(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next <= self._wanted + AHEAD)
            return not self._closed

    def _put(self, data: bytes) -> None:
        piece = np.frombuffer(data[: len(data) // FRAME_BYTES * FRAME_BYTES], "<i2").reshape(-1, CHANNELS)
        if abs(self._gain - 1) > 0.01:
            louder = piece.astype(np.float32) * np.float32(self._gain)
            piece = np.clip(np.rint(louder), -32768, 32767).astype(np.int16)
        with self._changed:
            self._pieces[self._next] = piece
            self._next += 1
            for number in [n for n in self._pieces if n < self._wanted - BEHIND]:
                del self._pieces[number]
            full = self._next > AHEAD
        if full and not self.ready.is_set():
            self.ready.set()
            self.on_change()
        elif self._missed:
            self.on_change()

    def _finish(self) -> None:
        """The file is over, or can't be read on: it ends with what was decoded."""
        with self._changed:
            last = self._pieces.get(self._next - 1)
            if not self._closed:
                decoded = (self._next - 1) * PIECE + len(last) if last is not None else 0
                self.length = min(self.length, self._first + decoded)
            self._over = True
        self.ready.set()
        self.on_change()
