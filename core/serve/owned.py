"""Which song of a music server is which track of a library; what is not certain is left out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from segue.core.corpus.readers.batch import Entry
from segue.core.explore.matching import Match, match_playlist
from segue.core.library import Library
from segue.core.subsonic import Song

CERTAIN = frozenset({"id", "isrc", "exact"})
"""How a song must be found: by MusicBrainz id, by ISRC, or by its title with one of its artists."""
FURTHEST = 15.0
"""Seconds by which two lengths of one recording may differ."""


@dataclass(frozen=True)
class Owned:
    """The songs of a server that are in the library."""

    row_of: dict[str, int] = field(default_factory=dict)
    """By song id."""
    song_of: dict[int, Song] = field(default_factory=dict)
    """By row; of several songs that are one track the first."""
    how_of: dict[int, str] = field(default_factory=dict)
    """By row: how that song was found."""
    code_of: dict[str, int] = field(default_factory=dict)
    """By the server's artist id: the artist's number in the catalogue."""
    artist_of: dict[int, str] = field(default_factory=dict)
    """By that number: the server's artist id."""
    songs: int = 0
    """How many the server has."""
    how: dict[str, int] = field(default_factory=dict)
    """How many were found how."""


def match_songs(library: Library, songs: Iterable[Song]) -> Owned:
    """Find a server's songs in a library."""
    found = list(songs)
    owned = Owned(songs=len(found))
    for song, match in zip(found, certain_matches(library, found), strict=True):
        if match.row is not None:
            owned.row_of[song.song_id] = match.row
            owned.song_of.setdefault(match.row, song)
            owned.how_of.setdefault(match.row, match.how)
            owned.how[match.how] = owned.how.get(match.how, 0) + 1
            code = int(library.catalogue.artist_codes[match.row])
            if song.artist_id and code >= 0:
                owned.code_of.setdefault(song.artist_id, code)
                owned.artist_of.setdefault(code, song.artist_id)
    return owned


def certain_matches(library: Library, songs: Iterable[Song]) -> list[Match]:
    """What each song is in the library, where that is certain."""
    entries = [
        Entry(
            title=song.title,
            artist=song.artist,
            album=song.album,
            duration=song.duration,
            isrc=song.isrcs[0] if song.isrcs else "",
            ids=(song.mbid,) if song.mbid else (),
        )
        for song in songs
    ]
    return [
        match if _is_certain(library, match) else Match(match.entry, None, "")
        for match in match_playlist(library.catalogue, entries)
    ]


def _is_certain(library: Library, match: Match) -> bool:
    if match.row is None or match.how not in CERTAIN:
        return False
    info, entry = library.catalogue.info(match.row), match.entry
    if match.how == "exact":
        if not (info.artist and entry.artist):
            return False
        if info.duration and entry.duration:
            return abs(info.duration - entry.duration) <= FURTHEST
    return True
