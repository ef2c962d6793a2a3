"""The catalogue of a world as one long shelf.

The tracks stand in the order of genre, scene, artist, album and place on the album, so that every genre,
scene, artist and album is a range of places, and to draw a track from any of them is one search in one
cumulative table. Moods cut across the artists of a scene; they have a second shelf with the same tracks in
another order.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.synthetic.spec import WorldSpec

Places = npt.NDArray[np.int64]
"""Places on a shelf, int64."""

_ALBUM_TRACKS = 9.0
"""Mean tracks of an album."""
_LOYAL_TO_MOOD = 0.6
"""Tracks that have the mood their artist has most often."""
_MOST_TRACKS = 400


@dataclass(frozen=True)
class Line:
    """Popularity summed up along a shelf."""

    cumulative: npt.NDArray[np.float64]
    """float64 (n + 1,), from 0."""

    @classmethod
    def of(cls, popularity: npt.NDArray[np.float64]) -> "Line":
        """The line of float64 (n,) popularities."""
        return cls(np.concatenate([[0.0], np.cumsum(popularity)]))

    def draw(self, start: Places, end: Places, rng: np.random.Generator) -> Places:
        """A place in each range `start` <= place < `end`, by popularity."""
        low, high = self.cumulative[start], self.cumulative[end]
        found = (
            np.searchsorted(self.cumulative, low + rng.random(len(start)) * (high - low), side="right") - 1
        )
        return np.clip(found, start, end - 1)


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
    popularity: npt.NDArray[np.float64]
    """float64 (n,)."""
    line: Line
    artist_starts: Places
    """int64 (artists + 1,): artist a has the places `artist_starts[a]` to `artist_starts[a + 1]`."""
    album_starts: Places
    scene_starts: Places
    genre_starts: Places
    mood_starts: Places
    """Into the second shelf."""
    mood_line: Line
    """Along the second shelf."""
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
        popularity=popularity,
        line=Line.of(popularity),
        artist_starts=_starts(artist, spec.artists),
        album_starts=_starts(album, int(album[-1]) + 1),
        scene_starts=_starts(scene, spec.scenes),
        genre_starts=_starts(genre, spec.genres),
        mood_starts=_starts(mood[mood_order], spec.scenes * spec.moods),
        mood_line=Line.of(popularity[mood_order]),
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
