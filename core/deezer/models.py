"""Deezer's objects, as far as Segue uses them, and its errors, by what to do about them.

Absent, null or odd fields become empty values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segue.core.http.request import HttpError
from segue.core.text import LONGEST
from segue.core.tracks import TrackInfo


class DeezerError(HttpError):
    """Deezer's answer is an error."""


class NotFoundError(DeezerError):
    """Deezer does not know the thing asked for (code 800, or a path that does not exist)."""


class ForbiddenError(DeezerError):
    """A file's signed address has run out, or the file is closed to this country."""


class BusyError(DeezerError):
    """Deezer is busy (code 700, HTTP 5xx)."""

    retry = True
    outage = True


class QuotaError(BusyError):
    """Too many requests came from this address (code 4, HTTP 429)."""


Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Artist:
    """An artist."""

    id: int
    name: str
    link: str = ""

    @classmethod
    def from_json(cls, value: Json) -> "Artist":
        """Read an artist object."""
        return cls(_number(value.get("id")), _text(value.get("name")), _text(value.get("link")))


@dataclass(frozen=True, slots=True)
class Track:
    """A track. `preview` is a signed address that lives about 15 minutes, or empty."""

    id: int
    title: str
    title_short: str
    artist: Artist
    album: str = ""
    preview: str = ""
    link: str = ""
    isrc: str = ""
    release_date: str = ""
    duration: float = 0.0
    readable: bool = True
    cover: str = ""
    """The address of the album's cover, 250 pixels wide."""
    alternative: "Track | None" = None
    """A playable track that Deezer offers in place of an unreadable one."""

    @classmethod
    def from_json(cls, value: Json) -> "Track":
        """Read a track object, whole or as it stands in a list."""
        number = _number(value.get("id"))
        other = value.get("alternative")
        return cls(
            id=number,
            title=_text(value.get("title")),
            title_short=_text(value.get("title_short")) or _text(value.get("title")),
            artist=Artist.from_json(_object(value.get("artist"))),
            album=_text(_object(value.get("album")).get("title")),
            preview=_text(value.get("preview")),
            link=_text(value.get("link")) or f"https://www.deezer.com/track/{number}",
            isrc=_text(value.get("isrc")),
            release_date=_text(value.get("release_date")),
            duration=_decimal(value.get("duration")),
            readable=value.get("readable") is not False,
            cover=_text(_object(value.get("album")).get("cover_medium")),
            alternative=cls.from_json(other) if isinstance(other, Mapping) and other else None,
        )

    def learned(self) -> tuple[TrackInfo, str]:
        """What the answer says of the track under its corpus id, and the address of its cover."""
        info = TrackInfo(
            f"track_{self.id}",
            self.title,
            self.artist.name,
            self.album,
            f"artist_{self.artist.id}" if self.artist.id else "",
            isrc=self.isrc,
            release_date=self.release_date,
            duration=self.duration or None,
        )
        return info, self.cover


@dataclass(frozen=True, slots=True)
class Album:
    """An album and the tracks that came with it."""

    id: int
    title: str
    artist: Artist
    link: str = ""
    release_date: str = ""
    tracks: tuple[Track, ...] = field(default=())

    @classmethod
    def from_json(cls, value: Json) -> "Album":
        """Read an album object."""
        return cls(
            id=_number(value.get("id")),
            title=_text(value.get("title")),
            artist=Artist.from_json(_object(value.get("artist"))),
            link=_text(value.get("link")),
            release_date=_text(value.get("release_date")),
            tracks=tracks_from_json(_object(value.get("tracks"))),
        )


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist. `tracks` may be shorter than `n_tracks`: Deezer leaves out what it cannot play."""

    id: int
    title: str
    n_tracks: int
    link: str = ""
    tracks: tuple[Track, ...] = field(default=())

    @classmethod
    def from_json(cls, value: Json) -> "Playlist":
        """Read a playlist object."""
        return cls(
            id=_number(value.get("id")),
            title=_text(value.get("title")),
            n_tracks=_number(value.get("nb_tracks")),
            link=_text(value.get("link")),
            tracks=tracks_from_json(_object(value.get("tracks"))),
        )


def tracks_from_json(listing: Json) -> tuple[Track, ...]:
    """Read the tracks of a `{"data": [...]}` listing."""
    return tuple(Track.from_json(item) for item in items_of(listing))


def items_of(listing: Json) -> list[Json]:
    """The objects of a `{"data": [...]}` listing."""
    data = listing.get("data")
    return [item for item in data if isinstance(item, Mapping)] if isinstance(data, list) else []


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value[:LONGEST].encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _decimal(value: object) -> float:
    """A finite number; anything else, one of 400 digits too, is 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        return 0.0
    return float(value)


def _number(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18 else 0
