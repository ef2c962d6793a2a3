"""The few questions that Segue asks Deezer's public API. No key, no login."""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from segue.core.deezer.errors import BusyError, DeezerError, NotFoundError, QuotaError, UnusableError
from segue.core.deezer.limiter import Priority
from segue.core.deezer.models import Album, Artist, Json, Playlist, Track, items_of, tracks_from_json
from segue.core.deezer.transport import Reply, Transport, is_loopback, may_ask
from segue.core.errors import UsageError

API = "https://api.deezer.com"
OVERRIDE = "SEGUE_DEEZER_API"
"""Environment variable with another base address: Deezer's own hosts or this machine's loopback only."""
ANSWER_LIMIT = 4_000_000
"""Bytes. The largest answer asked for, a page of 100 tracks, is about 200 kB."""
FILE_LIMIT = 3_000_000
"""Bytes. A preview of 30 s has about 480 kB."""
PAGE = 100

Thing = TypeVar("Thing")


class DeezerClient:
    """Asks Deezer's API and brings its files.

    Safe to use from several threads. It blocks, so a UI calls it from a worker. Every method raises a
    `DeezerError`: `NotFoundError`, `QuotaError`, `UnreachableError`...

    Parameters
    ----------
    base_url
        Where the API is; by default the environment's `SEGUE_DEEZER_API` or Deezer itself.
    transport
        How to get an address; tests bring one with their own clock and rate limit.
    """

    def __init__(self, base_url: str | None = None, transport: Transport | None = None) -> None:
        self.base_url = (base_url or os.environ.get(OVERRIDE) or API).rstrip("/")
        loopback = is_loopback(urlsplit(self.base_url).hostname or "")
        if not may_ask(self.base_url, loopback=loopback):
            raise UsageError(
                f"{OVERRIDE} must be https on Deezer's hosts, or on loopback; it is {self.base_url}"
            )
        self._transport = transport or Transport(loopback=loopback)

    def close(self) -> None:
        """End waiting requests with `ClosedError`."""
        self._transport.close()

    def track(self, number: int, *, priority: Priority = "play") -> Track:
        """The track of that Deezer number, with a fresh preview address."""
        return self._one(f"track/{number}", Track.from_json, priority)

    def track_by_isrc(self, isrc: str, *, priority: Priority = "play") -> Track:
        """One track that has this recording code. Not always the one with a preview."""
        return self._one(f"track/isrc:{quote(isrc, safe='')}", Track.from_json, priority)

    def artist(self, number: int, *, priority: Priority = "play") -> Artist:
        """The artist of that Deezer number."""
        return self._one(f"artist/{number}", Artist.from_json, priority)

    def album(self, number: int, *, priority: Priority = "play") -> Album:
        """The album of that Deezer number, with its tracks."""
        return self._one(f"album/{number}", Album.from_json, priority)

    def playlist(self, number: int, *, priority: Priority = "play") -> Playlist:
        """The playlist of that Deezer number with all its tracks, page after page."""
        found = self._one(f"playlist/{number}", Playlist.from_json, priority)
        tracks = list(found.tracks)
        while len(tracks) < found.n_tracks:
            page = {"index": str(len(tracks)), "limit": str(PAGE)}
            more = tracks_from_json(self._ask(f"playlist/{number}/tracks", page, priority))
            if not more:
                break
            tracks += more
        return Playlist(found.id, found.title, found.n_tracks, found.link, tuple(tracks))

    def search(self, text: str, *, limit: int = 25, priority: Priority = "play") -> tuple[Track, ...]:
        """Tracks for a plain text such as `artist title`; Deezer's field syntax has stopped working."""
        return tracks_from_json(self._ask("search", {"q": text, "limit": str(limit)}, priority))

    def related(self, number: int, *, priority: Priority = "play") -> tuple[Artist, ...]:
        """Artists that Deezer finds related to the artist of that number."""
        listing = self._ask(f"artist/{number}/related", None, priority)
        return tuple(Artist.from_json(item) for item in items_of(listing))

    def file(self, url: str, *, priority: Priority = "play", check: Callable[[Reply], None]) -> Reply:
        """The file at an address that the API gave, at most 3 MB. `check` may refuse an answer."""
        return self._transport.get(url, limit=FILE_LIMIT, priority=priority, check=check)

    def _one(self, path: str, read: Callable[[Json], Thing], priority: Priority) -> Thing:
        return read(self._ask(path, None, priority))

    def _ask(self, path: str, params: Mapping[str, str] | None, priority: Priority) -> Json:
        url = f"{self.base_url}/{path}"
        reply = self._transport.get(
            url, limit=ANSWER_LIMIT, priority=priority, params=params, check=_raise_for_body
        )
        return _parsed(reply)


def _parsed(reply: Reply) -> dict[str, Any]:
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        if reply.status == 404:
            raise NotFoundError("Deezer does not know this address (HTTP 404)") from None
        raise UnusableError(
            f"Deezer answered no JSON (HTTP {reply.status}, {reply.media_type or 'no type'})"
        ) from None
    if not isinstance(value, dict):
        raise UnusableError(f"Deezer answered a {type(value).__name__} where an object is due")
    return value


def _raise_for_body(reply: Reply) -> None:
    """Raise the error that the body holds, whatever the status: Deezer sends most errors with HTTP 200.

    Recorded forms: `{"error": {"type", "message", "code"}}`, the same without a code,
    `{"error": "Not Found"}`, and `{"error": []}`, which means success.
    """
    if reply.status == 403:
        raise QuotaError("Deezer refuses requests for the moment (HTTP 403)")
    error = _parsed(reply).get("error")
    if not error:
        if reply.status >= 400:
            raise DeezerError(f"Deezer answered HTTP {reply.status}")
        return
    code = error.get("code") if isinstance(error, dict) else None
    message = str(error.get("message", "")) if isinstance(error, dict) else str(error)
    if code == 4:
        raise QuotaError("Deezer's quota is used up for the moment")
    if code == 700:
        raise BusyError("Deezer is busy")
    if code == 800 or reply.status == 404 or message == "Not Found":
        raise NotFoundError("Deezer does not know it")
    raise DeezerError(
        f"Deezer says: {message or 'an error without a message'}" + (f" (code {code})" if code else "")
    )
