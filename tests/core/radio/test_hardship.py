"""Hours of radio under hardship, in simulated time, with the real planner on a real library."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from segue.core.audio import Player
from segue.core.audio.sinks import SilentSink, SinkError
from segue.core.audio.timeline import Timeline
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.previews import DeezerPreviews, PreviewSource
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.explore.radio import Mode, RadioPlanner
from segue.core.library import Library
from segue.core.radio.parts import Limits, Notice, NowPlaying, RadioEvent, Skipped, Stopped
from segue.core.radio.session import RadioSession
from segue.core.state import State
from segue.core.tracks import TrackInfo
from tests.core.radio.doubles import Clock, Simulation, Source
from tests.end_to_end.deezer_server import FakeDeezer

HOUR = 3600.0


class NoDevice(SilentSink):
    """A machine without a sound card."""

    name = "simpleaudio"

    def start(self, timeline: Timeline, first: int) -> None:  # noqa: ARG002 - part of the protocol
        raise SinkError("no sound device: No such file or directory")


class Radio:
    """The real planner, state and player around a source, in simulated time."""

    def __init__(
        self,
        library: Library,
        clock: Clock,
        source: PreviewSource,
        *,
        mode: Mode = "walk",
        limits: Limits | None = None,
        track_of: Callable[[int], TrackInfo] | None = None,
    ) -> None:
        self.library = library
        self.clock = clock
        self.events: list[RadioEvent] = []
        self.state = State.in_memory()
        self.player = Player([lambda: NoDevice(clock)], clock=clock, threaded=False)
        self.planner = RadioPlanner(library, 0, mode=mode, rng=np.random.default_rng(1), state=self.state)
        self.session = RadioSession(
            self.planner,
            track_of or library.catalogue.info,
            source,
            self.player,
            self.events.append,
            journal=self.state,
            limits=limits or Limits(),
            clock=clock,
            run=lambda job: job(),
            threaded=False,
        )
        self.run = Simulation(clock, self.player, self.session.step).run

    def played(self) -> list[int]:
        return [event.planned.row for event in self.events if isinstance(event, NowPlaying)]

    def of(self, kind: type[RadioEvent]) -> list[RadioEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def journal(self) -> list[tuple[str, str]]:
        """Track and outcome of every line, the oldest first."""
        return [(line.track_id, line.outcome) for line in reversed(self.state.journal(10**6))]


@pytest.fixture
def deezer() -> Iterator[FakeDeezer]:
    with FakeDeezer() as server:
        yield server


def deezer_source(deezer: FakeDeezer, clock: Clock) -> DeezerPreviews:
    """The real client, whose waits pass on the simulated clock."""
    transport = Transport(loopback=True, bucket=TokenBucket(clock=clock), clock=clock, sleep=clock.sleep)
    return DeezerPreviews(DeezerClient(deezer.base_url, transport))


def without_preview(library: Library, rows: range) -> dict[str, str]:
    """The reason why these rows cannot be played."""
    return {info.track_id: "no preview on Deezer" for info in library.catalogue.infos(rows)}


def real_number(library: Library) -> Callable[[int], TrackInfo]:
    """The library's tracks under numbers such as Deezer gives."""

    def track_of(row: int) -> TrackInfo:
        info = library.catalogue.info(row)
        return TrackInfo(f"track_{1000 + row}", info.title, info.artist)

    return track_of


@pytest.mark.parametrize("mode", ["walk", "steer"])
def test_no_track_comes_back_before_every_other_was_played(tiny_library: Library, mode: Mode) -> None:
    clock, source = Clock(), Source(1.0)
    radio = Radio(tiny_library, clock, source, mode=mode, limits=Limits(tracks=len(tiny_library) + 50))
    radio.run(8 * HOUR)
    played = radio.played()
    assert len(played) == len(tiny_library) + 50
    assert len(set(played[: len(tiny_library)])) == len(tiny_library)
    assert any("everything has been played" in str(notice) for notice in radio.of(Notice))
    assert radio.events[-1] == Stopped("that was the last track")


@pytest.mark.slow
def test_a_thousand_skips_in_a_row_are_each_in_the_journal(tiny_library: Library) -> None:
    clock, source = Clock(), Source(1.0)
    source.reasons = without_preview(tiny_library, range(60))
    radio = Radio(tiny_library, clock, source, mode="walk")
    radio.run(1)
    for _ in range(1000):
        radio.session.next()
    radio.run(20)
    for _ in range(100):
        radio.session.next()
        radio.run(0.03)
    skipped = radio.of(Skipped)
    by_reason = Counter(event.reason for event in skipped if isinstance(event, Skipped))
    assert by_reason["skipped"] == 1100
    outcomes = Counter(outcome for _, outcome in radio.journal())
    assert outcomes["skipped"] == 1100
    assert outcomes["no preview on Deezer"] == by_reason["no preview on Deezer"] == 60
    assert len(radio.player._timeline.clips) < 20
    radio.run(60)
    assert radio.player.playing


def test_a_quota_storm_of_ten_minutes_skips_nothing(tiny_library: Library, deezer: FakeDeezer) -> None:
    clock = Clock()
    deezer.quota = 10**6
    radio = Radio(tiny_library, clock, deezer_source(deezer, clock), track_of=real_number(tiny_library))
    radio.run(5)
    before = len(deezer.asked)
    deezer.storm = True
    radio.run(600)
    asked = len(deezer.asked) - before
    assert 20 < asked < 200, "it asks patiently"
    deezer.storm = False
    radio.run(120)
    assert not radio.of(Skipped)
    assert not radio.of(Stopped)
    reported = [str(notice) for notice in radio.of(Notice)]
    assert sum("quota" in text for text in reported) == 1
    assert sum("answers again" in text for text in reported) == 1
    played = radio.played()
    assert len(played) > 8
    assert len(set(played)) == len(played)


def test_files_whose_host_is_away_are_skipped_and_the_radio_plays_on(
    tiny_library: Library, deezer: FakeDeezer
) -> None:
    clock = Clock()
    for row in range(0, len(tiny_library), 2):
        deezer.manners[1000 + row] = "unreachable"
    deezer.quota = 10**6
    source, numbered = deezer_source(deezer, clock), real_number(tiny_library)
    radio = Radio(tiny_library, clock, source, limits=Limits(tracks=5), track_of=numbered)
    radio.run(600)
    assert len(radio.played()) == 5
    assert {row % 2 for row in radio.played()} == {1}
    assert radio.of(Skipped)
    assert not any("Deezer answers" in str(notice) for notice in radio.of(Notice)), "no outage"


def test_with_no_device_and_no_network_it_says_so_and_ends(tiny_library: Library) -> None:
    clock = Clock()
    with FakeDeezer() as deezer:
        source = deezer_source(deezer, clock)
    radio = Radio(tiny_library, clock, source, track_of=real_number(tiny_library))
    radio.run(HOUR)
    assert isinstance(radio.events[-1], Stopped)
    assert "127.0.0.1 cannot be reached" in str(radio.events[-1])
    assert not radio.of(Skipped)


def test_files_that_are_ten_times_too_large_are_skipped_one_by_one(
    tiny_library: Library, deezer: FakeDeezer
) -> None:
    clock = Clock()
    for row in range(len(tiny_library)):
        deezer.manners[1000 + row] = ("huge", "endless", "fine", "html", "cut", "noise")[row % 6]
    deezer.quota = 10**6
    radio = Radio(
        tiny_library,
        clock,
        deezer_source(deezer, clock),
        limits=Limits(tracks=5),
        track_of=real_number(tiny_library),
    )
    radio.run(600)
    assert len(radio.played()) == 5
    assert {row % 6 for row in radio.played()} == {2}
    reasons = Counter(event.reason for event in radio.of(Skipped) if isinstance(event, Skipped))
    assert len(reasons) >= 4
    assert [outcome for _, outcome in radio.journal() if outcome != "played"] == [
        event.reason for event in radio.of(Skipped) if isinstance(event, Skipped)
    ]
    assert Notice("playing silently: no sound device: No such file or directory") in radio.of(Notice)
