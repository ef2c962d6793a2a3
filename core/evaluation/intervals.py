"""How far a mean over pairs can be trusted."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

RESAMPLES = 2_000
LEVEL = 0.95


@dataclass(frozen=True)
class Measure:
    """A mean and the bootstrap interval around it. Over no pairs, all three are 0."""

    mean: float
    low: float
    high: float


def bootstrap(values: npt.NDArray[np.float64], *, seed: int = 0) -> Measure:
    """The mean of some values, and its 95 % percentile bootstrap interval over them.

    Parameters
    ----------
    values : float (n,)
        One a pair.
    seed
        Start of the resampling.
    """
    distinct, counts = np.unique(values, return_counts=True)
    return bootstrap_counted(distinct[None, :], counts, seed=seed)[0]


def bootstrap_counted(
    values: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], *, seed: int = 0
) -> list[Measure]:
    """Means and intervals of several metrics over pairs of few kinds.

    A resample of n pairs draws how often each kind occurs, a multinomial. That is the same as drawing n pairs
    with replacement, and costs next to nothing when the kinds are ranks.

    Parameters
    ----------
    values : float (m, c)
        The value of each metric for each kind of pair.
    counts : int (c,)
        How many pairs there are of each kind.
    seed
        Start of the resampling.
    """
    n = int(counts.sum())
    if n == 0:
        return [Measure(0.0, 0.0, 0.0)] * len(values)
    draws = np.random.default_rng(seed).multinomial(n, counts / n, size=RESAMPLES)
    tail = (1 - LEVEL) / 2
    bounds = np.quantile(draws @ values.T / n, [tail, 1 - tail], axis=0)
    means = values @ counts / n
    return [
        Measure(float(mean), float(low), float(high))
        for mean, (low, high) in zip(means, bounds.T, strict=True)
    ]


def paired_bootstrap(
    one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], *, seed: int = 0
) -> Measure:
    """The mean difference `one` - `other` over the same pairs, with its 95 % bootstrap interval.

    Two rankers meet the same hard and easy pairs, so the difference is known far better than either mean. An
    interval without 0 is a difference that other pairs would show too.
    """
    return bootstrap(one - other, seed=seed)


def decision(difference: Measure) -> Literal[-1, 0, 1]:
    """Which side of a paired difference is ahead: 1 the first, -1 the other, 0 where these pairs don't tell.

    Every place that compares two rankers decides by it, never by whether two intervals overlap.
    """
    return 1 if difference.low > 0 else -1 if difference.high < 0 else 0


def spread(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard deviation (n - 1) over several runs; the deviation of a single run is 0."""
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0
