"""What ListenBrainz is sent, against a server on loopback that records every request."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from segue.core.cli import main
from segue.core.errors import UsageError
from segue.core.listenbrainz import ListenBrainz, listenbrainz_token
from segue.core.places import token_path, variable
from segue.core.tracks import TrackInfo
from tests.core.own_files.sounds import write_wav
from tests.end_to_end.own_files import write_paths_library

TOKEN = "0123-token-4567"  # noqa: S105 - invented
MBID = "11111111-2222-3333-4444-555555555555"
SONG = TrackInfo("track_1", "Moon", "Ann", "Night", isrc="FRZ039800212")


class Server(ThreadingHTTPServer):
    """Takes listens and feedback, or answers with the statuses it is given first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.took: list[tuple[str, dict[str, Any]]] = []
        self.asked = 0
        self.statuses: list[int] = []
        self.location = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked += 1
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if self.headers["Authorization"] != f"Token {TOKEN}":
            status = 401
        if status == 200:
            self.server.took.append((self.path, body))
        self._answer(status, {"status": "ok"})

    def do_GET(self) -> None:
        known = "artist_name=Ann&recording_name=Moon" in self.path
        self._answer(200, {"recording_mbid": MBID} if known else {})

    def _answer(self, status: int, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def make(server: Server, path: Path, token: str = TOKEN) -> ListenBrainz:
    return ListenBrainz(
        token, path / "waiting.sqlite", address=server.address, first_wait=0.2, clock=lambda: 1_800_000_000.0
    )


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_plays_and_whole_tracks_heard_past_half_are_reported(server: Server, tmp_path: Path) -> None:
    brainz = make(server, tmp_path)
    brainz.begun(SONG)
    until(lambda: len(server.took) == 1)
    brainz.heard(SONG, 99.0, 200.0)  # less than half
    brainz.heard(SONG, 25.0, 28.0)  # too short to count
    brainz.heard(SONG, 100.0, 200.0)
    brainz.heard(TrackInfo("track_2", "Long", "Ann"), 240.0, 3600.0)  # four minutes
    brainz.heard(TrackInfo("/music/untitled.wav"), 100.0, 100.0)
    until(lambda: len(server.took) == 3 and brainz.waiting() == 0)
    brainz.close()
    (_, playing), (path, listen), (_, long) = server.took
    assert path == "/1/submit-listens"
    assert playing["listen_type"] == "playing_now"
    assert playing["payload"][0]["track_metadata"]["track_name"] == "Moon"
    assert "listened_at" not in playing["payload"][0]
    assert listen["listen_type"] == "single"
    assert listen["payload"][0]["listened_at"] == 1_800_000_000 - 100
    metadata = listen["payload"][0]["track_metadata"]
    assert (metadata["artist_name"], metadata["release_name"]) == ("Ann", "Night")
    assert metadata["additional_info"] == {
        "media_player": "Segue", "submission_client": "Segue", "isrc": "FRZ039800212", "duration_ms": 200_000,
    }  # fmt: skip
    assert long["payload"][0]["track_metadata"]["track_name"] == "Long"


def test_loves_and_bans_are_feedback_for_the_recording(server: Server, tmp_path: Path) -> None:
    brainz = make(server, tmp_path)
    brainz.feedback(SONG, 1)
    brainz.feedback(TrackInfo(MBID.replace("1", "a"), "Sun", "Bo"), -1)
    brainz.feedback(TrackInfo("track_9", "Nobody knows", "It"), 1)
    brainz.feedback(SONG, 0)
    until(lambda: len(server.took) == 3 and brainz.waiting() == 0)
    brainz.close()
    assert [(body["recording_mbid"], body["score"]) for _, body in server.took] == [
        (MBID, 1), (MBID.replace("1", "a"), -1), (MBID, 0),
    ]  # fmt: skip


def test_listens_wait_while_it_is_out_of_reach_and_are_sent_in_order(server: Server, tmp_path: Path) -> None:
    away = ListenBrainz(TOKEN, tmp_path / "waiting.sqlite", address="http://127.0.0.1:9", first_wait=60)
    for number in range(3):
        away.heard(TrackInfo(f"track_{number}", f"Song {number}", "Ann"), 200, 200)
    away.close()
    assert away.waiting() == 3
    server.statuses = [503, 429]
    back = make(server, tmp_path)
    until(lambda: len(server.took) == 3 and back.waiting() == 0)
    back.close()
    reported = [body["payload"][0]["track_metadata"]["track_name"] for _, body in server.took]
    assert reported == ["Song 0", "Song 1", "Song 2"]
    assert (tmp_path / "waiting.sqlite").stat().st_mode & 0o077 == 0


def test_what_it_does_not_take_is_dropped_and_does_not_stop_the_rest(server: Server, tmp_path: Path) -> None:
    server.statuses = [400]
    brainz = make(server, tmp_path)
    brainz.heard(SONG, 200, 200)
    brainz.heard(TrackInfo("track_2", "Sun", "Bo"), 200, 200)
    until(lambda: len(server.took) == 1 and brainz.waiting() == 0)
    brainz.close()


def test_a_refused_token_is_said_once_and_nothing_is_lost(server: Server, tmp_path: Path) -> None:
    shown: list[str] = []
    brainz = make(server, tmp_path, "another-token")
    brainz.on_trouble = shown.append
    brainz.heard(SONG, 200, 200)
    until(lambda: bool(shown))
    brainz.heard(SONG, 200, 200)
    brainz.close()
    assert shown == ["ListenBrainz rejected your token; copy it again from listenbrainz.org/settings"]
    assert server.asked == 1
    assert brainz.waiting() == 2


def test_the_token_goes_along_no_redirect(server: Server, tmp_path: Path) -> None:
    with Server() as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        server.statuses, server.location = [307], elsewhere.address + "/1/submit-listens"
        brainz = make(server, tmp_path)
        brainz.heard(SONG, 200, 200)
        until(lambda: server.asked == 1 and brainz.waiting() == 0)
        brainz.close()
        assert elsewhere.asked == 0
        elsewhere.shutdown()


def test_the_token_comes_from_the_environment_or_a_file_of_the_listeners_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UsageError, match=r"token for listenbrainz is missing.*chmod 600"):
        listenbrainz_token()
    path = token_path("listenbrainz")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TOKEN + "\n")
    path.chmod(0o644)
    with pytest.raises(UsageError, match="can be read by others"):
        listenbrainz_token()
    path.chmod(0o600)
    assert listenbrainz_token() == TOKEN
    path.write_text("not a token\r\nX-Header: 1")
    with pytest.raises(UsageError, match="must hold one line of text"):
        listenbrainz_token()
    path.write_text("not a token")
    with pytest.raises(UsageError, match="is not valid; copy it again"):
        listenbrainz_token()
    monkeypatch.setenv(variable("listenbrainz"), "from-the-environment")
    assert listenbrainz_token() == "from-the-environment"
    path.unlink()


@pytest.mark.parametrize("verb", ["play", "radio"])
def test_the_shell_reports_what_plays_where_it_is_asked_to(
    verb: str,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("segue.core.listenbrainz.make_listenbrainz", lambda: make(server, tmp_path))
    library = write_paths_library(tmp_path / "files", [write_wav(tmp_path / f"{n}.wav", 2) for n in range(2)])
    call = [verb, "Song 1", "-l", str(library.path), "--tracks", "1", "--duration", "0.2", "--no-sound"]
    assert main(call) == 0
    assert not server.asked, "only where it is asked to"
    assert main([*call, "--listenbrainz"]) == 0
    until(lambda: len(server.took) == 1)
    assert server.took[0][1]["payload"][0]["track_metadata"]["track_name"].startswith("Song")
    assert main([*call, "--listenbrainz", "--offline"]) == 2
    assert "run without --offline" in capsys.readouterr().err
