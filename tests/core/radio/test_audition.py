"""Auditions on a player in simulated time, with jobs that are carried out when the test says so."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from segue.core.audio import Player
from segue.core.radio.audition import AuditionEnded, Auditioner, AuditionEvent, Auditioning, NothingToHear
from tests.core.radio.doubles import Clock, Source, track_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Bench:
    def __init__(self) -> None:
        self.clock = Clock()
        self.player = Player([], clock=self.clock, threaded=False)
        self.source = Source(5.0)
        self.jobs: list[Callable[[], None]] = []
        self.events: list[AuditionEvent] = []
        self.auditioner = Auditioner(self.source, self.player, self.events.append, run=self.jobs.append)

    def work(self, which: int = 0) -> None:
        self.jobs.pop(which)()

    def run(self, seconds: float) -> None:
        self.player.step()
        self.clock.sleep(seconds)
        self.player.step()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_track_is_heard_to_its_end(bench: Bench) -> None:
    bench.auditioner.audition(track_of(3))
    assert bench.events == []
    bench.work()
    (begun,) = bench.events
    assert isinstance(begun, Auditioning)
    assert len(begun.envelope) == 200
    assert replace(begun, envelope=()) == Auditioning(
        track_of(3), 5.0, "", "https://www.deezer.com/track/3", ""
    )
    bench.run(2)
    assert bench.player.position == pytest.approx(2, abs=0.1)
    bench.run(4)
    assert bench.events[1:] == [AuditionEnded(track_of(3))]


def test_only_the_track_asked_for_last_is_heard(bench: Bench) -> None:
    for row in range(10):
        bench.auditioner.audition(track_of(row))
    while bench.jobs:
        bench.work(-1)
    heard = [event.track for event in bench.events if isinstance(event, Auditioning)]
    assert heard == [track_of(9)]
    assert len(bench.source.asked) <= 4, "most of them were never asked of Deezer"


def test_a_track_without_a_preview_says_why(bench: Bench) -> None:
    bench.source.reasons["track_1"] = "no preview on Deezer"
    bench.auditioner.audition(track_of(1))
    bench.work()
    assert bench.events == [NothingToHear(track_of(1), "no preview on Deezer")]


def test_an_outage_is_reported_and_asking_again_asks_again(bench: Bench) -> None:
    bench.source.outage = "no network"
    bench.auditioner.audition(track_of(1))
    bench.work()
    assert bench.events == [NothingToHear(track_of(1), "no network")]
    bench.source.outage = ""
    bench.auditioner.audition(track_of(1))
    bench.work()
    assert isinstance(bench.events[-1], Auditioning)


def test_stop_is_silence_even_when_the_answer_comes_later(bench: Bench) -> None:
    bench.auditioner.audition(track_of(1))
    bench.auditioner.stop()
    bench.work()
    assert bench.events == []
    bench.auditioner.audition(track_of(2))
    bench.work()
    bench.auditioner.stop()
    bench.run(0.1)
    assert not bench.player.playing
    bench.auditioner.close()


def test_stop_leaves_what_others_play_alone(bench: Bench) -> None:
    bench.auditioner.audition(track_of(1))
    bench.work()
    other = bench.player._clip
    assert other is not None
    bench.run(6)
    bench.auditioner.stop()
    assert bench.player.duration == 5.0
