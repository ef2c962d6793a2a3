"""The line to an MPD: bounded in bytes and time, and every fault of it one line that names the place."""

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from segue.core.arrays import one_line
from segue.core.errors import SegueError, UsageError

PORT = 6600
SILENCE, SECONDS = 20.0, 120.0
"""How long MPD may say nothing, and how long all may take."""
KEEP_ALIVE = 30.0
"""Seconds after which a silent MPD is asked whether it is still there."""
LARGEST = 100_000_000
"""Bytes that MPD may send: 200,000 files have about as many."""


def host_and_port(address: str) -> tuple[str, int]:
    """Read `HOST` or `HOST:PORT`. Raises `UsageError` when it is neither."""
    host, _, port = address.partition(":")
    if not host or (port and not (port.isdecimal() and 0 < int(port) < 65_536)):
        raise UsageError(f"{address}: MPD's address must be HOST or HOST:PORT")
    return host, int(port or PORT)


@contextmanager
def connected(host: str, port: int) -> Iterator[Any]:
    """A connection to MPD, for one errand.

    Raises `UsageError` when python-mpd2 is not installed, and `SegueError` when MPD can't be reached, refuses
    a command, or sends too slowly or too much.
    """
    with lasting(host, port) as (client, _):
        yield client


@contextmanager
def lasting(host: str, port: int) -> Iterator[tuple[Any, Callable[[], None]]]:
    """A connection to MPD, and what to call before each errand on it: the bounds are those of one.

    Raises `UsageError` or `SegueError` as `connected`.
    """
    try:
        import mpd
    except ImportError:
        raise UsageError("MPD needs the package python-mpd2: pip install python-mpd2") from None
    client = mpd.MPDClient()
    client.timeout = SILENCE
    connect, lines = client._connect_tcp, list[_Bounded]()  # noqa: SLF001 - bounds what comes from its first line on

    def bounded(*where: Any) -> _Bounded:  # noqa: ANN401 - as in python-mpd2
        lines.append(_Bounded(fileno=connect(*where).detach()))
        return lines[-1]

    client._connect_tcp = bounded  # noqa: SLF001
    try:
        client.connect(host, port)
        yield client, lines[-1].begin
    except ConnectionRefusedError:
        raise SegueError(
            f"MPD at {host}:{port}: does not answer; start it, or pass another address"
        ) from None
    except (OSError, ValueError, mpd.MPDError) as error:  # ValueError: a name or an answer that is not text
        raise SegueError(f"MPD at {host}:{port}: {one_line(error)}") from error
    except (LookupError, TypeError) as error:
        raise SegueError(f"MPD at {host}:{port}: sent an answer that can't be read") from error
    finally:
        with suppress(OSError, mpd.MPDError):
            client.disconnect()
        for line in lines:  # a lost one is not closed by that
            line.close()


def idle(client: Any, awake: socket.socket, begin: Callable[[], None]) -> None:  # noqa: ANN401 - untyped
    """Wait until MPD has news of what it plays, `awake` can be read, or half a minute has passed.

    python-mpd2 can't be called back from its own `idle`.
    """
    client._write_command("idle", ["player", "playlist", "mixer", "options"])  # noqa: SLF001
    readable, _, _ = select.select([client.fileno(), awake], [], [], KEEP_ALIVE)
    begin()
    if client.fileno() not in readable:
        client._write_command("noidle")  # noqa: SLF001 - MPD ignores one that crosses its news
    for _ in client._read_lines():  # noqa: SLF001
        pass


def seconds_of(text: str) -> float | None:
    """A length or a place in a song; None for anything else."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 < seconds < 1e6 else None


class _Bounded(socket.socket):
    """A connection from which only so much comes, and only for so long."""

    _until: float | None = None
    _received = 0

    def begin(self) -> None:
        """Reset the bounds."""
        self._until, self._received = None, 0

    def recv_into(self, *where: Any) -> int:  # noqa: ANN401 - as the base class
        """As the base class; an `OSError` past the bounds."""
        if self._until is None:
            self._until = monotonic() + SECONDS
        self.settimeout(min(SILENCE, max(self._until - monotonic(), 0.001)))
        count = super().recv_into(*where)
        self._received += count
        if monotonic() > self._until:
            raise TimeoutError(f"did not answer in full within {SECONDS:g} s")
        if self._received > LARGEST:
            raise OSError(f"sent more than {LARGEST // 1_000_000} MB")
        return count
