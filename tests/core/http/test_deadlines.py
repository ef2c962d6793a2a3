"""Every phase of an answer, in every ill manner: the caller goes on at its deadline, nothing stays."""

import mmap
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segue.core.corpus.fetch import Limits, RemoteFile, fetch
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.errors import SegueError
from segue.core.http import BrokenOffError, ClosedError, Deadline, Http, HttpError, OfflineError, SlowError
from tests.core.http.hostile import MANNERS, PHASES, hostile_server
from tests.core.radio.doubles import Clock

DEADLINE = 0.5
GENEROUS = 20.0
"""Seconds after which a caller counts as hanging, on a machine that does much else."""


def ask(phase: str, manner: str) -> str:
    """Ask a hostile server for a track; returns the line that says what is wrong."""
    scheme = "https" if phase == "handshake" else "http"
    with hostile_server(phase, manner) as port:
        transport = Transport(loopback=True, bucket=TokenBucket())
        client = DeezerClient(f"{scheme}://127.0.0.1:{port}", transport)
        try:
            client.within(DEADLINE).track(7)
        except HttpError as error:
            return str(error)
        finally:
            client.close()
    return "an answer"


def http_threads() -> int:
    return sum(thread.name == "segue-http" for thread in threading.enumerate())


def wait_until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + GENEROUS
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def memory() -> int:
    """Resident bytes of this process; 0 where /proc does not tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * mmap.PAGESIZE if statm.exists() else 0


@pytest.mark.parametrize("manner", MANNERS)
def test_the_caller_goes_on_at_its_deadline_whatever_comes_or_does_not(manner: str) -> None:
    ask("body", "cut")  # what is imported or set aside once isn't a leak
    before = memory()
    at_once = 1 if manner == "flood" else len(PHASES)  # eleven floods would only wait for the processor
    with ThreadPoolExecutor(at_once) as pool:
        asked = {phase: pool.submit(ask, phase, manner) for phase in PHASES}
        lines = {phase: future.result(timeout=GENEROUS) for phase, future in asked.items()}
    for phase, line in lines.items():
        assert line != "an answer", phase
        assert line.isprintable(), (phase, line)
    if manner in {"silence", "drip"}:
        assert set(lines.values()) == {"127.0.0.1 did not answer within 0.5 s"}
    assert wait_until(lambda: http_threads() == 0), "threads and connections are given back"
    assert memory() - before < 60e6


def test_a_name_that_is_looked_up_for_ever_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: over.wait(GENEROUS) or [])
    http = Http(lambda _url: None, proxies=False)
    with (
        pytest.raises(SlowError, match=r"files\.example did not answer"),
        http.get("http://files.example/", Deadline(DEADLINE)),
    ):
        pass
    over.set()
    assert wait_until(lambda: http_threads() == 0)


@pytest.mark.parametrize("manner", ["silence", "drip"])
def test_a_handshake_that_is_given_up_ends_at_once(manner: str) -> None:
    http = Http(lambda _url: None, proxies=False, connect=600, silence=600)
    with hostile_server("handshake", manner) as port:
        with (
            pytest.raises(SlowError, match="did not answer"),
            http.get(f"https://127.0.0.1:{port}/", Deadline(DEADLINE)),
        ):
            pass
        assert wait_until(lambda: http_threads() == 0)


def test_retries_and_the_rate_limit_are_within_the_deadline() -> None:
    waited: list[float] = []
    clock = Clock()

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock.sleep(seconds)

    bucket = TokenBucket(clock=clock)
    transport = Transport(loopback=True, bucket=bucket, clock=clock, sleep=sleep, jitter=lambda: 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    client = DeezerClient(f"http://127.0.0.1:{port}", transport)
    with pytest.raises(HttpError, match="cannot be reached"):
        client.within(7).track(7)  # nobody listens there: each try ends at once
    assert waited == [0.5, 1.0, 2.0]

    bucket.close_for(3600)
    with pytest.raises(HttpError, match="quota"):
        client.within(5).track(7)
    assert len(waited) == 3


@pytest.mark.parametrize("phase", ["status line", "100 Continue", "body without end", "chunk extension"])
def test_a_download_that_drips_ends(phase: str, tmp_path: Path) -> None:
    limits = Limits(attempts=2, connect=0.2, silence=0.2)
    with hostile_server(phase, "drip") as port, pytest.raises(SegueError, match="gave up after 2 tries"):
        list(
            fetch(
                [RemoteFile("x.npy", "0" * 40)],
                tmp_path,
                origin=f"http://127.0.0.1:{port}",
                limits=limits,
                sleep=lambda _seconds: None,
            )
        )


def test_closing_ends_a_request_in_flight() -> None:
    with hostile_server("status line", "drip") as port:
        client = DeezerClient(f"http://127.0.0.1:{port}")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(client.track, 7)
            assert wait_until(lambda: http_threads() == 1)
            client.close()
            with pytest.raises(ClosedError):
                waiting.result(timeout=GENEROUS)
        with pytest.raises(ClosedError):
            client.track(7)


def test_a_body_that_breaks_off_says_where() -> None:
    http = Http(lambda _url: None, proxies=False)
    with (
        hostile_server("body", "garbage") as port,
        http.get(f"http://127.0.0.1:{port}/", Deadline(GENEROUS)) as answer,
        pytest.raises(BrokenOffError, match="broke off after 5,120 bytes"),
    ):
        list(iter(lambda: answer.read(Deadline(GENEROUS)), b""))


def test_offline_asks_nothing() -> None:
    with hostile_server("body", "cut") as port:
        client = DeezerClient(f"http://127.0.0.1:{port}", offline=True)
        with pytest.raises(OfflineError, match="--offline"):
            client.track(7)
    assert http_threads() == 0
