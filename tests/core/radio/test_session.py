"""A session is run in simulated time: no thread, no device, no network."""

from typing import TYPE_CHECKING

import pytest

from segue.core.audio import Player
from segue.core.audio.player import RemoteSong
from segue.core.audio.stream import FileSound
from segue.core.deezer.previews import File, Preview, PreviewSource
from segue.core.radio.fetcher import Run
from segue.core.radio.parts import (
    Limits,
    Notice,
    NowPlaying,
    Played,
    RadioEvent,
    Replanned,
    Scrobbler,
    Skipped,
    Stopped,
)
from segue.core.radio.session import RadioSession
from segue.core.tracks import TrackInfo
from tests.core.own_files.sounds import write_wav
from tests.core.radio.doubles import Clock, Journal, LinePlanner, Simulation, Source, track_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from segue.core.radio.queue import Queue


class Radio:
    """A session with everything around it."""

    def __init__(
        self,
        *,
        rows: int = 10**9,
        limits: Limits | None = None,
        seconds: float = 30.0,
        run: Run = lambda job: job(),
        planner: "Queue | None" = None,
        paused: bool = False,
        source: PreviewSource | None = None,
        scrobbler: Scrobbler | None = None,
    ) -> None:
        self.clock = Clock()
        self.planner = LinePlanner(rows)
        self.source = Source(seconds)
        self.player = Player([], clock=self.clock, threaded=False)
        self.journal = Journal()
        self.events: list[tuple[float, RadioEvent]] = []
        self.session = RadioSession(
            planner or self.planner,
            track_of,
            source or self.source,
            self.player,
            lambda event: self.events.append((self.clock.now, event)),
            journal=self.journal,
            scrobbler=scrobbler,
            limits=limits or Limits(),
            crossfade=3.0,
            paused=paused,
            clock=self.clock,
            run=run,
            threaded=False,
        )
        self.run = Simulation(self.clock, self.player, self.session.step).run

    def playing(self) -> list[tuple[float, str]]:
        """When each track began, and its title."""
        return [
            (at - 1000.0, event.track.title) for at, event in self.events if isinstance(event, NowPlaying)
        ]

    def of(self, kind: type[RadioEvent]) -> list[RadioEvent]:
        return [event for _, event in self.events if isinstance(event, kind)]


def test_tracks_follow_each_other_a_crossfade_before_the_end() -> None:
    radio = Radio()
    radio.run(90)
    starts = radio.playing()
    assert [title for _, title in starts] == ["Title 0", "Title 1", "Title 2", "Title 3"]
    assert [at for at, _ in starts] == pytest.approx([0, 27, 54, 81], abs=0.1)
    assert [line.outcome for line in radio.journal.lines] == ["played"] * 3
    assert [line.seconds for line in radio.journal.lines] == pytest.approx([27, 27, 27], abs=0.1)


def test_each_track_plays_as_long_as_it_is_given() -> None:
    radio = Radio(limits=Limits(track_seconds=5, tracks=3))
    radio.run(60)
    assert [at for at, _ in radio.playing()] == pytest.approx([0, 5, 10], abs=0.15)
    at, last = radio.events[-1]
    assert last == Stopped("that was the last track")
    assert at - 1000 == pytest.approx(15, abs=0.1)


def test_what_cannot_be_played_is_skipped_with_its_reason() -> None:
    radio = Radio(limits=Limits(tracks=3))
    radio.source.reasons = {"track_0": "no preview on Deezer", "track_2": "no preview on Deezer"}
    radio.run(200)
    assert [title for _, title in radio.playing()] == ["Title 1", "Title 3", "Title 4"]
    assert radio.of(Skipped) == [
        Skipped(track_of(0), "no preview on Deezer"),
        Skipped(track_of(2), "no preview on Deezer"),
    ]
    assert [(line.track_id, line.outcome) for line in radio.journal.lines if line.outcome != "played"] == [
        ("track_0", "no preview on Deezer"),
        ("track_2", "no preview on Deezer"),
    ]


def test_the_next_two_are_fetched_ahead_and_nothing_else() -> None:
    radio = Radio()
    radio.run(1)
    assert radio.source.asked == [("track_0", "play"), ("track_1", "prefetch"), ("track_2", "prefetch")]


def test_a_skip_begins_the_next_track_at_once() -> None:
    radio = Radio()
    radio.run(10)
    radio.session.next()
    radio.run(0.1)
    at, title = radio.playing()[-1]
    assert title == "Title 1"
    assert at == pytest.approx(10, abs=0.2)
    assert radio.of(Skipped) == [Skipped(track_of(0), "skipped")]
    assert radio.planner.calls == ["skip 0 after 10 s"]
    assert radio.journal.lines[0].seconds == pytest.approx(10, abs=0.1)


def test_a_session_that_begins_paused_fetches_ahead_and_waits_without_a_word() -> None:
    radio = Radio(paused=True)
    radio.run(20)
    assert [type(event) for _, event in radio.events] == [Replanned]
    radio.session.resume()
    radio.run(10)
    ((begun, title),) = radio.playing()
    assert begun == pytest.approx(20, abs=0.1)
    assert title == "Title 0"


def test_pause_holds_time_and_resume_goes_on() -> None:
    radio = Radio()
    radio.run(10)
    radio.session.pause()
    radio.run(100)
    assert radio.player.position == pytest.approx(10, abs=0.1)
    radio.session.resume()
    radio.run(18)
    at, title = radio.playing()[-1]
    assert title == "Title 1"
    assert at == pytest.approx(127, abs=0.2)


def test_resume_finds_its_place_after_something_else_was_heard() -> None:
    radio = Radio()
    radio.run(10)
    radio.session.pause()
    radio.run(1)
    other = radio.session._current
    assert other is not None
    segment = other.ready.segment
    assert not isinstance(segment, FileSound | RemoteSong)
    radio.player.load(segment[:2000], key="an audition")
    radio.player.play()
    radio.run(3)
    radio.session.resume()
    radio.run(1)
    assert radio.player.position == pytest.approx(11, abs=0.1)


def test_a_widened_plan_is_reported_once() -> None:
    radio = Radio()
    radio.planner.notice = "widened to the 20 nearest"
    radio.run(60)
    assert radio.of(Notice) == [Notice("widened to the 20 nearest")]


def test_a_change_of_plan_is_reported_and_leaves_the_playing_track_alone() -> None:
    radio = Radio()
    radio.run(5)
    radio.session.steer(lambda planner: planner.drop(1))
    radio.run(1)
    last = radio.of(Replanned)[-1]
    assert isinstance(last, Replanned)
    assert [planned.row for planned in last.plan] == [2, 3, 4, 5, 6]
    assert len(radio.playing()) == 1
    radio.run(30)
    assert radio.playing()[-1][1] == "Title 2"


def test_an_exhausted_plan_ends_the_radio_and_says_so() -> None:
    radio = Radio(rows=2)
    radio.run(100)
    assert len(radio.playing()) == 2
    assert radio.events[-1][1] == Stopped("that was the last track")


def test_an_outage_is_waited_out_without_skipping() -> None:
    radio = Radio()
    radio.run(1)
    radio.source.outage = "Deezer's request quota is used up"
    radio.run(600)
    assert len(radio.playing()) == 3  # the one that played and the two that were ready
    assert not radio.of(Skipped)
    assert [event for event in radio.of(Notice) if "quota" in str(event)]
    radio.source.outage = ""
    radio.run(65)
    assert len(radio.playing()) > 3
    assert radio.of(Notice)[-1] == Notice("Deezer answers again")
    assert not radio.of(Skipped)


def test_a_radio_without_deezer_gives_up_in_the_end() -> None:
    radio = Radio(limits=Limits(patience=120))
    radio.source.outage = "api.deezer.com cannot be reached"
    radio.run(300)
    assert radio.events[-1][1] == Stopped("api.deezer.com cannot be reached")
    assert len(radio.source.asked) < 15


def test_a_radio_that_never_played_gives_up_within_minutes() -> None:
    radio = Radio()
    radio.source.outage = "api.deezer.com cannot be reached"
    radio.run(150)
    assert radio.events[-1][1] == Stopped("api.deezer.com cannot be reached")


def test_a_radio_that_finds_nothing_to_play_gives_up_in_the_end() -> None:
    """The host of the files goes away: each track costs its 15 seconds and is skipped."""
    jobs: list[Callable[[], None]] = []
    radio = Radio(run=jobs.append)
    for _ in range(30):
        radio.run(1)
        for job in jobs:
            job()
        jobs.clear()
    radio.source.reasons = dict.fromkeys((f"track_{row}" for row in range(1000)), "did not answer")
    for _ in range(100):
        radio.run(15)
        due, jobs[:] = list(jobs), []
        for job in due:
            job()
    assert len(radio.playing()) == 4  # the one that played, and what was fetched or asked for by then
    assert radio.events[-1][1] == Stopped("nothing could be played for 15 minutes")
    assert 50 < len(radio.of(Skipped)) < 200


def test_time_runs_out() -> None:
    radio = Radio(limits=Limits(seconds=60))
    radio.run(100)
    at, last = radio.events[-1]
    assert last == Stopped("time is up")
    assert at - 1000 == pytest.approx(60, abs=0.1)
    assert radio.journal.lines[-1].seconds == pytest.approx(6, abs=0.2)
    assert radio.of(Played) == [Played(track_of(0)), Played(track_of(1))]


class Recorder:
    """Remembers what is reported to it."""

    def __init__(self) -> None:
        self.begun_: list[str] = []
        self.heard_: list[tuple[str, float, float]] = []

    def begun(self, track: TrackInfo) -> None:
        self.begun_.append(track.title)

    def heard(self, track: TrackInfo, seconds: float, length: float) -> None:
        self.heard_.append((track.title, seconds, length))


def test_a_file_is_reported_with_the_seconds_that_were_really_heard_and_a_preview_only_begins(
    tmp_path: "Path",
) -> None:
    path = write_wav(tmp_path / "tone.wav", 60)

    class Files:
        """Every track but the third is a file of a minute."""

        def fetch(self, track: TrackInfo, *, priority: str = "play") -> "Preview":  # noqa: ARG002 - as others
            file = None if track.title == "Title 2" else File(path, 60.0)
            return Preview(track, b"" if file else path.read_bytes()[: 30 * 44_100 * 4], file=file)

        def close(self) -> None:
            pass

    heard = Recorder()
    radio = Radio(source=Files(), scrobbler=heard)
    radio.run(10)
    radio.session.pause()
    radio.run(100)
    radio.session.resume()
    radio.run(5)
    radio.player.seek(50)  # what is passed over was not heard
    radio.run(5)
    radio.session.next()
    radio.run(60)
    radio.run(30)
    radio.session.close()
    assert heard.begun_[:3] == ["Title 0", "Title 1", "Title 2"]
    assert [(title, length) for title, _, length in heard.heard_[:2]] == [("Title 0", 60), ("Title 1", 60)]
    assert [seconds for _, seconds, _ in heard.heard_[:2]] == pytest.approx([20, 57], abs=0.5)
    assert "Title 2" not in [title for title, _, _ in heard.heard_]
