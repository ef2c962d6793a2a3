"""A music server that speaks Subsonic (Navidrome, Gonic, LMS): its songs and its playlists.

Everything is sent as a form in a POST, so that neither the user's name nor the token stands in an address.
API: https://opensubsonic.netlify.app/docs/api-reference/.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from segue.core.errors import SegueError, UsageError
from segue.core.http import Deadline, Http, UnusableError, place_of, same_server
from segue.core.manifest import parse_json
from segue.core.places import read_token
from segue.core.text import printable

SECONDS = 30.0
"""How long a call may take."""
LARGEST = 50_000_000
"""Bytes of an answer that are read."""
PAGE = 500
"""Songs asked for at once."""
CHUNK = 45
"""Song ids in a call: servers and the proxies before them cut long requests off."""
MOST_SONGS = 2_000_000
NO_TOKENS = frozenset({"10", "41", "42"})
"""Errors of servers that only take the password itself: it is missing, or tokens are not supported."""


@dataclass(frozen=True, slots=True)
class Song:
    """A song of the server's. An empty text is unknown."""

    song_id: str
    title: str
    artist: str
    album: str
    duration: float | None
    isrcs: tuple[str, ...] = ()
    mbid: str = ""
    artist_id: str = ""
    """The server's own."""


class SubsonicError(SegueError):
    """The server refused a call."""


class Subsonic:
    """One server and one user.

    `url` is the server's address, such as `http://localhost:4533`. `user` and `password` are sent as
    `md5(password + salt)` with a fresh salt each time. A server that does not take that, such as Supysonic,
    gets the password itself, if its address begins with https or is this machine.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        if place_of(url.rstrip("/")) is None:
            raise UsageError("the address of a Subsonic server must look like http://localhost:4533")
        self._url = url.rstrip("/")
        self.host = urlsplit(url).hostname or ""
        self._user, self._password = user, password
        self._takes_tokens = True
        self._http = Http(same_server(self._url))

    def close(self) -> None:
        """End waiting calls."""
        self._http.close()

    def songs(self) -> Iterator[Song]:
        """All songs of the server."""
        seen, known = 0, set[str]()
        while seen < MOST_SONGS:
            asked = {"query": "", "artistCount": 0, "albumCount": 0, "songCount": PAGE, "songOffset": seen}
            page = _objects(_object(self._call("search3", asked).get("searchResult3")).get("song"))
            songs = [song for song in map(_song, page) if song and song.song_id not in known]
            known.update(song.song_id for song in songs)
            yield from songs
            if len(page) < PAGE or not songs:
                return
            seen += len(page)

    def playlists(self) -> dict[str, str]:
        """The ids of this user's playlists by name; of several with one name the first."""
        found = _objects(_object(self._call("getPlaylists").get("playlists")).get("playlist"))
        named: dict[str, str] = {}
        for each in found:
            if each.get("owner", self._user) == self._user:
                named.setdefault(_text(each, "name"), _text(each, "id"))
        return named

    def entries(self, playlist_id: str) -> list[str]:
        """The ids of a playlist's songs, in order."""
        found = _object(self._call("getPlaylist", {"id": playlist_id}).get("playlist"))
        return [_text(each, "id") for each in _objects(found.get("entry"))]

    def compare(self, playlist_id: str, song_ids: Sequence[str]) -> None:
        """Raise a `SubsonicError` when a playlist does not hold exactly these songs in this order."""
        if self.entries(playlist_id) != list(song_ids):
            raise SubsonicError(f"{self.host}: stored other songs than were sent")

    def create(self, name: str, song_ids: Sequence[str]) -> str:
        """Make a playlist and return its id."""
        made = self._call("createPlaylist", {"name": name, "songId": list(song_ids)})
        found = _object(made.get("playlist"))
        playlist_id = _text(found, "id") or self.playlists().get(name, "")
        if not playlist_id:
            raise SubsonicError(f"{self.host}: did not create a playlist called {name}")
        return playlist_id

    def replace(self, playlist_id: str, song_ids: Sequence[str]) -> None:
        """Put other songs into a playlist, which keeps its id and name."""
        self._call("createPlaylist", {"playlistId": playlist_id, "songId": list(song_ids)})

    def add(self, playlist_id: str, song_ids: Sequence[str]) -> None:
        """Add songs to the end of a playlist."""
        self._call("updatePlaylist", {"playlistId": playlist_id, "songIdToAdd": list(song_ids)})

    def rename(self, playlist_id: str, name: str) -> None:
        """Call a playlist otherwise."""
        self._call("updatePlaylist", {"playlistId": playlist_id, "name": name})

    def delete(self, playlist_id: str) -> None:
        """Remove a playlist."""
        self._call("deletePlaylist", {"id": playlist_id})

    def _call(self, what: str, parameters: dict[str, object] | None = None) -> dict[str, Any]:
        found = self._answer(what, parameters)
        error = _object(found.get("error"))
        if found["status"] != "ok" and self._takes_tokens and _text(error, "code") in NO_TOKENS:
            if not (self._url.startswith("https:") or self.host in {"localhost", "127.0.0.1", "::1"}):
                what = "takes passwords only, which are not sent unencrypted"
                raise SubsonicError(f"{self.host}: {what}; use its https address")
            self._takes_tokens = False
            found = self._answer(what, parameters)
            error = _object(found.get("error"))
        if found["status"] != "ok":
            reason = " ".join(_text(error, "message").split()) or "without a reason"
            raise SubsonicError(f"{self.host}: refused {what} ({printable(reason):.200})")
        return found

    def _answer(self, what: str, parameters: dict[str, object] | None) -> dict[str, Any]:
        form = {"u": self._user, "v": "1.16.1", "c": "segue", "f": "json"}
        if self._takes_tokens:
            salt = secrets.token_hex(8)
            token = hashlib.md5(f"{self._password}{salt}".encode(), usedforsecurity=False).hexdigest()
            form |= {"t": token, "s": salt}
        else:
            form["p"] = f"enc:{self._password.encode().hex()}"
        body = urlencode({**form, **(parameters or {})}, doseq=True).encode()
        deadline = Deadline(SECONDS)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        with self._http.post(f"{self._url}/rest/{what}", deadline, body, headers) as answer:
            if answer.status != 200:
                raise UnusableError(f"{self.host}: answered {what} with status {answer.status}")
            content = answer.whole(deadline, LARGEST)
        try:
            found = parse_json(content)["subsonic-response"]
            return {**found, "status": found["status"]}
        except (ValueError, KeyError, TypeError, RecursionError, SegueError):
            raise UnusableError(f"{self.host}: is not a Subsonic server, or {what} is not known") from None


def server_at(url: str) -> Subsonic:
    """The Subsonic server at an address, with the user and password that are kept for it.

    Raises `UsageError` when there are none.
    """
    user = os.environ.get("SEGUE_SUBSONIC_USER", "")
    password = read_token("subsonic")
    if not user and ":" in password:  # both in the file, as user:password
        user, _, password = password.partition(":")
    if not user:
        raise UsageError("set SEGUE_SUBSONIC_USER, or write user:password into the file")
    return Subsonic(url, user, password)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(found: dict[str, Any], name: str) -> str:
    """A value as text; JSON may hold halves of letters."""
    value = found.get(name)
    return "" if value is None else str(value).encode("utf-8", "replace").decode()


def _song(found: dict[str, Any]) -> Song | None:
    if not found.get("id"):
        return None
    codes = found.get("isrc") or []
    codes = codes if isinstance(codes, list) else [codes]
    isrcs = tuple(code.upper().replace("-", "") for code in codes if isinstance(code, str) and code.isascii())
    seconds = found.get("duration")
    duration = float(seconds) if isinstance(seconds, int | float) and 0 < seconds < 1e6 else None
    song_id, title, artist, album, mbid, artist_id = (
        _text(found, name) for name in ("id", "title", "artist", "album", "musicBrainzId", "artistId")
    )
    return Song(song_id, title, artist, album, duration, isrcs, mbid, artist_id)
