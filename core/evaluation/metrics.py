"""Scores of a ranking, one number for each pair; their means, and how far those can be trusted."""

from dataclasses import dataclass
from typing import Any, Literal

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

    `values`, float (n,), has one a pair.
    """
    distinct, counts = np.unique(values, return_counts=True)
    return bootstrap_counted(distinct[None, :], counts, seed=seed)[0]


def bootstrap_counted(
    values: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], *, seed: int = 0
) -> list[Measure]:
    """Means and intervals of several metrics over pairs of few kinds.

    A resample of n pairs draws how often each kind occurs, a multinomial. That is the same as drawing n pairs
    with replacement, and costs next to nothing when the kinds are ranks. `values`, float (m, c), has the
    value of each metric for each kind of pair; `counts`, int (c,), how many pairs there are of each kind.
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


Ranks = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.integer[Any]]


def ranks_of(indices: Rows, targets: Rows) -> Ranks:
    """Where each pair's target stands in its list.

    `indices`, int (n, k), are suggested rows, best first, padded with -1; `targets`, int (n,), the rows that
    really came next. Returns int32 (n,): 1 for the first place up to k, and 0 where the target is not in the
    list.
    """
    found = indices == np.asarray(targets)[:, None]
    if not found.shape[1]:
        return np.zeros(len(found), np.int32)
    return np.where(found.any(axis=1), found.argmax(axis=1) + 1, 0).astype(np.int32)


def hit_at_k(ranks: Ranks, k: int) -> Values:
    """1 for a target among the first k, else 0: float64 (n,)."""
    return _found(ranks, k).astype(np.float64)


def ndcg_at_k(ranks: Ranks, k: int) -> Values:
    """1 / log2(rank + 1) for a target among the first k, else 0: float64 (n,).

    With one right answer a pair, the ideal ranking scores 1, so this is the normalised gain as it stands. It
    is the notebook's formula.
    """
    return np.where(_found(ranks, k), 1 / np.log2(np.maximum(ranks, 1) + 1), 0.0)


def reciprocal_rank(ranks: Ranks, k: int) -> Values:
    """1 / rank for a target among the first k, else 0: float64 (n,). Its mean is MRR@k."""
    return np.where(_found(ranks, k), 1 / np.maximum(ranks, 1), 0.0)


def _found(ranks: Ranks, k: int) -> npt.NDArray[np.bool_]:
    return (ranks >= 1) & (ranks <= k)


def occurrences(indices: Rows, n_tracks: int) -> npt.NDArray[np.int64]:
    """In how many lists each track stands: int64 (V,)."""
    return np.bincount(indices[indices >= 0], minlength=n_tracks)


def coverage(indices: Rows, n_tracks: int) -> float:
    """Share of the catalogue that stands in at least one list of `indices`, int (n, k), padded with -1."""
    return float(np.mean(occurrences(indices, n_tracks) > 0)) if n_tracks else 0.0


def hubness(indices: Rows, n_tracks: int) -> float:
    """Skewness of the k-occurrences, after Radovanović, Nanopoulos and Ivanović (JMLR 2010), equation 1.

    0 is even; above about 1 a few tracks stand in everybody's list. `indices`, int (n, k), are the lists,
    padded with -1.
    """
    counts = occurrences(indices, n_tracks).astype(np.float64)
    if not n_tracks or not (spread := float(counts.std())):
        return 0.0
    return float(np.mean(((counts - counts.mean()) / spread) ** 3))


def same_artist(seeds: Rows, indices: Rows, artists: Rows) -> float | None:
    """Share of suggestions by the seed's own artist, where both artists are known; None without any.

    `seeds`, int (n,), are track rows; `indices`, int (n, k), their suggestions, padded with -1; `artists`,
    int (V,), each track's artist, -1 where unknown.
    """
    of_seed = np.broadcast_to(artists[seeds][:, None], indices.shape)
    of_suggestion = np.where(indices >= 0, artists[indices], -1)
    known = (of_seed >= 0) & (of_suggestion >= 0)
    if not known.any():
        return None
    return float(np.mean(of_seed[known] == of_suggestion[known]))
