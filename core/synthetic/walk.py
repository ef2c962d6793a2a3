"""Playlists as walks along the shelf: all of a block take their next step at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.synthetic.shelf import Places, Shelf
from segue.core.synthetic.spec import Habits, WorldSpec

LONGEST = 50
_SHORTEST = 3
_LENGTH_FLOOR = 2.2
_DEVOTED_LENGTH = 0.7
"""Playlists of one artist are shorter by this, above the floor."""
_BLOCK = 100_000
"""Playlists walked at once; bounds the memory (20 MB of places and as much again of scratch)."""
_TRIES = 5
"""How often a track that the playlist already holds is drawn anew."""
_REPEATS_LAST = 0.45
"""Repeats that play the track just heard once more."""

_ARTIST, _MOOD, _SCENE, _GENRE, _NEAR_GENRES, _ALL = range(-1, 5)
"""How far a step reaches."""

Steps = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Listeners:
    """What differs from playlist to playlist; all arrays (n,), the longest playlist first."""

    length: Steps
    loyalty: npt.NDArray[np.float64]
    """Chance that a step stays with the artist; 1 for a playlist of one artist."""
    breadth: npt.NDArray[np.float64]
    repeating: npt.NDArray[np.float64]
    period: Steps
    """After how many tracks the playlist starts over; beyond `LONGEST` for never."""
    obscure: Flags
    from_top: Flags
    """The first album is played from its first track."""


def walk_playlists(
    spec: WorldSpec, shelf: Shelf, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Every playlist of the world.

    Returns
    -------
    places : int32 (n_positions,)
        The place on the shelf of each track of each playlist.
    lengths : int64 (n_playlists,)
    """
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
        self._listeners = _listeners(count, habits, rng)
        self._walked = np.zeros((count, LONGEST), np.int32)

    def playlists(self) -> tuple[npt.NDArray[np.int32], Steps]:
        """The places of every playlist, one after another, and the lengths; no longer in order of length."""
        length = self._listeners.length
        self._walked[:, 0] = self._first()
        for step in range(1, int(length[0])):
            walking = int(np.searchsorted(-length, -step))
            self._walked[:walking, step] = self._next(walking, step)
        order = self._rng.permutation(len(length))
        lengths = length[order]
        return self._walked[order][np.arange(LONGEST) < lengths[:, None]], lengths

    def _first(self) -> Places:
        listeners, shelf = self._listeners, self._shelf
        nowhere = np.zeros(len(listeners.length), np.int64)
        popular = shelf.line.draw(nowhere, nowhere + len(shelf), self._rng)
        anywhere = self._rng.integers(len(shelf), size=len(nowhere))
        place = np.where(listeners.obscure, anywhere, popular)
        return np.where(listeners.from_top, shelf.album_starts[shelf.album[place]], place)

    def _next(self, count: int, step: int) -> Places:
        """The track at `step` of the first `count` playlists: a repeat, the artist again, or a jump."""
        listeners, artist, rng = self._listeners, self._shelf.artist, self._rng
        heard = self._walked[:count, :step]
        last = heard[:, -1].astype(np.int64)
        earlier = heard[np.arange(count), rng.integers(step, size=count)].astype(np.int64)

        repeat = rng.random(count) < listeners.repeating[:count]
        place = np.where(rng.random(count) < _REPEATS_LAST, last, earlier)

        stay = ~repeat & (rng.random(count) < listeners.loyalty[:count])
        beside = self._beside(last)
        along = stay & (beside >= 0) & ~_among(heard, beside)
        place[along] = beside[along]

        back = ~stay & (rng.random(count) < self._habits.returning)
        reach = np.where(stay | back, _ARTIST, rng.binomial(_ALL - _MOOD, listeners.breadth[:count]))
        origin = np.where(stay, last, earlier)
        todo = np.flatnonzero(~repeat & ~along)
        for attempt in range(_TRIES):
            if attempt > 1:  # all that is near is played out
                reach[todo] = np.minimum(reach[todo] + 1, _ALL)
            place[todo] = found = self._around(origin[todo], reach[todo])
            same_artist = (reach[todo] != _ARTIST) & (artist[found] == artist[last[todo]])
            todo = todo[same_artist | _among(heard[todo], found)]

        over = np.flatnonzero(step >= listeners.period[:count])
        place[over] = heard[over, step - listeners.period[over]]
        return place

    def _beside(self, last: Places) -> Places:
        """The next place on the album, or one a few places off; -1 at its end and for other kinds of step."""
        album, kind = self._shelf.album, self._rng.random(len(last))
        hop = np.where(kind < self._habits.in_order, 1, self._rng.integers(-3, 5, size=len(last)))
        hop[kind > self._habits.in_order + self._habits.skipping] = 0
        place = np.clip(last + hop, 0, len(album) - 1)
        return np.where((hop != 0) & (album[place] == album[last]), place, -1)

    def _around(self, origin: Places, reach: Steps) -> Places:
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
        place = shelf.line.draw(start, end, self._rng)

        moody = reach == _MOOD
        mood = shelf.mood[origin[moody]]
        drawn = shelf.mood_line.draw(shelf.mood_starts[mood], shelf.mood_starts[mood + 1], self._rng)
        place[moody] = shelf.mood_order[drawn]
        return place


def _listeners(count: int, habits: Habits, rng: np.random.Generator) -> _Listeners:
    devoted = rng.random(count) < habits.devoted
    spread = rng.lognormal(habits.length_mean, habits.length_spread, count)
    spread[devoted] *= _DEVOTED_LENGTH
    length = np.clip(np.rint(_LENGTH_FLOOR + spread), _SHORTEST, LONGEST).astype(np.int64)
    longest_first = np.argsort(-length, kind="stable")
    length, devoted = length[longest_first], devoted[longest_first]
    return _Listeners(
        length=length,
        loyalty=np.where(devoted, 1.0, rng.beta(*habits.loyalty, count)),
        breadth=rng.beta(*habits.breadth, count),
        repeating=np.where(rng.random(count) < habits.repeating, rng.beta(*habits.repeats, count), 0.0),
        period=np.where(rng.random(count) < habits.looping, 1 + rng.geometric(0.12, count), LONGEST),
        obscure=devoted & (rng.random(count) < habits.obscure),
        from_top=devoted & (rng.random(count) < 0.5),
    )


def _among(heard: npt.NDArray[np.int32], place: Places) -> Flags:
    found: Flags = (heard == place[:, None]).any(axis=1)
    return found
