"""A raw server on loopback that stops being polite at a chosen point of its answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"


@dataclass(frozen=True)
class Phase:
    """What has been sent well, and what comes over and over then."""

    before: bytes
    unit: bytes


PHASES = {
    "handshake": Phase(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x03"),  # of a server hello of 16 kB
    "status line": Phase(b"", b"H"),
    "headers": Phase(HEAD, b"X-Header: a\r\n"),
    "one header": Phase(HEAD + b"X-Header: ", b"a"),
    "100 Continue": Phase(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": Phase(HEAD + b"Content-Length: 3000000\r\n\r\n", b" "),
    "body without end": Phase(HEAD + b"\r\n", b" "),
    "chunk size": Phase(CHUNKED, b"0"),
    "chunk extension": Phase(CHUNKED + b"1;", b"x"),
    "trailer": Phase(CHUNKED + b"0\r\n", b"T: x\r\n"),
    "gzip of nothing": Phase(GZIP, b"\x00\x00\x00\xff\xff"),
}
MANNERS = ("silence", "drip", "flood", "cut", "garbage")


@contextmanager
def hostile_server(phase: str, manner: str) -> Iterator[int]:
    """Run the server; gives its port."""
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if phase != "handshake":
                connection.recv(65_536)
            connection.sendall(PHASES[phase].before)
            _go_on(connection, PHASES[phase].unit, manner, over)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)


def _go_on(connection: socket.socket, unit: bytes, manner: str, over: threading.Event) -> None:
    if manner == "drip":
        while not over.wait(0.03):
            connection.sendall(unit)
    elif manner == "flood":
        block = unit * (65_536 // len(unit))
        while not over.is_set():
            connection.sendall(block)
    elif manner == "garbage":
        connection.sendall(bytes(range(256)) * 20)
    elif manner == "silence":
        over.wait(60)
