"""The weights of the rankers `next` and `continue`, fitted on pairs that no report scores."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Corpus
from segue.core.evaluation.completion import Ends, recall_and_precision
from segue.core.evaluation.metrics import paired_bootstrap
from segue.core.rankers.playlist import (
    DEFAULT_WEIGHTS,
    FAINT,
    FAINTEST,
    LIFT,
    MISSING_WEIGHTS,
    ContinueRanker,
)
from segue.core.rankers.vector import DEFAULT_WEIGHT, NextRanker

NEAR, POPULAR = 100, 50
"""Contenders of a seed beside the tracks it has met. With 30 and 300 of the nearest, hit@10 is the same."""
RIDGE = 1.0
"""Strength of the pull towards the default weights, which leads where there are few pairs."""
CENTRE = 5 * np.array([1.0, DEFAULT_WEIGHT, 0.0, 0.0])
"""The default weights, at the scale that a thousand pairs give to the cosine."""
LARGEST = 100.0
"""No weight is larger, even where the cosine says nothing."""
STEPS = 50
"""Newton's method takes 5 to 8."""

FITTED, SCORED = (500, 1000), 65_000_000
"""Least and most playlists that the weights of `continue` are fitted on, one query each; between these as
many as score so many tracks in all."""
LEADING = 50
"""Contenders by each term of `continue`."""

MISSING, FEWEST_ENDS = 500, 20
"""Most playlists that the weights of `missing` are chosen on; with fewer than the second they stay."""
SHARES, LIFTS = (0.0, 1.0, 4.0, 16.0, 1e5), (LIFT, 0.0)
"""The weights among which those of `missing` are chosen, the default first."""

Pairs = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]


def choose_weights(ranker: NextRanker, pairs: Pairs) -> tuple[float, float, float]:
    """λ, β and φ of `next`, by a conditional logit over the contenders of each seed.

    The chance that contender x comes after the seed is modelled as softmax over the contenders of a cosine +
    b log(1 + meetings) + c log(1 + plays) + d log(1 + times it came directly after), with b, c and d at least
    0 (McFadden, "Conditional Logit Analysis of Qualitative Choice Behavior", 1974); then λ = b / a, β = c / a
    and φ = d / a. Pairs whose target is the seed or no contender say nothing on the order of the first places
    and are left out. The ranker's own weights play no part. `pairs`, int32 (n, 2), are seeds and targets;
    none of them may be scored later. λ and φ come in steps of 0.001 and β in steps of 0.0001, so that the
    last bits of a sum don't show.
    """
    choices = _choices(ranker, pairs)
    if not len(choices.starts):
        return DEFAULT_WEIGHT, 0.0, 0.0
    weights = _fit_not_negative(choices, CENTRE, always=1)
    cosine, meetings, plays, after = weights.tolist()
    scale = max(cosine, max(meetings, plays, after) / LARGEST)
    if scale <= 0:
        return 0.0, 0.0, 0.0
    return round(meetings / scale, 3), round(plays / scale, 4), round(after / scale, 3)


def choose_continue_weights(
    ranker: ContinueRanker, pairs: Pairs, playlists: npt.NDArray[np.int64], corpus: Corpus
) -> dict[str, float]:
    """The weights of `continue`, by a conditional logit over the leading tracks of each of its terms.

    The ranker's own weights play no part. `pairs`, int32 (n, 2), are seeds and targets, of which 500 to 1,000
    are drawn; none may be scored later. `playlists`, int64 (n,), is the playlist of each pair in `corpus`,
    where it ends with the seed. The weights are given by name of the term, at least 0, to four decimals. Few
    pairs hardly move the default ones.
    """
    most = min(max(SCORED // max(len(corpus.vocabulary), 1), FITTED[0]), FITTED[1])
    drawn = np.random.default_rng(len(pairs)).permutation(len(pairs))[:most]
    asked = [(corpus.playlist(int(playlists[at])).tolist(), int(pairs[at, 1])) for at in np.sort(drawn)]
    asked = [(playlist, target) for playlist, target in asked if playlist and target not in playlist]
    terms: list[npt.NDArray[np.float32]] = []
    sizes: list[int] = []
    chosen: list[int] = []
    every = ranker.contenders([playlist for playlist, _ in asked], LEADING)
    for (rows, table), (_, target) in zip(every, asked, strict=True):
        place = int(np.searchsorted(rows, target))
        if place < len(rows) and rows[place] == target:
            chosen.append(sum(sizes) + place)
            sizes.append(len(rows))
            terms.append(table)
    centre = np.array(list(DEFAULT_WEIGHTS.values()))
    if not sizes:
        return dict(DEFAULT_WEIGHTS)
    starts = np.cumsum([0, *sizes[:-1]])
    choices = _Choices(np.concatenate(terms).astype(np.float64), starts, np.array(chosen))
    fitted = _fit_not_negative(choices, centre, always=0)
    return {name: round(weight, 4) for name, weight in zip(DEFAULT_WEIGHTS, fitted.tolist(), strict=True)}


def choose_missing_weights(ranker: ContinueRanker, cases: Ends, *, k: int = 10) -> dict[str, float]:
    """The weights of `missing`: those that find most of the hidden ends, where that is more than noise.

    Similar playlists find most where a playlist is of one kind; RP3 does where it is made of whole albums.
    Recall@k and R-precision are added up. The ranker's own weights play no part, and none of the playlists
    may be scored later.
    """
    found: dict[tuple[float, float], list[float]] = {}
    for known, number, hidden in cases:
        members = ranker.sessions.members(known, without=number)
        rp3 = ranker.votes_on_the_whole(known, without=number)["rp3"]
        rows = members.plus(rp3, 1.0).rows
        cosines = ranker.vectors[rows] @ ranker.middle(known)
        for share in SHARES:
            votes = members.plus(rp3, share).of_largest()
            for lift in LIFTS:
                scores = votes * np.exp(lift * cosines) + (FAINT if lift else FAINTEST) * cosines
                first = rows[np.argsort(-scores, kind="stable")[: max(k, len(hidden))]].astype(np.int32)
                found.setdefault((share, lift), []).append(sum(recall_and_precision(first, hidden, k)))
    best = default = SHARES[0], LIFTS[0]
    if len(cases) >= FEWEST_ENDS:
        best = max(found, key=lambda weights: sum(found[weights]))
        if paired_bootstrap(np.array(found[best]), np.array(found[default])).low <= 0:
            best = default
    return dict(zip(MISSING_WEIGHTS, best, strict=True))


@dataclass(frozen=True)
class _Choices:
    """Some sets of contenders, and which one of each was chosen."""

    terms: Values
    """float64 (m, t): the terms of each contender, set after set."""
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
    terms = np.stack([found.cosines, found.meetings, found.plays, found.after], axis=1)[kept].astype(
        np.float64
    )
    starts = np.flatnonzero(np.diff(found.lines[kept], prepend=-1))
    return _Choices(terms, starts, np.flatnonzero(is_target[kept]))


def _fit_not_negative(choices: _Choices, centre: Values, *, always: int) -> Values:
    """The best weights, float64 (t,), of which all but the first `always` are at least 0."""
    free = np.ones(len(centre), bool)
    weights = _fit(choices, free, centre)
    while (weights[always:] < 0).any():
        free[always:] &= weights[always:] >= 0
        weights = _fit(choices, free, centre)
    return weights


def _fit(choices: _Choices, free: npt.NDArray[np.bool_], centre: Values) -> Values:
    """The weights float64 (t,) that maximise the likelihood less the ridge; those not free are 0."""
    terms, starts, chosen = choices.terms, choices.starts, choices.chosen
    sizes = np.diff(starts, append=len(terms))

    def judged(weights: Values) -> tuple[float, Values]:
        """The penalised log likelihood, and the probability of each contender."""
        scores = terms @ weights
        scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
        powers = np.exp(scores)
        sums = np.add.reduceat(powers, starts)
        likelihood = scores[chosen].sum() - np.log(sums).sum()
        pull = RIDGE / 2 * ((weights - centre)[free] ** 2).sum()
        return float(likelihood - pull), powers / np.repeat(sums, sizes)

    weights = np.where(free, centre, 0.0)
    value, chances = judged(weights)
    for _ in range(STEPS):
        weighted = terms * chances[:, None]
        means = np.add.reduceat(weighted, starts)
        slope = terms[chosen].sum(axis=0) - means.sum(axis=0) - RIDGE * (weights - centre)
        curvature = weighted.T @ terms - means.T @ means + RIDGE * np.eye(len(centre))
        step = np.zeros(len(centre))
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], slope[free])
        # concave, so that a shorter step is always better than none
        while (better := judged(weights + step))[0] < value and np.abs(step).max() > 1e-9:
            step /= 2
        gain = better[0] - value
        weights, (value, chances) = weights + step, better
        if gain < 1e-9 * max(abs(value), 1):
            break
    return weights
