"""How well rankers predict the next track, next to baselines."""

from segue.core.evaluation.compare import Case, Pair, Prediction, list_pairs, open_case
from segue.core.evaluation.evaluate import evaluate, pair_ranks
from segue.core.evaluation.metrics import Measure, decision, hit_at_k, ndcg_at_k, paired_bootstrap, ranks_of
from segue.core.evaluation.report import (
    OWN,
    Bucket,
    RankerScores,
    Report,
    Scores,
    best_of_model,
    is_being_scored,
    read_report,
    save_report,
    scoring,
)

__all__ = [
    "OWN",
    "Bucket",
    "Case",
    "Measure",
    "Pair",
    "Prediction",
    "RankerScores",
    "Report",
    "Scores",
    "best_of_model",
    "decision",
    "evaluate",
    "hit_at_k",
    "is_being_scored",
    "list_pairs",
    "ndcg_at_k",
    "open_case",
    "pair_ranks",
    "paired_bootstrap",
    "ranks_of",
    "read_report",
    "save_report",
    "scoring",
]
