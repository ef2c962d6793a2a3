"""Two rankings of the same held-out pairs, side by side."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from segue.core.errors import SegueError
from segue.core.evaluation.evaluate import pair_ranks, scores_of
from segue.core.evaluation.intervals import Measure, paired_bootstrap
from segue.core.evaluation.metrics import hit_at_k, ndcg_at_k, reciprocal_rank
from segue.core.evaluation.report import PairSet, Scores, held_out_pairs
from segue.core.library import Library
from segue.core.rankers import ranker


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

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain JSON values."""
        return asdict(self)


def compare(
    one: tuple[Library, str], other: tuple[Library, str], *, pairs: PairSet = "validation", k: int = 10
) -> Comparison:
    """Compare two rankers pair by pair.

    Parameters
    ----------
    one, other
        A library and the name of a ranker.
    pairs
        Which held-out pairs.
    k
        Length of the lists.

    Raises
    ------
    SegueError
        When the two libraries did not hold out the same pairs: a difference would then say nothing.
    """
    targets_of_one, targets_of_other = (_by_id(library, pairs) for library, _ in (one, other))
    if targets_of_one != targets_of_other:
        raise SegueError(
            f"{one[0].path} and {other[0].path} did not hold out the same {pairs} pairs; "
            "train both from the same playlists with the same --seed, --protocol and --min-count"
        )
    ranks = [
        pair_ranks(ranker(library, name), held_out_pairs(library, pairs), k) for library, name in (one, other)
    ]
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
    )


def _by_id(library: Library, pairs: PairSet) -> list[tuple[str, str]]:
    """The pairs as track ids: row numbers of two libraries may differ."""
    ids = library.track_ids
    return [(ids[seed], ids[target]) for seed, target in held_out_pairs(library, pairs).tolist()]
