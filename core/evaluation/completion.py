"""How well whole playlists are completed: what comes next, and what is missing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.evaluation.intervals import Measure, bootstrap
from segue.core.evaluation.metrics import hit_at_k, ndcg_at_k, ranks_of
from segue.core.library import Library
from segue.core.neighbours import top_k
from segue.core.rankers.playlist import (
    HALF_LIVES,
    combined_scores,
    continue_ranker,
    missing_scores,
    recency_weights,
)
from segue.core.rankers.protocol import Scores

HIDDEN = (0.2, 0.5)
"""Least and largest share of a playlist that is hidden at its end, to ask what is missing."""
WORK, FEWEST = 20_000_000, 300
"""Tracks that a ranker scores at most, over all playlists, unless these are fewer than `FEWEST`."""
OTHERS = ("next", "nearest")
"""Rankers of single seeds to compare with: their scores for a playlist's tracks are added up."""

Ranking = Callable[[Sequence[int], int], Scores]
"""The score of every track for a playlist that has this number in the training corpus."""


@dataclass(frozen=True)
class ContinueScores:
    """A ranker asked for the held-out last track, given all others."""

    ranker: str
    hit: Measure
    ndcg: Measure


@dataclass(frozen=True)
class MissingScores:
    """A ranker asked for the hidden end of a playlist, the last 20 to 50 %, given the rest."""

    ranker: str
    recall: Measure
    r_precision: Measure
    """The share of hidden tracks among as many suggestions as there are hidden tracks."""


@dataclass(frozen=True)
class CompletionScores:
    """Rankers that complete playlists, the one made for it first."""

    playlists: int
    """Distinct held-out playlists; drawn where there are more than can be scored in a few seconds."""
    continued: tuple[ContinueScores, ...]
    missing: tuple[MissingScores, ...]
    """`missing` leaves the playlist itself out of its counts. The vectors and counts of the other rankers
    were learned from the hidden tracks too, which flatters them."""


def score_completion(
    library: Library, pairs: npt.NDArray[np.int32], playlists: npt.NDArray[np.int64], *, k: int = 10
) -> CompletionScores | None:
    """Score `continue` and `missing` beside rankers of single seeds; None where the library can't complete.

    Parameters
    ----------
    pairs : int32 (n, 2)
        Held-out seeds and targets.
    playlists : int64 (n,)
        The training playlist of each pair, which ends with the seed. A playlist counts once.
    k
        Length of the lists.
    """
    whole, corpus = continue_ranker(library), library.corpus
    if whole is None or corpus is None:
        return None
    _, first = np.unique(playlists, return_index=True)
    rng = np.random.default_rng(len(first))
    most = max(WORK // len(library), FEWEST)
    chosen = np.sort(rng.permutation(first)[:most])
    lists = [corpus.playlist(int(playlists[at])).tolist() for at in chosen]
    numbers, targets = playlists[chosen].tolist(), pairs[chosen, 1].tolist()

    def summed(name: str, half_life: float) -> Ranking:
        def scores(playlist: Sequence[int], _: int) -> Scores:
            weights = recency_weights(len(playlist), half_life).tolist()
            return combined_scores(library, playlist, weights, name)

        return scores

    continuing: dict[str, Ranking] = {"continue": lambda playlist, _: whole.scores(playlist)}
    continuing |= {name: summed(name, HALF_LIVES[1]) for name in OTHERS}
    lacking: dict[str, Ranking] = {
        "missing": lambda playlist, number: missing_scores(whole.sessions, playlist, without=number)
    }
    lacking |= {name: summed(name, np.inf) for name in OTHERS}
    continued = []
    for name, rank in continuing.items():
        found = [first_rows(rank(one, number), one, k) for one, number in zip(lists, numbers, strict=True)]
        ranks = ranks_of(np.array(found).reshape(-1, k), np.array(targets))
        continued.append(ContinueScores(name, bootstrap(hit_at_k(ranks, k)), bootstrap(ndcg_at_k(ranks, k))))
    cases = []
    for one, number, target in zip(lists, numbers, targets, strict=True):
        known, hidden = hide_end([*one, target], float(rng.uniform(*HIDDEN)))
        if known and hidden:
            cases.append((known, number, hidden))
    missing = []
    for name, rank in lacking.items():
        values = [
            recall_and_precision(first_rows(rank(known, number), known, max(k, len(hidden))), hidden, k)
            for known, number, hidden in cases
        ]
        recalls, precisions = np.array(values).reshape(-1, 2).T
        missing.append(MissingScores(name, bootstrap(recalls), bootstrap(precisions)))
    return CompletionScores(len(lists), tuple(continued), tuple(missing))


def hide_end(playlist: list[int], share: float) -> tuple[list[int], set[int]]:
    """The beginning of a playlist, and the tracks of the last `share` of it that the beginning lacks."""
    n_hidden = max(round(share * len(playlist)), 1)
    known = playlist[:-n_hidden]
    return known, set(playlist[-n_hidden:]) - set(known)


def first_rows(scores: Scores, playlist: Sequence[int], k: int) -> npt.NDArray[np.int32]:
    """The k best tracks outside a playlist, int32 (k,), padded with -1; a track scored 0 is unknown."""
    scores = np.where(scores == 0, -np.inf, scores).astype(np.float32)
    scores[list(playlist)] = -np.inf
    return np.asarray(top_k(scores[None], k)[0][0])


def recall_and_precision(found: npt.NDArray[np.int32], hidden: set[int], k: int) -> tuple[float, float]:
    """Recall@k, and the precision among as many suggestions as there are hidden tracks."""
    rows = found.tolist()
    return (
        len(hidden & set(rows[:k])) / len(hidden),
        len(hidden & set(rows[: len(hidden)])) / len(hidden),
    )
