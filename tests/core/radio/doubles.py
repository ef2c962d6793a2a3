"""A world of numbered tracks, a planner over it, and time that is simulated."""

import io
import wave
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segue.core.audio import Player
from segue.core.deezer.previews import NoPreview, Preview
from segue.core.deezer.transport import Priority
from segue.core.explore.radio import Planned
from segue.core.radio.parts import RadioEvent
from segue.core.tracks import TrackInfo


def track_of(row: int) -> TrackInfo:
    return TrackInfo(f"track_{row}", f"Title {row}", f"Artist {row % 7}")


class LinePlanner:
    """Plays 0, 1, 2... and leaves out what is dropped or banned."""

    def __init__(self, rows: int = 10**9) -> None:
        self.rows = rows
        self.next_row = 0
        self.current: int | None = None
        self.notice = ""
        self.calls: list[str] = []
        self.plan: list[Planned] = []
        self._fill()

    def _fill(self) -> None:
        while len(self.plan) < 5 and self.next_row < self.rows:
            self.plan.append(Planned(self.next_row, "near", 0.5))
            self.next_row += 1

    def advance(self) -> Planned:
        planned = self.plan.pop(0)
        self.current = planned.row
        self._fill()
        return planned

    def skip(self, heard: float) -> None:
        self.calls.append(f"skip {self.current} after {heard:.0f} s")

    def drop(self, row: int) -> None:
        self.calls.append(f"drop {row}")
        self.plan = [planned for planned in self.plan if planned.row != row]
        self._fill()


class Clock:
    """Seconds that pass only when somebody lets them."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.0)


def wav(seconds: float = 30.0, frequency: float = 440.0, rate: int = 8000) -> bytes:
    """A tone as a WAV file; a low rate keeps it small."""
    time = np.arange(int(seconds * rate)) / rate
    pcm = (10_000 * np.sin(2 * np.pi * frequency * time)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(pcm.tobytes())
    return file.getvalue()


class Source:
    """Gives every track the same preview, but for those that `reasons` names."""

    def __init__(self, seconds: float = 30.0, *, rate: int = 8000) -> None:
        self.audio = wav(seconds, rate=rate)
        self.reasons: dict[str, str] = {}
        self.outage = ""
        self.asked: list[tuple[str, Priority]] = []

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        self.asked.append((track.track_id, priority))
        if self.outage:
            return NoPreview(track, self.outage, outage=True)
        if reason := self.reasons.get(track.track_id):
            return NoPreview(track, reason)
        return Preview(track, self.audio, link=f"https://www.deezer.com/track/{track.track_id[6:]}")

    def close(self) -> None:
        pass


@dataclass
class Line:
    """A line of the journal."""

    track_id: str
    seconds: float
    outcome: str


class Journal:
    def __init__(self) -> None:
        self.lines: list[Line] = []

    def record(self, track_id: str, *, source: str, seconds: float, outcome: str) -> None:
        assert source == "radio"
        self.lines.append(Line(track_id, seconds, outcome))


class Simulation:
    """Runs a session and a player by hand: the one due first moves, and time jumps to it."""

    def __init__(self, clock: Clock, player: Player, step: Callable[[], float | None]) -> None:
        self.clock = clock
        self.player = player
        self.step = step

    def run(self, seconds: float) -> None:
        """Let so many seconds pass."""
        end = self.clock.now + seconds
        while True:
            due = [wait for wait in (self.step(), self.player.step(), self.step()) if wait is not None]
            wait = min(due, default=float("inf"))
            if self.clock.now + wait > end:
                self.clock.now = end
                return
            self.clock.sleep(wait)


def names(events: list[RadioEvent]) -> list[str]:
    """The kinds of events, in order."""
    return [type(event).__name__ for event in events]
