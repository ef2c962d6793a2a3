"""Playlists to MPD: what stands when it breaks off, and servers that never end."""

import threading
import time
from pathlib import Path
from socketserver import StreamRequestHandler

import pytest

pytest.importorskip("mpd", reason="python-mpd2 is not installed")

from segue.core.errors import SegueError
from segue.core.mpd import connected
from segue.core.send.mpd import AWAY, BESIDE, queue, store
from tests.core.send.test_real_servers import mpd as real_mpd
from tests.mpd_server import FakeMPD, cut_after, mpd, served

FILES = [f"a/{number}.wav" for number in range(3)]


def stored(port: int) -> dict[str, list[str]]:
    with connected("127.0.0.1", port) as client:
        return {each["playlist"]: client.listplaylist(each["playlist"]) for each in client.listplaylists()}


def test_cut_off_anywhere_the_old_playlist_or_the_new_one_stands_and_the_message_says_which() -> None:
    old, new = FILES[:1], FILES[1:]
    outcomes = []
    for lines in range(10):
        fake, said = FakeMPD(FILES, {"Mine": old}), ""
        with mpd(fake) as port:
            try:
                with cut_after(port, lines) as cut, connected("127.0.0.1", cut) as client:
                    store(client, "Mine", new)
            except SegueError as error:
                said = str(error)
            outcomes.append("either" if "or the new one" in said else "old" if said else "sent")
            assert not said or "Mine is unchanged" in said or lines == 0
            expected = {"sent": (new,), "either": (old, new), "old": (old,)}[outcomes[-1]]
            assert fake.playlists["Mine"] in expected
            with connected("127.0.0.1", port) as client:
                store(client, "Mine", new)
            assert fake.playlists == {"Mine": new}, "the next one clears up"
    # the lines of a list of commands are not answered one by one: the client may have sent its end, or not
    assert outcomes[:3] == ["old"] * 3, "every line was answered"
    assert set(outcomes[3:7]) <= {"old", "either"}
    assert outcomes[7:] == ["either", "sent", "sent"], "all but the end has arrived, then that too"


def test_cut_off_anywhere_the_queue_has_all_or_none() -> None:
    for lines in range(6):
        fake, said = FakeMPD(FILES, queue=["theirs"]), ""
        with mpd(fake) as port:
            try:
                with cut_after(port, lines) as cut, connected("127.0.0.1", cut) as client:
                    queue(client, FILES)
            except SegueError as error:
                said = str(error)
            assert "the queue is unchanged" in said or lines == 0
            assert fake.queue in (["theirs"], ["theirs", *FILES])
            assert fake.queue == ["theirs"] or "or the 3 are at its end" in said
    with mpd(fake := FakeMPD(FILES)) as port, connected("127.0.0.1", port) as client:
        with pytest.raises(SegueError, match="the queue is unchanged"):
            queue(client, [*FILES, "nowhere.wav"])
        assert fake.queue == []


def test_an_old_playlist_that_was_moved_away_comes_back() -> None:
    fake = FakeMPD(FILES, {"Mine" + AWAY: FILES[:1], "Mine" + BESIDE: FILES[1:2]})
    with mpd(fake) as port, connected("127.0.0.1", port) as client:
        with pytest.raises(SegueError, match="the old playlist Mine is unchanged"):
            store(client, "Mine", ["nowhere.wav"])
        assert fake.playlists["Mine"] == FILES[:1]


def test_an_mpd_that_is_not_running_is_one_line_with_the_way_out() -> None:
    with mpd(FakeMPD([])) as port:
        pass
    with pytest.raises(SegueError, match=r"does not answer; start it, or pass another address"):
        stored(port)


@pytest.mark.slow
def test_a_real_mpd_cut_off_anywhere(tmp_path: Path) -> None:
    with real_mpd(tmp_path) as port:
        with connected("127.0.0.1", port) as client:
            client.update()
            while "updating_db" in client.status():
                time.sleep(0.02)
            store(client, "Mine", FILES[:1])
        for lines in (0, 4, 6, 7, 8, 9):
            before = stored(port)["Mine"]
            new = FILES[lines % 2 : lines % 2 + 2]
            said = ""
            try:
                with cut_after(port, lines) as cut, connected("127.0.0.1", cut) as client:
                    store(client, "Mine", new)
            except SegueError as error:
                said = str(error)
            stands = stored(port)["Mine"]
            assert stands == new or (stands == before and said)
            if said and lines and "or the new one" not in said:
                assert stands == before
            with connected("127.0.0.1", port) as client:
                store(client, "Mine", new)
            assert stored(port) == {"Mine": new}


@pytest.mark.parametrize("says", ["greeting", "answer", "one line"])
@pytest.mark.parametrize("how", ["endless", "dripping", "silent", "cut", "garbage"])
def test_an_mpd_that_never_ends_is_left(how: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.core.mpd.SECONDS", 0.3 if how == "dripping" else 60)
    monkeypatch.setattr("segue.core.mpd.SILENCE", 0.3)
    monkeypatch.setattr("segue.core.mpd.LARGEST", 100_000)
    ended = threading.Event()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            if says != "greeting":
                self.wfile.write(b"OK MPD 0.23.5\n")
            piece = b"playlist: x\n" if says == "answer" else b"x"
            if how == "silent":
                self.rfile.read()
            elif how == "cut":
                self.wfile.write(piece)
            elif how == "garbage":
                self.wfile.write(b"\xff\0: \x1b[2J\r\nOK\n" * 9)
            try:
                while how in {"endless", "dripping"}:
                    self.wfile.write(piece if how == "dripping" else piece * 4_000)
                    if how == "dripping":
                        time.sleep(0.02)
            except OSError:
                pass
            ended.set()

    reason = {
        "endless": "sent more than",
        "dripping": "did not answer in full|timed out",
        "silent": "timed out",
        "cut": "Connection lost",
    }.get(how, "MPD")
    with served(Handler) as port:
        with pytest.raises(SegueError, match=reason) as caught, connected("127.0.0.1", port) as client:
            store(client, "Mine", FILES)
        assert str(caught.value).isprintable()
        assert ended.wait(10), "the connection is closed"
