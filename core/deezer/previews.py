"""From a track to thirty seconds of sound, in memory only."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from segue.core.deezer.client import DeezerClient
from segue.core.deezer.models import ForbiddenError, NotFoundError, Track
from segue.core.deezer.transport import Priority, Reply
from segue.core.http import ClosedError, HttpError, UnusableError
from segue.core.titles import is_imitation, names_part
from segue.core.titles import same_song as titles_match
from segue.core.tracks import TrackInfo, deezer_number

CREDIT = "Preview by Deezer"
_EXPIRY = re.compile(r"[?&~=]exp=(\d{1,12})(?!\d)")
SECONDS: dict[Priority, float] = {"play": 20.0, "prefetch": 45.0}
"""How long a preview may take in all, from the first question to the last byte: 480 kB at 200 kbit/s."""
MARGIN = 30.0
"""Seconds that a signed address must still have to live when a download begins."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the listener's own, and how long it plays."""

    path: Path
    seconds: float
    """0 where it is not known."""
    elsewhere: bool = False
    """Whether it lies on a server that plays it, by whose paths it goes."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview, encoded as it came. Drop it after use: Deezer's terms allow no store of previews."""

    track: TrackInfo
    audio: bytes
    link: str = ""
    """The page of the track that is heard, to be shown with the credit."""
    credit: str = ""
    note: str = ""
    """How the preview was found when it is not simply the track's own; else empty."""
    cover: str = ""
    """The address of the album's cover; empty where the answer names none."""
    file: File | None = None
    """The listener's own file of the track, which is heard in place of any bytes."""


@dataclass(frozen=True, slots=True)
class NoPreview:
    """There is nothing to play, and why."""

    track: TrackInfo
    reason: str
    outage: bool = False
    """Whether Deezer as a whole is out of reach, so that skipping to another track would not help."""
    lasting: bool = False
    """Whether waiting would not help either."""


class PreviewSource(Protocol):
    """Where previews come from. `fetch` blocks, and may be called from several threads."""

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        """Fetch the preview of a track. Never raises because there is none."""

    def close(self) -> None:
        """End waiting requests."""


class DeezerPreviews:
    """Previews from Deezer: the track's own, else its alternative's, else the same song's found by search.

    That a track has no preview is remembered for this run only, since it varies with country and time.
    `wall_clock` gives seconds since 1970, to be compared with the expiry of signed addresses.
    """

    def __init__(self, client: DeezerClient, *, wall_clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._wall_clock = wall_clock
        self._without: dict[str, str] = {}
        self._lock = threading.Lock()

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        """Bring the preview of a track."""
        with self._lock:
            known = self._without.get(track.track_id)
        if known is not None:
            return NoPreview(track, known)
        reason = "Deezer does not know this track"
        deezer = self._client.within(SECONDS[priority], priority)
        try:
            for found, note in _versions(deezer, track):
                try:
                    audio = self._download(deezer, found)
                except (NotFoundError, ForbiddenError, UnusableError) as error:
                    reason = str(error)
                    continue
                if audio:
                    return Preview(track, audio, found.link, CREDIT, note, cover=found.cover)
                reason = "no preview on Deezer"
        except HttpError as error:
            return NoPreview(track, str(error), outage=error.outage, lasting=error.lasting)
        with self._lock:
            self._without[track.track_id] = reason
        return NoPreview(track, reason)

    def close(self) -> None:
        """End waiting requests."""
        self._client.close()

    def _download(self, deezer: DeezerClient, track: Track) -> bytes:
        """The bytes of the track's preview, empty when it has none. A run-out address is renewed once."""
        if not track.preview:
            return b""
        url = track.preview
        if _runs_out(url, self._wall_clock()):
            url = deezer.track(track.id).preview
        try:
            return _audio(deezer, url)
        except ForbiddenError:
            return _audio(deezer, deezer.track(track.id).preview)


class _FileError(HttpError):
    """The file did not come. Its host is not the API's, so other tracks may well play."""


def _audio(deezer: DeezerClient, url: str) -> bytes:
    try:
        return deezer.file(url, check=_raise_unless_audio).body if url else b""
    except (NotFoundError, ForbiddenError, UnusableError, ClosedError):
        raise
    except HttpError as error:
        raise _FileError(str(error)) from None


def _versions(deezer: DeezerClient, track: TrackInfo) -> Iterator[tuple[Track, str]]:
    """The tracks on Deezer that may stand for this one, best first, each with how it was found."""
    own = _own(deezer, track)
    if own is not None:
        yield own, ""
        if own.alternative is not None and same_song(_info(own), own.alternative):
            yield own.alternative, "an alternative release"
        if not track.title:
            track = _info(own)
    if track.isrc:
        with suppress(NotFoundError):
            found = deezer.track_by_isrc(track.isrc)
            if not (track.title and track.artist) or same_song(track, found):
                yield found, "found by its recording code"
    if track.title and track.artist:
        for hit in deezer.search(f"{track.artist} {track.title}"):
            if hit.preview and same_song(track, hit):
                yield hit, "found by artist and title"
                return


def _own(deezer: DeezerClient, track: TrackInfo) -> Track | None:
    """The track that bears this one's number, if Deezer has it."""
    number = deezer_number(track.track_id)
    if number is None:
        return None
    try:
        own = deezer.track(number)
    except NotFoundError:
        return None
    # another corpus may number its tracks too; there the names tell that 42 is another song
    return own if track.track_id.startswith("track_") or same_song(track, own) else None


def _info(track: Track) -> TrackInfo:
    return TrackInfo(f"track_{track.id}", track.title, track.artist.name)


def same_song(track: TrackInfo, found: Track) -> bool:
    """Whether a track on Deezer is the same song by the same artist, versions aside; no karaoke, no cover."""
    artist = found.artist.name
    if titles_match(track.title, track.artist, found.title, artist):
        return True
    # what the short title leaves out may make it another song
    imitates = is_imitation(found.title) and not is_imitation(track.title)
    if imitates or names_part(found.title) != names_part(found.title_short):
        return False
    return titles_match(track.title, track.artist, found.title_short, artist)


def expiry(url: str) -> float | None:
    """When a signed address runs out, in seconds since 1970: the number after `exp=`, else None."""
    match = _EXPIRY.search(url)
    return float(match[1]) if match else None


def _runs_out(url: str, now: float) -> bool:
    end = expiry(url)
    return end is not None and end < now + MARGIN


def _raise_unless_audio(reply: Reply) -> None:
    if reply.status in {401, 403, 410}:
        raise ForbiddenError("Deezer closed the preview's address")
    if reply.status == 404:
        raise NotFoundError("the preview's file is gone")
    if reply.status not in {200, 206}:
        raise UnusableError(f"the preview's file answered HTTP {reply.status}")
    if not reply.body:
        raise UnusableError("the preview's file is empty")
    if reply.body.lstrip()[:1] == b"<" or reply.media_type.startswith(("text/", "application/json")):
        raise UnusableError(f"Deezer sent {reply.media_type or 'text'} instead of audio")
