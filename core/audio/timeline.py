"""What is to be heard when: clips on an endless line of frames, mixed on demand.

Every control of a player is an edit of this line at some frame: loading places a clip, seeking cuts it and
places it again further on, a crossfade lets two clips overlap, volume is a ramp of gain. `mix` is a function
of the frames asked for and nothing else: one device may pull it forwards, another may render a second twice.
"""

import threading
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from segue.core.audio.pcm import CHANNELS, Samples, frames
from segue.core.audio.stream import Stream

Gain = npt.NDArray[np.float32]

RAMP = frames(0.02)
"""Frames in which a change of volume is reached: short enough to feel instant, long enough not to click."""


@dataclass(frozen=True, slots=True)
class Fade:
    """An equal-power fade: two uncorrelated tracks crossfaded by it keep their joint loudness."""

    start: int
    length: int
    rising: bool

    def gain(self, first: int, count: int) -> Gain:
        """The gain of each of `count` frames from `first`, float32 (count,)."""
        along = np.arange(first - self.start, first - self.start + count, dtype=np.float32)
        angle = np.clip(along / np.float32(max(self.length, 1)), 0, 1) * np.float32(np.pi / 2)
        curve: Gain = np.sin(angle) if self.rising else np.cos(angle)
        return curve

    def touches(self, first: int, last: int) -> bool:
        """Whether it changes anything in the frames [first, last)."""
        return last > self.start if not self.rising else first < self.start + self.length


@dataclass(slots=True)
class Clip:
    """A piece of sound on the line: `samples[offset]` is heard at frame `start`, nothing from `stop` on."""

    samples: Samples | Stream
    start: int
    offset: int
    stop: int
    fades: list[Fade] = field(default_factory=list)
    leaving: bool = False
    """Whether it already fades out."""


@dataclass(frozen=True, slots=True)
class _Ramp:
    start: int
    before: float
    after: float


class Timeline:
    """Clips, and a gain over all of them.

    `mix` may be called from any thread. Hold the `lock` while editing it or acting on what was mixed.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._clips: list[Clip] = []
        self._ramps = [_Ramp(0, 1.0, 1.0)]

    @property
    def clips(self) -> tuple[Clip, ...]:
        """The clips that have not been forgotten."""
        return tuple(self._clips)

    def place(self, samples: Samples | Stream, at: int, *, offset: int = 0, fade_in: int = 0) -> Clip:
        """Let the samples be heard from frame `at`, beginning with sample `offset`."""
        clip = Clip(samples, at, offset, at + max(len(samples) - offset, 0))
        if fade_in:
            clip.fades.append(Fade(at, fade_in, rising=True))
        self._clips.append(clip)
        return clip

    def cut(self, at: int, *, fade: int) -> None:
        """Fade everything out from frame `at`; `fade` frames later nothing placed so far is heard."""
        for clip in self._clips:
            if clip.stop <= at or (clip.leaving and clip.stop <= at + fade):
                continue
            clip.fades.append(Fade(at, fade, rising=False))
            clip.stop = max(min(clip.stop, at + fade), clip.start)
            clip.leaving = True

    def set_gain(self, at: int, gain: float) -> None:
        """Move the gain over all clips to `gain`, from frame `at` on."""
        before = self._gain_at(at)
        self._ramps = [ramp for ramp in self._ramps if ramp.start < at] or self._ramps[:1]
        self._ramps.append(_Ramp(at, before, gain))

    def forget(self, before: int) -> None:
        """Drop what ended before a frame that will never be asked for again."""
        self._clips = [clip for clip in self._clips if clip.stop > before]
        while len(self._ramps) > 1 and self._ramps[1].start + RAMP <= before:
            del self._ramps[0]

    def mix(self, first: int, count: int) -> Samples:
        """The sound of the frames [first, first + count), int16 (count, 2)."""
        with self.lock:
            mixed = self._sum(first, count)
            self._apply_gain(mixed, first)
        return np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)

    def _sum(self, first: int, count: int) -> npt.NDArray[np.float32]:
        mixed = np.zeros((count, CHANNELS), dtype=np.float32)
        for clip in self._clips:
            begin, end = max(first, clip.start), min(first + count, clip.stop)
            if begin >= end:
                continue
            skipped = clip.offset + begin - clip.start
            piece = clip.samples[skipped : skipped + end - begin].astype(np.float32)
            for fade in clip.fades:
                if fade.touches(begin, end):
                    piece *= fade.gain(begin, end - begin)[:, np.newaxis]
            mixed[begin - first : end - first] += piece
        return mixed

    def _apply_gain(self, mixed: npt.NDArray[np.float32], first: int) -> None:
        end = first + len(mixed)
        for number, ramp in enumerate(self._ramps):
            last = number + 1 == len(self._ramps)
            begin, stop = max(first, ramp.start), end if last else min(end, self._ramps[number + 1].start)
            if begin >= stop or (ramp.before == ramp.after == 1.0):
                continue
            along = np.arange(begin - ramp.start, stop - ramp.start, dtype=np.float32) / RAMP
            gain = ramp.before + (ramp.after - ramp.before) * np.minimum(along, 1)
            mixed[begin - first : stop - first] *= gain[:, np.newaxis].astype(np.float32)

    def _gain_at(self, frame: int) -> float:
        ramp = next((ramp for ramp in reversed(self._ramps) if ramp.start <= frame), self._ramps[0])
        return ramp.before + (ramp.after - ramp.before) * min((frame - ramp.start) / RAMP, 1.0)
