"""The catalogue of a world as one long shelf, and playlists as walks along it.

The tracks stand in the order of genre, scene, artist, album and place on the album, so that every genre,
scene, artist and album is a range of places, and to draw a track from any of them is one search in one
cumulative table. Moods cut across the artists of a scene; they have a second shelf with the same tracks in
another order. All playlists of a block take their next step at once.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.synthetic.spec import Habits, WorldSpec

Places = npt.NDArray[np.int64]
"""Places on a shelf, or numbers of tracks, int64."""

_ALBUM_TRACKS = 9.0
"""Mean tracks of an album."""
_LOYAL_TO_MOOD = 0.6
"""Tracks that have the mood their artist has most often."""
_MOST_TRACKS = 400


@dataclass(frozen=True)
class Shelf:
    """Every track of the world, `n` of them, some of which no playlist will ever hold."""

    artist: npt.NDArray[np.int32]
    """int32 (n,), rising."""
    album: npt.NDArray[np.int32]
    """int32 (n,), rising."""
    scene: npt.NDArray[np.int32]
    """int32 (n,), rising."""
    genre: npt.NDArray[np.int32]
    """int32 (n,), rising."""
    mood: npt.NDArray[np.int32]
    """int32 (n,): numbered through all scenes."""
    line: npt.NDArray[np.float64]
    """float64 (n + 1,): popularity summed up along the shelf, from 0."""
    artist_starts: Places
    """int64 (artists + 1,): artist a has the places `artist_starts[a]` to `artist_starts[a + 1]`."""
    album_starts: Places
    scene_starts: Places
    genre_starts: Places
    mood_starts: Places
    """Into the second shelf."""
    mood_line: npt.NDArray[np.float64]
    """float64 (n + 1,): the same along the second shelf."""
    mood_order: npt.NDArray[np.int32]
    """int32 (n,): the place on the first shelf of each place on the second."""

    def __len__(self) -> int:
        """The number of tracks."""
        return len(self.artist)


def build_shelf(spec: WorldSpec, rng: np.random.Generator) -> Shelf:
    """Fill the shelf of a world."""
    fame = np.minimum(rng.pareto(spec.fame, spec.artists) + 1, max(spec.fame_limit * spec.artists, 1))
    wanted = spec.tracks_per_artist * fame**spec.depth * rng.lognormal(0, 0.6, spec.artists)
    tracks = np.clip(np.rint(wanted), 1, _MOST_TRACKS).astype(np.int64)
    genre_of_scene = _share_out(spec.scenes, spec.genres, rng)
    scene_of_artist = _share_out(spec.artists, spec.scenes, rng)

    artist = np.repeat(np.arange(spec.artists, dtype=np.int32), tracks)
    scene = scene_of_artist[artist]
    genre = genre_of_scene[scene]
    first_of_artist = np.diff(artist, prepend=-1) > 0
    first_of_album = first_of_artist | (rng.random(len(artist)) < 1 / _ALBUM_TRACKS)
    album = (np.cumsum(first_of_album) - 1).astype(np.int32)

    appeal = rng.lognormal(0, spec.hits, len(artist))
    popularity = fame[artist] * appeal / np.add.reduceat(appeal, np.flatnonzero(first_of_artist))[artist]

    usual = rng.integers(spec.moods, size=spec.artists, dtype=np.int32)[artist]
    other = rng.integers(spec.moods, size=len(artist), dtype=np.int32)
    mood = scene * spec.moods + np.where(rng.random(len(artist)) < _LOYAL_TO_MOOD, usual, other)
    mood_order = np.argsort(mood, kind="stable").astype(np.int32)
    return Shelf(
        artist=artist,
        album=album,
        scene=scene,
        genre=genre,
        mood=mood,
        line=np.concatenate([[0.0], np.cumsum(popularity)]),
        artist_starts=_starts(artist, spec.artists),
        album_starts=_starts(album, int(album[-1]) + 1),
        scene_starts=_starts(scene, spec.scenes),
        genre_starts=_starts(genre, spec.genres),
        mood_starts=_starts(mood[mood_order], spec.scenes * spec.moods),
        mood_line=np.concatenate([[0.0], np.cumsum(popularity[mood_order])]),
        mood_order=mood_order,
    )


def _share_out(members: int, groups: int, rng: np.random.Generator) -> npt.NDArray[np.int32]:
    """The group of each member, rising; every group gets one at least, and their sizes differ."""
    weights = rng.gamma(3, size=groups)
    spare = np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(max(members - groups, 0)))
    everyone = np.concatenate([np.arange(groups), np.minimum(spare, groups - 1)])
    return np.sort(everyone)[:members].astype(np.int32)


def _starts(group: npt.NDArray[np.int32], groups: int) -> Places:
    """Where each group starts in a rising array, and where the last one ends."""
    return np.searchsorted(group, np.arange(groups + 1)).astype(np.int64)


LONGEST = 50
_SHORTEST = 3
_LENGTH_FLOOR = 2.2
_DEVOTED_LENGTH = 0.7
"""Playlists of one artist are shorter by this, above the floor."""
_BLOCK = 100_000
"""Playlists walked at once; bounds the memory (20 MB of places and as much again of scratch)."""
_TRIES = 5
"""How often a track that the playlist already holds is drawn again."""
_REPEATS_LAST = 0.45
"""Repeats that play the track just heard once more."""

_ARTIST, _MOOD, _SCENE, _GENRE, _NEAR_GENRES, _ALL = range(-1, 5)
"""How far a step reaches."""

Flags = npt.NDArray[np.bool_]


def walk_playlists(
    spec: WorldSpec, shelf: Shelf, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Every playlist of the world: its places on the shelf, int32 (n_positions,), and lengths, int64 (n,)."""
    blocks = [
        _Walk(min(_BLOCK, spec.playlists - start), spec.habits, shelf, rng).playlists()
        for start in range(0, spec.playlists, _BLOCK)
    ]
    places, lengths = zip(*blocks, strict=True)
    return np.concatenate(places), np.concatenate(lengths)


class _Walk:
    """Playlists that are walked together: with the longest first, those still walking are a prefix."""

    def __init__(self, count: int, habits: Habits, shelf: Shelf, rng: np.random.Generator) -> None:
        self._habits, self._shelf, self._rng = habits, shelf, rng
        devoted = rng.random(count) < habits.devoted
        spread = rng.lognormal(habits.length_mean, habits.length_spread, count)
        spread[devoted] *= _DEVOTED_LENGTH
        length = np.clip(np.rint(_LENGTH_FLOOR + spread), _SHORTEST, LONGEST).astype(np.int64)
        longest_first = np.argsort(-length, kind="stable")
        self._length, devoted = length[longest_first], devoted[longest_first]
        self._loyalty = np.where(devoted, 1.0, rng.beta(*habits.loyalty, count))
        """Chance that a step stays with the artist; 1 for a playlist of one artist."""
        self._breadth = rng.beta(*habits.breadth, count)
        self._repeating = np.where(
            rng.random(count) < habits.repeating, rng.beta(*habits.repeats, count), 0.0
        )
        self._period = np.where(rng.random(count) < habits.looping, 1 + rng.geometric(0.12, count), LONGEST)
        """After how many tracks the playlist starts over; beyond `LONGEST` for never."""
        self._obscure = devoted & (rng.random(count) < habits.obscure)
        self._from_top = devoted & (rng.random(count) < 0.5)
        """Whether the first album is played from its first track."""
        self._walked = np.zeros((count, LONGEST), np.int32)

    def playlists(self) -> tuple[npt.NDArray[np.int32], Places]:
        """The places of every playlist, one after another, and the lengths; no longer in order of length."""
        length = self._length
        self._walked[:, 0] = self._first()
        for step in range(1, int(length[0])):
            walking = int(np.searchsorted(-length, -step))
            self._walked[:walking, step] = self._next(walking, step)
        order = self._rng.permutation(len(length))
        lengths = length[order]
        return self._walked[order][np.arange(LONGEST) < lengths[:, None]], lengths

    def _first(self) -> Places:
        shelf = self._shelf
        nowhere = np.zeros(len(self._length), np.int64)
        popular = _draw(shelf.line, nowhere, nowhere + len(shelf), self._rng)
        anywhere = self._rng.integers(len(shelf), size=len(nowhere))
        place = np.where(self._obscure, anywhere, popular)
        return np.where(self._from_top, shelf.album_starts[shelf.album[place]], place)

    def _next(self, count: int, step: int) -> Places:
        """The track at `step` of the first `count` playlists: a repeat, the artist again, or a jump."""
        artist, rng = self._shelf.artist, self._rng
        heard = self._walked[:count, :step]
        last = heard[:, -1].astype(np.int64)
        earlier = heard[np.arange(count), rng.integers(step, size=count)].astype(np.int64)

        repeat = rng.random(count) < self._repeating[:count]
        place = np.where(rng.random(count) < _REPEATS_LAST, last, earlier)

        stay = ~repeat & (rng.random(count) < self._loyalty[:count])
        beside = self._beside(last)
        along = stay & (beside >= 0) & ~_among(heard, beside)
        place[along] = beside[along]

        back = ~stay & (rng.random(count) < self._habits.returning)
        reach = np.where(stay | back, _ARTIST, rng.binomial(_ALL - _MOOD, self._breadth[:count]))
        origin = np.where(stay, last, earlier)
        todo = np.flatnonzero(~repeat & ~along)
        for attempt in range(_TRIES):
            if attempt > 1:  # all that is near is played out
                reach[todo] = np.minimum(reach[todo] + 1, _ALL)
            place[todo] = found = self._around(origin[todo], reach[todo])
            same_artist = (reach[todo] != _ARTIST) & (artist[found] == artist[last[todo]])
            todo = todo[same_artist | _among(heard[todo], found)]

        over = np.flatnonzero(step >= self._period[:count])
        place[over] = heard[over, step - self._period[over]]
        return place

    def _beside(self, last: Places) -> Places:
        """The next place on the album, or one a few places off; -1 at its end and for other kinds of step."""
        album, kind = self._shelf.album, self._rng.random(len(last))
        hop = np.where(kind < self._habits.in_order, 1, self._rng.integers(-3, 5, size=len(last)))
        hop[kind > self._habits.in_order + self._habits.skipping] = 0
        place = np.clip(last + hop, 0, len(album) - 1)
        return np.where((hop != 0) & (album[place] == album[last]), place, -1)

    def _around(self, origin: Places, reach: Places) -> Places:
        """A track of the origin's artist, mood, scene, genre or nearest genres, or any, by popularity."""
        shelf = self._shelf
        genre, scene, artist = shelf.genre[origin], shelf.scene[origin], shelf.artist[origin]
        last_genre = len(shelf.genre_starts) - 1
        start, end = np.zeros(len(origin), np.int64), np.full(len(origin), len(shelf))
        for level, starts, low, high in (
            (_ARTIST, shelf.artist_starts, artist, artist + 1),
            (_SCENE, shelf.scene_starts, scene, scene + 1),
            (_GENRE, shelf.genre_starts, genre, genre + 1),
            (_NEAR_GENRES, shelf.genre_starts, np.maximum(genre - 1, 0), np.minimum(genre + 2, last_genre)),
        ):
            here = reach == level
            start[here], end[here] = starts[low[here]], starts[high[here]]
        place = _draw(shelf.line, start, end, self._rng)

        moody = reach == _MOOD
        mood = shelf.mood[origin[moody]]
        drawn = _draw(shelf.mood_line, shelf.mood_starts[mood], shelf.mood_starts[mood + 1], self._rng)
        place[moody] = shelf.mood_order[drawn]
        return place


def _draw(line: npt.NDArray[np.float64], start: Places, end: Places, rng: np.random.Generator) -> Places:
    """A place in each range `start` <= place < `end`, by popularity."""
    low, high = line[start], line[end]
    found = np.searchsorted(line, low + rng.random(len(start)) * (high - low), side="right") - 1
    return np.clip(found, start, end - 1)


def _among(heard: npt.NDArray[np.int32], place: Places) -> Flags:
    found: Flags = (heard == place[:, None]).any(axis=1)
    return found
