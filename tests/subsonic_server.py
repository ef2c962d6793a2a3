"""A Subsonic server on loopback, as strict as real ones: it checks the token and refuses long requests."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "ann", "a pass:word"
MOST_IDS, LONGEST_ADDRESS, LARGEST_BODY = 45, 2_000, 8_000
"""Song ids in a request, and bytes of its address and body: real servers and proxies cut longer ones off."""


class FakeSubsonic:
    """Songs and playlists. After `dies_after` changes every later one is dropped unanswered."""

    def __init__(self, songs: list[dict[str, Any]], *, takes_tokens: bool = True) -> None:
        self.songs = songs
        self.takes_tokens = takes_tokens
        self.playlists: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.dies_after: int | None = None
        self.url = ""
        self._next = 1
        self._changes = 0

    def put(self, name: str, ids: list[str], owner: str = USER) -> str:
        number = f"pl-{self._next}"
        self._next += 1
        self.playlists[number] = {"id": number, "name": name, "owner": owner, "ids": list(ids)}
        return number

    def lists(self) -> dict[str, list[str]]:
        return {each["name"]: each["ids"] for each in self.playlists.values()}

    def answer(self, call: str, form: dict[str, list[str]]) -> dict[str, Any] | None:  # noqa: PLR0911 - one a call
        if refused := self.refused(form):
            return refused
        ids = form.get("songId", []) + form.get("songIdToAdd", [])
        if len(ids) > MOST_IDS:
            return failed(0, "too many songs in one call")
        known = {song["id"] for song in self.songs}
        if not set(ids) <= known:
            return failed(70, "Song not found")
        if call in {"createPlaylist", "updatePlaylist", "deletePlaylist"}:
            if self.dies_after is not None and self._changes >= self.dies_after:
                return None
            self._changes += 1
        match call:
            case "search3":
                start, count = int(form["songOffset"][0]), int(form["songCount"][0])
                return {"searchResult3": {"song": self.songs[start : start + count]}}
            case "getPlaylists":
                found = [
                    {key: each[key] for key in ("id", "name", "owner")} for each in self.playlists.values()
                ]
                return {"playlists": {"playlist": found}}
            case "createPlaylist":
                if "playlistId" in form:
                    self.playlists[form["playlistId"][0]]["ids"] = ids
                    return {}
                number = self.put(form["name"][0], ids)
                return {"playlist": {"id": number}}
            case _:
                return self.change(call, form, ids)

    def refused(self, form: dict[str, list[str]]) -> dict[str, Any] | None:
        if not self.takes_tokens and "p" not in form:
            return failed(10, "A required parameter is missing.")
        salt = form.get("s", [""])[0]
        token = hashlib.md5(f"{PASSWORD}{salt}".encode(), usedforsecurity=False).hexdigest()
        right = (
            bool(salt) and form.get("t") == [token]
            if self.takes_tokens
            else form["p"] == [f"enc:{PASSWORD.encode().hex()}"]
        )
        return None if right and form.get("u") == [USER] else failed(40, "Wrong username or password")

    def change(self, call: str, form: dict[str, list[str]], ids: list[str]) -> dict[str, Any]:
        number = (form.get("playlistId") or form["id"])[0]
        if number not in self.playlists:
            return failed(70, "Playlist not found")
        playlist = self.playlists[number]
        if call == "getPlaylist":
            return {"playlist": {"id": number, "entry": [{"id": each} for each in playlist["ids"]]}}
        if call == "deletePlaylist":
            del self.playlists[number]
        else:
            playlist["ids"] += ids
            for index in sorted(map(int, form.get("songIndexToRemove", [])), reverse=True):
                del playlist["ids"][index]
            playlist["name"] = form.get("name", [playlist["name"]])[0]
        return {}


def failed(code: int, message: str) -> dict[str, Any]:
    return {"status": "failed", "error": {"code": code, "message": message}}


@contextmanager
def subsonic(songs: list[dict[str, Any]], *, takes_tokens: bool = True) -> Iterator[FakeSubsonic]:
    """A running server."""
    fake = FakeSubsonic(songs, takes_tokens=takes_tokens)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class' signature
            pass

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            fake.asked.append(self.path)
            length = int(self.headers["Content-Length"])
            if len(self.path) > LONGEST_ADDRESS or length > LARGEST_BODY:
                self.send_error(414 if len(self.path) > LONGEST_ADDRESS else 413)
                return
            body = self.rfile.read(length).decode()
            found = fake.answer(parts.path.rpartition("/")[2], parse_qs(body, keep_blank_values=True))
            if found is None:
                self.close_connection = True  # without an answer
                return
            whole = {"subsonic-response": {"status": "ok", "version": "1.16.1", **found}}
            raw = json.dumps(whole).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
