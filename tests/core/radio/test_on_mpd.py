"""A queue that an MPD plays: what it is sent, and how Segue follows what others do there."""

import json
import socket
import wave
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

pytest.importorskip("mpd", reason="python-mpd2 is not installed")

from segue.core.audio.mpd import MPDPlayer
from segue.core.audio.player import VolumeChanged
from segue.core.cli import main
from segue.core.deezer.previews import File, NoPreview, Preview
from segue.core.deezer.transport import Priority
from segue.core.explore.radio import Planned
from segue.core.library import Library
from segue.core.mpd import connected
from segue.core.radio.parts import Limits, Notice, NowPlaying, Paused, RadioEvent, Skipped, Stopped
from segue.core.radio.queue import Queue
from segue.core.radio.session import RadioSession
from segue.core.tracks import TrackInfo
from tests.core.radio.doubles import Journal, track_of
from tests.core.send.test_real_servers import mpd as real_mpd
from tests.mpd_server import FakePlayer, mpd

FILES = [f"own/{row}.wav" for row in range(8)]
THEIRS = ["theirs/a.wav", "theirs/b.wav"]


class Files:
    """The file of each track but one."""

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        del priority
        row = track.track_id.removeprefix("track_")
        if row == "2":
            return NoPreview(track, "MPD does not have it")
        return Preview(track, b"", file=File(Path(f"own/{row}.wav"), 100.0, elsewhere=True))

    def close(self) -> None:
        pass


class Playing:
    """A session on an MPD, and all that it reported."""

    def __init__(self, port: int, limits: Limits | None = None) -> None:
        self.events: list[RadioEvent] = []
        self.journal = Journal()
        self.player = MPDPlayer("127.0.0.1", port)
        self.queue = Queue([Planned(row) for row in range(8)])
        self.session = RadioSession(
            self.queue, track_of, Files(), self.player, self.events.append,
            journal=self.journal, limits=limits or Limits(),
        )  # fmt: skip

    def until(self, happened: Callable[[], object]) -> None:
        end = monotonic() + 10
        while not happened():
            assert monotonic() < end, self.events
            sleep(0.005)

    @property
    def row(self) -> int | None:
        current = self.session.current
        return current.row if current else None

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def close(self) -> None:
        self.session.close()
        self.player.close()


@contextmanager
def playing(limits: Limits | None = None) -> Iterator[tuple[FakePlayer, Playing]]:
    """A list that plays its first track after two songs of the listener's own."""
    fake = FakePlayer([*FILES, *THEIRS])
    fake.put(*THEIRS)
    with mpd(fake) as port, closing(Playing(port, limits)) as there:
        there.until(lambda: fake.at == FILES[0] and len(fake.queue) >= (5 if limits is None else 4))
        yield fake, there


def test_two_songs_are_queued_ahead_after_the_current_one_and_only_they_are_removed() -> None:
    with playing() as (fake, there):
        assert fake.queue == [THEIRS[0], *FILES[:2], FILES[3], THEIRS[1]], "what MPD lacks is left out"
        assert [event.reason for event in there.of(Skipped)] == ["MPD does not have it"]
        fake.play_out()
        there.until(lambda: there.row == 1 and FILES[4] in fake.queue)
        assert fake.queue == [THEIRS[0], *FILES[:2], *FILES[3:5], THEIRS[1]]
        assert [(line.track_id, line.outcome) for line in there.journal.lines[1:]] == [("track_0", "played")]
        there.session.steer(lambda _: there.queue.add([Planned(6)], first=True))
        there.until(lambda: fake.queue == [THEIRS[0], *FILES[:2], FILES[6], FILES[3], THEIRS[1]])
        there.session.next()
        there.until(lambda: fake.at == FILES[6])
    assert fake.queue == THEIRS
    assert fake.state == "stop"


def test_next_and_previous_of_another_client_are_followed_and_an_early_skip_counts() -> None:
    with playing() as (fake, there):
        fake.pass_to(7)
        fake.step(1)
        there.until(
            lambda: (
                ("track_0", "skipped", 7)
                in [(line.track_id, line.outcome, round(line.seconds)) for line in there.journal.lines]
            )
        )
        assert there.queue._skipped == {0}
        fake.step(-1)
        there.until(lambda: [event.planned.row for event in there.of(NowPlaying)] == [0, 1, 0])
        there.until(lambda: fake.queue == [THEIRS[0], *FILES[:2], FILES[3], THEIRS[1]])
        assert fake.at == FILES[0], "it plays on there, from where it is"


def test_pause_seek_volume_and_stop_of_another_client_are_followed() -> None:
    with playing() as (fake, there):
        volumes = list[float]()
        there.player.subscribe(
            lambda event: volumes.append(event.volume) if isinstance(event, VolumeChanged) else None
        )
        assert there.player.volume == 0.6, "MPD's own"
        fake.do(volume=30)
        there.until(lambda: volumes == [0.3])
        fake.do(state="pause")
        there.until(lambda: there.of(Paused) == [Paused(True)] and there.session.paused)
        there.session.resume()
        there.until(lambda: fake.state == "play")
        fake.do(state="pause")
        there.until(lambda: len(there.of(Paused)) == 2)
        fake.do(state="play")
        there.until(lambda: there.of(Paused)[-1] == Paused(False) and not there.session.paused)
        fake.pass_to(42)
        there.until(lambda: 42 <= there.player.position < 45)
        there.player.seek(50)
        there.until(lambda: fake.elapsed == 50)
        there.player.set_volume(0.5)
        there.until(lambda: fake.volume == 50)
        fake.do(state="stop")
        there.until(lambda: there.of(Stopped) == [Stopped("stopped by another player")])
        there.until(lambda: fake.queue == THEIRS)


@pytest.mark.parametrize("ours", ["addid", "pause 0", "playid"])
def test_a_pause_right_behind_a_command_of_ours_is_followed(
    ours: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with playing() as (fake, there):
        run, paused = fake.run, list[str]()

        def pause_behind_it(words: list[str]) -> list[str]:
            lines = run(words)
            if " ".join(words).startswith(ours) and not paused:
                paused.append(ours)
                fake.state = "pause"
            return lines

        there.session.pause()
        there.until(lambda: fake.state == "pause")
        monkeypatch.setattr(fake, "run", pause_behind_it)
        there.session.resume()
        if ours == "playid":
            there.session.next()
        elif ours == "addid":  # another client skips, so that one more song is queued
            there.until(lambda: fake.state == "play")
            fake.step(1)
        there.until(lambda: paused and there.session.paused and there.of(Paused) == [Paused(True)])
        assert fake.state == "pause"


def test_a_song_of_somebody_elses_choice_lets_the_queue_wait() -> None:
    with playing() as (fake, there):
        fake.pass_to(20)
        fake.do(current=fake.ids[-1], elapsed=0.0)
        there.until(lambda: there.session.paused)
        assert Notice("MPD plays something else") in there.of(Notice)
        assert fake.at == THEIRS[1]
        there.session.resume()
        there.until(lambda: fake.at == FILES[0])
        assert round(fake.elapsed) == 20


def test_an_mpd_that_draws_songs_at_random_is_brought_back_at_the_end_of_each() -> None:
    with playing() as (fake, there):
        fake.pass_to(99.5)
        fake.do(current=fake.ids[0], elapsed=0.0)
        there.until(lambda: fake.at == FILES[1])
        there.until(lambda: there.journal.lines[-1].outcome == "played")


def test_a_trailer_goes_on_after_its_seconds() -> None:
    with playing(limits=Limits(track_seconds=0.2, tracks=2)) as (fake, there):
        there.until(lambda: there.row == 1)
        there.until(lambda: there.of(Stopped))
        there.until(lambda: fake.queue == THEIRS)


def test_a_lost_mpd_comes_back_and_the_queue_goes_on_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.core.audio.mpd.FIRST_WAIT", 0.02)
    fake = FakePlayer([*FILES, *THEIRS])
    fake.put(*THEIRS)
    with mpd(fake) as port, cable(port) as line, closing(Playing(line.port)) as there:
        there.until(lambda: fake.at == FILES[0] and len(fake.queue) == 5 and there.row == 0)
        fake.pass_to(99)
        line.cut()
        there.until(lambda: any("it is tried again" in each.text for each in there.of(Notice)))
        fake.step(1)  # nobody hears of it
        fake.step(1)
        line.mend()
        there.until(lambda: [each.planned.row for each in there.of(NowPlaying)] == [0, 1, 3])
        assert fake.at == FILES[3]
        there.until(
            lambda: [each.outcome for each in there.journal.lines if each.track_id == "track_0"] == ["played"]
        )
        # and one that was restarted: its ids mean nothing any more
        fake.pass_to(33)
        line.cut()
        there.until(lambda: there.player._lost)
        fake.ids = [number + 100 for number in fake.ids[-1:]]
        fake.queue, fake.current, fake.state, fake.last = [THEIRS[1]], None, "stop", 200
        line.mend()
        there.until(lambda: fake.at == FILES[3])
        assert round(fake.elapsed) in {33, 34}
        assert there.row == 3


class Cable:
    """A line to a server that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self.there = port
        self.port = 0
        self.whole = True

    def cut(self) -> None:
        self.whole = False

    def mend(self) -> None:
        self.whole = True


@contextmanager
def cable(port: int) -> Iterator[Cable]:
    """A running line."""
    import select
    from socketserver import StreamRequestHandler

    from tests.mpd_server import served

    line = Cable(port)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            if not line.whole:
                return
            with socket.create_connection(("127.0.0.1", line.there)) as there:
                ends = {there: self.connection, self.connection: there}
                while line.whole:
                    for end in select.select(list(ends), [], [], 0.005)[0]:
                        if not (data := end.recv(65_536)):
                            return
                        ends[end].sendall(data)

    with served(Handler) as line.port:
        yield line


def test_a_real_mpd_plays_the_queue_and_is_followed(tmp_path: Path) -> None:
    with real_mpd(tmp_path) as port, connected("127.0.0.1", port) as client:
        for row in (0, 1, 3):  # own/4.wav is gone since it was matched
            path = tmp_path / "music" / f"own/{row}.wav"
            path.parent.mkdir(exist_ok=True)
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(b"\0\0" * 8000 * 20)
        client.update()
        while "updating_db" in client.status():
            sleep(0.02)
        for theirs in ("a/0.wav", "a/1.wav"):
            client.add(theirs)
        client.play(0)
        with closing(Playing(port)) as there:
            there.until(lambda: there.row == 0 and len(client.playlistinfo()) == 5)
            there.until(lambda: client.currentsong().get("file") == FILES[0])
            client.next()
            there.until(lambda: there.row == 1)
            client.pause(1)
            there.until(lambda: there.session.paused)
            client.pause(0)
            there.until(lambda: not there.session.paused)
            client.previous()
            there.until(lambda: there.row == 0)
            there.session.next()
            there.until(lambda: client.currentsong().get("file") == FILES[1])
            client.seekcur(15)
            there.until(lambda: there.player.position > 14)
            refused = [event.text for event in there.of(Notice) if "does not take own/4.wav" in event.text]
            assert len(refused) == 2, "once each time that it comes into line"
        assert [each["file"] for each in client.playlistinfo()] == ["a/0.wav", "a/1.wav"]
        assert client.status()["state"] == "stop"


def test_the_shell_plays_on_mpd_what_it_has(
    tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    infos = tiny_library.catalogue.infos(range(3))
    files = {f"x/{row}.ogg": (infos[row].title, infos[row].artist) for row in (0, 2)}
    fake = FakePlayer(list(files), names=files)
    with mpd(fake) as port:
        command = ["play", *tiny_library.track_ids[:3], "--library", str(tiny_library.path)]
        command += ["--mpd", f"127.0.0.1:{port}", "--duration", "0.1"]
        assert main([*command, "--json"]) == 0
        said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        ids = tiny_library.track_ids
        assert [each["track_id"] for each in said if each["event"] == "playing"] == [ids[0], ids[2]]
        assert [(each["track_id"], each["reason"]) for each in said if each["event"] == "skipped"] == [
            (ids[1], "MPD does not have it")
        ]
        assert fake.queue == []
        assert main([*command, "--offline"]) == 2
    assert main(command) == 1
    assert "does not answer; start it" in capsys.readouterr().err


def test_controls_answer_however_often_they_are_used_while_mpd_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    player = MPDPlayer("127.0.0.1", port)  # nothing listens there any more

    def use() -> None:
        for number in range(2000):
            player.set_volume(number / 2000)
        player.close()

    using = Thread(target=use, daemon=True)
    using.start()
    using.join(30)
    assert not using.is_alive()
    assert player.volume == 1999 / 2000
