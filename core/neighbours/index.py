"""Nearest neighbours by cosine: an exact index, and the notebook's k-d tree."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from segue.core.errors import UsageError
from segue.core.neighbours import tiles
from segue.core.neighbours.tiles import Bonus, Indices, Scores, padded_width, top_k

Rows = npt.NDArray[np.integer[Any]]
Vectors = npt.NDArray[np.floating[Any]]

BLOCK_BYTES = 16_000_000
"""Scores computed at once where the queries are few: 32 whole rows at V = 123,000."""

_TREE_BATCH = 1024


def unit(vectors: Vectors) -> Scores:
    """Float32 rows of length 1; a row of zeros stays zero."""
    vectors = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    lengths[lengths == 0] = 1
    return np.asarray(vectors / lengths, np.float32)


class NeighbourIndex(ABC):
    """Answers which rows of a table of vectors, unit rows float32 (V, d), are nearest by cosine."""

    def __init__(self, vectors: Scores) -> None:
        self.vectors = vectors

    def query(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """The k nearest rows of each seed row, nearest first, the seed itself left out.

        Parameters
        ----------
        seeds : int (n,)
            Row numbers.
        k
            How many to return. Where there are fewer, the rest is padded.
        exclude : int (m,), optional
            Rows that no answer may hold.

        Returns
        -------
        indices : int32 (n, k)
            Row numbers, padded with -1.
        similarities : float32 (n, k)
            Cosines, padded with -inf.
        """
        return self.products(self.vectors[seeds], k, exclude=exclude, own=np.asarray(seeds))

    def query_vectors(
        self, vectors: Vectors, k: int, *, exclude: Rows | None = None
    ) -> tuple[Indices, Scores]:
        """The k rows nearest to each of some vectors, float (n, d) of any length; otherwise like `query`."""
        return self.products(unit(vectors), k, exclude=exclude)

    @abstractmethod
    def products(
        self, queries: Scores, k: int, *, exclude: Rows | None = None, own: Rows | None = None
    ) -> tuple[Indices, Scores]:
        """The answer for unit vectors, float32 (n, d), that may not hold a row `own` of each, int (n,)."""


class ExactIndex(NeighbourIndex):
    """Every cosine, by blocks of one matrix product. No building, no approximation.

    `vectors`, float32 (V, d), are unit rows; a memory map serves as it is.
    """

    def products(
        self,
        queries: Scores,
        k: int,
        *,
        exclude: Rows | None = None,
        own: Rows | None = None,
        bonus: Bonus | None = None,
    ) -> tuple[Indices, Scores]:
        """The k rows with the largest product with each query, whatever the lengths; otherwise like `query`.

        `queries` are float32 (n, d); `own`, int (n,), is a row of each query that its answer may not hold.
        """
        n_queries, n_rows = len(queries), len(self.vectors)
        if tiles.fits(n_queries, n_rows, k):
            out = np.zeros(n_rows, bool)
            out[[] if exclude is None else exclude] = True
            return tiles.nearest_each(queries, self.vectors, k, own=own, out=out, bonuses=[bonus])[0]
        indices, similarities = np.empty((n_queries, k), np.int32), np.empty((n_queries, k), np.float32)
        width = padded_width(n_rows)
        height = min(max(1, BLOCK_BYTES // (4 * max(width, 1))), max(n_queries, 1))
        block = np.full((height, width), -np.inf, np.float32)
        for start in range(0, n_queries, height):
            part = slice(start, min(start + height, n_queries))
            scores = block[: part.stop - start]
            np.matmul(queries[part], self.vectors.T, out=scores[:, :n_rows])
            if bonus is not None:
                scores[:, :n_rows] += bonus[part].at(slice(None))
            if own is not None:
                scores[np.arange(len(scores)), own[part]] = -np.inf
            if exclude is not None:
                scores[:, exclude] = -np.inf
            indices[part], similarities[part] = top_k(scores, k)
        return indices, similarities

    def query_each(
        self, seeds: Rows, k: int, bonuses: Sequence[Bonus | None]
    ) -> list[tuple[Indices, Scores]]:
        """The answers of `products` for each bonus, without the seeds, int (n,), from one matrix product."""
        own, n_rows = np.asarray(seeds), len(self.vectors)
        queries = self.vectors[own]
        if tiles.fits(len(own), n_rows, k):
            out = np.zeros(n_rows, bool)
            return tiles.nearest_each(queries, self.vectors, k, own=own, out=out, bonuses=bonuses)
        return [self.products(queries, k, own=own, bonus=bonus) for bonus in bonuses]


class KDTreeIndex(NeighbourIndex):
    """Scikit-learn's k-d tree, the notebook's index. Over unit vectors Euclid's order is the cosine's.

    It is kept because the notebook asks for one. Above some 20 dimensions it is slower than `ExactIndex`. A
    row of zeros has no direction; the tree leaves it out. `vectors`, float32 (V, d), are unit rows. The tree
    scans below `leaf_size` rows, 10 in the notebook.
    """

    def __init__(self, vectors: Scores, leaf_size: int = 10) -> None:
        super().__init__(vectors)
        self._leaf_size = leaf_size

    @cached_property
    def _rows(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero(np.any(self.vectors, axis=1))

    @cached_property
    def _tree(self) -> Any:  # noqa: ANN401 - scikit-learn is not typed
        from sklearn.neighbors import KDTree  # scikit-learn: 1.3 s to import

        return KDTree(np.asarray(self.vectors[self._rows], np.float64), leaf_size=self._leaf_size)

    def products(
        self, queries: Scores, k: int, *, exclude: Rows | None = None, own: Rows | None = None
    ) -> tuple[Indices, Scores]:
        """See `NeighbourIndex.products`."""
        banned = np.empty(0, np.int64) if exclude is None else np.unique(exclude)
        asked = min(k + len(banned) + (own is not None), len(self._rows))
        indices = np.full((len(queries), k), -1, np.int32)
        similarities = np.full((len(queries), k), -np.inf, np.float32)
        if asked == 0:
            return indices, similarities
        for start in range(0, len(queries), _TREE_BATCH):
            part = slice(start, start + _TREE_BATCH)
            distances, found = self._tree.query(queries[part], k=asked)
            rows = self._rows[found]
            out = np.isin(rows, banned)
            if own is not None:
                out |= rows == own[part, None]
            cosines = np.where(out, -np.inf, 1 - distances**2 / 2)
            # a stable sort moves what is out to the end and keeps the tree's order
            order = np.argsort(out, axis=1, kind="stable")[:, :k]
            width = order.shape[1]
            similarities[part, :width] = np.take_along_axis(cosines, order, axis=1)
            indices[part, :width] = np.take_along_axis(rows, order, axis=1)
        indices[np.isneginf(similarities)] = -1
        return indices, similarities


def build_index(vectors: Scores, kind: str = "exact") -> NeighbourIndex:
    """The index called `kind`, "exact" or "kdtree", over unit vectors float32 (V, d)."""
    if kind == "exact":
        return ExactIndex(vectors)
    if kind == "kdtree":
        return KDTreeIndex(vectors)
    raise UsageError(f"unknown index {kind!r}; choose exact or kdtree")


def predict_batch(seeds: Rows, k: int, X: Vectors, kdt: Any) -> npt.NDArray[np.int64]:  # noqa: ANN401, N803 - the notebook's signature
    """The notebook's function: the k nearest tracks of each seed, nearest first, the seed left out.

    `seeds`, int (n,), are row numbers in `X`, float (V, d), the vectors as the tree holds them; `kdt` is a
    `sklearn.neighbors.KDTree` over them. `k` is at most one less than there are rows. Returns row numbers,
    int64 (n, k).
    """
    seeds = np.asarray(seeds)
    found = kdt.query(X[seeds], k=k + 1, return_distance=False)
    own = found == seeds[:, None]
    # where equal vectors crowd the seed out of its own list, the last one goes instead
    own[~own.any(axis=1), -1] = True
    return np.asarray(found[~own].reshape(len(seeds), k), np.int64)
