"""A fetcher whose jobs are carried out when the test says so: what hangs does not keep others waiting."""

from collections.abc import Callable

from segue.core.radio.fetcher import MOST, Fetcher
from tests.core.radio.doubles import Clock, Source, track_of


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
