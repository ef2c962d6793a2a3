"""Tracks near some and far from others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import UsageError
from segue.core.explore.neighbours import Filters, Neighbour, check_row, gather, ranking
from segue.core.explore.variety import Hidden
from segue.core.library import Library
from segue.core.neighbours import unit
from segue.core.rankers.playlist import combined_scores


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

    Scores of the ranker are added with the weights of the plus tracks, those of the minus tracks subtracted.
    A track that is nearer to a minus track than to the plus tracks is left out altogether.

    Parameters
    ----------
    plus, minus
        Weights above 0 by row. With one plus of weight 1 and no minus the answer is its neighbourhood.
    n
        How many rows to return at most.
    ranker
        A name in `core.rankers.RANKERS`; `next` by default, or `nearest` where there are no playlists.
    filters
        The variety guard and the rest; the default guard alone if not given.

    Raises
    ------
    UsageError
        When there is no plus, a row does not exist, a weight is not above 0, or a track is on both sides.
    """
    minus = minus or {}
    filters = filters or Filters()
    _check(library, plus, minus)
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
    emptied_by = "" if rows else max(vars(hidden), key=vars(hidden).__getitem__)
    return Blend(rows, hidden, removed, emptied_by)


def _check(library: Library, plus: Mapping[int, float], minus: Mapping[int, float]) -> None:
    if not plus:
        raise UsageError("a blend needs at least one plus track")
    for row, weight in [*plus.items(), *minus.items()]:
        check_row(library, row)
        if not 0 < weight < np.inf:
            raise UsageError(f"the weight of row {row} is {weight}; it must be above 0")
    if both := set(plus) & set(minus):
        raise UsageError(f"row {both.pop()} is both plus and minus; keep one of them")
