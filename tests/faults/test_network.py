"""No such name, proxies that work or refuse, servers that accept and never answer."""

import ctypes
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from segue.core.corpus.fetch import Limits, RemoteFile, blob_hash, fetch
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.errors import SegueError
from segue.core.http import BrokenOffError, UnreachableError
from tests.core.corpus.test_fetch import git_hash
from tests.core.radio.doubles import Clock
from tests.end_to_end.deezer_server import FakeDeezer
from tests.end_to_end.radio_library import make_radio_library

CONTENT = b"playlists " * 1000
FILE = RemoteFile("music.npy", git_hash(CONTENT))


def client(base_url: str | None = None, *, silence: float = 10.0) -> DeezerClient:
    """A client of Deezer, or of loopback, whose pauses pass at once."""
    clock = Clock()
    bucket = TokenBucket(clock=clock)
    transport = Transport(
        loopback=base_url is not None, bucket=bucket, clock=clock, sleep=clock.sleep, silence=silence
    )
    return DeezerClient(base_url, transport)


def fetch_from(origin: str, folder: Path, *, silence: float = 5.0) -> None:
    """Fetch the file with two tries and no pause."""
    limits = Limits(attempts=2, connect=5.0, silence=silence)
    list(fetch([FILE], folder, origin=origin, limits=limits, sleep=lambda _seconds: None))


@dataclass
class Proxy:
    """An HTTP proxy on loopback: serves plain requests itself and joins CONNECT to `tls_port`, if it may."""

    tls_port: int = 0
    status: int = 200
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving(proxy: Proxy) -> Iterator[str]:
    """Run a proxy; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class' signature
            pass

        def do_GET(self) -> None:
            proxy.asked.append(self.path)
            self.send_response(proxy.status)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def do_CONNECT(self) -> None:
            proxy.asked.append(self.path)
            self.send_response(proxy.status)
            self.end_headers()
            if proxy.status == 200:
                with socket.create_connection(("127.0.0.1", proxy.tls_port)) as far, suppress(OSError):
                    _join(self.connection, far)
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _join(one: socket.socket, other: socket.socket) -> None:
    while True:
        for ready in select.select([one, other], [], [], 10)[0]:
            data = ready.recv(65_536)
            if not data:
                return
            (other if ready is one else one).sendall(data)


@pytest.fixture
def use_proxy(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set a proxy for everything, in place of those the environment had."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)

    def use(address: str) -> None:
        monkeypatch.setenv("HTTP_PROXY", address)
        monkeypatch.setenv("HTTPS_PROXY", address)
        monkeypatch.setenv("http_proxy", address)
        monkeypatch.setenv("https_proxy", address)

    return use


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose name server is gone."""

    def fail(*_arguments: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)


@pytest.mark.usefixtures("no_names")
def test_without_names_both_say_so_in_one_line(tmp_path: Path, use_proxy: Callable[[str], None]) -> None:
    with pytest.raises(UnreachableError, match=r"api\.deezer\.com cannot be reached .*check the network"):
        client().track(7)
    with pytest.raises(SegueError, match=r"files\.example cannot be reached .*; gave up after 2 tries"):
        fetch_from("http://files.example", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_never_answers_costs_its_time_limit_and_no_more(
    silent_server: str, tmp_path: Path
) -> None:
    with pytest.raises(BrokenOffError, match=r"127\.0\.0\.1 did not answer within"):
        client(silent_server, silence=0.1).track(7)
    with pytest.raises(SegueError, match=r"did not answer within 0\.1 s; gave up after 2 tries"):
        fetch_from(silent_server, tmp_path, silence=0.1)


def test_fetch_goes_through_a_proxy(tmp_path: Path, use_proxy: Callable[[str], None]) -> None:
    proxy = Proxy()
    with serving(proxy) as address:
        use_proxy(address)
        fetch_from("http://files.example/deep", tmp_path)
    assert proxy.asked == ["http://files.example/deep/music.npy"]
    assert blob_hash(tmp_path / "music.npy") == FILE.blob


@pytest.mark.parametrize("status", [407, 403, 502])
def test_a_proxy_that_refuses_is_said(status: int, tmp_path: Path, use_proxy: Callable[[str], None]) -> None:
    proxy = Proxy(status=status)
    with serving(proxy) as address:
        use_proxy(address)
        with pytest.raises(UnreachableError, match=rf"api\.deezer\.com cannot be reached \(.*{status}"):
            client().track(7)
        with pytest.raises(SegueError, match=rf"music\.npy: the server answers {status}"):
            fetch_from("http://files.example", tmp_path)
    assert proxy.asked[0] == "api.deezer.com:443"
    assert not (tmp_path / "music.npy").exists()


def test_a_proxy_that_is_gone_is_said(tmp_path: Path, use_proxy: Callable[[str], None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    use_proxy(f"http://127.0.0.1:{port}")
    with pytest.raises(UnreachableError, match=r"api\.deezer\.com cannot be reached"):
        client().track(7)
    with pytest.raises(SegueError, match=r"files\.example cannot be reached"):
        fetch_from("http://files.example", tmp_path)


def test_a_proxy_is_not_asked_for_this_machine(use_proxy: Callable[[str], None]) -> None:
    proxy = Proxy()
    with FakeDeezer() as deezer, serving(proxy) as address:
        use_proxy(address)
        assert client(deezer.base_url).track(7).id == 7
    assert proxy.asked == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_deezer_is_asked_through_a_tunnel_and_a_forged_certificate_is_refused(
    tmp_path: Path, use_proxy: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Deezer"]
    made += ["-addext", "subjectAltName=DNS:api.deezer.com", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with FakeDeezer() as deezer:
        server = deezer._server
        server.socket = context.wrap_socket(server.socket, server_side=True)
        proxy = Proxy(tls_port=int(server.server_address[1]))
        with serving(proxy) as address:
            use_proxy(address)
            with closing(client()) as refusing, pytest.raises(UnreachableError, match=r"(?i)certificate"):
                refusing.track(7)
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
            with closing(client()) as trusting:
                assert trusting.track(7).id == 7
    assert set(proxy.asked) == {"api.deezer.com:443"}


def interrupt_another_thread(process: "subprocess.Popen[str]") -> None:
    """Send Ctrl-C's signal to another thread than the main one, as Linux may do on a busy machine."""
    threads = [int(thread.name) for thread in Path(f"/proc/{process.pid}/task").iterdir()]
    other = next(thread for thread in threads if thread != process.pid)
    assert ctypes.CDLL(None).tgkill(process.pid, other, signal.SIGINT) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="sends a signal to a thread")
@pytest.mark.parametrize(
    "verb",
    [
        ("complete", "https://www.deezer.com/playlist/1"),
        ("radio", "track_3000000", "--no-sound", "--library", "LIBRARY"),
        ("fetch", "deezer", "music_2.npy", "--to", "here", "--from", "ORIGIN"),
        ("doctor",),
    ],
    ids=lambda verb: str(verb[0]),
)
def test_ctrl_c_ends_every_wait_for_the_network(verb: tuple[str, ...], tmp_path: Path) -> None:
    """The server accepts and says nothing. The verb is waiting for it when Ctrl-C comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = f"http://127.0.0.1:{server.getsockname()[1]}"
        if "LIBRARY" in verb:
            make_radio_library(tmp_path / "library")
        places = {"ORIGIN": origin, "LIBRARY": str(tmp_path / "library")}
        command = [places.get(word, word) for word in verb]
        environment = os.environ | {"SEGUE_DEEZER_API": origin, "HOME": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "-m", "segue", *command],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            server.settimeout(60)
            connection, _ = server.accept()
            with connection:
                time.sleep(0.5)  # until the main thread waits, too
                interrupt_another_thread(process)
                _, errors = process.communicate(timeout=8)  # less than any deadline
        finally:
            process.kill()
            process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in errors
