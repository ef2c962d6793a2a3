"""What a request goes by: an address, and a deadline."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment at which something has to be over."""

    seconds: float
    """How long it may take in all."""
    clock: Callable[[], float] = time.monotonic
    until: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "until", self.clock() + self.seconds)

    def left(self) -> float:
        """The seconds that are left; 0 or less when it has passed."""
        return self.until - self.clock()


@dataclass(frozen=True, slots=True)
class Place:
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


def shortened(url: str) -> str:
    """An address for a message."""
    return url if len(url) <= 80 else url[:77] + "..."
