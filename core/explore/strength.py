"""What a score is made of, and where it stands between 0 and 1.

Lists show the score that orders them. Rankers score on scales of their own, so each is put on one: 1 is the
highest that the ranker could give in this library.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from segue.core.library import Library
from segue.core.rankers import ranker as ranker_of
from segue.core.rankers.like import MET, LikeRanker
from segue.core.rankers.vector import NextRanker

COUNTED = ("popularity", "following", "cooccurrence")
"""Rankers by counts, which are shown by their logarithms: a few tracks have nearly all of them."""
SCALED = ("next", "like", "nearest", "item-knn", "ppmi-svd", *COUNTED)
"""Rankers whose highest score is known; scores of others are shown as shares of the list's first."""

_tops: WeakKeyDictionary[Library, dict[str, float]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Term:
    """A part of a score."""

    name: str
    """What it stands for, in words."""
    value: float


def strengths(library: Library, name: str, scores: Sequence[float]) -> list[float]:
    """Put scores of a ranker on the scale from 0 to 1, in the same order; NaN where they mean nothing.

    Parameters
    ----------
    name
        The ranker.
    scores
        What its lists are ordered by.
    """
    if name == "random":
        return [float("nan")] * len(scores)
    values = np.asarray(scores, np.float64)
    if name in COUNTED:
        values = np.log1p(np.maximum(values, 0))
    top = _top(library, name) if name in SCALED else max(float(values.max(initial=0)), 1e-9)
    return [float(value) for value in np.clip(values / top, -1, 1)]


def _top(library: Library, name: str) -> float:
    """The highest score that a ranker could give, or its logarithm."""
    tops = _tops.setdefault(library, {})
    if name not in tops:
        tops[name] = _highest(library, name) or 1.0
    return tops[name]


def _highest(library: Library, name: str) -> float:
    if library.corpus is None or library.cooccurrence is None:
        return 1.0
    met = float(library.cooccurrence.data.max(initial=0))
    plays = float(library.corpus.counts.max(initial=0))
    if name in COUNTED:
        return float(np.log1p(plays if name == "popularity" else met))
    chosen = ranker_of(library, name)
    if isinstance(chosen, NextRanker):
        counted = (chosen.weight + chosen.following) * float(np.log1p(met))
        return 1.0 + counted + chosen.popularity * float(np.log1p(plays))
    if isinstance(chosen, LikeRanker):
        return 1.0 + MET * float(np.log(max(met, 1)))
    return 1.0


def count_among(rows: NDArray[np.int32], counts: NDArray[np.float32], row: int) -> float:
    """The count of a row among some, rising; 0 where it is not one of them."""
    at = int(np.searchsorted(rows, row))
    return float(counts[at]) if at < len(rows) and rows[at] == row else 0.0


def terms(library: Library, name: str, seed: int, row: int) -> list[Term]:
    """The parts that add up to a ranker's score of a track, the cosine first."""
    score = float(ranker_of(library, name).scores(seed)[row])
    cosine = float(library.vectors[seed] @ library.vectors[row])
    chosen = ranker_of(library, name)
    if isinstance(chosen, NextRanker) and library.corpus is not None:
        plays = chosen.popularity * float(np.log1p(float(library.corpus.counts[row])))
        met = 0.0 if library.cooccurrence is None else count_among(*library.cooccurrence.row(seed), row)
        met = chosen.weight * float(np.log1p(met))
        followed = score - cosine - met - plays
        times = round(float(np.expm1(followed / chosen.following))) if chosen.following else 0
        name = f"followed the seed {times:,} time{'' if times == 1 else 's'}"
        parts = [("meetings", met), (name, followed), ("plays", plays)]
        return [Term("similarity", cosine), *(Term(*part) for part in parts if abs(part[1]) >= 0.0005)]
    if isinstance(chosen, LikeRanker):
        popular, met = chosen.parts(seed, row)
        return [Term("similarity", cosine), Term("popularity", popular), Term("meetings beyond chance", met)]
    return [Term("similarity" if name == "nearest" else "score", score)]
