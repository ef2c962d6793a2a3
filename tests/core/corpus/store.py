"""An object store on loopback: what pyarrow asks of S3, of buckets held in memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

CHANGED = "Sun, 29 Nov 2026 10:00:00 GMT"
ENTRY = (
    "<Contents><Key>{}</Key><Size>{}</Size><LastModified>2026-11-29T10:00:00.000Z</LastModified></Contents>"
)


@dataclass
class Store:
    """The objects by `BUCKET/KEY`, how the store behaves, and what it was asked."""

    objects: dict[str, bytes] = field(default_factory=dict)
    behaviour: str = "whole"
    """`whole`; `refuse`, `silent`, `drip`: so the store answers; `cut`: it hangs up in the middle."""
    asked: list[str] = field(default_factory=list)
    """The method, the path and the range of each request."""
    port: int = 0
    end: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def serve(self, host: str = "127.0.0.1", port: int = 0) -> Iterator["Store"]:
        """Answer, by default on a free port."""

        class Handler(_Handler):
            store = self

        server = _Server((host, port), Handler)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.end.set()
            server.shutdown()
            server.server_close()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # that of an `HTTPServer` asks a name server for its own name


class _Handler(BaseHTTPRequestHandler):
    store: Store
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class' signature
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        url, asked = urlsplit(self.path), self.headers.get("Range", "")
        self.store.asked.append(f"{self.command} {self.path} {asked}".rstrip())
        name = unquote(url.path).strip("/")
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        with suppress(OSError):
            if self.store.behaviour in {"silent", "drip"}:
                self._hold()
            elif self.store.behaviour == "refuse":
                self._answer(403, b"<Error><Code>AccessDenied</Code><Message>\x1b[2Jno</Message></Error>")
            elif "list-type" in query:
                self._answer(200, _listed(self.store.objects, f"{name}/", query.get("prefix", "")))
            elif name in self.store.objects:
                self._object(self.store.objects[name], asked)
            else:
                self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>")

    def _hold(self) -> None:
        self.close_connection = True
        if self.store.behaviour == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.store.end.wait(0.1):
            if self.store.behaviour == "drip":
                self.wfile.write(b"X-More: yes\r\n")

    def _object(self, content: bytes, asked: str) -> None:
        dates = {"Last-Modified": CHANGED}
        if not asked:
            self._answer(200, content, **dates)
            return
        first, last = map(int, asked.removeprefix("bytes=").split("-"))
        last = min(last, len(content) - 1)
        dates["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        self._answer(206, content[first : last + 1], **dates)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/xml", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.store.behaviour == "cut":
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.command == "GET":
            self.wfile.write(body)


def _listed(objects: dict[str, bytes], bucket: str, prefix: str) -> bytes:
    found = sorted(name for name in objects if name.startswith(f"{bucket}{prefix}"))
    entries = "".join(ENTRY.format(escape(name.removeprefix(bucket)), len(objects[name])) for name in found)
    head = f"<KeyCount>{len(found)}</KeyCount><IsTruncated>false</IsTruncated>"
    return f"<ListBucketResult>{head}{entries}</ListBucketResult>".encode()
