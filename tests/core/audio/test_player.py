"""The player in simulated time, on sinks that keep what they were given."""

import queue
import threading
import time

import numpy as np
import pytest
from pydub import AudioSegment

from segue.core.audio import Player, PlayerEvent, SinkChanged, TrackEnded, make_player
from segue.core.audio.pcm import RATE, Samples, frames, samples_of
from segue.core.audio.sinks import SilentSink, SinkError
from segue.core.audio.timeline import Timeline
from segue.core.errors import UsageError
from tests.core.radio.doubles import Clock


class PullSink(SilentSink):
    """A device in simulated time: it takes what is due every tenth of a second and keeps it."""

    name = "pull"

    def __init__(self, clock: Clock, heard: list[Samples]) -> None:
        super().__init__(clock)
        self.taken = heard
        self.broken = ""
        self.closed = False

    def start(self, timeline: Timeline, first: int) -> None:
        if self.broken:
            raise SinkError(self.broken)
        super().start(timeline, first)
        self.timeline, self.next = timeline, first

    def feed(self) -> float:
        self.pull()
        return 0.1

    def pull(self) -> None:
        count = self.heard() - self.next
        if count > 0:
            self.taken.append(self.timeline.mix(self.next, count))
            self.next += count

    def stop(self) -> int:
        self.pull()
        return super().stop()

    def failure(self) -> str:
        return self.broken

    def close(self) -> None:
        self.closed = True


class Bench:
    """A player on a pull sink."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.taken: list[Samples] = []
        self.sink = PullSink(self.clock, self.taken)
        self.events: list[PlayerEvent] = []
        self.player = Player([lambda: self.sink], clock=self.clock, threaded=False)
        self.player.subscribe(self.events.append)

    def run(self, seconds: float) -> None:
        """Let so many seconds pass."""
        end = self.clock.now + seconds
        while True:
            wait = self.player.step()
            if wait is None or self.clock.now + wait > end:
                self.clock.now = end
                self.player.step()
                return
            self.clock.sleep(max(wait, 0.001))

    def heard(self) -> Samples:
        return np.concatenate(self.taken)


def level(value: int, seconds: float) -> AudioSegment:
    """A constant signal: whatever the player does to it can be read off its samples."""
    return AudioSegment(
        data=np.full((frames(seconds), 2), value, dtype=np.int16).tobytes(),
        sample_width=2,
        frame_rate=RATE,
        channels=2,
    )


def counting(seconds: float) -> AudioSegment:
    """A signal whose samples tell their place: one more every 10 frames."""
    ramp = np.arange(frames(seconds)) // 10
    return AudioSegment(
        data=np.stack([ramp, ramp], axis=1).astype(np.int16).tobytes(),
        sample_width=2,
        frame_rate=RATE,
        channels=2,
    )


def test_a_track_is_heard_whole_and_its_end_is_reported() -> None:
    bench = Bench()
    segment = counting(3)
    bench.player.load(segment, key="a")
    bench.player.play()
    bench.run(5)
    edge = frames(0.02)
    np.testing.assert_array_equal(bench.heard()[edge : 3 * RATE], samples_of(segment)[edge:])
    assert bench.events == [SinkChanged("pull", ""), TrackEnded("a")]
    assert not bench.player.playing
    assert bench.player.position == 3.0


def test_nothing_is_heard_before_play() -> None:
    bench = Bench()
    bench.player.load(counting(3))
    bench.run(5)
    assert bench.taken == []
    assert bench.player.position == 0
    assert bench.player.duration == 3.0


def test_pause_goes_on_at_the_same_sample() -> None:
    bench = Bench()
    segment = counting(4)
    bench.player.load(segment)
    bench.player.play()
    bench.run(1.5)
    bench.player.pause()
    bench.run(60)
    assert bench.player.position == pytest.approx(1.5, abs=0.01)
    bench.player.play()
    bench.run(10)
    edge = frames(0.02)
    np.testing.assert_array_equal(bench.heard()[edge : 4 * RATE], samples_of(segment)[edge:])


def test_seek_goes_where_it_is_asked_to() -> None:
    bench = Bench()
    bench.player.load(counting(4))
    bench.player.play()
    bench.run(1.0)
    bench.player.seek(3.0)
    assert bench.player.position == pytest.approx(3.0, abs=0.01)
    bench.run(0.5)
    after = bench.heard()[frames(1.1) : frames(1.4), 0]
    np.testing.assert_allclose(after, (np.arange(frames(3.1), frames(3.4)) // 10), atol=60)
    bench.player.seek(-5)
    assert bench.player.position == 0
    bench.player.seek(99)
    bench.run(0.1)
    assert isinstance(bench.events[-1], TrackEnded)


def test_a_crossfade_keeps_the_power_and_the_old_track_goes() -> None:
    bench = Bench()
    bench.player.load(level(8000, 10), key="old")
    bench.player.play()
    bench.run(2)
    bench.player.load(level(-8000, 10), key="new", crossfade=1.0)
    bench.run(3)
    heard = bench.heard()[:, 0].astype(float)
    assert heard[frames(1.9)] == 8000
    assert heard[frames(3.1)] == -8000
    along = np.linspace(0, np.pi / 2, frames(1.0), endpoint=False)
    expected = 8000 * np.cos(along) - 8000 * np.sin(along)
    start = frames(1.5) + int(np.argmax(heard[frames(1.5) :] < 8000))
    np.testing.assert_allclose(heard[start : start + frames(0.9)], expected[: frames(0.9)], atol=40)
    assert bench.player.key == "new"
    assert len(bench.player._timeline.clips) == 1


def test_volume_and_mute_act_at_once_and_without_a_click() -> None:
    bench = Bench()
    bench.player.load(level(10_000, 10))
    bench.player.play()
    bench.run(1)
    bench.player.set_volume(0.25)
    bench.run(1)
    bench.player.mute()
    bench.run(1)
    bench.player.mute(muted=False)
    bench.run(1)
    bench.player.set_volume(7)
    bench.run(1)
    heard = bench.heard()[:, 0].astype(int)
    assert [heard[frames(at)] for at in (0.5, 1.5, 2.5, 3.5, 4.5)] == [10_000, 2_500, 0, 2_500, 10_000]
    assert np.abs(np.diff(heard[frames(0.5) :])).max() < 30
    assert bench.player.volume == 1.0


def test_a_thousand_skips_leave_one_track_and_no_trace() -> None:
    bench = Bench()
    segment = level(1000, 30)
    bench.player.play()
    for number in range(1000):
        bench.player.load(segment, key=number, crossfade=0.4)
        bench.player.play()
        bench.run(0.01)
    bench.run(2)
    assert len(bench.player._timeline.clips) == 1
    assert bench.player.key == 999
    assert np.abs(bench.heard()).max() <= 32767


def test_stop_forgets_and_play_after_the_end_begins_again() -> None:
    bench = Bench()
    bench.player.load(level(1000, 1), key="a")
    bench.player.play()
    bench.run(2)
    bench.player.play()
    bench.run(0.5)
    assert bench.player.position == pytest.approx(0.5, abs=0.02)
    bench.player.stop()
    bench.run(1)
    assert (bench.player.key, bench.player.duration, bench.player.position) == (None, 0, 0)
    bench.player.play()
    assert not bench.player.playing


def test_a_device_that_vanishes_leaves_a_clock_and_a_notice() -> None:
    bench = Bench()
    bench.player.load(level(1000, 10), key="a")
    bench.player.play()
    bench.run(2)
    bench.sink.broken = "the sound device stopped"
    bench.run(2)
    assert bench.events == [SinkChanged("pull", ""), SinkChanged("silent", "the sound device stopped")]
    assert bench.player.sink == "silent"
    assert bench.player.position == pytest.approx(4, abs=0.3)
    bench.run(10)
    assert TrackEnded("a") in bench.events
    deadline = time.monotonic() + 60
    while not bench.sink.closed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert bench.sink.closed


def test_a_device_that_came_back_is_found_at_the_next_play() -> None:
    bench = Bench()
    bench.sink.broken = "no sound device"
    bench.player.load(level(1000, 500))
    bench.player.play()
    bench.run(40)
    assert bench.events == [SinkChanged("silent", "no sound device")]
    bench.sink.broken = ""
    bench.player.pause()
    bench.run(1)
    bench.player.play()
    bench.run(1)
    assert bench.events[-1] == SinkChanged("pull", "")


def test_the_best_sink_that_opens_is_taken() -> None:
    clock, taken = Clock(), list[Samples]()
    broken, working = PullSink(clock, taken), PullSink(clock, taken)
    broken.broken = "no"
    player = Player([lambda: broken, lambda: working], clock=clock, threaded=False)
    events: list[PlayerEvent] = []
    player.subscribe(events.append)
    player.load(level(1, 5))
    player.play()
    player.step()
    assert events == [SinkChanged("pull", "")]


class HangingSink(SilentSink):
    """A device that never answers."""

    name = "hanging"

    def __init__(self) -> None:
        super().__init__(time.monotonic)
        self.asked, self.release, self.gave_up = threading.Event(), threading.Event(), threading.Event()

    def start(self, timeline: Timeline, first: int) -> None:  # noqa: ARG002 - part of the protocol
        self.asked.set()
        if not self.release.wait(30):
            self.gave_up.set()


def test_a_device_that_hangs_never_blocks_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.core.audio.sinks.OPEN_SECONDS", 60)
    sink = HangingSink()
    player = Player([lambda: sink], clock=time.monotonic)
    player.load(level(1, 5))
    player.play()
    assert sink.asked.wait(20)
    player.seek(1)
    player.set_volume(0.5)
    player.pause()
    assert not sink.gave_up.is_set(), "all this while the device hangs"
    sink.release.set()
    player.close()


def test_a_device_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.core.audio.sinks.OPEN_SECONDS", 0.3)
    sink = HangingSink()
    player = Player([lambda: sink], clock=time.monotonic)
    events: queue.SimpleQueue[PlayerEvent] = queue.SimpleQueue()
    player.subscribe(events.put)
    player.load(level(1, 5))
    player.play()
    assert events.get(timeout=60) == SinkChanged("silent", "the sound device does not answer")
    sink.release.set()
    player.close()


def test_a_listener_can_leave_and_an_unknown_sink_is_refused() -> None:
    bench = Bench()
    leave = bench.player.subscribe(bench.events.append)
    leave()
    leave()
    bench.player.load(level(1, 0.2))
    bench.player.play()
    bench.run(1)
    assert len(bench.events) == 2
    with pytest.raises(UsageError, match="gramophone"):
        make_player("gramophone")


def test_the_silent_player_keeps_time_for_real() -> None:
    player = make_player("silent")
    ended = threading.Event()
    player.subscribe(lambda event: ended.set() if isinstance(event, TrackEnded) else None)
    player.load(level(1, 0.3))
    began = time.monotonic()
    player.play()
    assert ended.wait(60)
    assert time.monotonic() - began >= 0.3
    player.close()
