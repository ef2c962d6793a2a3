"""Scores of several seeds at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.library import Library
from core.rankers import ranker as ranker_of
from core.rankers.vector import NextRanker


def combined_scores(
    library: Library, rows: Sequence[int], weights: Sequence[float], ranker: str
) -> NDArray[np.float32]:
    """The weighted sum of a ranker's scores for several seeds: float32 (V,), 0 where it knows nothing.

    For `nearest` and `next` one product with the weighted sum of the vectors gives it, however many seeds.
    """
    chosen = ranker_of(library, ranker)
    shares = np.asarray(weights, dtype=np.float32)
    total = np.zeros(len(library), np.float32)
    if ranker not in {"nearest", "next"}:
        for row, share in zip(rows, shares, strict=True):
            total += share * chosen.scores(row)
        return total
    np.matmul(library.vectors, shares @ library.vectors[list(rows)], out=total)
    if isinstance(chosen, NextRanker) and library.cooccurrence is not None:
        for row, share in zip(rows, shares, strict=True):
            met, counts = library.cooccurrence.row(row)
            total[met] += share * np.float32(chosen.weight) * np.log1p(counts)
    return total
