"""Who plays what: titles, albums, dates and versions for the places of a shelf, all of them at once."""

import numpy as np
import numpy.typing as npt

from segue.core.synthetic.languages import LANGUAGES, Texts
from segue.core.synthetic.spec import Genre, genres_of
from segue.core.synthetic.walk import Shelf
from segue.core.tracks import TrackInfo

FIRST_ID = 10**12
"""The number of place 0 in the demo. Beyond every real Deezer number: Deezer is never asked for one."""
LAST_YEAR = 2024

_TRIES = 5
_VERSIONS = ("Radio Edit", "Extended Mix", "Acoustic", "Instrumental", "Demo", "Sped Up", "{guest} Remix")
_REISSUED = ("{year} Remaster", "Remastered {year}", "Mono", "Alternate Take")
_EDITIONS = ("Deluxe Edition", "Expanded Edition", "Anniversary Edition")
_LENGTHENED = {"Extended Mix": 1.6, "Radio Edit": 0.8, "Sped Up": 0.75}
_ODDITIES = (
    "???", "…", "Untitled", "(Untitled)", "4:32 a.m.", "♥", "№ 9", "Intro", "Interlude", "Outro", "+/−", "1",
)  # fmt: skip
_SINGLE = 3
"""Most tracks of a single, on which all but the first are versions of that one."""
_VERSION, _FEATURING, _ODD = 0.06, 0.07, 0.006
"""Shares of other albums' tracks that are versions of the first, of songs with a guest, and of odd titles."""
_LIVE, _REISSUE = 0.12, 0.09
"""Shares of albums that hold the songs of the one before once more."""
_GUESTS = 30
"""How far off in the list of artists a guest is."""

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Reals = npt.NDArray[np.float64]


def track_id(place: int, first: int = FIRST_ID) -> str:
    """The id of the track at a place of the world whose numbers begin at `first`."""
    return f"track_{first + place}"


def artist_id(artist: int, first: int = FIRST_ID) -> str:
    """The id of an artist by number, in the world whose numbers begin at `first`."""
    return f"artist_{first + artist}"


def name_tracks(
    shelf: Shelf, places: npt.NDArray[np.int32], genres: int, rng: np.random.Generator, first: int = FIRST_ID
) -> list[TrackInfo]:
    """The metadata of the tracks at some distinct places, int32 (n,), of a shelf of so many genres.

    `first` is the number of place 0.
    """
    artists = _Artists(shelf, places, genres_of(genres), rng)
    albums = _Albums(shelf, places, artists, rng)
    songs = _Songs(shelf, places, artists, albums, rng)
    artist, album = artists.number[places], albums.number[shelf.album[places]]
    columns = (
        songs.titles,
        artists.names[artist].tolist(),
        albums.titles[album].tolist(),
        [artist_id(one, first) for one in shelf.artist[places].tolist()],
        artists.genres[artist].tolist(),
        albums.dates[album].tolist(),
        np.rint(songs.seconds).tolist(),
        np.rint(songs.bpm).tolist(),
        np.round(albums.loudness[album] + _between(rng, -0.8, 0.8, len(places)), 1).tolist(),
    )
    return [
        TrackInfo(track_id(place, first), title, name, record, who, genre, "", date, seconds, bpm, gain)
        for place, title, name, record, who, genre, date, seconds, bpm, gain in zip(
            places.tolist(), *columns, strict=True
        )
    ]


class _Artists:
    """The artists of some places."""

    def __init__(
        self, shelf: Shelf, places: npt.NDArray[np.int32], genres: list[Genre], rng: np.random.Generator
    ) -> None:
        heard = np.unique(shelf.artist[places])
        every = np.zeros(len(shelf.artist_starts) - 1, np.int64)
        every[heard] = np.arange(len(heard))
        self.number: Ints = every[shelf.artist]
        """The row here of the artist at each place of the shelf; 0 for one who has no place."""
        genre = shelf.genre[shelf.artist_starts[heard]]
        options = [[_LANGUAGES.index(name) for name in one.languages] for one in genres]
        pick = (rng.random(len(heard)) * np.array([len(one) for one in options])[genre]).astype(np.int64)
        self.language: Ints = np.array(
            [options[one][at] for one, at in zip(genre.tolist(), pick.tolist(), strict=True)]
        )
        self.taken: set[str] = set()
        """Every artist and title so far."""
        self.names: Texts = _fresh(self.language, "artist", self.taken, rng)
        self.genres: Texts = np.array([one.name for one in genres], object)[genre]
        self.bpm, self.seconds, self.years, self.gain = (
            np.array([getattr(one, name) for one in genres], float)[genre]
            for name in ("bpm", "seconds", "years", "gain")
        )

    def guest(self, artist: Ints, rng: np.random.Generator) -> Texts:
        """Somebody who is near each artist in the list."""
        near = artist - rng.integers(_GUESTS, size=len(artist))
        return np.asarray(self.names[np.maximum(near, 0)])


class _Albums:
    """The albums of some places."""

    def __init__(
        self, shelf: Shelf, places: npt.NDArray[np.int32], artists: _Artists, rng: np.random.Generator
    ) -> None:
        heard = np.unique(shelf.album[places])
        every = np.zeros(len(shelf.album_starts) - 1, np.int64)
        every[heard] = np.arange(len(heard))
        self.number: Ints = every
        """The row here of each album of the shelf."""
        self.starts: Ints = shelf.album_starts[heard]
        self.sizes: Ints = shelf.album_starts[heard + 1] - self.starts
        self.artist: Ints = artists.number[self.starts]
        n = len(heard)

        first = np.diff(self.artist, prepend=-1) > 0
        steps = np.where(first, 0, rng.integers(1, 4, size=n))
        begin = np.maximum.accumulate(np.where(first, np.arange(n), 0))
        since = np.cumsum(steps)
        low, high = artists.years.T
        debut = (low + (high - low) * 0.9 * rng.random(len(low))).astype(np.int64)
        self.years: Ints = np.minimum(debut[self.artist] + since - since[begin], LAST_YEAR)
        months, days = rng.integers(1, 13, n).tolist(), rng.integers(1, 29, n).tolist()
        dates = zip(self.years.tolist(), months, days, strict=True)
        self.dates: Texts = np.array([f"{year}-{month:02}-{day:02}" for year, month, day in dates], object)
        self.loudness: Reals = _within(rng, artists.gain[self.artist])

        chance = rng.random(n)
        again = (chance < _LIVE + _REISSUE) & ~first
        again[1:] &= (self.sizes[:-1] >= self.sizes[1:]) & ~again[:-1]
        self.live: Flags = again & (chance < _LIVE)
        """Whether it holds the songs of the album before, played live."""
        self.reissued: Flags = again & ~self.live
        """Whether it is the album before in another edition."""
        self.titles: Texts = _draw(artists.language[self.artist], "album", rng)
        """Singles get the title of their song later."""
        self.venues: Texts = np.full(n, "", object)
        self.venues[self.live] = _draw(artists.language[self.artist[self.live]], "venue", rng, name=False)
        self.titles[self.live] = "Live at " + self.venues[self.live]


class _Songs:
    """Titles, lengths and tempi of some places."""

    def __init__(
        self,
        shelf: Shelf,
        places: npt.NDArray[np.int32],
        artists: _Artists,
        albums: _Albums,
        rng: np.random.Generator,
    ) -> None:
        album = albums.number[shelf.album[places]]
        offset = places - albums.starts[album]
        self._artist: Ints = artists.number[places]
        version = self._versions(shelf, rng)
        again = (albums.live | albums.reissued)[album]
        before = albums.starts[album - 1] + offset
        again_known = again & ~version[np.where(again, before, 0)]
        of_first = ~again & version[places]
        base = np.where(again_known, before, np.where(of_first, albums.starts[album], places))

        # a place whose song is played anywhere, if only as a version or as the title of a single
        single = albums.starts[albums.sizes <= _SINGLE]
        known = np.unique(np.concatenate([base, single]))
        artist = artists.number[known]
        titles = self._titles(artist, artists, rng)
        seconds = _within(rng, artists.seconds[artist])
        bpm = _within(rng, artists.bpm[artist])

        at = np.searchsorted(known, base)
        named = (albums.sizes <= _SINGLE) & ~(albums.live | albums.reissued)
        albums.titles[named] = titles[np.searchsorted(known, albums.starts[named])]
        edition = np.array(_EDITIONS, object)[rng.integers(len(_EDITIONS), size=len(albums.starts))]
        albums.titles[albums.reissued] = (
            albums.titles[np.flatnonzero(albums.reissued) - 1] + " (" + edition[albums.reissued] + ")"
        )

        self.marks = np.full(len(places), "", object)
        self._mark_versions(of_first, album, offset, artists, rng)
        self._mark_albums(album, albums, rng)
        dashed = (rng.random(len(places)) < 0.5).tolist()
        self.titles: list[str] = [
            title if not mark else f"{title} - {mark}" if dash and "aster" in mark else f"{title} ({mark})"
            for title, mark, dash in zip(titles[at].tolist(), self.marks.tolist(), dashed, strict=True)
        ]
        stretch = np.where(self.marks == "", 1.0, _between(rng, 0.9, 1.15, len(places)))
        for mark, factor in _LENGTHENED.items():
            stretch[self.marks == mark] = factor
        self.seconds: Reals = seconds[at] * stretch
        self.bpm: Reals = bpm[at]

    @staticmethod
    def _versions(shelf: Shelf, rng: np.random.Generator) -> Flags:
        """Which places hold a version of the first song of their album, were it one of new songs."""
        starts = shelf.album_starts[shelf.album]
        single = np.diff(shelf.album_starts)[shelf.album] <= _SINGLE
        return (np.arange(len(shelf)) > starts) & (single | (rng.random(len(shelf)) < _VERSION))

    @staticmethod
    def _titles(artist: Ints, artists: _Artists, rng: np.random.Generator) -> Texts:
        """A title for each song of these artists."""
        titles = _fresh(artists.language[artist], "title", artists.taken, rng)
        odd = rng.random(len(artist)) < _ODD
        titles[odd] = np.array(_ODDITIES, object)[rng.integers(len(_ODDITIES), size=odd.sum())]
        featuring = rng.random(len(artist)) < _FEATURING
        titles[featuring] += " (feat. " + artists.guest(artist[featuring], rng) + ")"
        return titles

    def _mark_versions(
        self, of_first: Flags, album: Ints, offset: Ints, artists: _Artists, rng: np.random.Generator
    ) -> None:
        """Mark each version of an album's first song differently, such as `Acoustic`."""
        pick = (rng.integers(len(_VERSIONS), size=album.max() + 1)[album] + offset) % len(_VERSIONS)
        self.marks[of_first] = np.array(_VERSIONS, object)[pick[of_first]]
        remix = of_first & (pick == _VERSIONS.index("{guest} Remix"))
        self.marks[remix] = artists.guest(self._artist[remix], rng) + " Remix"

    def _mark_albums(self, album: Ints, albums: _Albums, rng: np.random.Generator) -> None:
        """Mark the songs of live albums and of those that came out again."""
        live = albums.live[album]
        somewhere = live & (rng.random(len(album)) < 0.5)
        self.marks[live] = "Live"
        self.marks[somewhere] = "Live at " + albums.venues[album[somewhere]]
        picks = rng.integers(len(_REISSUED), size=len(albums.starts)).tolist()
        marks = [
            _REISSUED[pick].format(year=min(year + 9, LAST_YEAR))
            for pick, year in zip(picks, albums.years.tolist(), strict=True)
        ]
        reissued = albums.reissued[album]
        self.marks[reissued] = np.array(marks, object)[album[reissued]]


_LANGUAGES = list(LANGUAGES)


def _draw(languages: Ints, symbol: str, rng: np.random.Generator, *, name: bool = True) -> Texts:
    """A text for the symbol in each of these languages."""
    texts = np.empty(len(languages), object)
    for number, language in enumerate(_LANGUAGES):
        here = np.flatnonzero(languages == number)
        grammar = LANGUAGES[language]
        texts[here] = (grammar.names if name else grammar.make)(symbol, len(here), rng)
    return texts


def _fresh(languages: Ints, symbol: str, taken: set[str], rng: np.random.Generator) -> Texts:
    """The same with a text that is not taken yet, unless chance insists; all of them are taken then."""
    texts = np.empty(len(languages), object)
    todo = np.arange(len(languages))
    for _ in range(_TRIES):
        texts[todo] = _draw(languages[todo], symbol, rng)
        again = []
        for at, text in zip(todo.tolist(), texts[todo].tolist(), strict=True):
            if text in taken:
                again.append(at)
            else:
                taken.add(text)
        todo = np.array(again, np.int64)
    return texts


def _within(rng: np.random.Generator, bounds: Reals) -> Reals:
    """A number within each of some bounds float64 (n, 2), as `_between` draws it."""
    return _between(rng, bounds[:, 0], bounds[:, 1], len(bounds))


def _between(rng: np.random.Generator, low: Reals | float, high: Reals | float, count: int) -> Reals:
    """Numbers from `low` up to `high`, float64 (count,); the middle is likelier than the ends."""
    return np.asarray(low + (np.asarray(high) - low) * (rng.random(count) + rng.random(count)) / 2)
