"""Held-out pairs one by one: how a library ranks a pair, and two rankings of the same pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import SegueError, UsageError
from segue.core.evaluation.completion import PEERS, continued_ranks, found_shares, hidden_ends
from segue.core.evaluation.evaluate import in_bucket, pair_ranks, scores_of
from segue.core.evaluation.metrics import (
    Measure,
    bootstrap,
    hit_at_k,
    ndcg_at_k,
    paired_bootstrap,
    reciprocal_rank,
)
from segue.core.evaluation.report import Bucket, PairSet, Scores, held_out
from segue.core.library import Library
from segue.core.rankers import default_ranker, ranker

CONTINUE, MISSING = "continue", "missing"
"""The rankers of whole playlists: what comes next, which any ranker can be asked, and what is missing."""


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


def compare(
    one: tuple[Library, str], other: tuple[Library, str], *, pairs: PairSet = "validation", k: int = 10
) -> Comparison:
    """Compare two rankers pair by pair.

    Where one of them is `continue`, both complete the playlists that the pairs are from, given all but the
    last track; the scores of another ranker for these tracks are added up.

    A library that lacks the vectors of some tracks lacks the pairs with these tracks, too. Both rankers are
    then compared on the pairs that are left. `one` and `other` are each a library and the name of a ranker,
    or `continue`. Raises `SegueError` when the two libraries did not hold out the same pairs: a difference
    would then say nothing.
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


@dataclass(frozen=True)
class MissingSide:
    """A library and one of the rankers that find what a playlist misses."""

    library: str
    ranker: str
    recall: Measure
    r_precision: Measure


@dataclass(frozen=True)
class MissingComparison:
    """Two rankers asked for the hidden ends of the same playlists; the differences are `one` - `other`."""

    pairs: PairSet
    k: int
    playlists: int
    """Those whose end is hidden; drawn as for a report."""
    one: MissingSide
    other: MissingSide
    recall: Measure
    r_precision: Measure


def compare_missing(
    one: tuple[Library, str], other: tuple[Library, str], *, pairs: PairSet = "validation", k: int = 10
) -> MissingComparison:
    """Compare how well two rankers find the hidden ends of playlists, given the rest.

    `one` and `other` are each a library and `missing`, `s-knn`, `v-stan` or `rp3`, which leave the playlist
    itself out of what they count. `pairs` says which held-out pairs name the playlists. Raises `UsageError`
    when a ranker is none of these, and `SegueError` when the two libraries did not hold out the same pairs,
    or not all tracks are in both.
    """
    sides = one, other
    for _, name in sides:
        if name not in (MISSING, *PEERS):
            raise UsageError(
                f"{name} can't leave a playlist out of its counts, so it would see the hidden tracks; "
                f"compare {MISSING} with {MISSING}, {', '.join(PEERS[:-1])} or {PEERS[-1]}"
            )
    places, _ = _shared(one[0], other[0], pairs)
    shares, ends = [], []
    for (library, name), chosen in zip(sides, places, strict=True):
        held, playlists = held_out(library, pairs)
        _, cases = hidden_ends(library, held[chosen], playlists[chosen])
        ids = library.track_ids
        ends.append([(number, {ids[row] for row in hidden}) for _, number, hidden in cases])
        shares.append(found_shares(library, name, cases, k))
    if ends[0] != ends[1]:
        raise SegueError(
            f"{one[0].path} and {other[0].path} hold different tracks, so they would not hide the same ones"
        )
    measured = [
        MissingSide(library.name, name, bootstrap(found[:, 0]), bootstrap(found[:, 1]))
        for (library, name), found in zip(sides, shares, strict=True)
    ]
    recall, precision = (paired_bootstrap(shares[0][:, at], shares[1][:, at]) for at in (0, 1))
    return MissingComparison(pairs, k, len(ends[0]), measured[0], measured[1], recall, precision)


def _shared(one: Library, other: Library, pairs: PairSet) -> tuple[list[NDArray[np.intp]], int]:
    """The places of the shared pairs among those of each library, and how many pairs only one of them holds.

    Raises `SegueError` when neither library holds all pairs of the other.
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


@dataclass(frozen=True)
class Pair:
    """A held-out pair."""

    number: int
    """Its place among the library's pairs."""
    playlist: int
    """Its playlist's place in the training corpus."""
    seed: int
    target: int
    target_count: int
    """How often the target occurs in the training playlists."""


@dataclass(frozen=True)
class Prediction:
    """What one ranker says after the seed."""

    ranker: str
    rows: tuple[int, ...]
    """Track rows, best first; fewer than asked where the ranker knows fewer."""
    scores: tuple[float, ...]
    rank_of_target: int | None
    """Place of the target among all tracks, 1 the best; None where the ranker knows nothing of it, and where
    it is the seed."""


@dataclass(frozen=True)
class Case:
    """A held-out pair with its playlist and the predictions of some rankers."""

    pair: Pair
    tracks: tuple[int, ...]
    """The playlist as it was trained on: it ends with the seed, and the target came next."""
    predictions: tuple[Prediction, ...]


def list_pairs(
    library: Library, pairs: PairSet = "validation", *, bucket: Bucket | None = None
) -> list[Pair]:
    """The held-out pairs of a library, all of them or those of one bucket of a report.

    Raises `SegueError` when the library holds none.
    """
    held, playlists = held_out(library, pairs)
    corpus = library.corpus
    if corpus is None:
        raise SegueError(f"{library.path}: holds no playlists; train a library from playlists")
    if len(playlists) and not 0 <= playlists.min() <= playlists.max() < corpus.n_playlists:
        raise SegueError(f"{library.path}: its pairs come from playlists that it lacks; train it again")
    counts = corpus.counts[held[:, 1]]
    chosen = (
        np.arange(len(held))
        if bucket is None
        else np.flatnonzero(in_bucket(counts, bucket.least, bucket.most))
    )
    columns = (chosen, playlists[chosen], held[chosen, 0], held[chosen, 1], counts[chosen])
    return [Pair(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]


def open_case(library: Library, pair: Pair, *, rankers: Sequence[str] | None = None, k: int = 10) -> Case:
    """A pair with its playlist and what some rankers would have suggested.

    `pair` is one of `list_pairs`. `rankers` are names, by default those of the model's ranking and of the one
    that the library uses for the next track.
    """
    if library.corpus is None:
        raise SegueError(f"{library.path}: holds no playlists; train a library from playlists")
    names = dict.fromkeys(("nearest", default_ranker(library)) if rankers is None else rankers)
    tracks = tuple(library.corpus.playlist(pair.playlist).tolist())
    return Case(pair, tracks, tuple(_predict(library, pair, name, k) for name in names))


def _predict(library: Library, pair: Pair, name: str, k: int) -> Prediction:
    one = ranker(library, name)
    indices, scores = one.rank(np.array([pair.seed]), k)
    known = indices[0] >= 0
    return Prediction(
        ranker=name,
        rows=tuple(indices[0][known].tolist()),
        scores=tuple(scores[0][known].tolist()),
        rank_of_target=None if pair.seed == pair.target else _rank(library, name, pair, indices[0].tolist()),
    )


def _rank(library: Library, name: str, pair: Pair, listed: list[int]) -> int | None:
    if pair.target in listed:  # the ranker knows best which of equal scores is first
        return listed.index(pair.target) + 1
    scores = ranker(library, name).scores(pair.seed).copy()
    scores[pair.seed] = -np.inf
    target_score = scores[pair.target]
    # a count of 0 says nothing; a cosine of exactly 0 comes from a row of zeros, which says nothing either
    if target_score == 0:
        return None
    better = np.count_nonzero(scores > target_score) + np.count_nonzero(scores[: pair.target] == target_score)
    return int(better) + 1
