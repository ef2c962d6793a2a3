"""Covers come from a server on loopback, and nothing is decoded that is too large or another format."""

import io
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from segue.core.deezer.client import DeezerClient
from segue.core.deezer.source import Covers, decoded, drawn_cover
from segue.core.tracks import FIRST_INVENTED, TrackInfo

Serve = Callable[[bytes], str]
REAL = TrackInfo("track_7", "A Song", "Somebody", "An Album")


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def serve(asked: list[str]) -> Iterator[Serve]:
    """Serves the bytes it is given, and returns their address."""
    bodies: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = bodies[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def served(body: bytes) -> str:
        path = f"/{len(bodies)}.jpg"
        bodies[path] = body
        return f"http://127.0.0.1:{server.server_port}{path}"

    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def image(kind: str, size: tuple[int, int] = (250, 250)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 40, 60)).save(file, kind)
    return file.getvalue()


def covers_for(address: str) -> Covers:
    return Covers(DeezerClient(address.rpartition("/")[0]))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_cover_comes_in_the_pixels_asked_for_and_is_asked_for_once(
    kind: str, serve: Serve, asked: list[str]
) -> None:
    address = serve(image(kind))
    covers = covers_for(address)
    first = covers.cover(REAL, address, 24, 24)
    assert first is not None
    assert first.shape == (24, 24, 3)
    assert np.abs(first.astype(int) - (200, 40, 60)).max() < 8
    assert covers.cover(REAL, address, 24, 24) is first
    assert len(asked) == 1


def test_other_formats_damaged_files_and_other_hosts_are_no_cover(serve: Serve, asked: list[str]) -> None:
    for body in (image("GIF"), b"<html>", b"", image("PNG")[:60], image("JPEG")[:200]):
        address = serve(body)
        assert covers_for(address).cover(REAL, address, 24, 24) is None
    before = len(asked)
    here = covers_for(serve(b""))
    for elsewhere in ("https://images.example.com/1.jpg", "file:///etc/passwd", "not an address"):
        assert here.cover(REAL, elsewhere, 24, 24) is None
    assert len(asked) == before


def test_a_header_that_promises_too_many_pixels_is_not_decoded() -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    assert decoded(bomb, 24, 24) is None
    assert decoded(image("PNG", (1300, 1300)), 24, 24) is None


def test_an_invented_album_has_one_cover_drawn_without_asking_anybody(asked: list[str]) -> None:
    covers = Covers(DeezerClient("http://127.0.0.1:9", offline=True))
    number = FIRST_INVENTED + 5
    one, other, else_ = (
        TrackInfo(f"track_{number + n}", f"Song {n}", "Somebody", album)
        for n, album in enumerate(("An Album", "An Album", "Another"))
    )
    first, second, third = (covers.cover(track, "", 24, 24) for track in (one, other, else_))
    assert first is not None
    assert second is not None
    assert third is not None
    assert np.array_equal(first, second)
    assert not np.array_equal(first, third)
    assert drawn_cover("An Album", 36, 36).shape == (36, 36, 3)
    assert not asked
