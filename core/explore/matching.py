"""Playlists and songs of servers in a library, and how each was found."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from segue.core.catalogue import Catalogue
from segue.core.corpus.readers.batch import Entry
from segue.core.text import fold
from segue.core.titles import artist_key, credits_of, is_imitation, letters, plain_title, song_key
from segue.core.tracks import TrackInfo

if TYPE_CHECKING:
    from segue.core.library import Library
    from segue.core.subsonic import Song

How = Literal["chosen", "id", "isrc", "exact", "words", "similar", ""]

NEAR = 3.0
"""Seconds by which two recordings of one length may differ."""
ALIKE = 0.85
"""From here on two spellings are alike: the share of letters that agree."""
FEWEST = 5
"""Letters of a title that may be misspelt; with fewer another letter is another word."""
CERTAIN = frozenset({"id", "isrc", "exact"})
"""How a song must be found: by MusicBrainz id, by ISRC, or by its title with one of its artists."""
FURTHEST = 15.0
"""Seconds by which two lengths of one recording may differ."""
_CANDIDATES = 30
_MOST_OF_A_TITLE = 200
_DASH = re.compile(r"\s+[-–—|]\s+")


@dataclass(frozen=True, slots=True)
class Match:
    """An entry and the row it was found under."""

    entry: "Entry"
    row: int | None
    how: How
    """By the listener's choice, id, recording code, title and artist, their words, or similar spelling.
    Empty when not found."""


def match_playlist(
    catalogue: Catalogue, entries: "Iterable[Entry]", chosen: Mapping[str, str] | None = None
) -> list[Match]:
    """Find each entry in a catalogue.

    First comes what the listener has `chosen`: a track id by the identity of an entry. Then in this order:
    the track's own id or another one (MusicBrainz, a link, a path), its ISRC, the title with any one of the
    artists credited, the song with its version set aside, the words in any order, and a similar spelling. An
    id or a code that names another title by another artist is not believed. Of several tracks the one whose
    length is within 3 s is taken, then the one that is the same version, then the most popular.
    """
    entries = list(entries)
    matcher = _Matcher(catalogue, entries, chosen or {})
    return [matcher.match(entry) for entry in entries]


def same_tracks(catalogue: Catalogue, tracks: "Iterable[TrackInfo]") -> list[int | None]:
    """The rows of another library's tracks: by id or ISRC, or by title and artist where both are known."""
    entries = [
        Entry(info.track_id, info.title, info.artist, duration=info.duration, isrc=info.isrc)
        if info.artist
        else Entry(info.track_id, isrc=info.isrc)
        for info in tracks
    ]
    matcher = _Matcher(catalogue, entries, {})
    return [matcher.match(entry, sure=True).row for entry in entries]


class _Matcher:
    def __init__(self, catalogue: Catalogue, entries: Iterable[Entry], chosen: Mapping[str, str]) -> None:
        self._catalogue = catalogue
        self._by_isrc = catalogue.rows_of_isrcs({entry.isrc for entry in entries if entry.isrc})
        self._chosen = chosen
        self._artists: dict[str, bool] = {}

    def match(self, entry: "Entry", *, sure: bool = False) -> Match:
        track_id = self._chosen.get(entry.identity) if self._chosen else None
        if track_id is not None and (rows := self._catalogue.rows_of_ids([track_id])):
            return Match(entry, rows[0], "chosen")
        for identity in filter(None, (entry.track_id, *entry.ids)):
            row = self._catalogue.row_of(identity)
            if row is not None and not self._is_other(entry, row):
                return Match(entry, row, "id")
        rows = [row for row in self._by_isrc.get(entry.isrc, []) if not self._is_other(entry, row)]
        if rows:
            return Match(entry, self._best(entry, entry.title, rows), "isrc")
        for how, title, rows in self._found(entry, sure=sure):
            if rows:
                return Match(entry, self._best(entry, title, rows), how)
        return Match(entry, None, "")

    def _found(self, entry: "Entry", *, sure: bool) -> Iterator[tuple[How, str, list[int]]]:
        """The rows that an entry may mean, surest first, with the title as it was understood."""
        understood = list(dict.fromkeys(readings(entry)))
        for title, artist in understood:
            yield "exact", title, self._exact(title, artist)
        if sure:
            return
        for title, artist in understood:
            yield "words", title, self._of_song(title, artist)
        text = entry.text or (entry.title if not entry.artist else "")
        if text:
            yield "words", text, self._in_words(text)
        for title, artist in understood:
            yield "similar", title, self._similar(title, artist)

    def _exact(self, title: str, artist: str) -> list[int]:
        plain = plain_title(title)
        rows = self._titled(title) + self._titled(plain)
        return self._kept(rows, title, artist, lambda info: plain_title(info.title) == plain)

    def _of_song(self, title: str, artist: str) -> list[int]:
        song = song_key(title)
        if not song:
            return []
        rows = self._titled(song)
        for name in _names(artist):
            rows += self._searched(f"t: {song} a: {name}" if name else f"t: {song}", similar=False)
        rows += self._searched(f"t: {song}", similar=False)  # a title may name the artist as a guest
        return self._kept(rows, title, artist, lambda info: song_key(info.title) == song)

    def _in_words(self, text: str) -> list[int]:
        """The rows whose title a text holds whole, and with it nothing but names of the artist."""
        words = set(plain_title(text).split())
        rows = []
        found = self._searched(plain_title(text), similar=False) if words else []
        for row, info in zip(found, self._catalogue.infos(found), strict=True):
            title = set(plain_title(info.title).split()) or {""}
            artist = {word for name in credits_of(info.artist) for word in name.split()} | {"the"}
            named = words - title
            whole = not named or bool(named & artist)
            if title <= words and named <= artist and whole and not imitates(info, text, ""):
                rows.append(row)
        return rows

    def _similar(self, title: str, artist: str) -> list[int]:
        plain = plain_title(title)
        rows = self._titled(title)
        for name in _names(artist):
            rows += self._searched(f"t: {plain} a: {name}" if name else f"t: {plain}")
        return self._kept(
            rows, title, artist, lambda info: _alike(plain, plain_title(info.title)), lenient=True
        )

    def _kept(
        self,
        rows: Sequence[int],
        title: str,
        artist: str,
        is_song: Callable[[TrackInfo], bool],
        *,
        lenient: bool = False,
    ) -> list[int]:
        found = list(dict.fromkeys(rows))
        return [
            row
            for row, info in zip(found, self._catalogue.infos(found), strict=True)
            if is_song(info)
            and not imitates(info, title, artist)
            and is_by(artist, info, title, self._is_artist, lenient=lenient)
        ]

    def _is_artist(self, name: str) -> bool:
        if name not in self._artists:
            spellings = (name, artist_key(name), f"the {artist_key(name)}")
            self._artists[name] = any(map(self._catalogue.has_artist, spellings))
        return self._artists[name]

    def _is_other(self, entry: "Entry", row: int) -> bool:
        return contradicts(entry, self._catalogue.info(row), self._is_artist)

    def _titled(self, title: str) -> list[int]:
        return self._catalogue.rows_of_title(title)[:_MOST_OF_A_TITLE]

    def _searched(self, query: str, *, similar: bool = True) -> list[int]:
        return [hit.row for hit in self._catalogue.search(query, limit=_CANDIDATES, similar=similar)]

    def _best(self, entry: "Entry", title: str, rows: Sequence[int]) -> int:
        return rows[best_of(entry, title, self._catalogue.infos(rows))]


def is_by(
    artist: str,
    info: TrackInfo,
    title: str,
    is_artist: Callable[[str], bool] | None = None,
    *,
    lenient: bool = False,
) -> bool:
    """Whether one of the artists credited is the track's; an artist that is not known may be any."""
    if not artist.strip() or not info.artist.strip():
        return True
    named, known = credits_of(artist, title, is_artist), credits_of(info.artist, info.title)
    return bool(named & known) or (lenient and any(_alike(a, b) for a in named for b in known))


def contradicts(entry: "Entry", info: TrackInfo, is_artist: Callable[[str], bool] | None = None) -> bool:
    """Whether a track is another song by another artist than the entry says."""
    if not (entry.title and entry.artist and info.title and info.artist):
        return False
    title, other = plain_title(entry.title), plain_title(info.title)
    is_song = song_key(entry.title) == song_key(info.title) or title in other or other in title
    return not (
        is_song
        or _alike(title, other, 0.7)
        or is_by(entry.artist, info, entry.title, is_artist, lenient=True)
    )


def best_of(entry: "Entry", title: str, infos: Sequence[TrackInfo]) -> int:
    """Which track has the same length, is the same version, or else is the first."""
    wanted, plain = letters(title), plain_title(title)
    artist = artist_key(entry.artist)

    def rank(at: int) -> tuple[bool, bool, bool, bool, int]:
        info = infos[at]
        differs = entry.duration and info.duration and abs(entry.duration - info.duration) > NEAR
        return (
            plain_title(info.title) != plain,
            bool(differs),
            letters(info.title) != wanted,
            bool(artist) and artist_key(info.artist) != artist,
            at,
        )

    return min(range(len(infos)), key=rank)


def readings(entry: "Entry") -> Iterator[tuple[str, str]]:
    """The titles and artists that an entry may mean, in order of preference."""
    if entry.title:
        yield entry.title, entry.artist
        parts = _DASH.split(entry.title)
        if len(parts) > 1:  # as uploaders write it: Artist - Title
            yield " - ".join(parts[1:]), parts[0]
        if entry.text:
            yield entry.artist, entry.title
    if entry.text:
        parts = _DASH.split(entry.text)
        if len(parts) == 1:
            yield entry.text, ""
        for cut in range(1, len(parts)):
            first, last = " - ".join(parts[:cut]), " - ".join(parts[cut:])
            yield last, first
            yield first, last


def _names(artist: str) -> list[str]:
    """The credit as a whole, and the first artists that it names."""
    names = sorted(credits_of(artist), key=len, reverse=True)
    return names[:4] or [""]


def imitates(info: TrackInfo, title: str, artist: str) -> bool:
    """Whether a track is a karaoke or a cover and what is looked for is not."""
    imitation = is_imitation(info.title) or is_imitation(info.artist)
    return imitation and not (is_imitation(title) or is_imitation(artist))


def _alike(one: str, other: str, least: float = ALIKE) -> bool:
    """Whether two folded texts are spelled nearly so; numbers must agree."""
    from rapidfuzz.distance import OSA  # 33 ms

    one, other = one.replace("ё", "е"), other.replace("ё", "е")  # which many write for it
    if re.findall(r"\d+", one) != re.findall(r"\d+", other) or min(len(one), len(other)) < FEWEST:
        return one == other
    if not (one.isascii() and other.isascii()) and fold(one) == fold(other):
        return False  # they differ in a mark that makes another letter
    return bool(OSA.normalized_similarity(one, other) >= least)


@dataclass(frozen=True)
class Owned:
    """The songs of a server that are in the library."""

    row_of: dict[str, int] = field(default_factory=dict)
    """By song id."""
    song_of: "dict[int, Song]" = field(default_factory=dict)
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


def match_songs(library: "Library", songs: "Iterable[Song]") -> Owned:
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


def certain_matches(library: "Library", songs: "Iterable[Song]") -> list[Match]:
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


def _is_certain(library: "Library", match: Match) -> bool:
    if match.row is None or match.how not in CERTAIN:
        return False
    info, entry = library.catalogue.info(match.row), match.entry
    if match.how == "exact":
        if not (info.artist and entry.artist):
            return False
        if info.duration and entry.duration:
            return abs(info.duration - entry.duration) <= FURTHEST
    return True
