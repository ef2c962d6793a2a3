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

    def every(self, size: int) -> Weights:
        """The value of every track, float64 (size,)."""
        values: Weights = np.zeros(size)
        values[self.rows] = self.values
        return values


@dataclass(frozen=True)
class SessionScores:
    """The votes of three rankers."""

    s_knn: Votes
    v_stan: Votes
    rp3: Votes


class Sessions:
    """Suggestions out of the training playlists that share tracks with a given one.

    Parameters
    ----------
    corpus
        The training playlists.
    occurrences
        Their inverted index.
    """

    def __init__(self, corpus: Corpus, occurrences: Occurrences) -> None:
        self._items = np.asarray(corpus.items)
        self._offsets = np.asarray(corpus.offsets)
        self._lengths = corpus.lengths
        self._playlist_of = corpus.playlist_of
        self._occurrences = occurrences
        self._degrees = np.maximum(corpus.counts, 1).astype(np.float64)
        self._steps = self._degrees**-STEP
        self._damped = self._degrees**-DAMPING
        self._stay = np.maximum(self._lengths, 1) ** -STEP
        self._rarity = np.log1p(len(self._lengths) / self._degrees)
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

        Parameters
        ----------
        playlist
            Track rows in playing order. A track that is repeated counts where it was last.
        weights : float64 (len(playlist),)
            How much each position counts.
        without
            A training playlist to leave out, as if it had never been seen.
        """
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
        n_sessions = len(self._lengths)
        shared = np.bincount(sessions, (shares * self._rarity[tracks])[owners], n_sessions)
        walk = np.bincount(sessions, (shares * self._steps[tracks])[owners], n_sessions)
        found = np.flatnonzero(shared > 0)
        similarity = shared[found] ** 2 / self._lengths[found]
        at, session = self._positions(found)
        reached = np.bincount(self._items[at], (walk[found] * self._stay[found])[session], self._size)
        reached[tracks] = 0
        rows = np.flatnonzero(reached)
        rp3 = Votes(rows, reached[rows] * self._damped[rows])
        if len(found) > SESSIONS:
            nearest = first_largest(similarity, SESSIONS)
            found, similarity = found[nearest], similarity[nearest]
            at, session = self._positions(found)
        items = self._items[at]
        others = ~np.isin(items, tracks)
        at, session = at[others], session[others]
        rows, place = np.unique(items[others], return_inverse=True)
        s_knn = Votes(rows, np.bincount(place, similarity[session], len(rows)))
        near = np.isin(sessions, found)
        owners, positions, sessions = owners[near], positions[near], sessions[near]
        order = np.lexsort((back[owners], sessions))
        latest = order[np.diff(sessions[order], prepend=-1) > 0]
        after = at - positions[latest][session]
        votes = similarity[session] * np.where(after > 0, np.exp(-(after - 1) / REACH), 0)
        return SessionScores(s_knn, Votes(rows, np.bincount(place, votes, len(rows))), rp3)

    def _positions(self, sessions: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The positions of some playlists, and which of these each is in."""
        at = number_ranges(self._offsets[sessions], self._offsets[sessions + 1])
        return at, np.repeat(np.arange(len(sessions)), self._lengths[sessions])


class SeedVotes:
    """What `Sessions` gives by one of its rankers for a single track, without looking at all playlists.

    Parameters
    ----------
    kind
        Which ranker.
    corpus
        The training playlists.
    occurrences
        Their inverted index.
    """

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
