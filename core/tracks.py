"""What is known of a track, whatever the source."""

import re

from msgspec import Struct


class TrackInfo(Struct, frozen=True):
    """A track's metadata. An empty string means unknown.

    Texts are stored as read; pass them through `core.text.printable` before they reach a terminal.
    """

    track_id: str
    """The corpus id, for Deezer `track_<number>`."""
    title: str = ""
    artist: str = ""
    album: str = ""
    artist_id: str = ""
    """The artist's corpus id, for Deezer `artist_<number>`."""
    genre: str = ""
    isrc: str = ""
    release_date: str = ""
    """`YYYY-MM-DD`, or a shorter prefix of it."""
    duration: float | None = None
    """Seconds."""
    bpm: float | None = None
    gain: float | None = None
    """Deezer's loudness of the track in decibels."""

    @property
    def label(self) -> str:
        """`title — artist`; where the title is unknown `artist · id`, or the id."""
        if not self.title:
            return f"{self.artist} · {self.track_id}" if self.artist else self.track_id
        return f"{self.title} — {self.artist}" if self.artist else self.title


FIRST_INVENTED = 10**12
"""Synthetic worlds number their tracks from here, beyond every number of Deezer's."""


def deezer_number(track_id: str) -> int | None:
    """The Deezer number in `track_<number>` or in bare digits, else None."""
    digits = track_id.removeprefix("track_")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


_MBID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def service_id(track_id: str) -> tuple[str, str] | None:
    """The service that a track id belongs to and its id there; None where the id's kind is not known.

    Bare digits may be any corpus' own numbers.
    """
    if track_id.startswith("track_"):
        digits = track_id[6:]
        return ("deezer", digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
    for service, prefix in (("spotify", "spotify:track:"), ("youtube", "youtube:")):
        if track_id.startswith(prefix):
            number = track_id.removeprefix(prefix)
            return (service, number) if number and number.isprintable() and len(number) < 64 else None
    return ("musicbrainz", track_id) if _MBID.fullmatch(track_id) else None
