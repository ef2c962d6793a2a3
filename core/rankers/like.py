"""What is like a track: near it, and not because both are in the charts."""

from functools import cached_property

import numpy as np

from segue.core.corpus import Counts
from segue.core.neighbours import ExactIndex, top_k
from segue.core.rankers.protocol import Indices, Rows, Scores
from segue.core.rankers.sparse import allowed

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
        for line, seed in enumerate(seeds.tolist()):
            met, lifts = allowed(*self._lifts(seed), exclude)
            lifted = self._corrected[met] @ self._vectors[seed] + lifts
            others = (near[line] >= 0) & ~np.isin(near[line], met)
            tracks = np.concatenate([met, near[line][others]])
            values = np.concatenate([lifted, scores[line][others]])
            order = np.lexsort((tracks, -values))[:k]
            near[line], scores[line] = -1, -np.inf
            near[line, : len(order)], scores[line, : len(order)] = tracks[order], values[order]
        return near, scores

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        vector = self._vectors[seed]
        row = self._vectors @ vector - (self._slope @ vector) * self._logs
        met, lifts = self._lifts(seed)
        row[met] += lifts
        return np.asarray(row, np.float32)

    def _lifts(self, seed: int) -> tuple[Indices, Scores]:
        """The tracks that the seed met more often than by chance, and what that adds to their scores."""
        met, counts = self._counts.row(seed)
        chance = self._meetings[seed] * self._meetings[met] / max(self._meetings.sum(), 1)
        logs = np.log(counts / (chance + 1))
        above = logs > 0
        return met[above], np.asarray(MET * logs[above], np.float32)

    @cached_property
    def _corrected(self) -> Scores:
        """The vectors without what popularity explains of them, float32 (V, d)."""
        return np.asarray(self._vectors - self._logs[:, None] * self._slope, np.float32)

    @cached_property
    def _meetings(self) -> Scores:
        """How often each track met others in all, float32 (V,)."""
        owners = np.repeat(np.arange(len(self._counts)), np.diff(self._counts.indptr))
        return np.bincount(owners, self._counts.data, len(self._counts)).astype(np.float32)
