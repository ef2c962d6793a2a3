"""What is known of a track, whatever the source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrackInfo:
    """A track's metadata. An empty string means unknown.

    Texts are stored as read; whoever shows them on a terminal passes them through `core.text.printable`.
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
        """`title — artist`, or the id where the title is unknown."""
        if not self.title:
            return self.track_id
        return f"{self.title} — {self.artist}" if self.artist else self.title


def deezer_number(track_id: str) -> int | None:
    """The Deezer number in `track_<number>` or in bare digits, else None."""
    digits = track_id.removeprefix("track_")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
