"""What is judged is what is connected to, and no credentials go along."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from segue.core.corpus.fetch import RemoteFile, fetch
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.errors import SegueError
from segue.core.http import (
    Deadline,
    Http,
    HttpError,
    Place,
    RefusedError,
    UnusableError,
    any_server,
    place_of,
)
from tests.core.corpus.test_fetch import git_hash

PASSING = r"https://evil.example\.dzcdn.net/x.mp3"
"""One parser sees a host of Deezer's, another `evil.example`."""


@contextmanager
def server(location: str = "") -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Answer `x`, or redirect to the location; yields the address and the headers of each request."""
    asked: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append({"path": self.path, **dict(self.headers)})
            leads_on = location and self.path != "/elsewhere"
            self.send_response(302 if leads_on else 200)
            if leads_on:
                self.send_header("Location", location)
            self.send_header("Set-Cookie", "a=b")
            self.send_header("Content-Length", "1")
            self.end_headers()
            self.wfile.write(b"x")

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}", asked
    finally:
        http.shutdown()
        http.server_close()


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that were looked up. None is found."""
    names: list[str] = []

    def look_up(host: str, *_arguments: object, **_more: object) -> None:
        names.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names


def ask(transport: Transport, url: str) -> bytes:
    return transport.get(url, Deadline(20), limit=100).body


@pytest.mark.parametrize(
    "url",
    [
        PASSING,
        "https://10.0.0.1\\x.deezer.com/",
        "https://evil.example#@api.deezer.com/",
        "https://evil.example\t.dzcdn.net/",
        "https://me:secret@api.deezer.com/",
        "https://api.deezer.com:8443/",
        "http://api.deezer.com/",
        "https://api.deezer.com@evil.example/",
    ],
)
def test_an_address_of_another_host_is_not_even_looked_up(url: str, looked_up: list[str]) -> None:
    with pytest.raises(HttpError, match=r"refused to leave|not a valid address"):
        ask(Transport(bucket=TokenBucket()), url)
    assert looked_up == []


def test_deezers_own_host_is_looked_up(looked_up: list[str]) -> None:
    with pytest.raises(HttpError, match=r"api\.deezer\.com cannot be reached"):
        ask(Transport(bucket=TokenBucket(), sleep=lambda _: None), "https://api.deezer.com/")
    assert set(looked_up) == {"api.deezer.com"}


@pytest.mark.parametrize(
    "location",
    [
        PASSING,
        "//evil.example/",
        "//evil.example\\@127.0.0.1/",
        "http://127.0.0.1@evil.example/",
        "http://evil.example\\.localhost/",
        "http://169.254.169.254/",
        "http://[::ffff:10.0.0.1]/",
        "http://2130706433/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
def test_a_redirect_is_judged_like_any_address(location: str) -> None:
    with server(location) as (address, asked), pytest.raises(HttpError, match=r"refused|not a valid address"):
        ask(Transport(loopback=True, bucket=TokenBucket()), f"{address}/")
    assert [each["path"] for each in asked] == ["/"]


def test_a_redirect_that_cannot_be_read_is_one_line() -> None:
    with server("http://[127.0.0.1/") as (address, _), pytest.raises(UnusableError, match="cannot be read"):
        ask(Transport(loopback=True, bucket=TokenBucket()), f"{address}/")


def test_a_mirror_may_redirect_but_not_out_of_https(tmp_path: Path) -> None:
    file = RemoteFile("x", git_hash(b"x"))
    with server("/elsewhere") as (address, asked):
        list(fetch([file], tmp_path, origin=address))
    assert [each["path"] for each in asked] == ["/x", "/elsewhere"]
    judge = any_server("https://files.example/x")
    judge("https://mirror.example/x")
    with pytest.raises(RefusedError, match="refused to open http://"):
        judge("http://mirror.example/x")


def test_no_credentials_and_no_cookies_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with server() as (address, asked):
        http = Http(lambda _url: None)
        for _ in range(2):
            with http.get(f"{address}/", Deadline(20)) as answer:
                assert answer.read(Deadline(20)) == b"x"
                assert answer.read(Deadline(20)) == b""
        list(fetch([RemoteFile("x", git_hash(b"x"))], tmp_path, origin=address))
    assert len(asked) == 3
    assert not any({"Authorization", "Cookie"} & each.keys() for each in asked)
    assert all(each["User-Agent"].startswith("segue/") for each in asked)


def test_a_mirror_with_a_password_in_its_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SegueError, match="refused to open"):
        list(fetch([RemoteFile("x", "0" * 40)], tmp_path, origin="http://me:secret@127.0.0.1:9"))


def test_a_place_is_scheme_host_and_port() -> None:
    assert place_of("https://api.deezer.com/track/1?x=#y") == Place("https", "api.deezer.com", None)
    assert place_of("http://[::1]:80/") == Place("http", "::1", 80)
