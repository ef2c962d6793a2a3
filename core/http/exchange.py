"""A request in a thread of its own, which the caller can leave at any moment."""

import queue
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import BadStatusLine
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from segue.core import __version__
from segue.core.http.request import (
    BrokenOffError,
    ClosedError,
    Deadline,
    SlowError,
    UnreachableError,
    UnusableError,
    shortened,
)
from segue.core.text import printable
from segue.core.waiting import take

USER_AGENT = f"segue/{__version__}"
CHUNK = 65_536
AHEAD = 4
"""Pieces that wait for the caller at most."""

Head = tuple[int, str, Mapping[str, str]]
"""Status, reason, headers."""


class Line:
    """A session of `requests` whose sockets can be shut down from another thread.

    It serves one request at a time, and keeps connections alive between them.
    """

    def __init__(self, *, proxies: bool) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._cut = False
        self.session = requests.Session()
        self.session.headers["User-Agent"] = USER_AGENT
        self.session.trust_env = proxies
        self.session.auth = _no_credentials  # else `requests` looks into ~/.netrc
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _Adapter(self._keep))

    def prepare(
        self,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        body: bytes | None = None,
    ) -> requests.PreparedRequest:
        """The request as it will be sent: a POST where it has a body."""
        method = "GET" if body is None else "POST"
        try:
            return self.session.prepare_request(
                requests.Request(method, url, headers, params=params, data=body)
            )
        except (requests.RequestException, ValueError):
            raise UnusableError(f"not a valid address: {shortened(url)}") from None

    def send(self, request: requests.PreparedRequest, timeout: tuple[float, float]) -> requests.Response:
        """Send it; returns when the head of the answer has come."""
        settings = self.session.merge_environment_settings(request.url or "", {}, True, None, None)
        return self.session.send(request, allow_redirects=False, timeout=timeout, **settings)

    def cut(self) -> None:
        """Shut every connection down, even while it is being read, and let no other be made."""
        with self._lock:
            self._cut = True
            for each in self._sockets:
                with suppress(OSError):  # shut down or closed already
                    socket.socket.shutdown(each, socket.SHUT_RDWR)  # an SSLSocket's own would first unwrap it

    def close(self) -> None:
        """Close all connections."""
        self.session.close()

    def _keep(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets = [each for each in self._sockets if each.fileno() >= 0]
            if self._cut:
                sock.close()
                raise OSError("the request was abandoned")
            self._sockets.append(sock)


class Exchange:
    """A request in progress. Its thread ends by itself soon after `close`, whatever it waits for."""

    def __init__(
        self,
        line: Line,
        request: requests.PreparedRequest,
        timeout: tuple[float, float],
        when_done: Callable[[], None],
    ) -> None:
        self.host = urlsplit(request.url or "").hostname or ""
        self._line = line
        self._request = request
        self._timeout = timeout
        self._when_done = when_done
        self._inbox: queue.Queue[Head | bytes | Exception] = queue.Queue(AHEAD)
        self._abandoned = False
        self._whole = False
        self._received = 0
        threading.Thread(target=self._work, name="segue-http", daemon=True).start()

    def head(self, deadline: Deadline) -> Head:
        """Status, reason and headers, once they have come."""
        arrived = self._next(deadline)
        if isinstance(arrived, Exception):
            raise self._before_the_head(arrived) from None
        return cast("Head", arrived)

    def piece(self, deadline: Deadline) -> bytes:
        """The next piece of the body; empty at its end."""
        if self._whole:
            return b""
        arrived = self._next(deadline)
        if isinstance(arrived, ClosedError):
            raise arrived
        if isinstance(arrived, Exception):
            broken = f"the answer of {self.host} broke off after {self._received:,} bytes"
            raise BrokenOffError(broken) from None
        piece = cast("bytes", arrived)
        self._received += len(piece)
        self._whole = not piece
        return piece

    def give_up(self) -> None:
        """End the caller's wait with `ClosedError`."""
        self._abandon()
        with suppress(queue.Full):
            self._inbox.put_nowait(ClosedError("the client was closed"))

    def close(self) -> bool:
        """Abandon what is left; returns whether nothing was, so that the connection can serve again."""
        if not self._whole:
            self._abandon()
        return self._whole

    def _abandon(self) -> None:
        self._abandoned = True
        self._line.cut()
        with suppress(queue.Empty):
            while True:  # so that the thread, if it waits for room, sees that it was abandoned
                self._inbox.get_nowait()

    def _next(self, deadline: Deadline) -> Head | bytes | Exception:
        left = deadline.left()
        try:
            if left > 0:
                return take(self._inbox, left)
        except queue.Empty:
            pass
        raise SlowError(f"{self.host} did not answer within {deadline.seconds:g} s")

    def _work(self) -> None:
        try:
            with self._line.send(self._request, self._timeout) as answer:
                self._deliver((answer.status_code, str(answer.reason), answer.headers))
                while piece := answer.raw.read1(CHUNK, decode_content=True):
                    self._deliver(piece)
            self._deliver(b"")
        except Exception as error:  # noqa: BLE001 - the caller judges it
            with suppress(ClosedError):
                self._deliver(error)
        finally:
            self._when_done()

    def _deliver(self, what: Head | bytes | Exception) -> None:
        if self._abandoned:
            raise ClosedError("the request was abandoned")
        self._inbox.put(what)

    def _before_the_head(self, error: Exception) -> Exception:
        if isinstance(error, ClosedError):
            return error
        if isinstance(error, requests.ReadTimeout):
            return BrokenOffError(f"{self.host} did not answer within {self._timeout[1]:g} s")
        if isinstance(error, requests.RequestException | HTTPError | OSError):
            return UnreachableError(f"{self.host} cannot be reached ({_cause(error)}); check the network")
        return UnusableError(f"{self.host} sent an answer that cannot be read ({type(error).__name__})")


class _Adapter(HTTPAdapter):
    """Passes every socket that it opens to `keep`."""

    def __init__(self, keep: Callable[[socket.socket], None]) -> None:
        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                sock = super()._new_conn()
                keep(sock)  # before a proxy is asked for a tunnel
                return sock

        class Secure(HTTPSConnection):
            _handle: socket.socket | None = None

            def _new_conn(self) -> socket.socket:
                sock = super()._new_conn()
                self._handle = sock.dup()  # TLS takes the socket over, and would shake hands out of reach
                try:
                    keep(self._handle)
                except OSError:
                    sock.close()
                    raise
                return sock

            def connect(self) -> None:
                try:
                    super().connect()
                    keep(cast("socket.socket", self.sock))  # now another object, which does TLS
                finally:
                    if self._handle is not None:
                        self._handle.close()

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self._pools = {"http": PlainPool, "https": SecurePool}
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - passed on
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:  # noqa: ANN401 - passed on
        manager = super().proxy_manager_for(proxy, **more)
        if not proxy.lower().startswith("socks"):  # those need connections of their own
            manager.pool_classes_by_scheme = self._pools
        return manager


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _cause(error: BaseException) -> str:
    """The innermost cause, in a few words: `Connection refused`."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    if isinstance(error, BadStatusLine) and not isinstance(error, OSError):  # a closed connection is both
        return "its answer is not HTTP"
    reason = error.strerror if isinstance(error, OSError) else None
    return printable(" ".join((reason or str(error) or type(error).__name__).split()))[:80]
