"""`segue serve`: the calls that players make, over real connections."""

import json
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("uvicorn", reason="the extra serve is not installed")

from segue.core.cli import main
from segue.core.cli.links import listening
from segue.core.explore.matching import match_songs
from segue.core.explore.neighbours import neighbourhood
from segue.core.library import Library
from segue.core.places import make_token, read_token, token_path
from segue.core.serve.answers import Answers
from segue.core.serve.app import App, run_server
from segue.core.subsonic import Song, Subsonic
from tests.subsonic_server import PASSWORD, USER, subsonic

TOKEN = "a-token-of-the-test"  # noqa: S105 - protects nothing
Ask = Callable[..., tuple[int, Any]]


@contextmanager
def served(answers: Answers) -> Iterator[tuple[Ask, int]]:
    """A server in a thread; yields a function that asks it."""
    here = listening("127.0.0.1", 0)
    port = here.getsockname()[1]
    threading.Thread(target=run_server, args=(App(answers, TOKEN), here), daemon=True).start()

    def ask(path: str, *, token: str = TOKEN, method: str = "GET", body: bytes = b"", **more: object) -> Any:  # noqa: ANN401 - JSON
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, f"{path}?{urlencode(more)}", body, headers)
        answer = connection.getresponse()
        raw = answer.read()
        connection.close()
        return answer.status, json.loads(raw or b"null")

    yield ask, port


def song(library: Library, row: int, number: str, **more: object) -> dict[str, Any]:
    info = library.catalogue.info(row)
    return {"id": number, "title": info.title, "artist": info.artist, "album": info.album} | more


def test_answers_are_kept_up_to_a_size(tiny_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.core.serve.answers.KEPT", 20_000)
    monkeypatch.setattr("segue.core.serve.answers.KNOWN", 30)
    answers, asked = Answers(tiny_library), []
    for row in range(40):
        parameters = {"item_id": tiny_library.track_ids[row], "n": "20"}
        asked.append((parameters, answers.answer("/api/similar_tracks", parameters)))
    kept = [answers.kept("/api/similar_tracks", parameters) for parameters, _ in asked]
    assert 0 < sum(len(one) for one in kept if one) <= 20_000
    assert kept[-1] == asked[-1][1]
    assert kept[0] is None, "the oldest goes"
    assert all(answers.answer("/api/similar_tracks", parameters) == before for parameters, before in asked)


def test_the_calls_of_navidromes_plugin(tiny_library: Library) -> None:
    first, last = tiny_library.track_ids[3], tiny_library.track_ids[60]
    with served(Answers(tiny_library)) as (ask, _):
        status, near = ask(
            "/api/similar_tracks", item_id=first, n=7, eliminate_duplicates="true", radius_similarity="true"
        )
        expected = neighbourhood(tiny_library, 3, 7)
        assert status == 200
        assert [each["item_id"] for each in near] == [tiny_library.track_ids[x.row] for x in expected.rows]
        assert set(near[0]) == {"item_id", "title", "author", "album", "distance"}
        assert near[0]["distance"] == pytest.approx(1 - expected.rows[0].similarity, abs=1e-3)
        status, found = ask("/api/find_path", start_song_id=first, end_song_id=last, max_steps=6)
        path = [each["item_id"] for each in found["path"]]
        assert (status, path[0], path[-1]) == (200, first, last)
        assert len(path) <= 6
        artist = tiny_library.catalogue.info(3).artist
        status, artists = ask("/api/similar_artists", artist=artist, n=4, include_component_matches="true")
        assert status == 200
        assert len(artists) == 4
        assert artist not in [each["artist"] for each in artists]
        assert artists[0]["component_matches"][0]["artist2_representative_songs"][0]["item_id"]


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("/api/similar_tracks", {"item_id": "nobody"}, 404),
        ("/api/similar_tracks", {}, 400),
        ("/api/similar_tracks", {"item_id": "nobody", "n": "-1"}, 400),
        ("/api/find_path", {"start_song_id": "x", "end_song_id": "y"}, 404),
        ("/api/similar_artists", {"artist": "qqqqqqqq"}, 404),
        ("/api/delete_everything", {}, 404),
    ],
)
def test_what_is_not_there_and_what_makes_no_sense(
    tiny_library: Library, path: str, parameters: dict[str, object], status: int
) -> None:
    with served(Answers(tiny_library)) as (ask, _):
        found = ask(path, **parameters)
        assert found[0] == status
        assert set(found[1]) == {"error"}


def test_only_with_the_token_only_reading_and_only_small_requests(tiny_library: Library) -> None:
    with served(Answers(tiny_library)) as (ask, port):
        call = {"item_id": tiny_library.track_ids[3]}
        assert ask("/api/similar_tracks", token="", **call)[0] == 401
        assert ask("/api/similar_tracks", token=TOKEN + "x", **call)[0] == 401
        assert ask("/api/similar_tracks", method="DELETE", **call)[0] == 405
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"POST /refresh HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n")
            assert b" 413 " in line.recv(100)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(b"GET /" + b"a" * 200_000)  # refused before its end
            assert b" 400 " in line.recv(100)
        assert ask("/api/similar_tracks", **call)[0] == 200


def test_a_request_that_never_ends_is_closed(tiny_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.core.serve.app.SECONDS", 0.2)
    with (
        served(Answers(tiny_library)) as (_, port),
        socket.create_connection(("127.0.0.1", port), timeout=30) as line,
        suppress(ConnectionResetError, BrokenPipeError),  # where it is closed before this comes
    ):
        line.sendall(b"GET /api/similar_tracks HTTP/1.1\r\nHost:")
        assert line.recv(1) == b""


def test_who_reads_no_answer_is_hung_up_on(tiny_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    call = urlencode({"item_id": tiny_library.track_ids[3], "n": 300, "apiKey": TOKEN})
    asked = f"GET /api/similar_tracks?{call} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with served(Answers(tiny_library)) as (ask, port), socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        line.connect(("127.0.0.1", port))
        end = time.monotonic() + 20
        with monkeypatch.context() as patch, suppress(ConnectionResetError, BrokenPipeError):
            patch.setattr("segue.core.serve.app.SECONDS", 0.3)
            while time.monotonic() < end:
                line.sendall(asked)
                time.sleep(0.005)  # one by one: those that come together have to be answered in time
            pytest.fail("it was never hung up on")
        assert ask("/rest/ping")[0] == 200


def test_a_servers_songs_are_its_ids_and_nothing_else_is_suggested(tiny_library: Library) -> None:
    songs = [song(tiny_library, row, f"nd-{row}") for row in range(0, 200, 2)]
    songs.append({"id": "unknown", "title": "Qqqq Zzzz", "artist": "Wwww"})
    with subsonic(songs) as fake:
        answers = Answers(tiny_library, Subsonic(fake.url, USER, PASSWORD))
        owned = answers.owned
        assert owned is not None
        assert owned.songs == 101
        with served(answers) as (ask, _):
            known = next(iter(owned.row_of))
            status, near = ask("/api/similar_tracks", item_id=known, n=10)
            assert status == 200
            assert near
            assert {each["item_id"] for each in near} <= set(owned.row_of) - {known}
            assert ask("/api/similar_tracks", item_id="unknown")[0] == 404
            assert ask("/api/similar_tracks", item_id=tiny_library.track_ids[0])[0] == 404
            fake.songs.append(song(tiny_library, 201, "new"))
            assert ask("/api/similar_tracks", item_id="new")[0] == 404
            assert ask("/refresh", method="POST")[1]["songs"] == 102
            assert ask("/api/similar_tracks", item_id="new")[0] == 200
        assert not any(USER in path or "t=" in path for path in fake.asked)


def test_a_song_that_is_not_certain_is_not_matched(tiny_library: Library) -> None:
    info = tiny_library.catalogue.info(3)
    right = Song("right", info.title, info.artist, "", None)
    wrong = [
        Song("other artist", info.title, "Somebody Else Entirely", "", None),
        Song("no artist", info.title, "", "", None),
        Song("misspelt", info.title[:-1] + "x", info.artist, "", None),
        Song("live", f"{info.title} (Live in Paris)", info.artist, "", None),
    ]
    if info.duration:
        wrong.append(Song("another length", info.title, info.artist, "", info.duration + 100))
    owned = match_songs(tiny_library, [right, *wrong])
    assert set(owned.row_of) == {"right"}
    assert tiny_library.catalogue.info(owned.row_of["right"]).title == info.title


def test_the_token_is_made_once_and_nobody_else_may_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    token, made = make_token("serve")
    assert made
    assert make_token("serve") == (token, False)
    assert stat.S_IMODE(token_path("serve").stat().st_mode) == 0o600
    token_path("serve").chmod(0o644)
    with pytest.raises(Exception, match="chmod 600"):
        read_token("serve")
    monkeypatch.setenv("SEGUE_SERVE_TOKEN", "from the environment")
    assert read_token("serve") == "from the environment"


def test_checking_says_where_it_would_be_served(
    tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--library", str(tiny_library.path), "--check", "--port", "0"]) == 0
    shown = capsys.readouterr()
    assert "http://127.0.0.1:" in shown.out
    assert read_token("serve") not in shown.out + shown.err


def test_answers_do_not_wait_for_another_connection(tiny_library: Library) -> None:
    with served(Answers(tiny_library)) as (ask, port), socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET /half")
        time.sleep(0.05)
        assert ask("/rest/ping")[0] == 200
