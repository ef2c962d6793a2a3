"""The index over unit vectors: which tracks point the same way."""

from core.neighbours.index import (
    ExactIndex,
    KDTreeIndex,
    NeighbourIndex,
    build_index,
    predict_batch,
    unit,
)
from core.neighbours.selection import top_k

__all__ = [
    "ExactIndex",
    "KDTreeIndex",
    "NeighbourIndex",
    "build_index",
    "predict_batch",
    "top_k",
    "unit",
]
