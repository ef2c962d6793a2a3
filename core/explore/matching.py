"""Playlists and songs of servers in a library, how each was found, and two sets of playlists as one."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from msgspec.structs import replace

from segue.core.catalogue import Catalogue
from segue.core.corpus.corpus import Playlists, ReadReport
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
    by_isrc = catalogue.rows_of_isrcs({entry.isrc for entry in entries if entry.isrc})
    matcher = _Matcher(catalogue, by_isrc, chosen or {})
    return [matcher.match(entry) for entry in entries]


def same_tracks(catalogue: Catalogue, tracks: "Iterable[TrackInfo]") -> list[int | None]:
    """The rows of another library's tracks: by id or ISRC, or by title and artist where both are known."""
    entries = [
        Entry(info.track_id, info.title, info.artist, duration=info.duration, isrc=info.isrc)
        if info.artist
        else Entry(info.track_id, isrc=info.isrc)
        for info in tracks
    ]
    by_isrc = catalogue.rows_of_isrcs({entry.isrc for entry in entries if entry.isrc})
    matcher = _Matcher(catalogue, by_isrc, {})
    return [matcher.match(entry, sure=True).row for entry in entries]


class _Matcher:
    def __init__(
        self, catalogue: Catalogue, by_isrc: dict[str, list[int]], chosen: Mapping[str, str]
    ) -> None:
        self._catalogue = catalogue
        self._by_isrc = by_isrc
        self._chosen = chosen
        self._artists: dict[str, bool] = {}

    def match(self, entry: "Entry", *, sure: bool = False) -> Match:
        track_id = self._chosen.get(entry.identity) if self._chosen else None
        if track_id is not None and (rows := self._catalogue.rows_of_ids([track_id])):
            return Match(entry, rows[0], "chosen")
        for identity in filter(None, (entry.track_id, *entry.ids)):
            row = self._catalogue.row_of(identity)
            if row is not None and not self._contradicts(entry, row):
                return Match(entry, row, "id")
        rows = [row for row in self._by_isrc.get(entry.isrc, []) if not self._contradicts(entry, row)]
        if rows:
            return Match(entry, self._best(entry, entry.title, rows), "isrc")
        for how, title, rows in self._found(entry):
            if sure and how != "exact":
                break
            if rows:
                return Match(entry, self._best(entry, title, rows), how)
        return Match(entry, None, "")

    def _found(self, entry: "Entry") -> Iterator[tuple[How, str, list[int]]]:
        """The rows that an entry may mean, surest first, with the title as it was understood."""
        readings = list(dict.fromkeys(_readings(entry)))
        for title, artist in readings:
            yield "exact", title, self._exact(title, artist)
        for title, artist in readings:
            yield "words", title, self._of_song(title, artist)
        text = entry.text or (entry.title if not entry.artist else "")
        if text:
            yield "words", text, self._in_words(text)
        for title, artist in readings:
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
            if title <= words and named <= artist and whole and not _imitates(info, text, ""):
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
            and not _imitates(info, title, artist)
            and self._is_by(artist, info, title, lenient=lenient)
        ]

    def _is_by(self, artist: str, info: TrackInfo, title: str, *, lenient: bool = False) -> bool:
        """Whether one of the artists credited is the track's; an artist that is not known may be any."""
        if not artist.strip() or not info.artist.strip():
            return True
        named, known = credits_of(artist, title, self._is_artist), credits_of(info.artist, info.title)
        return bool(named & known) or (lenient and any(_alike(a, b) for a in named for b in known))

    def _is_artist(self, name: str) -> bool:
        if name not in self._artists:
            spellings = (name, artist_key(name), f"the {artist_key(name)}")
            self._artists[name] = any(map(self._catalogue.has_artist, spellings))
        return self._artists[name]

    def _contradicts(self, entry: "Entry", row: int) -> bool:
        """Whether a row is another song by another artist than the entry says."""
        info = self._catalogue.info(row)
        if not (entry.title and entry.artist and info.title and info.artist):
            return False
        title, other = plain_title(entry.title), plain_title(info.title)
        is_song = song_key(entry.title) == song_key(info.title) or title in other or other in title
        return not (
            is_song or _alike(title, other, 0.7) or self._is_by(entry.artist, info, entry.title, lenient=True)
        )

    def _titled(self, title: str) -> list[int]:
        return self._catalogue.rows_of_title(title)[:_MOST_OF_A_TITLE]

    def _searched(self, query: str, *, similar: bool = True) -> list[int]:
        return [hit.row for hit in self._catalogue.search(query, limit=_CANDIDATES, similar=similar)]

    def _best(self, entry: "Entry", title: str, rows: Sequence[int]) -> int:
        """The row of the same length, of the same version, or else the first."""
        infos = self._catalogue.infos(rows)
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

        return rows[min(range(len(rows)), key=rank)]


def _readings(entry: "Entry") -> Iterator[tuple[str, str]]:
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


def _imitates(info: TrackInfo, title: str, artist: str) -> bool:
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


def put_together(own: Playlists, others: Playlists, known: Mapping[str, TrackInfo]) -> tuple[Playlists, int]:
    """Add the others' playlists to one's own, whose tracks take the others' ids where they are the same.

    Parameters
    ----------
    own, others
        The playlists; those of one's own come first.
    known
        What else is known of the others' tracks, by track id.

    Returns
    -------
    playlists : Playlists
        All of them.
    matched : int
        How many of one's own tracks the others have.
    """
    numbers = {track_id: number for number, track_id in enumerate(others.track_ids)}
    described = [
        others.tracks.get(track_id) or known.get(track_id) or TrackInfo(track_id)
        for track_id in others.track_ids
    ]
    plays = np.bincount(others.codes, minlength=len(numbers))
    with tempfile.TemporaryDirectory() as folder:
        catalogue = Catalogue.create(Path(folder) / "catalogue.sqlite", described, plays)
        try:
            matches = match_playlist(catalogue, (_entry(own, track_id) for track_id in own.track_ids))
        finally:
            catalogue.close()
    new = np.empty(len(own.track_ids), np.int32)
    ids, artists = list(others.track_ids), list(others.artist_ids)
    tracks = dict(others.tracks)
    for number, (track_id, match) in enumerate(zip(own.track_ids, matches, strict=True)):
        if match.row is None:
            new[number] = len(ids)
            ids.append(track_id)
            artists.append(own.artist_ids[number])
            if track_id in own.tracks:
                tracks[track_id] = own.tracks[track_id]
        else:
            new[number] = match.row
            found = described[match.row]
            if not found.title and track_id in own.tracks:
                tracks[found.track_id] = replace(own.tracks[track_id], track_id=found.track_id)
    codes = np.concatenate([new[own.codes], others.codes]).astype(np.int32)
    offsets = np.concatenate([own.offsets, own.offsets[-1] + others.offsets[1:]])
    skipped = dict(own.report.skipped)
    for reason, times in others.report.skipped.items():
        skipped[reason] = skipped.get(reason, 0) + times
    forms = dict.fromkeys([own.report.format, others.report.format])
    report = ReadReport(f"{own.report.source}, {others.report.source}", ", ".join(forms), skipped)
    return Playlists(ids, artists, codes, offsets, tracks, report), sum(
        one.row is not None for one in matches
    )


def _entry(own: Playlists, track_id: str) -> Entry:
    info = own.tracks.get(track_id)
    if info is None:
        return Entry(track_id)
    return Entry(track_id, info.title, info.artist, info.album, "", info.duration, info.isrc)


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
