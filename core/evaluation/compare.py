"""Two rankings of the same held-out pairs, side by side."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import SegueError
from segue.core.evaluation.completion import continued_ranks
from segue.core.evaluation.evaluate import pair_ranks, scores_of
from segue.core.evaluation.metrics import Measure, hit_at_k, ndcg_at_k, paired_bootstrap, reciprocal_rank
from segue.core.evaluation.report import PairSet, Scores, held_out
from segue.core.library import Library
from segue.core.rankers import ranker

CONTINUE = "continue"
"""The ranker of whole playlists, which can be compared like any other."""


@dataclass(frozen=True)
class Side:
    """A library and one of its rankers."""

    library: str
    ranker: str
    scores: Scores


@dataclass(frozen=True)
class Comparison:
    """Two rankers over the same pairs; the differences are `one` - `other`, pair by pair."""

    pairs: PairSet
    k: int
    one: Side
    other: Side
    hit: Measure
    ndcg: Measure
    mrr: Measure
    only_one: int
    """Pairs that only `one` hits."""
    only_other: int
    """Pairs that only `other` hits."""
    left_out: int
    """Pairs that only one of the libraries holds, since the other has no vector of their tracks."""

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain JSON values."""
        return asdict(self)


def compare(
    one: tuple[Library, str], other: tuple[Library, str], *, pairs: PairSet = "validation", k: int = 10
) -> Comparison:
    """Compare two rankers pair by pair.

    Where one of them is `continue`, both complete the playlists that the pairs are from, given all but the
    last track; the scores of another ranker for these tracks are added up.

    A library that lacks the vectors of some tracks lacks the pairs with these tracks, too. Both rankers are
    then compared on the pairs that are left.

    Parameters
    ----------
    one, other
        A library and the name of a ranker, or `continue`.
    pairs
        Which held-out pairs.
    k
        Length of the lists.

    Raises
    ------
    SegueError
        When the two libraries did not hold out the same pairs: a difference would then say nothing.
    """
    places, left_out = _shared(one[0], other[0], pairs)
    completing = CONTINUE in (one[1], other[1])
    ranks = []
    for (library, name), chosen in zip((one, other), places, strict=True):
        every, origins = held_out(library, pairs)
        held, playlists = every[chosen], origins[chosen]
        ranks.append(
            continued_ranks(library, name, held, playlists, k)
            if completing
            else pair_ranks(ranker(library, name), held, k)
        )
    hits = [hit_at_k(found, k) for found in ranks]
    sides = [
        Side(library.name, name, scores_of(found, k))
        for (library, name), found in zip((one, other), ranks, strict=True)
    ]
    return Comparison(
        pairs=pairs,
        k=k,
        one=sides[0],
        other=sides[1],
        hit=paired_bootstrap(*hits),
        ndcg=paired_bootstrap(*(ndcg_at_k(found, k) for found in ranks)),
        mrr=paired_bootstrap(*(reciprocal_rank(found, k) for found in ranks)),
        only_one=int(np.count_nonzero(hits[0] > hits[1])),
        only_other=int(np.count_nonzero(hits[1] > hits[0])),
        left_out=left_out,
    )


def _shared(one: Library, other: Library, pairs: PairSet) -> tuple[list[NDArray[np.intp]], int]:
    """The places of the shared pairs among those of each library, and how many pairs only one of them holds.

    Raises
    ------
    SegueError
        When neither library holds all pairs of the other.
    """
    held = [_by_playlist(library, pairs) for library in (one, other)]
    shared = set(held[0]) & set(held[1])
    places = [np.array([at for at, pair in enumerate(each) if pair in shared], np.intp) for each in held]
    kept = [[each[at] for at in chosen] for each, chosen in zip(held, places, strict=True)]
    if not shared or kept[0] != kept[1] or len(kept[0]) != min(map(len, held)):
        raise SegueError(
            f"{one.path} and {other.path} did not hold out the same {pairs} pairs; "
            "train both from the same playlists with the same --split-seed, --protocol and --min-count"
        )
    return places, max(map(len, held)) - len(kept[0])


def _by_playlist(library: Library, pairs: PairSet) -> list[tuple[int, str, str]]:
    """The pairs with their playlists, and as track ids: row numbers of two libraries may differ."""
    ids, (found, playlists) = library.track_ids, held_out(library, pairs)
    return [
        (playlist, ids[seed], ids[target])
        for playlist, (seed, target) in zip(playlists.tolist(), found.tolist(), strict=True)
    ]
