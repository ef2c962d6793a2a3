"""The server: ASGI under uvicorn, with a token, deadlines and small requests."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from segue.core.errors import SegueError
from segue.core.log import logger
from segue.core.serve.answers import Answers, BadRequestError, NotFoundError, failure

if TYPE_CHECKING:
    import socket

LARGEST = 1 << 20
"""Bytes that a request may have."""
SECONDS = 10.0
"""How long a request may take to arrive, and how long its answer may take."""
AT_ONCE = 256
"""Connections at once; more are answered 503."""
THREADS = 16
"""Answers that are worked out at once: what they ask of the lists of neighbours is one batch."""
_JSON = (b"content-type", b"application/json; charset=utf-8")
_OF_THE_CALLER = ("apiKey", "u", "t", "s", "p", "v", "c", "f")
"""Parameters that say who asks, not what."""
FAILURES = {400: 10, 401: 44, 404: 70, 405: 0, 413: 0, 500: 0, 503: 0}
"""The codes of Subsonic's errors, which are sent with status 200."""
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class App:
    """Answers GET, and the same calls as a form in a POST, to clients with the token.

    `POST /refresh` reads the music server's songs again.
    """

    def __init__(self, answers: Answers, token: str, *, seconds: float = SECONDS) -> None:
        self._answers = answers
        self._token = token.encode()
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="segue-serve")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            return
        try:
            status, body = await asyncio.wait_for(self._respond(scope, receive), self._seconds)
        except TimeoutError:
            status, body = 503, _problem("this took too long; ask again")
        if scope["path"].startswith("/rest/") and status in FAILURES:
            status, body = 200, failure(FAILURES[status], json.loads(body)["error"])
        headers = [_JSON, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body if scope["method"] != "HEAD" else b""})

    async def _respond(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        method = scope["method"]
        if method not in {"GET", "HEAD", "POST"}:
            return 405, _problem("only GET and POST are answered")
        form = await _body(scope, receive) if method == "POST" else b""
        if form is None:
            return 413, _problem("a request may have 1 MB")
        try:
            query = (scope["query_string"] + b"&" + form).decode("ascii", "replace")
            parameters = dict(parse_qsl(query, max_num_fields=50))
        except ValueError:
            return 400, _problem("too many parameters")
        if not self._allowed(scope, parameters):
            return 401, _problem("the token is missing or wrong")
        for name in _OF_THE_CALLER:
            parameters.pop(name, None)
        return await self._called(scope["path"], method, parameters)

    async def _called(self, path: str, method: str, parameters: dict[str, str]) -> tuple[int, bytes]:
        if path == "/refresh" and method == "POST":
            return await self._in_thread(self._refresh)
        if not self._answers.knows(path):
            return 404, _problem("there is no such call")
        if (kept := self._answers.kept(path, parameters)) is not None:
            return 200, kept
        if self._answers.is_at_hand(path, parameters):
            return self._answer(path, parameters)
        return await self._in_thread(lambda: self._answer(path, parameters))

    async def _in_thread(self, work: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _answer(self, path: str, parameters: dict[str, str]) -> tuple[int, bytes]:
        try:
            return 200, self._answers.answer(path, parameters)
        except NotFoundError as error:
            return 404, _problem(str(error))
        except BadRequestError as error:
            return 400, _problem(str(error))
        except Exception:  # noqa: BLE001 - whatever it is, the server answers on
            logger.exception("a call of %s failed", path)
            return 500, _problem("this failed; the log has more")

    def _refresh(self) -> tuple[int, bytes]:
        try:
            self._answers.refresh()
        except SegueError as error:
            return 502, _problem(str(error))
        owned = self._answers.owned
        counts = (
            {} if owned is None else {"songs": owned.songs, "matched": len(owned.row_of), "how": owned.how}
        )
        return 200, json.dumps(counts).encode()

    def _allowed(self, scope: Scope, parameters: dict[str, str]) -> bool:
        given = parameters.get("apiKey", "").encode()
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:7].lower() == b"bearer ":
                given = value[7:].strip()
        return hmac.compare_digest(given, self._token)


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The body of a request; None when it is too large."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or int(length) > LARGEST:
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _problem(text: str) -> bytes:
    return json.dumps({"error": text}).encode()


def run_server(app: App, listening: "socket.socket") -> None:
    """Serve until Ctrl-C. Raises `UsageError` when uvicorn is not installed."""
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Timed(H11Protocol):
        """A connection that is closed when a request does not arrive, or its answer is not read, in time."""

        _late: asyncio.TimerHandle | None = None
        _unread: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn names the narrower type
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.trailing_data[0]:
                self._wait()
            elif self._late is not None:
                self._late.cancel()
                self._late = None

        def _wait(self) -> None:
            if self._late is None:
                self._late = self.loop.call_later(SECONDS, self.transport.abort)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._unread = self.loop.call_later(SECONDS, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._unread is not None:
                self._unread.cancel()

    config = uvicorn.Config(
        app,
        http=Timed,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=64 * 1024,
    )
    uvicorn.Server(config).run(sockets=[listening])
