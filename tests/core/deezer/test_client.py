"""The client asks a server on loopback that answers in recorded shapes."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import numpy as np
import pytest

from segue.core.deezer.client import DeezerClient
from segue.core.deezer.models import BusyError, DeezerError, NotFoundError, QuotaError, Track
from segue.core.deezer.transport import TokenBucket, Transport, may_ask, shared_bucket
from segue.core.errors import UsageError
from segue.core.http import ClosedError, HttpError, RefusedError, UnreachableError, UnusableError
from tests.core.radio.doubles import Clock
from tests.end_to_end.deezer_server import FakeDeezer


@pytest.fixture
def deezer() -> Iterator[FakeDeezer]:
    with FakeDeezer() as server:
        yield server


def client_of(deezer: FakeDeezer, clock: Clock | None = None) -> DeezerClient:
    """A client whose waits pass at once, on a clock of its own."""
    clock = clock or Clock()
    bucket = TokenBucket(clock=clock)
    transport = Transport(loopback=True, bucket=bucket, clock=clock, sleep=clock.sleep, jitter=lambda: 0.5)
    return DeezerClient(deezer.base_url, transport)


def test_a_track_has_its_fields(deezer: FakeDeezer) -> None:
    deezer.add(7, "Hexagone", "Renaud")
    found = client_of(deezer).track(7)
    assert (found.id, found.title, found.artist.name, found.album) == (7, "Hexagone", "Renaud", "Album")
    assert (found.isrc, found.release_date, found.duration) == ("XX0000000007", "2001-02-03", 215.0)
    assert found.link == "https://www.deezer.com/track/7"
    assert found.preview.startswith(deezer.base_url)


def test_an_unreadable_track_brings_its_alternative(deezer: FakeDeezer) -> None:
    deezer.add(7, "Hexagone", "Renaud", "alternative")
    found = client_of(deezer).track(7)
    assert not found.readable
    assert not found.preview
    assert found.alternative is not None
    assert found.alternative.preview


def test_a_playlist_is_read_to_its_end_though_tracks_are_withheld(deezer: FakeDeezer) -> None:
    found = client_of(deezer).playlist(1)
    assert found.n_tracks == 230
    assert [track.id for track in found.tracks] == list(range(228))


def test_albums_artists_and_search(deezer: FakeDeezer) -> None:
    deezer.add(1, "Hoppípolla", "Sigur Rós")
    client = client_of(deezer)
    assert [track.id for track in client.album(3).tracks] == [10, 11, 12]
    assert client.artist(5).name == "Artist"
    assert len(client.related(5)) == 20
    assert [track.id for track in client.search("sigur rós")] == [1]
    assert client.search("nobody") == ()


def test_odd_fields_become_empty_ones() -> None:
    value: dict[str, object] = {
        "id": "12",
        "preview": None,
        "artist": [],
        "bpm": "x",
        "duration": True,
        "alternative": 3,
    }
    odd = Track.from_json(value)
    assert (odd.id, odd.preview, odd.artist.name, odd.duration, odd.alternative) == (12, "", "", 0.0, None)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, '{"error":{"type":"Exception","message":"Quota limit exceeded","code":4}}', QuotaError),
        (200, '{"error":{"type":"Exception","message":"Service busy","code":700}}', BusyError),
        (200, '{"error":{"type":"DataException","message":"no data","code":800}}', NotFoundError),
        (404, '{"error":{"type":"DataException","message":"no data","code":800}}', NotFoundError),
        (404, '{"error":"Not Found"}', NotFoundError),
        (404, "<html>nothing here</html>", NotFoundError),
        (200, '{"error":{"type":"ParameterException","message":"Wrong parameter","code":500}}', DeezerError),
        (200, '{"error":{"type":"Exception","message":"An error has occured"}}', DeezerError),
        (400, "{}", DeezerError),
        (403, "<html>Forbidden</html>", QuotaError),
        (429, "slow down", QuotaError),
        (503, "<html>busy</html>", BusyError),
        (200, "<html>a login page</html>", UnusableError),
        (200, "[1, 2]", UnusableError),
        (200, "[" * 100_000, UnusableError),
        (200, "", UnusableError),
    ],
)
def test_every_recorded_error_has_its_exception(
    monkeypatch: pytest.MonkeyPatch, deezer: FakeDeezer, status: int, body: str, error: type[HttpError]
) -> None:
    handler = deezer._server.RequestHandlerClass
    monkeypatch.setattr(
        handler, "do_GET", lambda self: self._send(status, "application/json", body.encode()), raising=False
    )
    with pytest.raises(error) as raised:
        client_of(deezer).track(7)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", '{"id": 1, "title": "T", "duration": 1' + "0" * 400 + "}"),
        ("", '{"id": 1, "title": "T", "duration": 1' + "0" * 5000 + "}"),
        ("", '{"id": 1, "title": "T", "duration": NaN}'),
        ("", '{"id": 1' + "0" * 400 + ', "title": "T"}'),
        ("Content-Length: \u00b2", "{}"),
        ("Content-Length: " + "9" * 5000, "{}"),
        ("Content-Length: -1", "{}"),
        ("Retry-After: \u00b2", "{}"),
        ("Location: http://[127.0.0.1/", ""),
        ("Location: http://\u00e9\u00ff[", ""),
        ("Content-Type: \x1b[31m\x07", "<html>"),
        ("", '{"error": {"message": "\\u001b[31m\\n2026-01-01 forged", "code": 1}}'),
        ("", '{"error": {"message": "no", "code": "a\\r\\n2026-01-01 forged \\u001b[31m"}}'),
        ("", '{"error": {"message": "no", "code": 1' + "0" * 4000 + "}}"),
        ("", '{"error": {"message": ' + "[" * 400 + "]" * 400 + ', "code": ["\\u001b"]}}'),
    ],
    ids=lambda text: str(text)[:24],
)
def test_an_odd_answer_is_a_track_or_one_line(
    monkeypatch: pytest.MonkeyPatch, deezer: FakeDeezer, head: str, body: str
) -> None:
    def answer(self: BaseHTTPRequestHandler) -> None:
        self.close_connection = True
        status = "302 Found" if head.startswith("Location") else "200 OK"
        self.wfile.write(f"HTTP/1.1 {status}\r\n{head or 'X: y'}\r\n\r\n{body}".encode("latin-1"))

    monkeypatch.setattr(deezer._server.RequestHandlerClass, "do_GET", answer, raising=False)
    message = ""
    try:
        found = client_of(deezer).track(7)
    except HttpError as error:
        message = str(error)
    else:
        assert abs(found.duration) < 1e12
        assert found.id < 10**18
    assert not message or (message.isprintable() and len(message) < 300)


def test_a_playlist_that_claims_to_have_no_end_is_refused(
    monkeypatch: pytest.MonkeyPatch, deezer: FakeDeezer
) -> None:
    claims = {"id": 1, "title": "Mix", "nb_tracks": 10**15, "tracks": {"data": []}}
    monkeypatch.setattr(deezer, "_playlist", lambda _query: claims)
    with pytest.raises(UnusableError, match="claims 1,000,000,000,000,000 tracks; at most 10,000 are read"):
        client_of(deezer).playlist(1)
    assert len(deezer.asked) == 1


def test_an_empty_error_means_success(deezer: FakeDeezer) -> None:
    deezer.add(1, "Song", "Artist")
    assert client_of(deezer).search("song")[0].title == "Song"  # the server adds "error": []


def test_retries_back_off_and_give_up(deezer: FakeDeezer) -> None:
    deezer.storm = True
    clock = Clock()
    with pytest.raises(QuotaError):
        client_of(deezer, clock).track(7)
    assert len(deezer.asked) == 5
    assert clock.now - 1000 == pytest.approx(0.5 + 1 + 2 + 4, abs=0.1)


def test_a_passing_fault_is_not_noticed(deezer: FakeDeezer) -> None:
    deezer.status = 503
    clock = Clock()

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        deezer.status = 200

    transport = Transport(loopback=True, bucket=TokenBucket(clock=clock), clock=clock, sleep=sleep)
    assert DeezerClient(deezer.base_url, transport).track(7).id == 7


def test_no_window_of_five_seconds_has_more_than_forty_requests(deezer: FakeDeezer) -> None:
    deezer.quota = 1000
    clock = Clock()
    client = client_of(deezer, clock)
    times = []
    for number in range(100):
        client.track(number)
        times.append(clock.now)
    assert max(sum(0 <= other - at < 5 for other in times) for at in times) == 40
    assert clock.now - 1000 == pytest.approx(10, abs=0.1)


def test_closing_ends_a_wait(deezer: FakeDeezer) -> None:
    deezer.storm = True
    transport = Transport(loopback=True, bucket=TokenBucket())
    transport.close()
    with pytest.raises(ClosedError):
        DeezerClient(deezer.base_url, transport).track(7)


def test_a_redirect_within_deezer_is_followed_and_another_is_not(
    monkeypatch: pytest.MonkeyPatch, deezer: FakeDeezer
) -> None:
    handler = deezer._server.RequestHandlerClass
    answer = handler.do_GET  # type: ignore[attr-defined] # typed as the base, which has none
    places = {"/track/1": "/track/2", "/track/3": "http://169.254.169.254/secret", "/track/4": "/track/4"}

    def do_get(self: BaseHTTPRequestHandler) -> None:
        place = places.get(self.path)
        if place is None:
            answer(self)
            return
        self.send_response(301)
        self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    monkeypatch.setattr(handler, "do_GET", do_get)
    client = client_of(deezer)
    assert client.track(1).id == 2
    with pytest.raises(RefusedError, match=r"169\.254"):
        client.track(3)
    with pytest.raises(RefusedError, match="more than 3 times"):
        client.track(4)


@pytest.mark.parametrize(
    ("url", "loopback", "allowed"),
    [
        ("https://api.deezer.com/track/1", False, True),
        ("https://cdnt-preview.dzcdn.net/a.mp3?hdnea=exp=1", False, True),
        ("http://api.deezer.com/track/1", False, False),
        ("https://evil.com/api.deezer.com", False, False),
        ("https://deezer.com.evil.com/", False, False),
        ("https://notdzcdn.net/", False, False),
        ("https://api.deezer.com@evil.com/", False, False),
        ("https://user:secret@api.deezer.com/", False, False),
        ("https://[bad/", False, False),
        ("https://evil.example\\.dzcdn.net/x", False, False),
        ("https://10.0.0.1\\x.deezer.com/", False, False),
        ("https://evil.example#.dzcdn.net/", False, False),
        ("https://evil.example?.dzcdn.net/", False, False),
        ("https://evil.example\t.dzcdn.net/", False, False),
        ("https://api.deezer.com /", False, False),
        ("https://api.deezer.com\n.evil.example/", False, False),
        ("https://api%2edeezer.com/", False, False),
        ("https://API.DEEZER.COM/", False, False),
        ("https://évil.deezer.com/", False, False),
        ("https://@api.deezer.com/", False, False),
        ("https://api.deezer.com:443/", False, False),
        ("https://api.deezer.com:/", False, False),
        ("https://api.deezer.com:99999/", False, False),
        ("file:///etc/passwd", False, False),
        ("", False, False),
        ("http://127.0.0.1:80/", False, False),
        ("http://127.0.0.1:80/", True, True),
        ("http://[::1]:80/", True, True),
        ("http://localhost/", True, True),
        ("https://api.deezer.com/", True, False),
        ("http://10.0.0.1/", True, False),
    ],
)
def test_only_deezers_hosts_are_asked(url: str, loopback: bool, allowed: bool) -> None:
    assert may_ask(url, loopback=loopback) == allowed


def test_the_override_is_held_to_the_same_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGUE_DEEZER_API", "http://evil.example/api")
    with pytest.raises(UsageError, match="SEGUE_DEEZER_API"):
        DeezerClient()
    monkeypatch.setenv("SEGUE_DEEZER_API", "http://127.0.0.1:1/")
    with pytest.raises(UnreachableError):
        DeezerClient(transport=Transport(loopback=True, bucket=TokenBucket(), sleep=lambda _: None)).track(1)


def test_forty_pass_at_once_and_the_next_waits_until_the_first_token_is_back() -> None:
    clock = Clock()
    bucket = TokenBucket(clock=clock)
    assert [bucket.take() for _ in range(40)] == [0.0] * 40
    assert bucket.take() == 5.0
    clock.sleep(5.0)
    assert bucket.take() == 0.0


def test_a_prefetch_leaves_tokens_for_playback() -> None:
    bucket = TokenBucket(clock=Clock())
    assert [bucket.take("prefetch") for _ in range(30)] == [0.0] * 30
    assert bucket.take("prefetch") > 0
    assert [bucket.take("play") for _ in range(10)] == [0.0] * 10
    assert bucket.take("play") > 0


def test_waiting_as_asked_is_enough() -> None:
    rng = np.random.default_rng(5)
    clock = Clock()
    bucket = TokenBucket(tokens=8, seconds=5, reserve=3, clock=clock)
    taken = []
    for _ in range(500):
        priority = "play" if rng.random() < 0.5 else "prefetch"
        while wait := bucket.take("play" if priority == "play" else "prefetch"):
            clock.sleep(wait)
        taken.append(clock.now)
        clock.sleep(float(rng.exponential(0.2)))
    assert max(sum(0 <= other - at < 5 - 1e-6 for other in taken) for at in taken) <= 8


def test_a_closed_bucket_lets_nobody_through() -> None:
    clock = Clock()
    bucket = TokenBucket(clock=clock)
    bucket.close_for(2.0)
    bucket.close_for(1.0)
    assert bucket.take() == 2.0
    clock.sleep(2.0)
    assert bucket.take() == 0.0


def test_the_process_has_one_bucket() -> None:
    assert shared_bucket() is shared_bucket()
