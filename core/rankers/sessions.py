"""Suggestions out of the training playlists that share tracks with a seed or with a whole playlist."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Corpus, Occurrences
from segue.core.rankers.protocol import Indices, Scores
from segue.core.rankers.sparse import number_ranges

SESSIONS = 200
"""Most similar playlists whose tracks are suggested. 50 are too few; all of them say what is popular."""
BEYOND = 0.99
"""Share of the least similarity of the `SESSIONS` that is taken from all; 1 would silence equal ones."""
LONG = 0.4
"""Exponent of the length by which a similar playlist's vote on what another misses grows."""
REACH = 3.0
"""Positions over which V-STAN's weight of a later track falls by e; 1.5 to 8 score alike."""
STEP = 0.5
"""Exponent of RP3's transition chances, α in the paper. 1 leads to rare tracks too often."""
DAMPING = 0.3
"""Exponent of the popularity that RP3 divides by, β in the paper; 0.2 to 0.4 score alike."""


Weights = npt.NDArray[Any]
"""Floats of 8 bytes."""


def first_largest(values: Weights, k: int) -> npt.NDArray[np.intp]:
    """The places, rising, of the k largest values, of equal ones the first; there are at least k."""
    least = np.partition(values, -k)[-k]
    above = values > least
    equal = np.flatnonzero(values == least)[: k - int(np.count_nonzero(above))]
    return np.sort(np.concatenate([np.flatnonzero(above), equal]))


@dataclass(frozen=True)
class Votes:
    """What similar playlists suggest; none of the rows is in the playlist itself."""

    rows: npt.NDArray[np.intp]
    """intp (n,): the tracks with a vote, rising."""
    values: Weights
    """float64 (n,)"""

    def of_largest(self) -> Weights:
        """The values divided by the largest."""
        largest = self.values.max(initial=0)
        return self.values * (1 / largest) if largest > 0 else self.values

    def plus(self, other: "Votes", share: float) -> "Votes":
        """Both, each as a share of its largest, the other's times `share`."""
        rows = np.union1d(self.rows, other.rows)
        values = np.zeros(len(rows))
        values[np.searchsorted(rows, self.rows)] = self.of_largest()
        values[np.searchsorted(rows, other.rows)] += share * other.of_largest()
        return Votes(rows, values)

    def every(self, size: int) -> Weights:
        """The value of every track, float64 (size,)."""
        values: Weights = np.zeros(size)
        values[self.rows] = self.values
        return values


SessionScores = dict[str, Votes]
"""The votes of `v-stan`, `rp3` and `s-knn`, by name."""


class Sessions:
    """Suggestions out of the training playlists that share tracks with a given one.

    `occurrences` are the inverted index of the training playlists.
    """

    def __init__(self, corpus: Corpus, occurrences: Occurrences) -> None:
        self._items = np.asarray(corpus.items)
        self._offsets = np.asarray(corpus.offsets)
        self._lengths = corpus.lengths
        self._n_sessions = len(self._lengths)
        self._playlist_of = corpus.playlist_of
        self._occurrences = occurrences
        self._degrees = np.maximum(corpus.counts, 1).astype(np.float64)
        self._steps = self._degrees**-STEP
        self._damped = self._degrees**-DAMPING
        self._stay = np.maximum(self._lengths, 1) ** -STEP
        self._rarity = np.log1p(self._n_sessions / self._degrees)
        self._size = len(corpus.vocabulary)

    def scores(
        self, playlist: Sequence[int], weights: Weights, *, without: int | None = None
    ) -> SessionScores:
        """Score every track by three rankers that share most of their work.

        - S-KNN: the `SESSIONS` playlists with the largest Σ weight log(1 + playlists / plays) / √length over
          the shared tracks vote with the square of that similarity (after Jannach and Ludewig, RecSys 2017).
        - V-STAN, directed: the same vote, but only for what comes after the latest shared track, less the
          farther it is (after Ludewig et al., "Empirical analysis of session-based recommendation
          algorithms", 2021).
        - RP3: a random walk from track to playlist to track, its chances to the power `STEP`, divided by
          popularity to the power `DAMPING` (Paudel et al., TiiS 2017).

        `playlist` has track rows in playing order; one that is repeated counts where it was last. `weights`,
        float64 (len(playlist),), are how much each position counts. `without` is a training playlist to leave
        out, as if it had never been seen.
        """
        near = self._sharing(playlist, weights, without)
        tracks, found, lengths = near.tracks, near.found, self._lengths[near.found]
        walk = np.bincount(near.sessions, (near.shares * self._steps[tracks])[near.owners], self._n_sessions)
        at = self._positions(found)
        steps = np.repeat(walk[found] * self._stay[found], lengths)
        reached = np.bincount(self._items[at], steps, self._size)
        reached[tracks] = 0
        rows = np.flatnonzero(reached != 0)  # 0.07 ms at 130,000 tracks; of floats 0.4 ms
        rp3 = Votes(rows, reached[rows] * self._damped[rows])
        found, similarity = near.nearest()
        if len(found) < len(near.found):
            at, lengths = self._positions(found), self._lengths[found]
        session = np.repeat(np.arange(len(found)), lengths)
        items = self._items[at]
        others = ~_marked(tracks, self._size)[items]
        at, session = at[others], session[others]
        rows, place = np.unique(items[others], return_inverse=True)
        s_knn = Votes(rows, np.bincount(place, similarity[session], len(rows)))
        kept = _marked(found, self._n_sessions)[near.sessions]
        owners, positions, sessions = near.owners[kept], near.positions[kept], near.sessions[kept]
        order = np.lexsort((near.back[owners], sessions))
        latest = order[np.diff(sessions[order], prepend=-1) > 0]
        after = at - positions[latest][session]
        votes = similarity[session] * np.where(after > 0, np.exp(-(after - 1) / REACH), 0)
        v_stan = Votes(rows, np.bincount(place, votes, len(rows)))
        return {"v-stan": v_stan, "rp3": rp3, "s-knn": s_knn}

    def members(self, playlist: Sequence[int], *, without: int | None = None) -> Votes:
        """What belongs to a playlist as a whole, all its tracks counting alike, by similar playlists.

        The playlists of S-KNN vote, once for each of their tracks, with as much as the square of their
        similarity exceeds `BEYOND` of the least similar one's, times their length to the power `LONG`: a long
        playlist is more of one kind. `playlist` has track rows, whose order says nothing. `without` is a
        training playlist to leave out, as if it had never been seen.
        """
        near = self._sharing(playlist, np.ones(len(playlist)), without)
        found, similarity = near.nearest()
        lengths = self._lengths[found]
        if len(found) == SESSIONS:
            similarity = similarity - BEYOND * similarity.min()
        votes = np.repeat(similarity * lengths**LONG, lengths)
        session = np.repeat(np.arange(len(found)), lengths)
        items = self._items[self._positions(found)]
        others = ~_marked(near.tracks, self._size)[items]
        # a track once for each playlist
        keys, first = np.unique(session[others] * self._size + items[others], return_index=True)
        rows, place = np.unique(keys % self._size, return_inverse=True)
        return Votes(rows, np.bincount(place, votes[others][first], len(rows)))

    def _sharing(self, playlist: Sequence[int], weights: Weights, without: int | None) -> "_Sharing":
        """The training playlists that share tracks with a playlist; its positions count as weighted."""
        tracks, back = np.unique(np.asarray(playlist)[::-1], return_index=True)
        shares = weights[::-1][back]
        spans = [self._occurrences.positions_of(track) for track in tracks.tolist()]
        owners = np.repeat(np.arange(len(tracks)), [len(span) for span in spans])
        positions = np.concatenate(spans)
        sessions = self._playlist_of[positions]
        # of a track that is repeated in a session the last position
        kept = np.ones(len(positions), bool)
        kept[:-1] = (np.diff(sessions) != 0) | (np.diff(owners) != 0)
        if without is not None:
            kept &= sessions != without
        owners, positions, sessions = owners[kept], positions[kept], sessions[kept]
        shared = np.bincount(sessions, (shares * self._rarity[tracks])[owners], self._n_sessions)
        found = np.flatnonzero(shared > 0)
        similarity = shared[found] ** 2 / self._lengths[found]
        return _Sharing(tracks, back, shares, owners, positions, sessions, found, similarity)

    def _positions(self, sessions: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """The positions of some playlists, one playlist after the other."""
        return number_ranges(self._offsets[sessions], self._offsets[sessions + 1])


@dataclass(frozen=True)
class _Sharing:
    """The training playlists that share some of t tracks, at p positions in all."""

    tracks: npt.NDArray[np.integer[Any]]
    """int (t,): the tracks, rising."""
    back: npt.NDArray[np.intp]
    """intp (t,): how many positions from the end each was last."""
    shares: Weights
    """float64 (t,): how much each counts."""
    owners: npt.NDArray[np.intp]
    """intp (p,): the place in `tracks` of the track that stands at each position."""
    positions: npt.NDArray[np.integer[Any]]
    """int (p,): where it is in the corpus."""
    sessions: npt.NDArray[np.int32]
    """int32 (p,): in which playlist."""
    found: npt.NDArray[np.intp]
    """intp (n,): these playlists, rising."""
    similarity: Weights
    """float64 (n,)"""

    def nearest(self) -> tuple[npt.NDArray[np.intp], Weights]:
        """The `SESSIONS` most similar playlists, rising, or all if there are fewer; their similarity."""
        if len(self.found) <= SESSIONS:
            return self.found, self.similarity
        nearest = first_largest(self.similarity, SESSIONS)
        return self.found[nearest], self.similarity[nearest]


def _marked(rows: npt.NDArray[np.integer[Any]], size: int) -> npt.NDArray[np.bool_]:
    """Which of so many numbers are among some: bool (size,). Faster than `np.isin`, which sorts."""
    marks = np.zeros(size, bool)
    marks[rows] = True
    return marks


class SeedVotes:
    """What `Sessions` gives by one of its rankers for a single track, without looking at all playlists."""

    def __init__(
        self, kind: Literal["s-knn", "v-stan", "rp3"], corpus: Corpus, occurrences: Occurrences
    ) -> None:
        self._kind = kind
        self._items = np.asarray(corpus.items)
        self._offsets = np.asarray(corpus.offsets)
        self._lengths = corpus.lengths
        self._playlist_of = corpus.playlist_of
        self._occurrences = occurrences
        self._degrees = np.maximum(corpus.counts, 1).astype(np.float64)

    def __call__(self, seed: int, /) -> tuple[Indices, Scores]:
        """See `SparseScores`."""
        positions = self._occurrences.positions_of(seed)
        sessions = self._playlist_of[positions]
        last = np.diff(sessions, append=-1) != 0  # of a track that is repeated the last position
        positions, sessions = positions[last], sessions[last]
        rarity = np.log1p(len(self._lengths) / self._degrees[seed])
        similarity = rarity**2 / self._lengths[sessions]
        if self._kind == "rp3":
            similarity = self._degrees[seed] ** -STEP * self._lengths[sessions] ** -STEP
        elif len(sessions) > SESSIONS:
            # of equals the first ones, as among all playlists
            nearest = first_largest(similarity, SESSIONS)
            positions, sessions, similarity = positions[nearest], sessions[nearest], similarity[nearest]
        at = number_ranges(self._offsets[sessions], self._offsets[sessions + 1])
        session = np.repeat(np.arange(len(sessions)), self._lengths[sessions])
        votes = similarity[session]
        kept = self._items[at] != seed
        if self._kind == "v-stan":
            after = at - positions[session]
            votes = votes * np.exp(-(after - 1) / REACH)
            kept &= after > 0
        rows, place = np.unique(self._items[at[kept]], return_inverse=True)
        values = np.bincount(place, votes[kept], len(rows))
        if self._kind == "rp3":
            values = values * self._degrees[rows] ** -DAMPING
        return rows, values.astype(np.float32)
