"""Who plays what: titles, albums, dates and versions for the places of a shelf."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from segue.core.corpus.synthetic.genres import Genre, genres_of
from segue.core.corpus.synthetic.grammar import Dice, Grammar
from segue.core.corpus.synthetic.languages import LANGUAGES
from segue.core.corpus.synthetic.shelf import Shelf
from segue.core.tracks import TrackInfo

FIRST_ID = 10**12
"""The number of place 0. Beyond every real Deezer number, so that no invented track is asked of Deezer."""
LAST_YEAR = 2024

_TRIES = 6
_VERSIONS = ("Radio Edit", "Extended Mix", "Acoustic", "Instrumental", "Demo", "Sped Up", "{guest} Remix")
_REISSUED = ("{year} Remaster", "Remastered {year}", "Mono", "Alternate Take")
_EDITIONS = ("Deluxe Edition", "Expanded Edition", "Anniversary Edition")
_LENGTHENED = {"Extended Mix": 1.6, "Radio Edit": 0.8, "Sped Up": 0.75}
_ODDITIES = (
    "???",
    "…",
    "Untitled",
    "(Untitled)",
    "4:32 a.m.",
    "♥",
    "№ 9",
    "Intro",
    "Interlude",
    "Outro",
    "+/−",
    "1",
)


@dataclass(frozen=True)
class _Song:
    title: str
    seconds: float
    bpm: float


@dataclass
class _Artist:
    """An artist whose works are being made, album after album."""

    number: int
    name: str
    genre: Genre
    grammar: Grammar
    year: int
    songs: list[_Song] = field(default_factory=list)
    """Every song of the albums so far, of which live albums and reissues are made."""
    last_album: str = ""


def track_id(place: int) -> str:
    """The id of the track at a place."""
    return f"track_{FIRST_ID + place}"


def artist_id(artist: int) -> str:
    """The id of an artist by number."""
    return f"artist_{FIRST_ID + artist}"


class Namer:
    """Names the tracks of a shelf, artist after artist, so that versions follow the song they are made from.

    Parameters
    ----------
    shelf
        The places to name.
    heard : bool (n,)
        The places that some playlist holds; only they get a name.
    genres
        The number of genres on the shelf.
    rng
        The source of all chance.
    """

    def __init__(
        self, shelf: Shelf, heard: npt.NDArray[np.bool_], genres: int, rng: np.random.Generator
    ) -> None:
        self._shelf = shelf
        self._heard = heard
        self._genres = genres_of(genres)
        self._dice = Dice(rng)
        self._taken: set[str] = set()
        self._names: list[str] = []

    def tracks(self) -> Iterator[TrackInfo]:
        """Every heard track from place 0 on."""
        starts = self._shelf.artist_starts.tolist()
        albums = np.searchsorted(self._shelf.album_starts, self._shelf.artist_starts).tolist()
        bounds = self._shelf.album_starts.tolist()
        for number, (first, last) in enumerate(pairwise(starts)):
            if self._heard[first:last].any():
                artist = self._artist(number, first)
                for start, end in pairwise(bounds[albums[number] : albums[number + 1] + 1]):
                    if self._heard[start:end].any():
                        yield from self._album(artist, start, end)

    def _artist(self, number: int, place: int) -> _Artist:
        genre = self._genres[self._shelf.genre[place]]
        grammar = LANGUAGES[self._dice.pick(genre.languages)]
        low, high = genre.years
        name = self._fresh(grammar, "artist")
        self._names.append(name)
        return _Artist(number, name, genre, grammar, year=int(low + (high - low) * 0.9 * self._dice.roll()))

    def _album(self, artist: _Artist, start: int, end: int) -> Iterator[TrackInfo]:
        songs, album = self._content(artist, end - start)
        date = f"{artist.year}-{1 + int(self._dice.roll() * 12):02}-{1 + int(self._dice.roll() * 28):02}"
        loudness = self._dice.between(*artist.genre.gain)
        heard = self._heard[start:end].tolist()
        for place, song, wanted in zip(range(start, end), songs, heard, strict=True):
            if wanted:
                yield TrackInfo(
                    track_id=track_id(place),
                    title=song.title,
                    artist=artist.name,
                    album=album,
                    artist_id=artist_id(artist.number),
                    genre=artist.genre.name,
                    release_date=date,
                    duration=float(round(song.seconds)),
                    bpm=float(round(song.bpm)),
                    gain=round(loudness + self._dice.between(-0.8, 0.8), 1),
                )
        artist.year = min(artist.year + 1 + int(self._dice.roll() * 3), LAST_YEAR)

    def _content(self, artist: _Artist, size: int) -> tuple[list[_Song], str]:
        """The songs of the artist's next album, and its title."""
        known, dice = artist.songs, self._dice
        if size <= len(known) and dice.chance(0.12):
            venue = f"Live at {artist.grammar.make('venue', dice)}"
            again = [
                self._version(song, f"Live at {venue[8:]}" if dice.chance(0.5) else "Live") for song in known
            ]
            return again[:size], venue
        if size <= len(known) and dice.chance(0.1):
            mark = dice.pick(_REISSUED).format(year=min(artist.year + 9, LAST_YEAR))
            return [
                self._version(song, mark) for song in known[:size]
            ], f"{artist.last_album} ({dice.pick(_EDITIONS)})"
        songs = [self._song(artist)]
        while len(songs) < size:
            one_more = self._song(artist)
            if size <= 3 or dice.chance(0.06):
                one_more = self._version(songs[0], dice.pick(_VERSIONS))
            if one_more.title not in {song.title for song in songs}:
                songs.append(one_more)
        album = songs[0].title if size <= 3 else artist.grammar.name("album", dice)
        artist.songs = [song for song in songs if not song.title.endswith(")")] + known
        artist.last_album = album
        return songs, album

    def _song(self, artist: _Artist) -> _Song:
        dice = self._dice
        title = dice.pick(_ODDITIES) if dice.chance(0.006) else self._fresh(artist.grammar, "title")
        if dice.chance(0.07):
            title = f"{title} (feat. {dice.pick(self._names[-30:])})"
        return _Song(title, dice.between(*artist.genre.seconds), dice.between(*artist.genre.bpm))

    def _version(self, song: _Song, mark: str) -> _Song:
        """Another recording of a song: `Title (Live)`, `Title - 2011 Remaster`."""
        mark = mark.format(guest=self._dice.pick(self._names[-30:])) if "{" in mark else mark
        title = (
            f"{song.title} - {mark}"
            if "aster" in mark and self._dice.chance(0.5)
            else f"{song.title} ({mark})"
        )
        stretch = _LENGTHENED.get(mark, self._dice.between(0.9, 1.15))
        return _Song(title, song.seconds * stretch, song.bpm)

    def _fresh(self, grammar: Grammar, symbol: str) -> str:
        """A text that no other artist or song of the world has, unless chance insists."""
        for _ in range(_TRIES):
            text = grammar.name(symbol, self._dice)
            if text not in self._taken:
                break
        self._taken.add(text)
        return text
