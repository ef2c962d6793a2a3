"""The weights of the ranker `next`, chosen on validation pairs and on nothing else."""

import numpy as np

from segue.core.evaluation.metrics import hit_at_k, ndcg_at_k, ranks_of
from segue.core.evaluation.report import WeightTrial, held_out_pairs
from segue.core.library import Library
from segue.core.rankers import next_ranker
from segue.core.rankers.vector import NextRanker

WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5)
"""Of the counts."""
POPULARITIES = (0.0, 0.01, 0.02, 0.04, 0.08, 0.16)
"""Of the plays. At 0.08 a track played a thousand times gains as much as half a unit of cosine."""

Pairs = np.typing.NDArray[np.int32]


def try_weights(library: Library, *, k: int = 10) -> tuple[WeightTrial, ...]:
    """The score of `next` on the library's validation pairs under every two weights of the grid."""
    return trials_of(next_ranker(library), held_out_pairs(library, "validation"), k=k)


def trials_of(following: NextRanker, pairs: Pairs, *, k: int = 10) -> tuple[WeightTrial, ...]:
    """The same for a ranker and pairs int32 (n, 2): seed, target."""
    seeds, targets = pairs.T
    distinct, place = np.unique(seeds, return_inverse=True)
    met = following.meetings(distinct)
    trials = []
    for popularity in POPULARITIES:
        near, scores = following.without_counts(distinct, k, popularity)
        for weight in WEIGHTS:
            indices, _ = following.blend(near, scores, met, weight, popularity)
            ranks = ranks_of(indices[place], targets)
            hit, ndcg = (float(metric(ranks, k).mean()) for metric in (hit_at_k, ndcg_at_k))
            trials.append(WeightTrial(weight, popularity, hit, ndcg))
    return tuple(trials)


def best_weights(trials: tuple[WeightTrial, ...]) -> WeightTrial:
    """The trial with the most hits; of equals the one with the better NDCG, then the smaller weights."""
    return max(trials, key=lambda trial: (trial.hit, trial.ndcg, -trial.popularity, -trial.weight))
