"""The player: controls that answer at once, and one thread that deals with the device.

What every player offers and reports is declared beside the one for this machine, and the file is long.
"""

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Union, cast

from segue.core.audio.pcm import RATE, Samples, frames, samples_of
from segue.core.audio.sinks import Sink, SinkChanged, Speaker
from segue.core.audio.stream import FileSound, Stream
from segue.core.audio.timeline import Clip, Timeline
from segue.core.errors import UsageError
from segue.core.waiting import Loop

if TYPE_CHECKING:
    import threading

    from pydub import AudioSegment

SINKS = ("simpleaudio", "miniaudio", "silent")
EDGE = frames(0.015)
"""Frames of the fades that keep a cut from clicking."""


@dataclass(frozen=True, slots=True)
class TrackEnded:
    """What was loaded with this key has been heard to its end."""

    key: object


@dataclass(frozen=True, slots=True)
class TrackLeft:
    """Another program's "next" or "previous" has ended what was loaded with this key."""

    key: object
    back: bool
    """Whether it went back."""


@dataclass(frozen=True, slots=True)
class PauseChanged:
    """Another program has paused or resumed what is loaded."""

    paused: bool


@dataclass(frozen=True, slots=True)
class VolumeChanged:
    """Another program has set the volume."""

    volume: float


@dataclass(frozen=True, slots=True)
class PlayerStopped:
    """Another program has stopped what was loaded with this key."""

    key: object


@dataclass(frozen=True, slots=True)
class PlayerNotice:
    """Something the listener should know of the player, in one line."""

    text: str


PlayerEvent = (
    TrackEnded | SinkChanged | TrackLeft | PauseChanged | VolumeChanged | PlayerStopped | PlayerNotice
)
"""An event, for `match`; all but the first two come from players elsewhere alone."""


@dataclass(frozen=True, slots=True)
class RemoteSong:
    """A file of a player elsewhere, by its path there."""

    path: str
    seconds: float
    """0 where it is not known."""


Playable = Union["AudioSegment", FileSound, RemoteSong]


class AnyPlayer(ABC):
    """What a radio needs of a player: `Player`, or `core.audio.mpd.MPDPlayer` for one elsewhere.

    Controls note what is wanted, under the lock, and return at once.
    """

    elsewhere: ClassVar[bool]
    """Whether another program plays: it goes from track to track by itself and has a volume of its own."""

    def __init__(self, lock: "threading.RLock") -> None:
        self._lock = lock
        self._listeners: dict[object, Callable[[PlayerEvent], object]] = {}
        self._wanted = False
        self._key: object = None
        self._volume = 1.0
        self._muted = False

    # what a user sees

    @property
    def playing(self) -> bool:
        """Whether it plays, or is about to."""
        return self._wanted

    @property
    def key(self) -> object:
        """The key of what is loaded, else None."""
        return self._key

    @property
    @abstractmethod
    def duration(self) -> float:
        """Seconds of what is loaded."""

    @property
    @abstractmethod
    def position(self) -> float:
        """Seconds into what is loaded."""

    @property
    def latency(self) -> float:
        """Seconds until a change made now is heard; 0 of a player that goes from track to track by itself."""
        return 0.0

    @property
    def volume(self) -> float:
        """Between 0 and 1."""
        return self._volume

    @property
    def muted(self) -> bool:
        """Whether it is muted."""
        return self._muted

    def subscribe(self, listener: Callable[[PlayerEvent], object]) -> Callable[[], object]:
        """Call the listener, on the player's thread, for each event. Returns how to end that."""
        token = object()
        self._listeners[token] = listener
        return lambda: self._listeners.pop(token, None)

    def _emit(self, event: PlayerEvent) -> None:
        for listener in list(self._listeners.values()):
            listener(event)

    # what a user does

    @abstractmethod
    def load(
        self, segment: Playable, *, key: object = None, crossfade: float = 0.0, at: float | None = None
    ) -> None:
        """Put something in place of what plays."""

    @abstractmethod
    def line_up(self, segments: Sequence[Playable]) -> None:
        """Take note of what comes next: one elsewhere queues it."""

    @abstractmethod
    def play(self) -> None:
        """Play, or go on."""

    def pause(self) -> None:
        """Stop where it is; `play` goes on from there."""
        with self._lock:
            self._wanted = False
        self._wake()

    @abstractmethod
    def stop(self) -> None:
        """Stop and forget what was loaded."""

    @abstractmethod
    def seek(self, seconds: float) -> None:
        """Go to a place in what is loaded; beyond its end is its end."""

    def set_volume(self, volume: float) -> None:
        """Set the volume between 0 and 1 (as amplitude: a half is 6 dB less); NaN is 0."""
        with self._lock:
            self._volume = min(max(0.0, volume), 1.0)
            self._apply_volume()
        self._wake()

    def mute(self, muted: bool = True) -> None:
        """Mute or unmute; the volume is kept."""
        with self._lock:
            self._muted = muted
            self._apply_volume()
        self._wake()

    @abstractmethod
    def close(self) -> None:
        """Stop and let go of the device."""

    @abstractmethod
    def _apply_volume(self) -> None:
        """Have the volume, and whether it is muted, take effect; under the lock."""

    @abstractmethod
    def _wake(self) -> None:
        """Have the player's thread look at what is wanted."""


class Player(AnyPlayer):
    """Plays one track at a time, with crossfades between tracks.

    Every control edits a timeline and returns at once; devices are opened, fed and closed by the player's own
    thread. Events arrive on that thread.

    Parameters
    ----------
    candidates
        Makers of sinks, best first. When one fails the next is tried, and in the end there is silence.
    clock
        Monotonic seconds.
    threaded
        Without it nothing happens until `step` is called, for tests that simulate time.
    """

    elsewhere = False

    def __init__(
        self, candidates: Sequence[Callable[[], Sink]], *, clock: Callable[[], float], threaded: bool = True
    ) -> None:
        self._timeline = Timeline()
        super().__init__(self._timeline.lock)
        self._speaker = Speaker(candidates, self._timeline, clock=clock, on_change=self._emit)
        self._clip: Clip | None = None
        self._file: FileSound | None = None
        """What is loaded, where it is a file that is streamed."""
        self._coming: tuple[Stream, int] | None = None
        """A stream that is not ready, and the frame to go to once it is."""
        self._ended = False
        self._loop = Loop(self.step, "segue-player") if threaded else None

    # what a user sees

    @property
    def sink(self) -> str:
        """The name of the sink in use, `silent` before anything has been played."""
        return self._speaker.name

    @property
    def duration(self) -> float:
        """Seconds of what is loaded."""
        clip = self._clip
        return len(clip.samples) / RATE if clip else 0.0

    @property
    def position(self) -> float:
        """Seconds into what is loaded."""
        with self._lock:
            clip = self._clip
            if clip is None:
                return 0.0
            if self._coming is not None:
                return self._coming[1] / RATE
            heard = self._speaker.heard()
            return min(max(clip.offset + heard - clip.start, clip.offset), len(clip.samples)) / RATE

    @property
    def latency(self) -> float:
        """Seconds until a change made now is heard."""
        with self._lock:
            return max(self._speaker.editable() - self._speaker.heard(), 0) / RATE

    # what a user does

    def load(
        self, segment: Playable, *, key: object = None, crossfade: float = 0.0, at: float | None = None
    ) -> None:
        """Put a segment or a file in place of what plays.

        The old one fades out over `crossfade` seconds while the new one rises. It goes on playing when it was
        playing; otherwise the segment waits for `play`.

        With `at` the old one gives way when it is so many seconds into itself, to the sample; that has to be
        asked for at least `latency` seconds before. By default, and when it is too late, it does so at once.
        """
        file = segment if isinstance(segment, FileSound) else None
        samples = file.begin(self._wake) if file else samples_of(cast("AudioSegment", segment))
        with self._lock:
            self._key, self._file = key, file
            now, clip = self._speaker.editable(), self._clip
            due = now if at is None or clip is None else clip.start + frames(at) - clip.offset
            self._place(samples, 0, at=max(now, due), fade=frames(crossfade))

    def line_up(self, segments: Sequence[Playable]) -> None:
        """Nothing is queued here: the caller loads each track of a list in time."""

    def play(self) -> None:
        """Play, or go on."""
        with self._lock:
            if self._clip is None or self._wanted:
                return
            if self._ended:
                self._go_to(0)
            self._speaker.retry()
            self._wanted = True
        self._wake()

    def stop(self) -> None:
        """Stop and forget what was loaded."""
        with self._lock:
            at = self._speaker.editable()
            self._timeline.cut(at, fade=EDGE)
            self._speaker.edited(at)
            self._wanted, self._clip, self._key = False, None, None
            self._file = self._coming = None
        self._wake()

    def seek(self, seconds: float) -> None:
        """Go to a place in what is loaded; beyond its end is its end."""
        with self._lock:
            if self._clip is not None:
                self._go_to(min(max(frames(seconds), 0), len(self._clip.samples)))

    def close(self) -> None:
        """Stop and let go of the device."""
        self.stop()
        if self._loop is not None:
            self._loop.close()
        self._speaker.close()

    # edits, under the lock

    def _go_to(self, offset: int) -> None:
        """Go to a frame of what is loaded, as soon as its stream is there."""
        clip = self._clip
        if clip is None:
            return
        samples = clip.samples
        if self._file is not None and isinstance(samples, Stream) and not samples.holds(offset):
            if clip.start >= self._speaker.editable():  # rather nothing than a moment of another place
                self._timeline.cut(clip.start, fade=EDGE)
            self._coming = self._file.open(offset, self._wake), offset
            self._ended = False
        else:
            self._place(samples, offset, fade=0)

    def _catch_up(self) -> None:
        """Take what streams have decoded meanwhile."""
        with self._lock:
            if self._coming is not None and self._coming[0].ready:
                self._place(*self._coming, fade=0)
            clip = self._clip
            if clip is not None and isinstance(clip.samples, Stream):
                clip.stop = min(clip.stop, clip.start + max(len(clip.samples) - clip.offset, 0))
                if clip.samples.take_missed():
                    self._speaker.edited(self._speaker.editable())

    def _place(self, samples: "Samples | Stream", offset: int, *, fade: int, at: int | None = None) -> None:
        if at is None:
            at = self._speaker.editable()
        sounding = any(clip.stop > at for clip in self._timeline.clips)
        self._timeline.cut(at, fade=max(fade, EDGE))
        fade_in = fade if sounding else 0
        self._clip = self._timeline.place(samples, at, offset=offset, fade_in=max(fade_in, EDGE))
        self._timeline.forget(self._speaker.heard())
        self._speaker.edited(at)
        self._ended, self._coming = False, None
        self._wake()

    def _apply_volume(self) -> None:
        at = self._speaker.editable()
        self._timeline.set_gain(at, 0.0 if self._muted else self._volume)
        self._speaker.edited(at)

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.wake()

    # the player's thread

    def step(self) -> float | None:
        """Bring the device to what is wanted; return the seconds until there is something to do again."""
        self._catch_up()
        if not self._wanted:
            self._speaker.stop()
            return None
        self._speaker.start()
        return min(self._speaker.feed(), self._until_the_end())

    def _until_the_end(self) -> float:
        """Seconds until the loaded track ends; at its end, say so and stop unless another is loaded."""
        with self._lock:
            heard = self._speaker.heard()
            self._timeline.forget(heard - RATE)
            clip, key = self._clip, self._key
            if clip is None or self._ended:
                return 0.0
            if self._coming is not None:
                return 1.0  # its stream wakes this thread
            if heard < clip.stop:
                return (clip.stop - heard) / RATE + 0.001
            self._ended = True
        self._emit(TrackEnded(key))
        with self._lock:
            self._wanted = self._wanted and not self._ended
        return 0.0


def make_player(prefer: str | None = None, *, clock: Callable[[], float] = time.monotonic) -> Player:
    """Make a player on the best sink there is.

    `prefer` is a name of `SINKS` to be tried first, by default that in the environment's `SEGUE_SINK`;
    `silent` opens no device. `clock` gives monotonic seconds.
    """
    from segue.core.audio.devices import DEVICES

    prefer = prefer or os.environ.get("SEGUE_SINK") or None
    if prefer is not None and prefer not in SINKS:
        raise UsageError(f"unknown sound sink {prefer!r}; choose from {', '.join(SINKS)}")
    if prefer == "silent":
        return Player([], clock=clock)
    order = sorted(DEVICES, key=lambda name: name != prefer)
    return Player([partial(DEVICES[name], clock) for name in order], clock=clock)
