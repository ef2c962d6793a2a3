"""Auditions on a player in simulated time, with jobs that are carried out when the test says so."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from segue.core.audio import Player
from segue.core.deezer.previews import NoPreview, Preview
from segue.core.deezer.transport import Priority
from segue.core.radio.fetcher import (
    MOST,
    AuditionEnded,
    Auditioner,
    AuditionEvent,
    Auditioning,
    Fetcher,
    NothingToHear,
)
from segue.core.tracks import TrackInfo
from tests.core.radio.doubles import Clock, Source, track_of


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


def test_what_was_fetched_ahead_plays_at_once(bench: Bench) -> None:
    seen: list[dict[str, str]] = []
    bench.source.reasons["track_2"] = "no preview on Deezer"
    auditioner = Auditioner(
        bench.source,
        bench.player,
        bench.events.append,
        on_status=lambda: seen.append(auditioner.statuses()),
        run=bench.jobs.append,
    )
    auditioner.audition(track_of(1))
    bench.work()
    auditioner.prefetch([track_of(2), track_of(3)])
    assert seen[-1] == {"track_2": "fetching", "track_3": "fetching"}
    bench.work()
    bench.work()
    assert seen[-1] == {"track_2": "none", "track_3": "ready"}
    asked = list(bench.source.asked)
    auditioner.audition(track_of(3))
    assert isinstance(bench.events[-1], Auditioning)
    assert bench.events[-1].track == track_of(3)
    assert bench.source.asked == asked
    auditioner.close()


def test_an_answer_that_breaks_the_source_does_not_end_fetching_ahead() -> None:
    class Breaking(Source):
        def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
            if track == track_of(0):
                raise OverflowError("int too large to convert to float")
            return super().fetch(track, priority=priority)

    jobs = list[Callable[[], None]]()
    fetcher = Fetcher(Breaking(1.0), lambda: None, run=jobs.append)
    fetcher.want([track_of(0), track_of(1)])
    while jobs:
        jobs.pop(0)()
    assert fetcher.statuses() == {"track_0": "none", "track_1": "ready"}


def test_answers_that_hang_give_their_places_to_what_is_wanted() -> None:
    clock, jobs = Clock(), list[Callable[[], None]]()
    fetcher = Fetcher(Source(1.0), lambda: None, run=jobs.append, clock=clock)
    fetcher.want([track_of(row) for row in range(5)])
    assert len(jobs) == 3
    fetcher.want([track_of(10), track_of(11)])
    assert len(jobs) == 3, "a moment ago somebody wanted the three; they may still come"
    crowded = [fetcher.crowded]
    clock.sleep(6)
    fetcher.want([track_of(10), track_of(11)])
    assert len(jobs) == 5
    crowded.append(fetcher.crowded)
    assert crowded == [True, False]
    jobs[3]()
    assert fetcher.outcome(track_of(10)) is not None


def test_however_many_hang_no_more_than_eight_are_in_flight() -> None:
    clock, jobs = Clock(), list[Callable[[], None]]()
    fetcher = Fetcher(Source(1.0), lambda: None, run=jobs.append, clock=clock)
    for row in range(50):
        fetcher.want([track_of(row)])
        clock.sleep(6)
    assert len(jobs) == MOST == 8
    for job in list(jobs):
        job()
    assert len(jobs) == 9, "each that ends, however late, makes room"
    jobs[-1]()
    assert fetcher.outcome(track_of(49)) is not None
