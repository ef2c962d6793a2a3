"""Rankers that look at no playlist: the floor that every other has to clear."""

import numpy as np
import numpy.typing as npt

from segue.core.rankers.protocol import Indices, Rows, Scores
from segue.core.rankers.sparse import tie_order


class PopularityRanker:
    """The most frequent tracks, whatever the seed.

    Parameters
    ----------
    counts : int (V,)
        How often each track occurs in the training playlists.
    """

    name = "popularity"

    def __init__(self, counts: npt.NDArray[np.int64]) -> None:
        self._counts = counts.astype(np.float32)
        self._order = np.argsort(tie_order(counts)).astype(np.int32)

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        order = self._order if exclude is None else self._order[~np.isin(self._order, exclude)]
        shortlist = order[: k + 1]
        return _without_seed(np.broadcast_to(shortlist, (len(seeds), len(shortlist))), seeds, k, self._counts)

    def scores(self, seed: int) -> Scores:  # noqa: ARG002 - the same for every seed
        """See `Ranker.scores`."""
        return self._counts


class RandomRanker:
    """Chance. The catalogue is shuffled once, and a seed's list is what follows it there.

    Parameters
    ----------
    n_tracks
        The size V of the vocabulary.
    seed
        Start of the shuffle.
    """

    name = "random"

    def __init__(self, n_tracks: int, *, seed: int = 0) -> None:
        self._shuffled = np.random.default_rng(seed).permutation(n_tracks).astype(np.int32)
        self._place = np.empty(n_tracks, np.int32)
        self._place[self._shuffled] = np.arange(n_tracks, dtype=np.int32)

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        n_tracks = len(self._place)
        n_excluded = 0 if exclude is None else len(np.unique(exclude))
        steps = np.arange(1, min(k + n_excluded, n_tracks - 1) + 1)
        found = self._shuffled[(self._place[seeds][:, None] + steps) % n_tracks]
        values = np.broadcast_to((1 - steps / n_tracks).astype(np.float32), found.shape)
        out = np.zeros(found.shape, bool) if exclude is None else np.isin(found, exclude)
        return _first(found, values, out, k)

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        steps = (self._place - self._place[seed]) % len(self._place)
        return np.asarray(1 - steps / len(self._place), np.float32)


def _without_seed(found: Indices, seeds: Rows, k: int, values: Scores) -> tuple[Indices, Scores]:
    return _first(found, values[found], found == np.asarray(seeds)[:, None], k)


def _first(found: Indices, values: Scores, out: npt.NDArray[np.bool_], k: int) -> tuple[Indices, Scores]:
    """The first k of each row that are not out, padded."""
    order = np.argsort(out, axis=1, kind="stable")[:, :k]
    shape = (len(found), k)
    indices, scores = np.full(shape, -1, np.int32), np.full(shape, -np.inf, np.float32)
    width = order.shape[1]
    kept = ~np.take_along_axis(out, order, axis=1)
    indices[:, :width] = np.where(kept, np.take_along_axis(found, order, axis=1), -1)
    scores[:, :width] = np.where(kept, np.take_along_axis(values, order, axis=1), -np.inf)
    return indices, scores
