"""The weights of the ranker `next`, fitted on pairs that no report scores."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.rankers.vector import DEFAULT_WEIGHT, NextRanker

NEAR, POPULAR = 100, 50
"""Contenders of a seed beside the tracks it has met. With 30 and 300 of the nearest, hit@10 is the same."""
RIDGE = 1.0
"""Strength of the pull towards `CENTRE`, which leads where there are few pairs."""
CENTRE = 5 * np.array([1.0, DEFAULT_WEIGHT, 0.0])
"""The default weights, at the scale that a thousand pairs give to the cosine."""
LARGEST = 100.0
"""No weight is larger, even where the cosine says nothing."""
STEPS = 50
"""Newton's method takes 5 to 8."""

Pairs = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]


def choose_weights(ranker: NextRanker, pairs: Pairs) -> tuple[float, float]:
    """λ and β of `next`, by a conditional logit over the contenders of each seed.

    The chance that contender x comes after the seed is modelled as softmax over the contenders of
    a cosine + b log(1 + meetings) + c log(1 + plays), with b and c at least 0 (McFadden, "Conditional Logit
    Analysis of Qualitative Choice Behavior", 1974); then λ = b / a and β = c / a. Pairs whose target is the
    seed or no contender say nothing on the order of the first places and are left out.

    Parameters
    ----------
    ranker
        Its own weights play no part.
    pairs : int32 (n, 2)
        Seed and target. None of them may be scored later.

    Returns
    -------
    λ in steps of 0.001 and β in steps of 0.0001, so that the last bits of a sum don't show.
    """
    choices = _choices(ranker, pairs)
    if not len(choices.starts):
        return DEFAULT_WEIGHT, 0.0
    free = np.array([True, True, True])
    weights = _fit(choices, free)
    while (weights[1:] < 0).any():
        free[1:] &= weights[1:] >= 0
        weights = _fit(choices, free)
    cosine, meetings, plays = weights.tolist()
    scale = max(cosine, meetings / LARGEST, plays / LARGEST)
    if scale <= 0:
        return 0.0, 0.0
    return round(meetings / scale, 3), round(plays / scale, 4)


@dataclass(frozen=True)
class _Choices:
    """Some sets of contenders, and which one of each was chosen."""

    terms: Values
    """float64 (m, 3): cosine, log(1 + meetings) and log(1 + plays) of each contender, set after set."""
    starts: npt.NDArray[np.intp]
    """intp (n,): where each set begins."""
    chosen: npt.NDArray[np.intp]
    """intp (n,): the place of the chosen contender of each set."""


def _choices(ranker: NextRanker, pairs: Pairs) -> _Choices:
    seeds, targets = pairs[pairs[:, 0] != pairs[:, 1]].T
    found = ranker.contenders(seeds, NEAR, POPULAR)
    is_target = found.tracks == targets[found.lines]
    telling = np.zeros(len(seeds), bool)
    telling[found.lines[is_target]] = True
    kept = telling[found.lines]
    terms = np.stack([found.cosines, found.meetings, found.plays], axis=1)[kept].astype(np.float64)
    starts = np.flatnonzero(np.diff(found.lines[kept], prepend=-1))
    return _Choices(terms, starts, np.flatnonzero(is_target[kept]))


def _fit(choices: _Choices, free: npt.NDArray[np.bool_]) -> Values:
    """The weights float64 (3,) that maximise the likelihood less the ridge; those not free are 0."""
    terms, starts, chosen = choices.terms, choices.starts, choices.chosen
    sizes = np.diff(starts, append=len(terms))

    def judged(weights: Values) -> tuple[float, Values]:
        """The penalised log likelihood, and the probability of each contender."""
        scores = terms @ weights
        scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
        powers = np.exp(scores)
        sums = np.add.reduceat(powers, starts)
        likelihood = scores[chosen].sum() - np.log(sums).sum()
        pull = RIDGE / 2 * ((weights - CENTRE)[free] ** 2).sum()
        return float(likelihood - pull), powers / np.repeat(sums, sizes)

    weights = np.where(free, CENTRE, 0.0)
    value, chances = judged(weights)
    for _ in range(STEPS):
        weighted = terms * chances[:, None]
        means = np.add.reduceat(weighted, starts)
        slope = terms[chosen].sum(axis=0) - means.sum(axis=0) - RIDGE * (weights - CENTRE)
        curvature = weighted.T @ terms - means.T @ means + RIDGE * np.eye(3)
        step = np.zeros(3)
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], slope[free])
        # concave, so that a shorter step is always better than none
        while (better := judged(weights + step))[0] < value and np.abs(step).max() > 1e-9:
            step /= 2
        gain = better[0] - value
        weights, (value, chances) = weights + step, better
        if gain < 1e-9 * max(abs(value), 1):
            break
    return weights
