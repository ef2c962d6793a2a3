"""HTTP as Segue does it towards Deezer: bounded in size, time, number, place and rate."""

import ipaddress
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from segue.core.deezer.models import BusyError, QuotaError
from segue.core.http import ClosedError, Deadline, Http, HttpError, OfflineError, RefusedError, place_of
from segue.core.http.request import shortened
from segue.core.text import printable

Priority = Literal["play", "prefetch"]


class TokenBucket:
    """Hands out at most `tokens` in any `seconds`; what plays now goes before what may play later.

    A prefetch leaves `reserve` tokens on the table for playback. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        tokens: int = 40,
        seconds: float = 5.0,
        *,
        reserve: int = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens = tokens
        self._seconds = seconds
        self._reserve = reserve
        self._clock = clock
        self._taken: deque[float] = deque(maxlen=tokens)
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def take(self, priority: Priority = "play") -> float:
        """Take a token and return 0, or return the seconds after which to ask again."""
        with self._lock:
            now = self._clock()
            if self._taken and now < self._taken[-1]:  # a clock set back must not close the bucket for long
                self._taken.clear()
                self._closed_until = min(self._closed_until, now + self._seconds)
            if now < self._closed_until:
                return self._closed_until - now
            while self._taken and self._taken[0] <= now - self._seconds:
                self._taken.popleft()
            allowed = self._tokens if priority == "play" else self._tokens - self._reserve
            if len(self._taken) < allowed:
                self._taken.append(now)
                return 0.0
            blocking = self._taken[len(self._taken) - allowed]
            return max(blocking + self._seconds - now, 0.001)

    def close_for(self, seconds: float) -> None:
        """Let no request through for so many seconds, after Deezer has refused one as too many."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)


@cache
def shared_bucket() -> TokenBucket:
    """The bucket that all clients of this process share."""
    return TokenBucket()


ATTEMPTS = 5
OFFLINE = "Segue runs with --offline, so Deezer is not asked"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole."""

    status: int
    body: bytes
    media_type: str
    retry_after: float = 0.0
    """Seconds after which the server wants to be asked again."""


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_ask(url: str, *, loopback: bool) -> bool:
    """Whether Segue may open the address: Deezer's hosts by https, or only this machine when `loopback`."""
    place = place_of(url)
    if place is None:
        return False
    if loopback:
        return is_loopback(place.host)
    deezers = place.host.endswith((".deezer.com", ".dzcdn.net"))
    return place.scheme == "https" and place.port is None and deezers


class Transport:
    """GET with a rate limit, retries and limits on everything. Safe to use from several threads.

    With `loopback` it asks only this machine instead of only Deezer, as tests do; offline it raises
    `OfflineError`. The rate limit is by default that of this process. `clock` gives monotonic seconds;
    sleeping ends by default when the transport is closed. `jitter` gives numbers in [0, 1) for spreading
    retries, and `silence` is the longest one within an answer, in seconds.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        offline: bool = False,
        bucket: TokenBucket | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        jitter: Callable[[], float] = random.random,
        silence: float = 10.0,
    ) -> None:
        self._loopback = loopback
        self._offline = offline
        self._bucket = bucket or shared_bucket()
        self._clock = clock
        self._closing = threading.Event()
        self._sleep = sleep or self._closing.wait
        self._jitter = jitter
        # a proxy cannot reach this machine's loopback
        self._http = Http(self._judge, proxies=not loopback, silence=silence)

    def close(self) -> None:
        """Give up: callers that wait for a token, an answer or a retry get `ClosedError`."""
        self._closing.set()
        self._http.close()

    def deadline(self, seconds: float) -> Deadline:
        """The moment that lies so many seconds ahead."""
        return Deadline(seconds, self._clock)

    def get(
        self,
        url: str,
        deadline: Deadline,
        *,
        limit: int,
        priority: Priority = "play",
        params: Mapping[str, str] | None = None,
        check: Callable[[Reply], None] = lambda _reply: None,
    ) -> Reply:
        """Fetch an address, asking up to 5 times while the error is of the passing kind and time is left.

        `check` looks at an answer and may raise an `HttpError`, which is retried like one of the network's.
        Between attempts it waits 0.5, 1, 2 and 4 s, each a quarter more or less. All of it, the wait for the
        rate limit included, ends at the deadline.
        """
        if self._offline:
            raise OfflineError(OFFLINE)
        for attempt in range(ATTEMPTS):
            self._wait_for_token(priority, deadline)
            pause = 0.5 * 2**attempt * (0.75 + 0.5 * self._jitter())
            try:
                reply = self._once(url, params, limit, deadline)
                pause = max(pause, min(reply.retry_after, 30.0))
                _raise_for_status(reply)
                check(reply)
            except HttpError as error:
                if isinstance(error, QuotaError):
                    self._bucket.close_for(pause)
                if not error.retry or attempt == ATTEMPTS - 1 or pause >= deadline.left():
                    raise
                self._pause(pause)
            else:
                return reply
        raise AssertionError("unreachable: the last attempt returns or raises")

    def location(self, url: str, deadline: Deadline) -> str:
        """Where an address redirects to, which is not asked; empty where it does not."""
        if self._offline:
            raise OfflineError(OFFLINE)
        self._wait_for_token("play", deadline)
        return self._http.location(url, deadline)

    def _wait_for_token(self, priority: Priority, deadline: Deadline) -> None:
        while wait := self._bucket.take(priority):
            if wait >= deadline.left():
                raise QuotaError("Deezer's request quota is used up")
            self._pause(wait)

    def _pause(self, seconds: float) -> None:
        self._sleep(seconds)
        if self._closing.is_set():
            raise ClosedError("the Deezer client was closed")

    def _judge(self, url: str) -> None:
        if not may_ask(url, loopback=self._loopback):
            raise RefusedError(f"refused to leave Deezer's hosts for {shortened(url)}")

    def _once(self, url: str, params: Mapping[str, str] | None, limit: int, deadline: Deadline) -> Reply:
        with self._http.get(url, deadline, params=params) as answer:
            body = answer.whole(deadline, limit)
            media_type = printable(answer.headers.get("content-type", ""))[:80]
            return Reply(answer.status, body, media_type, answer.retry_after)


def _raise_for_status(reply: Reply) -> None:
    """Raise for the statuses that say the same whatever the body says."""
    if reply.status == 429:
        raise QuotaError("Deezer's request quota is used up")
    if reply.status >= 500:
        raise BusyError(f"Deezer is busy (HTTP {reply.status})")
