"""A web server on loopback that behaves as badly as it is asked to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Behaviour:
    """What the server does, request by request; the last one stays."""

    def __init__(self, content: bytes, *steps: str) -> None:
        self.content = content
        self.steps = list(steps) or ["whole"]
        self.requests: list[str] = []
        """The Range header of each request so far, `""` without one."""
        self.release = threading.Event()
        self.pause = 0.0
        """Seconds between pieces, for tests that kill the client meanwhile."""

    def next_step(self) -> str:
        return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[str]:
    """Run the server; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class' signature
            pass

        def do_GET(self) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):
                answer(self, behaviour)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        behaviour.release.set()
        server.shutdown()
        server.server_close()
        thread.join()


def answer(handler: BaseHTTPRequestHandler, behaviour: Behaviour) -> None:
    step, asked = behaviour.next_step(), handler.headers.get("Range", "")
    behaviour.requests.append(asked)
    handler.close_connection = True
    if step.isdecimal():
        handler.send_response(int(step))
        handler.send_header("Content-Length", "0")
        handler.send_header("Connection", "close")
        handler.end_headers()
        return
    content = behaviour.content
    if step == "corrupt":
        content = bytes(byte ^ 1 for byte in content)
    start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and step != "no ranges" else 0
    if start >= len(content) and start:
        handler.send_response(416)
        handler.send_header("Content-Length", "0")
        handler.send_header("Connection", "close")
        handler.end_headers()
        return
    body = content[start:]
    handler.send_response(206 if start else 200)
    if start:
        shown = start + 1 if step == "other range" else start
        handler.send_header("Content-Range", f"bytes {shown}-{len(content) - 1}/{len(content)}")
    announced = {"long length": len(body) + 1000, "short length": len(body) // 2}.get(step, len(body))
    handler.send_header("Connection", "close")
    if step != "no length":
        handler.send_header("Content-Length", str(announced))
    handler.end_headers()
    if step in {"cut", "stall"}:
        body = body[: len(body) // 2]
    for at in range(0, len(body), 4096):
        handler.wfile.write(body[at : at + 4096])
        handler.wfile.flush()
        behaviour.release.wait(behaviour.pause)
    if step == "stall":
        behaviour.release.wait(30)
