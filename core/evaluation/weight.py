"""The weight of the counts in `next`, chosen on validation pairs and on nothing else."""

import numpy as np

from core.evaluation.metrics import hit_at_k, ndcg_at_k, ranks_of
from core.evaluation.report import WeightTrial, held_out_pairs
from core.library import Library
from core.rankers import next_ranker

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0, 1.5)


def try_weights(library: Library, *, k: int = 10) -> tuple[WeightTrial, ...]:
    """The score of `next` on the library's validation pairs under each weight of `WEIGHTS`."""
    seeds, targets = held_out_pairs(library, "validation").T
    distinct, place = np.unique(seeds, return_inverse=True)
    following = next_ranker(library)
    near, cosines = library.index().query(distinct, k)
    trials = []
    for weight in WEIGHTS:
        indices, _ = following.blend(distinct, near, cosines, weight)
        ranks = ranks_of(indices[place], targets)
        trials.append(
            WeightTrial(weight, float(hit_at_k(ranks, k).mean()), float(ndcg_at_k(ranks, k).mean()))
        )
    return tuple(trials)


def best_weight(trials: tuple[WeightTrial, ...]) -> float:
    """The weight with the most hits; of equals the one with the better NDCG, then the smaller."""
    return max(trials, key=lambda trial: (trial.hit, trial.ndcg, -trial.weight)).weight
