"""Scores of several seeds at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segue.core.library import Library
from segue.core.rankers import default_ranker
from segue.core.rankers import ranker as ranker_of
from segue.core.rankers.vector import NextRanker


def combined_scores(
    library: Library, rows: Sequence[int], weights: Sequence[float], ranker: str | None = None
) -> NDArray[np.float32]:
    """The weighted sum of a ranker's scores for several seeds: float32 (V,), 0 where it knows nothing.

    By default the ranker is `next`, or `nearest` where there are no playlists. For `nearest` and `next` one
    product with the weighted sum of the vectors gives it, however many seeds.
    """
    name = ranker or default_ranker(library)
    chosen = ranker_of(library, name)
    shares = np.asarray(weights, dtype=np.float32)
    total = np.zeros(len(library), np.float32)
    if name not in {"nearest", "next"}:
        for row, share in zip(rows, shares, strict=True):
            total += share * chosen.scores(row)
        return total
    np.matmul(library.vectors, shares @ library.vectors[list(rows)], out=total)
    if isinstance(chosen, NextRanker) and library.cooccurrence is not None:
        total += shares.sum() * chosen.bonus(chosen.popularity)
        for row, share in zip(rows, shares, strict=True):
            met, counts = library.cooccurrence.row(row)
            total[met] += share * np.float32(chosen.weight) * np.log1p(counts)
    return total
