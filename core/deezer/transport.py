"""HTTP as Segue does it towards Deezer: bounded in size, time, number and place."""

import ipaddress
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from segue.core import __version__
from segue.core.deezer.errors import (
    BrokenOffError,
    BusyError,
    ClosedError,
    DeezerError,
    QuotaError,
    RefusedError,
    UnreachableError,
    UnusableError,
)
from segue.core.deezer.limiter import Priority, TokenBucket, shared_bucket

if TYPE_CHECKING:
    import requests

USER_AGENT = f"segue/{__version__}"
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
"""The longest silence within an answer."""
WHOLE_SECONDS = 30.0
"""The longest a whole answer may take, however steadily it drips."""
ATTEMPTS = 5
REDIRECTS = 3
CHUNK = 65_536


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
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # raises on nonsense
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if loopback:
        return parts.scheme in {"http", "https"} and is_loopback(host)
    return parts.scheme == "https" and host.endswith((".deezer.com", ".dzcdn.net"))


class Transport:
    """GET with a rate limit, retries and limits on everything. Safe to use from several threads.

    Parameters
    ----------
    loopback
        Ask only this machine instead of only Deezer (for tests).
    bucket
        The rate limit; the one of this process by default.
    clock, sleep
        Monotonic seconds, and how to let them pass. By default sleeping ends when the transport is closed.
    jitter
        A number in [0, 1) for spreading retries.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        bucket: TokenBucket | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._loopback = loopback
        self._bucket = bucket or shared_bucket()
        self._clock = clock
        self._closing = threading.Event()
        self._sleep = sleep or self._closing.wait
        self._jitter = jitter
        self._local = threading.local()

    def close(self) -> None:
        """Give up: whoever waits for a token or a retry gets `ClosedError`."""
        self._closing.set()

    def get(
        self,
        url: str,
        *,
        limit: int,
        priority: Priority = "play",
        params: Mapping[str, str] | None = None,
        check: Callable[[Reply], None] = lambda _reply: None,
    ) -> Reply:
        """Fetch an address, asking up to 5 times while the error is of the passing kind.

        `check` looks at an answer and may raise a `DeezerError`, which is retried like one of the network's.
        Between attempts it waits 0.5, 1, 2 and 4 s, each a quarter more or less.
        """
        for attempt in range(ATTEMPTS):
            self._wait_for_token(priority)
            pause = 0.5 * 2**attempt * (0.75 + 0.5 * self._jitter())
            try:
                reply = self._follow(url, params, limit)
                pause = max(pause, min(reply.retry_after, 30.0))
                _raise_for_status(reply)
                check(reply)
            except DeezerError as error:
                if not error.retry or attempt == ATTEMPTS - 1:
                    raise
                if isinstance(error, QuotaError):
                    self._bucket.close_for(pause)
                self._pause(pause)
            else:
                return reply
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _wait_for_token(self, priority: Priority) -> None:
        while wait := self._bucket.take(priority):
            self._pause(wait)

    def _pause(self, seconds: float) -> None:
        self._sleep(seconds)
        if self._closing.is_set():
            raise ClosedError("the Deezer client was closed")

    def _follow(self, url: str, params: Mapping[str, str] | None, limit: int) -> Reply:
        for _ in range(REDIRECTS + 1):
            if not may_ask(url, loopback=self._loopback):
                raise RefusedError(f"refused to leave Deezer's hosts for {_shortened(url)}")
            answer = self._once(url, params, limit)
            if isinstance(answer, Reply):
                return answer
            url, params = urljoin(url, answer), None
        raise RefusedError(f"Deezer redirected more than {REDIRECTS} times; last to {_shortened(url)}")

    def _once(self, url: str, params: Mapping[str, str] | None, limit: int) -> Reply | str:
        """One request: the answer, or the address it redirects to."""
        import requests  # 95 ms

        host = urlsplit(url).hostname
        try:
            with self._session().get(
                url,
                params=params,
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
            ) as response:
                if response.is_redirect:
                    return response.headers["location"]
                return Reply(
                    status=response.status_code,
                    body=self._read(response, limit, host),
                    media_type=response.headers.get("content-type", ""),
                    retry_after=_seconds(response.headers.get("retry-after", "")),
                )
        except requests.exceptions.ReadTimeout:
            raise BrokenOffError(f"{host} did not answer within {READ_SECONDS:.0f} s") from None
        except (requests.exceptions.InvalidURL, UnicodeError):
            raise UnusableError(f"Deezer gave an address that cannot be read: {_shortened(url)}") from None
        except requests.exceptions.RequestException as error:
            raise UnreachableError(f"{host} cannot be reached ({_cause(error)}); check the network") from None

    def _read(self, response: "requests.Response", limit: int, host: str | None) -> bytes:
        from urllib3.exceptions import HTTPError

        due = response.headers.get("content-length", "")
        if due.isdigit() and int(due) > limit:
            raise UnusableError(f"{host} wanted to send {int(due):,} bytes where at most {limit:,} are due")
        began, body = self._clock(), bytearray()
        try:
            while chunk := response.raw.read1(CHUNK, decode_content=True):
                body += chunk
                if len(body) > limit:
                    raise UnusableError(f"{host} sent more than the {limit:,} bytes that may be due")
                if self._clock() - began > WHOLE_SECONDS:
                    raise BrokenOffError(f"{host} took more than {WHOLE_SECONDS:.0f} s to answer")
        except (HTTPError, OSError):
            raise BrokenOffError(f"the answer of {host} broke off after {len(body):,} bytes") from None
        return bytes(body)

    def _session(self) -> "requests.Session":
        """One session a thread keeps connections alive; `requests` promises nothing about sharing one."""
        import requests

        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.headers["User-Agent"] = USER_AGENT
            session.trust_env = not self._loopback  # a proxy cannot reach this machine's loopback
        return session


def _raise_for_status(reply: Reply) -> None:
    """Raise for the statuses that say the same whatever the body says."""
    if reply.status == 429:
        raise QuotaError("Deezer's quota is used up for the moment")
    if reply.status >= 500:
        raise BusyError(f"Deezer is busy (HTTP {reply.status})")


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0


def _shortened(url: str) -> str:
    return url if len(url) <= 80 else url[:77] + "..."


def _cause(error: BaseException) -> str:
    """The innermost cause, in a few words: `Connection refused`."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    said = error.strerror if isinstance(error, OSError) else None
    return (said or str(error) or type(error).__name__)[:80]
