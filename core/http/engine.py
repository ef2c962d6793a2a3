"""GET and POST under one deadline, from the name look-up to the last byte, redirects included.

Each request runs in a thread of its own that passes on what arrives. Whatever the server does (send nothing,
or a byte now and then in the status line, a header, a chunk's extension, a handshake), the caller returns at
its deadline or at Ctrl-C, and the sockets of the abandoned thread are shut down.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from segue.core.http.request import (
    ClosedError,
    Deadline,
    RefusedError,
    UnreachableError,
    UnusableError,
    shortened,
)

if TYPE_CHECKING:
    from segue.core.http.exchange import Exchange, Line

REDIRECTS = 3
REDIRECTING = frozenset({301, 302, 303, 307, 308})
AT_ONCE = 16
"""Requests in flight, those included that were given up but still wait for a name to be looked up."""


class Answer:
    """An answer whose head has come. Its body is read piece by piece."""

    def __init__(self, exchange: "Exchange", status: int, reason: str, headers: Mapping[str, str]) -> None:
        self._exchange = exchange
        self.host = exchange.host
        self.status = status
        self.reason = reason
        self.headers = headers
        """Names in any case."""

    @property
    def length(self) -> int | None:
        """The bytes that the body has by its header; None when that says nothing sensible."""
        text = self.headers.get("content-length", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None

    @property
    def retry_after(self) -> float:
        """Seconds after which the server wants to be asked again; 0 when it does not say."""
        text = self.headers.get("retry-after", "")
        return float(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0.0

    def read(self, deadline: Deadline) -> bytes:
        """The next piece of the body as soon as it comes, at most 64 kB; empty at the end.

        Raises `BrokenOffError`, `SlowError` or `ClosedError` when there is no more to come though it is not
        the end, or not in time.
        """
        return self._exchange.piece(deadline)

    def whole(self, deadline: Deadline, most: int) -> bytes:
        """The whole body, of at most so many bytes. Raises as `read`; `UnusableError` when there are more."""
        if (self.length or 0) > most:
            raise UnusableError(
                f"{self.host} wanted to send {self.length:,} bytes where at most {most:,} are due"
            )
        body = bytearray()
        while piece := self.read(deadline):
            body += piece
            if len(body) > most:
                raise UnusableError(f"{self.host} sent more than the {most:,} bytes that may be due")
        return bytes(body)


class Http:
    """Asks addresses. Safe to use from several threads.

    No cookies, and no credentials but those that `post` is given, whatever `~/.netrc` says.

    Parameters
    ----------
    judge
        Raises `RefusedError` for an address that is not to be asked. It is given the address that will be
        connected to, also that of each redirect.
    proxies
        Whether the environment's proxies and certificates are used.
    connect, silence
        Seconds until a connection must stand, and the longest silence within an answer.
    """

    def __init__(
        self,
        judge: Callable[[str], None],
        *,
        proxies: bool = True,
        connect: float = 5.0,
        silence: float = 10.0,
    ) -> None:
        self._judge = judge
        self._proxies = proxies
        self._timeout = (connect, silence)
        self._lock = threading.Lock()
        self._idle: list[Line] = []
        self._active: set[Exchange] = set()
        self._slots = threading.Semaphore(AT_ONCE)
        self._closed = False

    def close(self) -> None:
        """Give up: callers that wait for an answer get `ClosedError`."""
        with self._lock:
            self._closed = True
            waiting, idle = list(self._active), self._idle
            self._idle = []
        for exchange in waiting:
            exchange.give_up()
        for line in idle:
            line.close()

    @contextmanager
    def get(
        self,
        url: str,
        deadline: Deadline,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Answer]:
        """Ask an address, following up to 3 redirects; gives the answer when its head has come in time.

        Raises an `HttpError` of any kind but `OfflineError`.
        """
        for _ in range(REDIRECTS + 1):
            with self._exchange(url, params, headers, deadline) as exchange:
                status, reason, found = exchange.head(deadline)
                place = found.get("location") if status in REDIRECTING else None
                if place is None:
                    yield Answer(exchange, status, reason, found)
                    return
            try:
                url, params = urljoin(url, place), None
            except ValueError:
                raise UnusableError(
                    f"{exchange.host} redirects to an address that cannot be read: {shortened(place)}"
                ) from None
        raise RefusedError(
            f"{exchange.host} redirected more than {REDIRECTS} times; last to {shortened(url)}"
        )

    def location(self, url: str, deadline: Deadline) -> str:
        """Where an address redirects to, which is not asked; empty where it does not. Raises as `get`."""
        with self._exchange(url, None, None, deadline) as exchange:
            status, _, found = exchange.head(deadline)
            return found.get("location", "") if status in REDIRECTING else ""

    @contextmanager
    def post(self, url: str, deadline: Deadline, body: bytes, headers: Mapping[str, str]) -> Iterator[Answer]:
        """Send a body to an address, with headers that may hold a token: a redirect is not followed.

        Raises as `get`.
        """
        with self._exchange(url, None, headers, deadline, body) as exchange:
            yield Answer(exchange, *exchange.head(deadline))

    @contextmanager
    def _exchange(
        self,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        deadline: Deadline,
        body: bytes | None = None,
    ) -> Iterator["Exchange"]:
        from segue.core.http.exchange import Exchange  # requests: 95 ms

        line, whole = self._line(), False
        try:
            request = line.prepare(url, params, headers, body)
            self._judge(request.url or "")
            if not self._slots.acquire(timeout=max(deadline.left(), 0.0)):
                raise UnreachableError("too many requests are waiting for an answer; check the network")
            exchange = Exchange(line, request, self._timeout, self._slots.release)
            try:
                with self._lock:
                    self._active.add(exchange)
                    closed = self._closed
                if closed:
                    exchange.give_up()
                yield exchange
            finally:
                whole = exchange.close()
                with self._lock:
                    self._active.discard(exchange)
        finally:
            with self._lock:
                kept = whole and not self._closed
                if kept:
                    self._idle.append(line)
            if not kept:
                line.close()

    def _line(self) -> "Line":
        """An idle line; its connections may still stand from an earlier request."""
        from segue.core.http.exchange import Line

        with self._lock:
            if self._closed:
                raise ClosedError("the client was closed")
            if self._idle:
                return self._idle.pop()
        return Line(proxies=self._proxies)
