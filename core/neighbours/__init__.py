"""The index over unit vectors: which tracks point the same way."""

from segue.core.neighbours.index import (
    ExactIndex,
    KDTreeIndex,
    NeighbourIndex,
    build_index,
    predict_batch,
    unit,
)
from segue.core.neighbours.tiles import Bonus, top_k

__all__ = [
    "Bonus",
    "ExactIndex",
    "KDTreeIndex",
    "NeighbourIndex",
    "build_index",
    "predict_batch",
    "top_k",
    "unit",
]
