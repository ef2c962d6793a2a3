"""Ways through the space: from track to track, past several, near some and far from others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import UsageError
from segue.core.explore.neighbours import Filters, Neighbour, check_row, gather, ranking, wanted_popularity
from segue.core.explore.variety import Admission, Hidden
from segue.core.library import Library
from segue.core.neighbours import unit
from segue.core.rankers.playlist import combined_scores

FARTHEST = 5
MOST = 10_000
"""Tracks on a leg of a path."""
_REACH = 100
_BLOCK = 128


@dataclass(frozen=True, slots=True)
class Surprise:
    """A jump to another part of the space."""

    row: int
    similarity: float
    rank: int
    """Its place in the seed's list, from 1."""
    rank_back: int
    """The seed's place in its list."""


def surprise(
    library: Library,
    seed: int,
    *,
    farther: int = 0,
    rng: np.random.Generator,
    without: Collection[int] = frozenset(),
) -> Surprise | None:
    """Jump as far as the nearness is still mutual.

    Among the `100 * 2 ** farther` nearest tracks of the seed by other artists, those count that have the seed
    among as many of theirs. One of the farther half of them is drawn. Being mutual keeps out the hubs, which
    are in everybody's list. Where no track counts, it looks farther by itself. `farther`, 0 to 5, is how
    often the listener asked for farther. `without` are rows that are not wanted: banned, heard, or shown
    before. Returns None where no track counts however far.
    """
    check_row(library, seed)
    for step in range(min(max(farther, 0), FARTHEST), FARTHEST + 1):
        if (jump := _jump(library, seed, _REACH * 2**step, rng, without)) is not None:
            return jump
    return None


def _jump(
    library: Library, seed: int, reach: int, rng: np.random.Generator, without: Collection[int]
) -> Surprise | None:
    found, _ = library.index().query(np.array([seed]), min(reach, len(library)))
    rows = found[0][found[0] >= 0]
    same = np.zeros(len(rows), dtype=bool)
    for codes in (library.catalogue.artist_codes, library.catalogue.song_codes):
        same |= (codes[rows] == codes[seed]) & (codes[rows] >= 0)
    places = np.flatnonzero(~same & ~np.isin(rows, list(without)))
    backs = _ranks_back(library, seed, rows[places])
    mutual = backs <= reach
    if not mutual.any():
        return None
    places, backs = places[mutual], backs[mutual]
    chosen = int(rng.integers(len(places) // 2, len(places)))
    row = int(rows[places[chosen]])
    similarity = float(library.vectors[row] @ library.vectors[seed])
    return Surprise(row, similarity, int(places[chosen]) + 1, int(backs[chosen]))


def _ranks_back(library: Library, seed: int, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """The seed's place in the list of each row, from 1: int64 (n,)."""
    ranks = np.empty(len(rows), np.int64)
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        cosines = library.vectors[part] @ library.vectors.T
        mine = cosines[np.arange(len(part)), seed]
        # the row itself, at cosine 1, is not in its own list
        ranks[start : start + _BLOCK] = (cosines > mine[:, None]).sum(axis=1)
    return np.maximum(ranks, 1)


_CHOICE = 10
"""Candidates from which a waypoint is drawn at full variance."""
_POOL = 60
_WIDER = 4


@dataclass(frozen=True, slots=True)
class Step:
    """A track on the way."""

    row: int
    similarity: float
    """The cosine to the step before; 1 for the first."""
    stop: bool
    """Whether the listener asked for this track."""


@dataclass(frozen=True)
class Path:
    """The steps from the first stop to the last."""

    steps: list[Step]
    missing: int
    """Waypoints that were asked for and not found, because the rules left no track."""


def find_path(
    library: Library,
    stops: Sequence[int],
    *,
    between: int = 8,
    filters: Filters | None = None,
    variance: float = 0.0,
    rng: np.random.Generator | None = None,
) -> Path:
    """Lead from the first stop past the others to the last, in small steps.

    On each leg the waypoints aim at equal angles on the great circle between its two ends (Shoemake,
    "Animating rotation with quaternion curves", SIGGRAPH 1985, in any dimension), and each takes the nearest
    track that the rules let pass. Only the stops themselves are by their artists; nothing is repeated.

    The stops, at least two different rows, are on the path in this order, with `between` waypoints on each
    leg; `filters` never leave them out. A `variance` of 0 takes the nearest track each time; up to 1 it draws
    by `rng` among more of the near ones, so that each call gives another path. Raises `UsageError` when the
    stops are fewer than two, repeated or not in the library, or an argument is out of range.
    """
    filters = filters or Filters()
    _check(library, stops, between, variance, rng)
    choice = 1 + round(variance * (_CHOICE - 1))
    rows, missing = [stops[0]], 0
    for start, end in pairwise(stops):
        aims = _great_circle(library.vectors[start], library.vectors[end], between)
        nearest, _ = library.index().query_vectors(aims, min(_POOL, len(library)))  # one product a leg
        for aim, first in zip(aims, nearest, strict=True):
            admission = filters.admission(library, without=stops, before=rows)
            if filters.guard.artist_gap:
                admission.exclude_artists_of(stops)
            near = _nearest_admitted(
                library, aim, first, admission, familiarity=filters.familiarity, n=choice
            )
            if near:
                rows.append(near[0] if rng is None else int(rng.choice(near)))
            else:
                missing += 1
        rows.append(end)
    vectors = library.vectors[rows]
    similarities = [1.0, *np.einsum("ij,ij->i", vectors[:-1], vectors[1:]).tolist()]
    steps = [Step(row, similarity, row in stops) for row, similarity in zip(rows, similarities, strict=True)]
    return Path(steps, missing)


def _nearest_admitted(
    library: Library,
    aim: NDArray[np.float32],
    found: NDArray[np.int32],
    admission: Admission,
    *,
    familiarity: float | None,
    n: int,
) -> list[int]:
    """The n rows nearest to an aim that may come now, given its first rows, int32 (m,)."""
    while True:
        wanted = wanted_popularity(library.counts[found], familiarity)
        near = [row for row in found[wanted].tolist() if admission.admits(row)]
        if len(near) >= n or len(found) == len(library):
            return near[:n]
        found = library.index().query_vectors(aim[None], min(_WIDER * len(found), len(library)))[0][0]


def _great_circle(start: NDArray[np.float32], end: NDArray[np.float32], between: int) -> NDArray[np.float32]:
    """Unit vectors at equal angles between two others, which are left out: float32 (between, d)."""
    angle = np.arccos(np.clip(float(start @ end), -1, 1))
    shares = np.arange(1, between + 1)[:, None] / (between + 1)
    if np.sin(angle) < 1e-4:  # the same direction, or opposite ones, between which every circle is as good
        return unit((1 - shares) * start + shares * end + 1e-6)
    return unit((np.sin((1 - shares) * angle) * start + np.sin(shares * angle) * end) / np.sin(angle))


def _check(
    library: Library, stops: Sequence[int], between: int, variance: float, rng: np.random.Generator | None
) -> None:
    if len(stops) < 2:
        raise UsageError("a path needs at least two tracks")
    for row in stops:
        check_row(library, row)
    if len(set(stops)) < len(stops):
        raise UsageError("a path passes each of its stops once; name different tracks")
    if not 0 <= between <= MOST or not 0 <= variance <= 1:
        raise UsageError(f"a path takes 0 to {MOST:,} tracks per leg and a variance from 0 to 1")
    if variance and rng is None:
        raise UsageError("a path with variance needs a random generator")


@dataclass(frozen=True, slots=True)
class Removed:
    """A track that would have been suggested without the minus."""

    row: int
    minus: int
    """The minus track that it is nearest to."""


@dataclass(frozen=True)
class Blend:
    """The tracks that a recipe leads to."""

    rows: list[Neighbour]
    hidden: Hidden
    removed: list[Removed]
    """What the minus tracks took from the list, the best placed first."""
    emptied_by: str
    """The rule that left out most, when no track is left; else empty."""


def blend(
    library: Library,
    plus: Mapping[int, float],
    minus: Mapping[int, float] | None = None,
    n: int = 50,
    *,
    ranker: str | None = None,
    filters: Filters | None = None,
) -> Blend:
    """The tracks nearest to the plus tracks together and away from the minus tracks.

    Scores of the ranker, by default the library's, are added with the weights of the plus tracks, those of
    the minus tracks subtracted; weights are above 0. A track that is nearer to a minus track than to the plus
    tracks is left out altogether. With one plus of weight 1 and no minus the answer is its neighbourhood.
    Without `filters` there is the default guard alone.

    Raises `UsageError` when there is no plus, a row does not exist, a weight is not above 0, or a track is on
    both sides.
    """
    minus = minus or {}
    filters = filters or Filters()
    _check_blend(library, plus, minus)
    direction = unit(np.array(list(plus.values()), np.float32) @ library.vectors[list(plus)])
    liked = combined_scores(library, list(plus), list(plus.values()), ranker)

    def listed(scores: NDArray[np.float32]) -> tuple[list[Neighbour], Hidden]:
        return gather(library, ranking(scores), direction, n, filters=filters, without=[*plus, *minus])

    rows, hidden = listed(liked)
    removed: list[Removed] = []
    if minus:
        without_minus = rows
        to_minus = library.vectors @ library.vectors[list(minus)].T
        scores = liked - combined_scores(library, list(minus), list(minus.values()), ranker)
        scores[(liked == 0) | (to_minus.max(axis=1) > library.vectors @ direction)] = -np.inf
        rows, hidden = listed(scores)
        kept = {neighbour.row for neighbour in rows}
        nearest_minus = np.array(list(minus))[to_minus.argmax(axis=1)]
        removed = [
            Removed(old.row, int(nearest_minus[old.row])) for old in without_minus if old.row not in kept
        ]
        hidden.minus = len(removed)
    emptied_by = "" if rows else max(hidden.__struct_fields__, key=lambda rule: getattr(hidden, rule))
    return Blend(rows, hidden, removed, emptied_by)


def _check_blend(library: Library, plus: Mapping[int, float], minus: Mapping[int, float]) -> None:
    if not plus:
        raise UsageError("a blend needs at least one plus track")
    for row, weight in [*plus.items(), *minus.items()]:
        check_row(library, row)
        if not 0 < weight < np.inf:
            raise UsageError(f"the weight of row {row} is {weight}; it must be above 0")
    if both := set(plus) & set(minus):
        raise UsageError(f"row {both.pop()} is both plus and minus; keep one of them")
