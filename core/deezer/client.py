"""The few questions that Segue asks Deezer's public API. No key, no login."""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from segue.core.deezer.models import (
    Album,
    Artist,
    BusyError,
    DeezerError,
    Json,
    NotFoundError,
    Playlist,
    QuotaError,
    Track,
    items_of,
    tracks_from_json,
)
from segue.core.deezer.transport import Priority, Reply, Transport, is_loopback, may_ask
from segue.core.errors import UsageError
from segue.core.http import Deadline, UnusableError
from segue.core.text import printable
from segue.core.tracks import TrackInfo

API = "https://api.deezer.com"
SHARED = "https://link.deezer.com"
OVERRIDE = "SEGUE_DEEZER_API"
"""Environment variable with another base address: Deezer's own hosts or this machine's loopback only."""
ANSWER_LIMIT = 4_000_000
"""Bytes. The largest answer asked for, a page of 100 tracks, is about 200 kB."""
FILE_LIMIT = 3_000_000
"""Bytes. A preview of 30 s has about 480 kB."""
PAGE = 100
LONGEST_PLAYLIST = 10_000
"""Tracks; Deezer allows fewer."""
SECONDS = 30.0
"""How long a question may take where no other deadline is set."""
PLAYLIST_SECONDS = 60.0

Thing = TypeVar("Thing")
Learn = Callable[[Sequence[tuple[TrackInfo, str]]], None]
"""Takes the metadata of tracks, each with the address of its cover."""


class DeezerClient:
    """Asks Deezer's API and brings its files.

    Safe to use from several threads. It blocks until its deadline at most, so a UI calls it from a worker.
    Every method raises an `HttpError`: `NotFoundError`, `QuotaError`, `UnreachableError`...

    Parameters
    ----------
    base_url
        Where the API is; by default the environment's `SEGUE_DEEZER_API` or Deezer itself.
    transport
        How to get an address; tests bring one with their own clock and rate limit.
    offline
        Make no network requests: everything raises `OfflineError`.
    deadline
        By when everything has to be answered; by default each question has 30 s.
    priority
        What the rate limit lets through first.
    learn
        Called with what each answer says of tracks that were asked for by number, code, album or playlist.
    """

    def __init__(
        self,
        base_url: str | None = None,
        transport: Transport | None = None,
        *,
        offline: bool = False,
        deadline: Deadline | None = None,
        priority: Priority = "play",
        learn: Learn | None = None,
    ) -> None:
        self.base_url = (base_url or os.environ.get(OVERRIDE) or API).rstrip("/")
        loopback = is_loopback(urlsplit(self.base_url).hostname or "")
        if not may_ask(self.base_url, loopback=loopback):
            raise UsageError(
                f"{OVERRIDE} must be https on Deezer's hosts, or on loopback; it is {self.base_url}"
            )
        self._transport = transport or Transport(loopback=loopback, offline=offline)
        self._deadline = deadline
        self._priority = priority
        self._learn = learn

    def close(self) -> None:
        """End waiting requests with `ClosedError`."""
        self._transport.close()

    def within(self, seconds: float, priority: Priority = "play") -> "DeezerClient":
        """Make a client with one deadline over everything that is asked through it; it shares the rest."""
        deadline = self._transport.deadline(seconds)
        return DeezerClient(
            self.base_url, self._transport, deadline=deadline, priority=priority, learn=self._learn
        )

    def track(self, number: int) -> Track:
        """The track of that Deezer number, with a fresh preview address."""
        return self._learned(self._one(f"track/{number}", Track.from_json))

    def track_by_isrc(self, isrc: str) -> Track:
        """One track that has this recording code. Not always the one with a preview."""
        return self._learned(self._one(f"track/isrc:{quote(isrc, safe='')}", Track.from_json))

    def artist(self, number: int) -> Artist:
        """The artist of that Deezer number."""
        return self._one(f"artist/{number}", Artist.from_json)

    def album(self, number: int) -> Album:
        """The album of that Deezer number, with its tracks."""
        found = self._one(f"album/{number}", Album.from_json)
        self._learn_of(replace(track, album=track.album or found.title) for track in found.tracks)
        return found

    def playlist(self, number: int) -> Playlist:
        """The playlist of that Deezer number with all its tracks, page after page."""
        if self._deadline is None:
            return self.within(PLAYLIST_SECONDS).playlist(number)
        found = self._one(f"playlist/{number}", Playlist.from_json)
        if found.n_tracks > LONGEST_PLAYLIST:
            raise UnusableError(
                f"playlist {number} claims {found.n_tracks:,} tracks; at most {LONGEST_PLAYLIST:,} are read"
            )
        tracks = {track.id: track for track in found.tracks}
        if len(tracks) < found.n_tracks:
            # pages count the tracks that are withheld, so how many came does not say where the next begins
            tracks = {}
            for start in range(0, found.n_tracks, PAGE):
                page = {"index": str(start), "limit": str(PAGE)}
                listing = self._ask(f"playlist/{number}/tracks", page)
                for track in tracks_from_json(listing):
                    tracks.setdefault(track.id, track)
            for track in found.tracks:
                tracks.setdefault(track.id, track)
        self._learn_of(tracks.values())
        return Playlist(found.id, found.title, found.n_tracks, found.link, tuple(tracks.values()))

    def shared(self, code: str) -> str:
        """The address that a share link leads to, such as `https://www.deezer.com/playlist/1?...`."""
        links = SHARED if self.base_url == API else self.base_url
        return self._transport.location(
            f"{links}/s/{quote(code, safe='')}", self._deadline or self._transport.deadline(SECONDS)
        )

    def search(self, text: str, *, limit: int = 25) -> tuple[Track, ...]:
        """Tracks for a plain text such as `artist title`; Deezer's field syntax has stopped working."""
        return tracks_from_json(self._ask("search", {"q": text, "limit": str(limit)}))

    def playlists(self, path: str, text: str, index: int, limit: int) -> tuple[tuple[Playlist, ...], int]:
        """A page of the playlists at an address such as `search/playlist`, and how many there are in all.

        They come without their tracks.
        """
        page = {"index": str(index), "limit": str(limit)}
        listing = self._ask(path, page | ({"q": text} if text else {}))
        total = listing.get("total")
        found = tuple(Playlist.from_json(item) for item in items_of(listing))
        return found, total if isinstance(total, int) and total >= 0 else index + len(found)

    def artists(self, text: str) -> tuple[Artist, ...]:
        """Artists for a name."""
        return self._artists("search/artist", {"q": text, "limit": "10"})

    def genres(self) -> tuple[Artist, ...]:
        """The genres that have charts: id and name."""
        return self._artists("genre")

    def related(self, number: int) -> tuple[Artist, ...]:
        """Artists that Deezer finds related to the artist of that number."""
        return self._artists(f"artist/{number}/related")

    def file(self, url: str, *, check: Callable[[Reply], None]) -> Reply:
        """The file at an address that the API gave, at most 3 MB. `check` may refuse an answer."""
        return self._get(url, FILE_LIMIT, None, check)

    def _learned(self, track: Track) -> Track:
        self._learn_of([track] if track.alternative is None else [track, track.alternative])
        return track

    def _learn_of(self, tracks: Iterable[Track]) -> None:
        if self._learn is not None:
            self._learn([track.learned() for track in tracks])

    def _one(self, path: str, read: Callable[[Json], Thing]) -> Thing:
        return read(self._ask(path))

    def _artists(self, path: str, params: Mapping[str, str] | None = None) -> tuple[Artist, ...]:
        return tuple(Artist.from_json(item) for item in items_of(self._ask(path, params)))

    def _ask(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        return _parsed(self._get(f"{self.base_url}/{path}", ANSWER_LIMIT, params, _raise_for_body))

    def _get(
        self, url: str, limit: int, params: Mapping[str, str] | None, check: Callable[[Reply], None]
    ) -> Reply:
        deadline = self._deadline or self._transport.deadline(SECONDS)
        return self._transport.get(
            url, deadline, limit=limit, priority=self._priority, params=params, check=check
        )


def _parsed(reply: Reply) -> dict[str, Any]:
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        if reply.status == 404:
            raise NotFoundError("Deezer does not know this address (HTTP 404)") from None
        raise UnusableError(
            f"Deezer's answer is not JSON (HTTP {reply.status}, {reply.media_type or 'no type'})"
        ) from None
    if not isinstance(value, dict):
        raise UnusableError(f"Deezer answered a {type(value).__name__} instead of an object")
    return value


def _raise_for_body(reply: Reply) -> None:
    """Raise the error that the body holds, whatever the status: Deezer sends most errors with HTTP 200.

    Recorded forms: `{"error": {"type", "message", "code"}}`, the same without a code,
    `{"error": "Not Found"}`, and `{"error": []}`, which means success.
    """
    if reply.status == 403:
        raise QuotaError("Deezer is refusing requests (HTTP 403)")
    error = _parsed(reply).get("error")
    if not error:
        if reply.status >= 400:
            raise DeezerError(f"Deezer answered HTTP {reply.status}")
        return
    code = error.get("code") if isinstance(error, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    message = message if isinstance(message, str) else ""
    if code == 4:
        raise QuotaError("Deezer's request quota is used up")
    if code == 700:
        raise BusyError("Deezer is busy")
    if code == 800 or reply.status == 404 or message == "Not Found":
        raise NotFoundError("Deezer does not know it")
    message = printable(" ".join(message.split()))[:200]
    numbered = isinstance(code, int) and 0 < code < 1_000_000
    raise DeezerError(
        f"Deezer says: {message or 'an error without a message'}" + (f" (code {code})" if numbered else "")
    )
