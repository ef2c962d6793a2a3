"""Who comes next: the model and the baselines behind one protocol."""

from segue.core.rankers.protocol import Ranker
from segue.core.rankers.registry import (
    RANKERS,
    available_rankers,
    default_ranker,
    like_ranker,
    next_ranker,
    ranker,
    save_ppmi_svd,
    set_next_weights,
)

__all__ = [
    "RANKERS",
    "Ranker",
    "available_rankers",
    "default_ranker",
    "like_ranker",
    "next_ranker",
    "ranker",
    "save_ppmi_svd",
    "set_next_weights",
]
