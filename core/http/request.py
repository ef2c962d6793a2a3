"""What a request goes by, an address and a deadline, and its errors, by what to do about them."""

import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from msgspec import Struct

from segue.core.errors import SegueError


class HttpError(SegueError):
    """A request brought no usable answer."""

    retry = False
    """Whether asking again in a moment may help."""
    outage = False
    """Whether the host is out of reach, so that other requests to it would fail too."""
    lasting = False
    """Whether waiting would not help either."""


class RefusedError(HttpError):
    """The address leads where Segue does not go, so it was not followed."""


class UnusableError(HttpError):
    """The answer is too large, or not what was asked for."""


class BrokenOffError(HttpError):
    """The answer began, then stalled or broke off."""

    retry = True


class SlowError(HttpError):
    """The deadline passed before the answer was whole."""

    outage = True


class UnreachableError(HttpError):
    """No connection: no network, no such host, a refused or a broken handshake."""

    retry = True
    outage = True


class OfflineError(HttpError):
    """The listener wants nothing asked of the network."""

    outage = True
    lasting = True


class ClosedError(HttpError):
    """The client was closed while a request was waiting."""


_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]")


class Deadline:
    """The moment at which something has to be over: `seconds` from now."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.clock = clock
        self.until = clock() + seconds

    def left(self) -> float:
        """The seconds that are left; 0 or less when it has passed."""
        return self.until - self.clock()


class Place(Struct, frozen=True):
    """Where a connection goes."""

    scheme: str
    host: str
    port: int | None
    """None for the scheme's own port."""


def place_of(url: str) -> Place | None:
    """Where a connection to an address goes; None when two parsers might not agree on it.

    Refused are white space, control characters and backslashes anywhere, user names and passwords, hosts with
    anything but small letters, digits, dots and hyphens (or an IPv6 address), and other schemes than HTTP.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    named = parts.netloc.removesuffix(f":{port}") if port is not None else parts.netloc
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(named):
        return None
    return Place(parts.scheme, parts.hostname or "", port)


def same_server(address: str) -> Callable[[str], None]:
    """A judge for `Http` that follows no redirect away from a server, since a token is sent along."""
    own = place_of(address)

    def judge(url: str) -> None:
        if own is None or place_of(url) != own:
            raise RefusedError(
                f"{urlsplit(address).hostname} redirects to another server, which is not followed"
            )

    return judge


def any_server(origin: str) -> Callable[[str], None]:
    """A judge for what is verified: a mirror may redirect anywhere, but not from HTTPS to HTTP."""

    def judge(url: str) -> None:
        place = place_of(url)
        if place is None or (origin.startswith("https:") and place.scheme != "https"):
            raise RefusedError(f"refused to open {shortened(url)}")

    return judge


def shortened(url: str) -> str:
    """An address for a message."""
    return url if len(url) <= 80 else url[:77] + "..."
