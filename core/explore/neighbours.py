"""The neighbourhood of a track, with variety."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import UsageError
from segue.core.explore.variety import DEFAULT_GUARD, Admission, Guard, Hidden
from segue.core.library import Library
from segue.core.neighbours import top_k
from segue.core.rankers import Ranker, default_ranker
from segue.core.rankers import ranker as ranker_of
from segue.core.rankers.vector import NearestRanker

SAMPLE = 1024
"""Tracks that stand for all. 512 gave the same scores as every track."""
NEAREST = 10
_BLOCK = 4096

_crowding: WeakKeyDictionary[Library, NDArray[np.float32]] = WeakKeyDictionary()


def crowding(library: Library) -> NDArray[np.float32]:
    """How crowded the place of each track is: its mean cosine to the 10 nearest of 1,024 sampled tracks.

    Returns float32 (V,), computed once for an opened library.
    """
    if library not in _crowding:
        _crowding[library] = measure_crowding(library.vectors)
    return _crowding[library]


def measure_crowding(vectors: NDArray[np.float32], *, seed: int = 0) -> NDArray[np.float32]:
    """See `crowding`; of unit vectors float32 (V, d)."""
    size = len(vectors)
    chosen = np.sort(np.random.default_rng(seed).choice(size, min(SAMPLE, size), replace=False))
    sample = np.asarray(vectors[chosen])
    nearest = min(NEAREST, max(len(sample) - 1, 1))
    crowded = np.empty(size, np.float32)
    for start in range(0, size, _BLOCK):
        cosines = vectors[start : start + _BLOCK] @ sample.T
        own = np.flatnonzero((chosen >= start) & (chosen < start + _BLOCK))
        cosines[chosen[own] - start, own] = -1.0  # a track does not crowd itself
        crowded[start : start + _BLOCK] = np.partition(cosines, -nearest, axis=1)[:, -nearest:].mean(axis=1)
    return crowded


_WIDER = 4
"""By how much the pool grows when the guard leaves too few."""

Ranking = Callable[[int], tuple[NDArray[np.int32], NDArray[np.float32]]]
"""Gives the best k rows int32 (n,) and their falling scores float32 (n,), n at most k."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A suggested track."""

    row: int
    rank: int
    """Its place in the list before anything was left out, from 1."""
    similarity: float
    """The cosine to the seed, or to whatever direction was asked for."""
    score: float
    """What the list is ordered by."""
    versions: tuple[int, ...] = ()
    """Rows of other versions of the song, folded into this one."""


@dataclass(frozen=True)
class Filters:
    """What a list of suggestions may hold."""

    guard: Guard = DEFAULT_GUARD
    familiarity: float | None = None
    """0 keeps the less played half of what is near (deep cuts), 1 the more played half, values between them
    a half in between, None everything."""
    heard: Collection[int] = field(default=frozenset())
    """Rows to leave out because they were heard."""
    banned: Collection[int] = field(default=frozenset())
    """Rows to leave out because they are banned."""

    def admission(self, library: Library, *, without: Iterable[int], before: Iterable[int] = ()) -> Admission:
        """Let tracks into a list one by one, by all of this but the familiarity."""
        return Admission(
            library.catalogue,
            self.guard,
            heard=self.heard,
            banned=self.banned,
            without=without,
            before=before,
        )


@dataclass(frozen=True)
class Neighbourhood:
    """The tracks near a seed, nearest first, and what was left out between them."""

    seed: int
    ranker: str
    rows: list[Neighbour]
    hidden: Hidden


def neighbourhood(
    library: Library,
    seed: int,
    n: int = 50,
    *,
    ranker: str | None = None,
    index: str = "exact",
    fewer_hubs: float = 0.0,
    filters: Filters | None = None,
) -> Neighbourhood:
    """The n tracks nearest to a seed that the filters let pass.

    The seed and its other versions are never in the answer. The ranker is one of `core.rankers.RANKERS`, by
    default `next`, or `nearest` where there are no playlists, for which alone the index may be `kdtree`.
    `fewer_hubs`, from 0 to 1, is how strongly to push back tracks that are near to everything (see
    `crowding`). Without `filters` there is the default guard alone. Raises `UsageError` when the seed is not
    a row of the library, or there is no such ranker or index.
    """
    check_row(library, seed)
    name = ranker or default_ranker(library)
    chosen = _ranker(library, name, index)

    if fewer_hubs:
        scores = chosen.scores(seed)
        best = ranking(np.where(scores == 0, 0, scores - np.float32(fewer_hubs) * crowding(library)))
    else:
        best = _ranking_of(chosen, seed)
    rows, hidden = gather(
        library, best, library.vectors[seed], n, filters=filters or Filters(), without=[seed]
    )
    return Neighbourhood(seed, name, rows, hidden)


def gather(
    library: Library,
    best: Ranking,
    direction: NDArray[np.float32],
    n: int,
    *,
    filters: Filters,
    without: Iterable[int],
) -> tuple[list[Neighbour], Hidden]:
    """The first n rows of a ranking that the filters let pass, and how many they left out.

    The ranking `best` is asked for more rows when the filters leave too few. Similarities are measured from
    `direction`, a unit vector, float32 (d,). Rows in `without` are not wanted in any version.
    """
    excluded = list(without)
    pool, size = 0, len(library)
    while True:
        pool = min(max(4 * n + 100, _WIDER * pool), size)
        found, scores = best(pool)
        found = found[found >= 0]
        admission = filters.admission(library, without=excluded)
        wanted = wanted_popularity(library.counts[found], filters.familiarity)
        places = _admitted(admission, found, n, wanted)
        if len(places) == n or len(found) < pool or pool == size:
            break
    similarities = library.vectors[found[places]] @ direction
    rows = [
        Neighbour(
            row=int(found[place]),
            rank=place + 1,
            similarity=float(similarity),
            score=float(scores[place]),
            versions=tuple(admission.shown[int(found[place])]),
        )
        for place, similarity in zip(places, similarities, strict=True)
    ]
    return rows, admission.hidden


def ranking(scores: NDArray[np.float32]) -> Ranking:
    """The ranking by a row of scores float32 (V,). A track scored 0 is unknown to the ranker, and out."""
    scores = np.where(scores == 0, -np.inf, scores).astype(np.float32)

    def best(k: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        rows, values = top_k(scores[None], k)
        return rows[0], values[0]

    return best


def wanted_popularity(counts: NDArray[np.int64], familiarity: float | None) -> NDArray[np.bool_]:
    """Which tracks of a neighbourhood the familiarity dial keeps: the half by plays that it points at.

    Where all are played equally often, or plays are unknown, it keeps them all. `counts`, int (n,), are
    the plays of each. `familiarity` is 0 for the least played half, 1 for the most played half, None for all.
    Returns bool (n,).
    """
    if familiarity is None or len(counts) < 2 or counts.min() == counts.max():
        return np.ones(len(counts), dtype=bool)
    quantile = np.empty(len(counts))
    quantile[np.argsort(counts, kind="stable")] = np.linspace(0, 1, len(counts))
    lowest = float(np.clip(familiarity, 0, 1)) / 2
    return (quantile >= lowest) & (quantile <= lowest + 0.5)


def _ranking_of(chosen: Ranker, seed: int) -> Ranking:
    def best(k: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        rows, scores = chosen.rank(np.array([seed]), k)
        return rows[0], scores[0]

    return best


def check_row(library: Library, row: int) -> None:
    """Raise a `UsageError` when there is no such row."""
    if not 0 <= row < len(library):
        raise UsageError(f"row {row} is not among the {len(library)} of the library {library.name}")


def _admitted(admission: Admission, found: NDArray[np.int32], n: int, wanted: NDArray[np.bool_]) -> list[int]:
    """The places in `found` of the first n rows that are let in. What is not wanted counts as hidden."""
    places: list[int] = []
    for place, row in enumerate(found.tolist()):
        if len(places) == n:
            break
        if not wanted[place]:
            admission.hidden.familiarity += 1
        elif admission.admit(row):
            places.append(place)
    return places


def _ranker(library: Library, name: str, index: str) -> Ranker:
    if index == "exact":
        return ranker_of(library, name)
    if name != "nearest":
        raise UsageError(f"the index {index} needs the ranker nearest, not {name}; add --ranker nearest")
    return NearestRanker(library.vectors, library.index(index))
