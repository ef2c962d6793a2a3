"""What is like a track: near it, and not because both are in the charts."""

from functools import cached_property

import numpy as np

from segue.core.corpus import Counts
from segue.core.neighbours import ExactIndex, top_k
from segue.core.rankers.protocol import Indices, Rows, Scores
from segue.core.rankers.vector import blend, meetings

MET = 0.1
"""Weight of meetings beyond chance. From 0.05 to 0.3 hits rise and variety falls."""
FEW = 8
"""Up to so many seeds are ranked one by one, which needs no second table of vectors."""


class LikeRanker:
    """The cosine less what popularity explains of it, plus what playlists say beyond chance.

    Popular tracks are near each other because they are popular: on average, a vector moves with
    log(1 + plays), and that movement is taken out. What is left of the cosine orders the tracks, with
    0.1 max(0, log(c / (e + 1))) for a track met c times, where e meetings would be chance.

    Parameters
    ----------
    vectors : float32 (V, d)
        Unit rows.
    counts
        Co-occurrence within a window, each meeting weighted by 1/distance.
    plays : int (V,)
        How often each track occurs in the training playlists.
    """

    name = "like"

    def __init__(self, vectors: Scores, counts: Counts, plays: Rows) -> None:
        self._vectors = np.asarray(vectors)
        self._counts = counts
        logs = np.log1p(np.asarray(plays, np.float64))
        self._logs = np.asarray(logs - logs.mean(), np.float32)
        spread = float(self._logs @ self._logs)
        # least squares of the vectors on log(1 + plays): how much a vector moves with its track's popularity
        self._slope = (self._logs @ self._vectors) / np.float32(spread or 1)

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        seeds = np.asarray(seeds)
        if len(seeds) <= FEW:
            rows = np.array([self.scores(seed) for seed in seeds.tolist()], np.float32)
            rows = rows.reshape(len(seeds), len(self._vectors))
            rows[np.arange(len(seeds)), seeds] = -np.inf
            if exclude is not None:
                rows[:, exclude] = -np.inf
            return top_k(rows, k)
        near, scores = ExactIndex(self._corrected).products(
            self._vectors[seeds], k, exclude=exclude, own=seeds
        )
        met = meetings(self._vectors, self._counts, seeds, exclude)
        own = seeds[met.lines]
        popular = self._vectors[seeds] @ self._slope
        cosines = met.cosines - popular[met.lines] * self._logs[met.tracks]
        lifted = cosines + self._lifts(own, met.tracks, met.times)
        return blend(near, scores, met, np.asarray(lifted, np.float32))

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        vector = self._vectors[seed]
        row = self._vectors @ vector - (self._slope @ vector) * self._logs
        met, times = self._counts.row(seed)
        row[met] += self._lifts(seed, met, times)
        return np.asarray(row, np.float32)

    def parts(self, seed: int, row: int) -> tuple[float, float]:
        """What popularity takes from the cosine of a track, and what meetings beyond chance add to it."""
        met, times = self._counts.row(seed)
        lift = float(self._lifts(seed, met, times)[met == row].sum())
        return -float(self._slope @ self._vectors[seed] * self._logs[row]), lift

    def _lifts(self, seeds: Rows | int, met: Indices, times: Scores) -> Scores:
        """What meetings add to the scores of tracks that were met so often: float32 (m,), mostly 0."""
        chance = self._meetings[seeds] * self._meetings[met] / self._all_meetings
        return np.asarray(MET * np.maximum(np.log(times / (chance + 1)), 0), np.float32)

    @cached_property
    def _corrected(self) -> Scores:
        """The vectors without what popularity explains of them, float32 (V, d)."""
        return np.asarray(self._vectors - self._logs[:, None] * self._slope, np.float32)

    @cached_property
    def _meetings(self) -> Scores:
        """How often each track met others in all, float32 (V,)."""
        owners = np.repeat(np.arange(len(self._counts)), np.diff(self._counts.indptr))
        return np.bincount(owners, self._counts.data, len(self._counts)).astype(np.float32)

    @cached_property
    def _all_meetings(self) -> np.float32:
        return np.float32(max(self._meetings.sum(), 1))
