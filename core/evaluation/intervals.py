"""How far a mean over pairs can be trusted."""

from dataclasses import dataclass

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

    A resample of n values draws how often each *distinct* value occurs, a multinomial, and metrics over ranks
    have few distinct values. That is the same as drawing n pairs with replacement and costs next to nothing.

    Parameters
    ----------
    values : float (n,)
        One a pair.
    seed
        Start of the resampling.
    """
    n = len(values)
    if n == 0:
        return Measure(0.0, 0.0, 0.0)
    distinct, counts = np.unique(values, return_counts=True)
    draws = np.random.default_rng(seed).multinomial(n, counts / n, size=RESAMPLES)
    means = draws @ distinct / n
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Measure(float(values.mean()), float(low), float(high))


def paired_bootstrap(
    one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], *, seed: int = 0
) -> Measure:
    """The mean difference `one` - `other` over the same pairs, with its 95 % bootstrap interval.

    Two rankers meet the same hard and easy pairs, so the difference is known far better than either mean. An
    interval without 0 is a difference that other pairs would show too.
    """
    return bootstrap(one - other, seed=seed)


def spread(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard deviation (n - 1) over several runs; the deviation of a single run is 0."""
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0
