"""Rankers over the track vectors: the model alone, and the model with the counts."""

import numpy as np
import numpy.typing as npt

from core.corpus import Counts
from core.neighbours import NeighbourIndex
from core.rankers.protocol import Indices, Rows, Scores
from core.rankers.sparse import allowed, best

DEFAULT_WEIGHT = 0.3
"""Weight of the counts until one is chosen on validation pairs; 0.2 to 0.4 was best on real playlists."""


class NearestRanker:
    """The cosine between track vectors.

    Parameters
    ----------
    vectors : float32 (V, d)
        Unit rows.
    index
        An index over them.
    name
        `nearest`, or the name of whatever made the vectors.
    """

    def __init__(self, vectors: Scores, index: NeighbourIndex, *, name: str = "nearest") -> None:
        self.name = name
        self._vectors = vectors
        self._index = index

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        return self._index.query(seeds, k, exclude=exclude)

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        return np.asarray(self._vectors @ self._vectors[seed])


class NextRanker:
    """The cosine plus λ log(1 + count): the model, and the playlists' own word where they have one.

    Parameters
    ----------
    vectors : float32 (V, d)
        Unit rows.
    index
        An index over them.
    counts
        Co-occurrence within a window, each meeting weighted by 1/distance.
    weight
        λ.
    """

    name = "next"

    def __init__(
        self, vectors: Scores, index: NeighbourIndex, counts: Counts, *, weight: float = DEFAULT_WEIGHT
    ) -> None:
        self.weight = weight
        self._vectors = np.asarray(vectors)  # a plain view: slicing np.memmap costs 10 microseconds each time
        self._index = index
        self._counts = counts

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        near, cosines = self._index.query(seeds, k, exclude=exclude)
        return self.blend(seeds, near, cosines, self.weight, exclude=exclude)

    def blend(
        self, seeds: Rows, near: Indices, cosines: Scores, weight: float, *, exclude: Rows | None = None
    ) -> tuple[Indices, Scores]:
        """Give the answer under some weight, from the k nearest tracks that an index found.

        A count only ever lifts a track, so the k best are among the k nearest and the tracks that were met.

        Parameters
        ----------
        seeds, near, cosines, exclude
            A query to the index and its answer: int (n,), int32 (n, k), float32 (n, k), int (m,).
        weight
            λ, at least 0.
        """
        k = near.shape[1]
        indices, scores = np.full_like(near, -1), np.full_like(cosines, -np.inf)
        for line, seed in enumerate(np.asarray(seeds).tolist()):
            met, counts = allowed(*self._counts.row(seed), exclude)
            lifted = self._vectors[met] @ self._vectors[seed] + np.float32(weight) * np.log1p(counts)
            others = (near[line] >= 0) & ~_in_rising(near[line], met)
            columns, values = best(
                np.concatenate([met, near[line][others]]), np.concatenate([lifted, cosines[line][others]]), k
            )
            indices[line, : len(columns)] = columns
            scores[line, : len(columns)] = values
        return indices, scores

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        row = np.array(self._vectors @ self._vectors[seed])
        met, counts = self._counts.row(seed)
        row[met] += np.float32(self.weight) * np.log1p(counts)
        return row


def _in_rising(values: Indices, rising: Indices) -> npt.NDArray[np.bool_]:
    """Which values are among some rising ones: bool (n,). For few values, a tenth of np.isin's time."""
    if not len(rising):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(rising, values), len(rising) - 1)
    return np.asarray(rising[at] == values)
