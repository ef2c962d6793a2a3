"""A playlist completed and changed: fresh tracks woven in, an order that flows, what doesn't belong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import UsageError
from segue.core.explore.neighbours import Filters, Neighbour, check_row, gather, ranking
from segue.core.explore.variety import Hidden
from segue.core.library import Library
from segue.core.neighbours import unit
from segue.core.rankers import default_ranker
from segue.core.rankers import ranker as ranker_of
from segue.core.rankers.playlist import HALF_LIVES, combined_scores, continue_ranker, recency_weights

EVERY = 3
"""Own tracks between two fresh ones."""
LONGEST = 2_000
"""Tracks of a playlist that is ordered or judged; the work grows with their square."""
_POOL = 500
_SEGMENT = 3
"""Tracks moved together at most."""
_PASSES = 30
_MEETING = np.float32(0.25)
"""What one unit of log(1 + meetings) adds to the cosine of two tracks."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A track of a changed playlist."""

    row: int
    own: bool
    """Whether it was in the playlist before."""
    similarity: float
    """The cosine to the track before it; 1 for the first."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """How well a track belongs to the rest of its playlist."""

    at: int
    """Its place in the playlist, from 0."""
    row: int
    score: float
    """How much less it has to do with the others than the middle track has; above 1 is far."""
    similarity: float
    """The cosine to the mean vector of the others."""
    nearest: int
    """The row of the other track that it is most similar to."""
    reason: str


def closeness(library: Library, rows: Sequence[int]) -> NDArray[np.float32]:
    """How well each of some tracks goes after each other, float32 (n, n): cosine + 0.25 log(1 + meetings)."""
    own = np.asarray(rows, np.int64)
    vectors = np.asarray(library.vectors[own])
    scores: NDArray[np.float32] = np.asarray(vectors @ vectors.T, np.float32)
    met = _met(library, own)
    return scores if met is None else np.asarray(scores + _MEETING * np.log1p(met), np.float32)


def in_flow(library: Library, playlist: Sequence[int]) -> list[Placed]:
    """The same tracks, reordered so that each follows well from the one before; the first stays first.

    The nearest that is left comes next, then runs of up to three tracks are moved to where they fit better
    until none does (Or, "Traveling salesman-type combinatorial problems", 1976). Raises `UsageError` when the
    playlist is empty, too long, or holds a row that does not exist.
    """
    _check(library, playlist)
    scores = closeness(library, playlist)
    order = _moved(scores, _greedy(scores))
    return _placed(library, [playlist[at] for at in order], [True] * len(order))


def flow(library: Library, playlist: Sequence[int]) -> float:
    """How well each track follows from the one before: the mean of `closeness` over neighbours in order."""
    scores = closeness(library, playlist)
    return float(np.diagonal(scores, 1).mean()) if len(playlist) > 1 else 0.0


def woven(
    library: Library, playlist: Sequence[int], *, every: int = EVERY, filters: Filters | None = None
) -> list[Placed]:
    """The playlist in its own order with one fresh track after every `every` own ones.

    Each fresh track is the one that the ranker scores best after the own track before it and beside the one
    after it together, of those that the filters let pass. None is repeated. Raises `UsageError` when the
    playlist is empty or too long, holds a row that does not exist, or `every` is below 1.
    """
    _check(library, playlist)
    if every < 1:
        raise UsageError("--every must be at least 1")
    filters = filters or Filters()
    ranker = ranker_of(library, default_ranker(library))
    rows: list[int] = []
    own: list[bool] = []
    for at, row in enumerate(playlist):
        rows.append(row)
        own.append(True)
        if (at + 1) % every:
            continue
        ends = playlist[at : at + 2]
        best, _ = ranking(np.sum([ranker.scores(end) for end in ends], axis=0))(min(_POOL, len(library)))
        admission = filters.admission(library, without=playlist, before=rows)
        admission.exclude_artists_of(ends if filters.guard.artist_gap else [])
        bridge = next((each for each in best.tolist() if each >= 0 and admission.admits(each)), None)
        if bridge is not None:
            rows.append(bridge)
            own.append(False)
    return _placed(library, rows, own)


def outliers(library: Library, playlist: Sequence[int]) -> list[Doubt]:
    """The tracks of a playlist, the one that belongs least first, each judged by all the others.

    Raises `UsageError` when the playlist has fewer than three tracks, is too long, or holds a row that does
    not exist.
    """
    _check(library, playlist)
    if len(playlist) < 3:
        raise UsageError("at least three known tracks are needed to see which does not belong")
    rows = np.asarray(playlist, np.int64)
    scores = closeness(library, playlist)
    others = rows[:, None] != rows[None]
    count = np.maximum(others.sum(axis=1), 1)
    belongs = np.where(others, scores, 0).sum(axis=1) / count
    middle = float(np.median(belongs))
    spread = float(np.median(np.abs(belongs - middle))) * 1.4826 or 1e-6
    vectors = np.asarray(library.vectors[rows])
    cosines = vectors @ vectors.T
    met = _met(library, rows)
    doubts = []
    for at in np.argsort(belongs, kind="stable").tolist():
        centre = (vectors[others[at]]).sum(axis=0)
        length = float(np.linalg.norm(centre))
        nearest = int(np.argmax(np.where(others[at], cosines[at], -np.inf)))
        companions = None if met is None else int(((met[at] > 0) & others[at]).sum())
        doubts.append(
            Doubt(
                at,
                int(rows[at]),
                (middle - float(belongs[at])) / (3 * spread),
                float(vectors[at] @ centre) / length if length else 0.0,
                int(rows[nearest]),
                _reason(library, companions, int(count[at]), int(rows[nearest]), float(cosines[at, nearest])),
            )
        )
    return doubts


def _reason(library: Library, companions: int | None, others: int, nearest: int, cosine: float) -> str:
    closest = f"closest to {library.catalogue.info(nearest).label} ({cosine:.2f})"
    if companions is None:
        return closest
    if not companions:
        return f"near none of the other {others} in any playlist; {closest}"
    return f"near {companions} of the other {others} in playlists; {closest}"


def _met(library: Library, rows: NDArray[np.int64]) -> NDArray[np.float32] | None:
    """How often each of some tracks met each other, float32 (n, n); None where there are no playlists."""
    if library.cooccurrence is None:
        return None
    found = np.zeros((len(rows), len(rows)), np.float32)
    for at, row in enumerate(rows.tolist()):
        tracks, counts = library.cooccurrence.row(row)
        if len(tracks):
            places = np.minimum(np.searchsorted(tracks, rows), len(tracks) - 1)
            found[at] = np.where(tracks[places] == rows, counts[places], 0)
    return found


def _greedy(scores: NDArray[np.float32]) -> list[int]:
    left = np.ones(len(scores), bool)
    order = [0]
    left[0] = False
    while left.any():
        order.append(int(np.argmax(np.where(left, scores[order[-1]], -np.inf))))
        left[order[-1]] = False
    return order


def _moved(scores: NDArray[np.float32], order: list[int]) -> list[int]:
    """Move runs of tracks to where the sum of the scores grows most, until it grows no more."""
    for _ in range(_PASSES):
        changed = False
        for length in range(1, _SEGMENT + 1):
            for start in range(1, len(order) - length + 1):
                run, rest = order[start : start + length], order[:start] + order[start + length :]
                # the last place joins onto nothing
                before, after = np.array(rest), np.array([*rest[1:], -1])
                joined = np.where(after >= 0, scores[before, after], 0)
                gains = (
                    scores[before, run[0]] + np.where(after >= 0, scores[run[-1], after], 0) - joined
                )  # float32 (len(rest),): what putting the run after each of the rest adds
                place = int(np.argmax(gains))
                if gains[place] > gains[start - 1] + 1e-5:
                    order = rest[: place + 1] + run + rest[place + 1 :]
                    changed = True
        if not changed:
            break
    return order


def _placed(library: Library, rows: list[int], own: list[bool]) -> list[Placed]:
    vectors = np.asarray(library.vectors[rows])
    cosines = [1.0, *np.einsum("ij,ij->i", vectors[:-1], vectors[1:]).tolist()]
    return [Placed(*each) for each in zip(rows, own, cosines, strict=True)]


def _check(library: Library, playlist: Sequence[int]) -> None:
    if not playlist:
        raise UsageError("a playlist of no known tracks can't be changed; name at least one")
    if len(playlist) > LONGEST:
        raise UsageError(f"a playlist of {len(playlist):,} tracks is too long; the limit is {LONGEST:,}")
    for row in playlist:
        check_row(library, row)


Ask = Literal["continue", "missing"]

HALF_LIFE = HALF_LIVES[1]
"""Positions back at which a track counts half, where a ranker of single seeds is asked for."""


@dataclass(frozen=True)
class Completion:
    """Suggestions for a playlist, best first."""

    rows: list[Neighbour]
    """Similarity is to the playlist's weighted centre."""
    hidden: Hidden


def complete(
    library: Library,
    playlist: Sequence[int],
    n: int = 20,
    *,
    ask: Ask = "continue",
    ranker: str | None = None,
    half_life: float = HALF_LIFE,
    filters: Filters | None = None,
) -> Completion:
    """Suggest tracks for a playlist, ranked by all of it.

    `playlist` has rows in playing order; a repeated track counts each time. Asked to `continue`, it is what
    comes next, the last tracks counting most; what is `missing` belongs to the whole, every track counting
    alike. By default the playlist is ranked as a whole (see `core.rankers.playlist`), or by `nearest` where
    the library has no playlists. The scores of a `ranker` for the tracks are added up; to continue, a track's
    weight halves every `half_life` positions. Without `filters` there is the default guard alone.

    Raises `UsageError` when the playlist is empty or holds a row that does not exist.
    """
    if not playlist:
        raise UsageError("a playlist of no known tracks can't be completed; name at least one")
    for row in playlist:
        check_row(library, row)
    weights = recency_weights(len(playlist), half_life) if ask == "continue" else np.ones(len(playlist))
    whole = continue_ranker(library) if ranker is None else None
    if whole is None:
        scores = combined_scores(library, playlist, weights.tolist(), ranker)
    elif ask == "continue":
        scores = whole.scores(playlist)
    else:
        scores = whole.missing(playlist)
    centre = unit(weights @ library.vectors[list(playlist)])
    rows, hidden = gather(
        library, ranking(scores), centre, n, filters=filters or Filters(), without=dict.fromkeys(playlist)
    )
    return Completion(rows, hidden)
