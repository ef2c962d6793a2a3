"""Scores over several trainings that differ by their random seed alone: mean and standard deviation."""

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Any

from segue.core.evaluation.evaluate import evaluate
from segue.core.library import Library, Manifest

RANKERS = ("next", "nearest")
"""Those that a training changes."""
MEASURES = ("hit@10", "ndcg@10")
SeedScores = dict[str, dict[str, float]]
"""For each ranker, its mean hit@10 and NDCG@10 over the validation pairs."""


def scores_of(library: Library) -> SeedScores:
    """Score the rankers that a training changes on a library's validation pairs."""
    report = evaluate(library, rankers=RANKERS)
    return {one.ranker: {"hit@10": one.all.hit.mean, "ndcg@10": one.all.ndcg.mean} for one in report.rankers}


def note_seeds(library: Library, first: int, scores: Sequence[SeedScores]) -> None:
    """Write the scores of each seed, from `first` on, into the library's manifest."""
    library.manifest.training["seeds"] = {str(first + number): one for number, one in enumerate(scores)}
    library.save_manifest()


def seed_lines(manifest: Manifest) -> list[str]:
    """Mean and standard deviation over the seeds, a line a ranker; none where there was one seed."""
    held = manifest.training.get("seeds")
    if not isinstance(held, dict) or len(held) < 2:
        return []
    try:
        return [_line(ranker, list(held.values())) for ranker in RANKERS]
    except (KeyError, TypeError, ValueError, OverflowError):
        return []  # another program's manifest


def _line(ranker: str, scores: Sequence[Any]) -> str:
    parts = []
    for measure in MEASURES:
        values = [float(one[ranker][measure]) for one in scores]
        parts.append(f"{measure.replace('ndcg', 'NDCG')} {fmean(values):.4f} ± {stdev(values):.4f}")
    return f"{ranker:<14} {'  '.join(parts)}  (mean and s.d. of {len(scores)} seeds on validation pairs)"
