"""Clocks that are set back, jump years ahead, or stand still."""

from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path

import pytest

from segue.core.audio import Player
from segue.core.catalogue.overlay import TitleOverlay
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.previews import DeezerPreviews, Preview
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.radio.fetcher import AuditionEnded, Auditioner, AuditionEvent, Auditioning
from segue.core.radio.parts import Notice, Stopped
from segue.core.state import State
from segue.core.tracks import TrackInfo
from segue.tui.model.glyphs import ago
from tests.core.radio.doubles import Clock, Source, track_of
from tests.core.radio.test_session import Radio
from tests.end_to_end.deezer_server import FakeDeezer

YEAR = 365 * 86_400.0
JUMPS = (-30 * YEAR, -YEAR, -3600.0, -0.001, 0.0, 3600.0, YEAR, 30 * YEAR)


@pytest.fixture
def deezer() -> Iterator[FakeDeezer]:
    with FakeDeezer() as server:
        yield server


def test_the_journal_keeps_its_order_and_loses_nothing(tmp_path: Path) -> None:
    times = cycle((1.7e9, 0.0, -5e8, 4e9, 1.7e9, 1.7e9))
    path = tmp_path / "state.sqlite"
    with closing(State.open(path, clock=lambda: next(times))) as state:
        for number in range(24):
            state.record(f"track_{number}", source="test", seconds=1)
            state.love(f"track_{number}")
            state.save_session({"at": number})
    with closing(State.open(path)) as state:
        assert [line.track_id for line in reversed(state.journal())] == [f"track_{n}" for n in range(24)]
        assert set(state.loves()) == {f"track_{n}" for n in range(24)}
        assert state.session() == {"at": 23}
        for number in reversed(range(24)):
            change = state.undo()
            assert change is not None
            assert change.key == f"track_{number}", "undo goes by the order of changes, not by the clock"


@pytest.mark.parametrize("jump", JUMPS)
def test_titles_are_kept_and_asked_for_again_whatever_the_clock_says(jump: float, tmp_path: Path) -> None:
    now = 1.7e9
    with closing(TitleOverlay(tmp_path / "titles.sqlite", clock=lambda: now)) as titles:
        titles.keep([(TrackInfo("track_1", "Title", "Artist"), "")], unknown=["track_2"])
        now += jump
        assert titles.to_ask(["track_1", "track_2"]) in ([], ["track_2"])
        assert titles.completed([TrackInfo("track_1")])[0].title == "Title"
        titles.keep([], unknown=["track_2"])
        assert titles.to_ask(["track_1", "track_2"]) == []


def test_a_time_in_the_future_is_said_as_now() -> None:
    assert [ago(-YEAR), ago(0), ago(YEAR)] == ["now", "now", "365 d"]


@pytest.mark.parametrize("jump", JUMPS)
def test_no_jump_closes_the_rate_limit_for_longer_than_its_window(jump: float) -> None:
    clock = Clock()
    bucket = TokenBucket(clock=clock)
    for _ in range(40):
        assert bucket.take() == 0
    bucket.close_for(4.0)
    clock.now += jump
    waited = 0.0
    while wait := bucket.take():
        waited += wait
        clock.sleep(wait)
    assert waited <= 5.0


@pytest.mark.parametrize("jump", JUMPS)
def test_a_wrong_date_does_not_cost_the_previews(jump: float, deezer: FakeDeezer) -> None:
    clock = Clock()
    transport = Transport(loopback=True, bucket=TokenBucket(clock=clock), clock=clock, sleep=clock.sleep)
    previews = DeezerPreviews(DeezerClient(deezer.base_url, transport), wall_clock=lambda: 1.767e9 + jump)
    found = previews.fetch(TrackInfo("track_7", "Hexagone", "Renaud"))
    assert isinstance(found, Preview)
    assert len(deezer.asked) <= 4, "an address that seems to have run out is renewed once"


@pytest.mark.parametrize("jump", JUMPS)
def test_an_audition_outlives_a_jump_and_so_does_the_next(jump: float) -> None:
    clock, events = Clock(), list[AuditionEvent]()
    player = Player([], clock=clock, threaded=False)
    auditioner = Auditioner(Source(5.0), player, events.append, run=lambda job: job())
    auditioner.audition(track_of(1))
    player.step()
    clock.now += jump
    player.step()
    assert 0 <= player.position <= 5.0
    auditioner.audition(track_of(2))
    for _ in range(60):
        player.step()
        clock.sleep(0.1)
    assert [event.track for event in events if isinstance(event, Auditioning)] == [track_of(1), track_of(2)]
    assert events[-1] == AuditionEnded(track_of(2))


def test_a_radio_that_was_stopped_or_asleep_in_mid_track_goes_on_with_the_next() -> None:
    radio = Radio(seconds=6.0)
    radio.run(8)
    radio.clock.now += 60  # nothing ran meanwhile: SIGSTOP, a closed lid
    radio.run(12)
    titles = [title for _, title in radio.playing()]
    assert titles == [f"Title {number}" for number in range(len(titles))], "none left out or played twice"
    assert len(titles) >= 4
    assert {line.outcome for line in radio.journal.lines} == {"played"}
    assert not radio.of(Stopped)
    assert not radio.of(Notice)
