"""The doors of servers and of those who ask `segue serve`: whatever they send is an answer or one line."""

import asyncio
import atexit
import contextlib
import gzip
import io
import json
import random
import socket
import tarfile
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from socketserver import StreamRequestHandler
from typing import Any, cast

import zstandard

from segue.core.http import Answer, Deadline, Http
from segue.core.tracks import TrackInfo
from tests.fuzz.libraries import sound_library
from tests.fuzz.structure import Damage, anyhow, cells, json_values
from tests.fuzz.targets import Target, expect_one_line, from_file, read_playlists_and_build
from tests.mpd_server import served

GREETING = b"OK MPD 0.23.5\n"
UNKNOWN = TrackInfo("x", "Title", "Artist")


class Says(StreamRequestHandler):
    """Says the same whatever is asked, and hangs up."""

    data = b""

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(Says.data)
            self.connection.shutdown(socket.SHUT_WR)
            while self.connection.recv(65_536):
                pass


_OPEN = contextlib.ExitStack()
atexit.register(_OPEN.close)


@cache
def _port() -> int:
    return _OPEN.enter_context(served(Says))  # for as long as the process lives


def _says(data: bytes) -> int:
    """The port of a server on loopback that says so."""
    Says.data = data
    return _port()


def _mpd(data: bytes) -> None:
    """An MPD's answers: to a list that is sent, and to the player."""
    from segue.core.mpd import connected, lasting
    from segue.core.send.mpd import in_database, queue, store

    where = "127.0.0.1", _says(data)

    def find() -> None:
        with connected(*where) as client:
            in_database(sound_library(), [0, 1, 2], client)

    def keep() -> None:
        with connected(*where) as client:
            store(client, "Mine", ["a.mp3"])

    def line_up() -> None:
        with connected(*where) as client:
            queue(client, ["a.mp3"])

    def play() -> None:
        with _still_player() as player, lasting(*where) as (client, begin):
            player._rejoin(client)
            try:
                player._serve(client, begin)
            finally:
                assert 0 <= player.position < 1e6
                assert 0 < player.duration < 1e6
                assert 0 <= player.volume <= 1

    for act in (find, keep, line_up, play):
        expect_one_line(act)


@contextlib.contextmanager
def _still_player() -> Iterator[Any]:
    """A player whose own thread has ended, with songs to be played."""
    from segue.core.audio.mpd import MPDPlayer
    from segue.core.audio.player import RemoteSong

    class Still(MPDPlayer):
        def _run(self) -> None:
            pass

    player = Still("127.0.0.1", 9)
    player.subscribe(repr)
    player.load(RemoteSong("a.mp3", 30.0), key=1)
    player.line_up([RemoteSong("b.mp3", 30.0)])
    player.play()
    try:
        yield player
    finally:
        player._awake.close()
        player.close()


class _Answer(Answer):
    """What a server answers."""

    def __init__(self, data: bytes) -> None:
        self.host, self.status, self.reason, self.headers = "127.0.0.1", 200, "", {}
        self._data = data

    def read(self, deadline: Deadline) -> bytes:  # noqa: ARG002 - it is there at once
        data, self._data = self._data, b""
        return data


class Answering:
    """Answers the same to all."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @contextlib.contextmanager
    def get(self, *_: object, **_more: object) -> Iterator[_Answer]:
        yield _Answer(self._data)

    post = get

    def close(self) -> None:
        """Nothing waits."""


def _subsonic(data: bytes) -> None:
    from segue.core.send.targets import on_server, send_playlist
    from segue.core.serve.answers import Answers
    from segue.core.subsonic import Subsonic

    server = Subsonic("http://127.0.0.1:9", "user", "password")
    server._http = cast("Http", Answering(data))
    library = sound_library()
    expect_one_line(lambda: on_server(library, [0, 1, 2], server))
    expect_one_line(lambda: send_playlist(server, "Mine", [str(number) for number in range(50)]))
    expect_one_line(lambda: send_playlist(server, "Mine", ["1"]))
    expect_one_line(lambda: Answers(library, server).refresh())


def _listenbrainz(data: bytes) -> None:
    from segue.core.listenbrainz import ListenBrainz
    from segue.core.send.targets import ListenBrainzPlaylists

    playlists = ListenBrainzPlaylists("token")
    playlists._http = cast("Http", Answering(data))
    expect_one_line(lambda: playlists.recordings([UNKNOWN]))
    expect_one_line(lambda: playlists.create("Mine", ["1"]))
    with tempfile.TemporaryDirectory() as folder:
        sender = ListenBrainz("token", Path(folder) / "waiting.sqlite", address="http://127.0.0.1:9")
        sender.close()  # its own thread; from here on it sends when it is asked to
        sender._closed = False
        sender._http = cast("Http", Answering(data))
        sender.heard(UNKNOWN, 200.0, 200.0)
        sender.feedback(UNKNOWN, 1)
        expect_one_line(sender._send_all)


def _http(data: bytes) -> None:
    """The bytes of an answer, status line and all."""

    def ask() -> None:
        http = Http(lambda _url: None)
        deadline = Deadline(5.0)
        with contextlib.closing(http), http.get(f"http://127.0.0.1:{_says(data)}/", deadline) as answer:
            while answer.read(deadline):
                pass

    expect_one_line(ask)


def _dump(path: Path) -> None:
    """A dump of listens, packed as ListenBrainz does."""
    from segue.core.corpus.dumps import _streamed

    out = path.with_name("out.jsonl")
    with path.open("rb") as packed:
        _streamed(packed, "https://example.org/dump", out)
    read_playlists_and_build(out)


def _dumped(lines: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("listens/2026/1.listens")
        member.size = len(lines)
        archive.addfile(member, io.BytesIO(lines))
    return zstandard.compress(out.getvalue())


def _in_dump(inner: Damage) -> Damage:
    """Damage the lines of a dump."""

    def damage(data: bytes, rng: random.Random) -> bytes:
        try:
            with tarfile.open(fileobj=io.BytesIO(zstandard.decompress(data))) as archive:
                lines = cast("Any", archive.extractfile(archive.next() or "")).read()
        except (tarfile.TarError, zstandard.ZstdError, EOFError, AttributeError, KeyError):
            return anyhow(data, rng)
        return _dumped(inner(lines, rng))

    return damage


TOKEN = "token"  # noqa: S105 - protects nothing
CALLS = (
    "/api/similar_tracks", "/api/find_path", "/api/similar_artists",
    "/rest/getSonicSimilarTracks", "/rest/findSonicPath", "/refresh",
)  # fmt: skip


@cache
def _app() -> Any:  # noqa: ANN401 - an ASGI application
    from segue.core.serve.answers import Answers
    from segue.core.serve.app import App

    return App(Answers(sound_library()), TOKEN)


def _request(data: bytes) -> None:
    """Who has the token asks anything: path, query and form, a line each."""
    path, query, form = [*data.split(b"\n", 2), b"", b""][:3]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": form}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST" if form else "GET", "path": path.decode(errors="replace"),
        "query_string": query, "headers": [(b"authorization", b"Bearer " + TOKEN.encode())],
    }  # fmt: skip
    asyncio.run(_app()(scope, receive, send))
    assert sent[0]["status"] in {200, 400, 404, 405, 413}, sent
    assert json.loads(sent[1]["body"]) is not None


def _requests() -> tuple[bytes, ...]:
    first, last = sound_library().track_ids[0], sound_library().track_ids[5]
    asked = (
        f"item_id={first}&n=5&radius_similarity=true",
        f"start_song_id={first}&end_song_id={last}&max_steps=4",
        "artist=A&n=3", f"id={first}&count=5", f"startSongId={first}&endSongId={last}&count=4",
    )  # fmt: skip
    queries = tuple(f"{path}\n{query}\n".encode() for path, query in zip(CALLS, asked, strict=False))
    return (*queries, f"{CALLS[0]}\n\nitem_id={first}&n=5".encode())


def service_targets() -> list[Target]:
    """A door for each service."""
    song = {"id": "1", "title": "T", "artist": "A", "album": "L", "duration": 30, "isrc": ["GBAYE0601498"]}
    playlist = {"id": "7", "name": "Mine", "owner": "user", "entry": [song]}
    subsonic = [
        {"status": "ok", "searchResult3": {"song": [song]}},
        {"status": "ok", "playlists": {"playlist": [playlist]}, "playlist": playlist},
        {"status": "failed", "error": {"code": 70, "message": "not found"}},
    ]
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nabcde\r\n0\r\nX: 1\r\n\r\n"
    packed = gzip.compress(b"{}" * 99, mtime=0)
    listen = {
        "listened_at": 1_700_000_000,
        "user_id": 1,
        "track_metadata": {"track_name": "T", "artist_name": "A", "additional_info": {"duration_ms": 30_000}},
    }
    lines = b"".join(
        json.dumps({**listen, "listened_at": 1_700_000_000 + 60 * number}).encode() + b"\n"
        for number in range(4)
    )
    status = (
        b"volume: 50\nstate: play\nsong: 0\nsongid: 1\nelapsed: 1.0\nduration: 30\nplaylistlength: 2\nOK\n"
    )
    begun = status.replace(b"songid: 1", b"songid: 7")
    played = (  # what is put after the current song, begun, and heard of
        b"OK\n", status, status, b"Id: 7\nOK\n", status, b"file: a.mp3\nPos: 1\nId: 7\nOK\n", b"Id: 8\nOK\n",
        status, b"OK\n", begun, b"changed: player\nOK\n", begun.replace(b"50", b"60"),
        b"changed: mixer\nOK\n", status,
    )  # fmt: skip
    return [
        Target(
            "mpd",
            _mpd,
            (
                GREETING + b"file: a.mp3\nTitle: T\nArtist: A\nduration: 30\nfile: b.mp3\nTitle: U\nOK\n",
                GREETING
                + b"playlist: Mine\nLast-Modified: 2026-01-01\nOK\nOK\n"
                + b"list_OK\n" * 3
                + b"OK\n",
                GREETING + b"playlist: queue\nOK\nOK\nOK\nOK\n",
                b"".join((GREETING, *played)),
                GREETING + b"OK\nACK [50@0] {addid} No such directory\n",
            ),
        ),
        Target(
            "subsonic",
            _subsonic,
            tuple(json.dumps({"subsonic-response": each}).encode() for each in subsonic),
            (json_values,),
        ),
        Target(
            "listenbrainz",
            _listenbrainz,
            (
                b'{"recording_mbid":"2cfad207-3f55-4aec-8120-86cf66e34d59","artist_credit_name":"A"}',
                b'{"playlist_mbid":"2cfad207-3f55-4aec-8120-86cf66e34d59","status":"ok"}',
                b'{"code":400,"error":"bad"}',
            ),
            (json_values,),
        ),
        Target(
            "http",
            _http,
            (
                chunked,
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nabcde",
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + packed,
                b"HTTP/1.1 429 Wait\r\nRetry-After: 0\r\nConnection: close\r\n\r\nlater",
            ),
        ),
        Target("listens", from_file(".tar.zst", _dump), lambda: (_dumped(lines),), (_in_dump(json_values),)),
        Target("requests", _request, _requests, (cells,)),
    ]
