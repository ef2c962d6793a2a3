"""How well whole playlists are completed: what comes next, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.errors import SegueError
from segue.core.evaluation.metrics import Measure, bootstrap, hit_at_k, ndcg_at_k, ranks_of
from segue.core.library import Library
from segue.core.neighbours import top_k
from segue.core.neighbours.tiles import in_threads
from segue.core.rankers import next_ranker
from segue.core.rankers.playlist import HALF_LIVES, combined_scores, continue_ranker, recency_weights
from segue.core.rankers.protocol import Scores
from segue.core.rankers.sessions import Votes
from segue.core.rankers.sparse import best

HIDDEN = (0.2, 0.5)
"""Least and largest share of a playlist that is hidden at its end, to ask what is missing."""
WORK, FEWEST = 20_000_000, 300
"""Tracks that a ranker scores at most, over all playlists, unless these are fewer than `FEWEST`."""
TOGETHER = 16
"""Playlists that a thread scores at once: 8 MB at V = 130,000."""
OTHERS = ("next", "nearest")
"""Rankers of single seeds to compare with: their scores for a playlist's tracks are added up."""
PEERS = ("s-knn", "v-stan", "rp3")
"""Rankers by similar playlists, each alone."""

Rows = npt.NDArray[np.int32]


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
    """All leave the playlist itself out of what they count. Rankers that can't are not among them; the
    vectors, which lift the votes of `missing`, have seen the hidden tracks, which flatters it a little."""


def score_completion(
    library: Library, pairs: npt.NDArray[np.int32], playlists: npt.NDArray[np.int64], *, k: int = 10
) -> CompletionScores | None:
    """Score `continue` and `missing` beside rankers of single seeds; None where the library can't complete.

    `pairs`, int32 (n, 2), are held-out seeds and targets; `playlists`, int64 (n,), the training playlist of
    each pair, which ends with the seed. A playlist counts once.
    """
    whole, corpus = continue_ranker(library), library.corpus
    if whole is None or corpus is None:
        return None
    chosen, cases = hidden_ends(library, pairs, playlists)
    lists = [corpus.playlist(int(playlists[at])).tolist() for at in chosen]
    targets = pairs[chosen, 1]
    longest = _longest(cases, k)

    def continued(start: int) -> list[Rows]:
        part = lists[start : start + TOGETHER]
        scores = np.stack([whole.query(playlist) for playlist in part]) @ library.vectors.T
        votes = [whole.votes(playlist) for playlist in part]
        for row, playlist, given in zip(scores, part, votes, strict=True):
            whole.scores(playlist, cosines=row, votes=given)
        peers = [[given[name] for name in PEERS] for given in votes]
        return [
            first_rows(scores, part, k),
            *_summed(library, part, HALF_LIVES[1], k),
            *(_first_votes(each, k) for each in zip(*peers, strict=True)),
        ]

    def completed(start: int) -> list[Rows]:
        part = cases[start : start + TOGETHER]
        playlists = [known for known, _, _ in part]
        scores = np.stack([whole.middle(known) for known in playlists]) @ library.vectors.T
        votes = [whole.votes_on_the_whole(known, without=number) for known, number, _ in part]
        for row, (known, number, _) in zip(scores, part, strict=True):
            whole.missing(known, cosines=row, votes=whole.members(known, without=number))
        peers = [[given[name] for name in PEERS] for given in votes]
        return [
            first_rows(scores, playlists, longest),
            *(_first_votes(each, longest) for each in zip(*peers, strict=True)),
        ]

    found = in_threads(continued, range(0, len(lists), TOGETHER))
    continuing = []
    for name, rows in zip(("continue", *OTHERS, *PEERS), zip(*found, strict=True), strict=True):
        ranks = ranks_of(np.concatenate(rows), targets)
        continuing.append(ContinueScores(name, bootstrap(hit_at_k(ranks, k)), bootstrap(ndcg_at_k(ranks, k))))
    found = in_threads(completed, range(0, len(cases), TOGETHER))
    lacking = []
    for name, rows in zip(("missing", *PEERS), zip(*found, strict=True), strict=True):
        values = [
            recall_and_precision(row, hidden, k)
            for row, (_, _, hidden) in zip(np.concatenate(rows), cases, strict=True)
        ]
        recalls, precisions = np.array(values).T
        lacking.append(MissingScores(name, bootstrap(recalls), bootstrap(precisions)))
    return CompletionScores(len(lists), tuple(continuing), tuple(lacking))


Ends = list[tuple[list[int], int, set[int]]]
"""Playlists whose ends are hidden: what is known of each, its number, and the hidden tracks."""


def hidden_ends(
    library: Library, pairs: npt.NDArray[np.int32], playlists: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.intp], Ends]:
    """The places of the pairs whose playlists are completed, and the playlists that have an end to find.

    `pairs` and `playlists` are as for `continued_ranks`. Raises `SegueError` when the library holds no
    playlists.
    """
    corpus = library.corpus
    if corpus is None:
        raise SegueError(f"{library.path}: holds vectors but no playlists to complete")
    _, first = np.unique(playlists, return_index=True)
    rng = np.random.default_rng(len(first))
    most = max(WORK // len(library), FEWEST)
    chosen = np.sort(rng.permutation(first)[:most])
    cases: Ends = []
    for at in chosen.tolist():
        number = int(playlists[at])
        whole = [*corpus.playlist(number).tolist(), int(pairs[at, 1])]
        known, hidden = hide_end(whole, float(rng.uniform(*HIDDEN)))
        if known and hidden:
            cases.append((known, number, hidden))
    return chosen, cases


def found_shares(library: Library, name: str, cases: Ends, k: int) -> npt.NDArray[np.float64]:
    """Recall@k and R-precision of each hidden end by `missing` or one of `PEERS`, float64 (n, 2)."""
    whole, longest = continue_ranker(library), _longest(cases, k)
    if whole is None:
        raise SegueError(f"{library.path}: holds vectors but no playlists, which the ranker {name} needs")
    shares = []
    for known, number, hidden in cases:
        if name == "missing":
            scores = whole.missing(known, votes=whole.members(known, without=number))
            rows = first_rows(scores[None], [known], longest)[0]
        else:
            rows = _first_votes([whole.votes_on_the_whole(known, without=number)[name]], longest)[0]
        shares.append(recall_and_precision(rows, hidden, k))
    return np.array(shares).reshape(-1, 2)


def _longest(cases: Ends, k: int) -> int:
    return max([k, *(len(hidden) for _, _, hidden in cases)])


def continued_ranks(
    library: Library, name: str, pairs: npt.NDArray[np.int32], playlists: npt.NDArray[np.int64], k: int
) -> npt.NDArray[np.int32]:
    """The rank of each playlist's last, held-out track among k suggestions, int32 (n,); 0 is a miss.

    `name` is `continue`, or a ranker whose scores for the playlist's tracks are added up. `pairs`, int32 (n,
    2), are held-out seeds and targets; `playlists`, int64 (n,), the training playlist of each pair. Raises
    `SegueError` when the library holds no playlists.
    """
    whole, corpus = continue_ranker(library), library.corpus
    if whole is None or corpus is None:
        raise SegueError(f"{library.path}: holds vectors but no playlists, which the ranker continue needs")
    known = [corpus.playlist(int(number)).tolist() for number in playlists]

    def ranked(playlist: list[int]) -> Rows:
        if name == "continue":
            scores = whole.scores(playlist)
        else:
            shares = recency_weights(len(playlist), HALF_LIVES[1]).tolist()
            scores = combined_scores(library, playlist, shares, name)
        return first_rows(scores[None].copy(), [playlist], k)

    rows = [ranked(playlist) for playlist in known]
    return ranks_of(np.concatenate([*rows, np.empty((0, k), np.int32)]), pairs[:, 1])


def _summed(library: Library, playlists: Sequence[list[int]], half_life: float, k: int) -> list[Rows]:
    """The answers of `OTHERS`, each the sum of the scores after a playlist's tracks, from one product."""
    one = next_ranker(library)
    shares = [recency_weights(len(playlist), half_life).astype(np.float32) for playlist in playlists]
    queries = [weights @ library.vectors[rows] for weights, rows in zip(shares, playlists, strict=True)]
    scores = np.stack(queries) @ library.vectors.T
    nearest = first_rows(scores.copy(), playlists, k)
    for row, playlist, weights in zip(scores, playlists, shares, strict=True):
        one.add_counts(row, playlist, weights)
    return [first_rows(scores, playlists, k), nearest]


def _first_votes(votes: Sequence[Votes], k: int) -> Rows:
    """The tracks with the k largest votes for each of some playlists, int32 (n, k), padded with -1."""
    rows = np.full((len(votes), k), -1, np.int32)
    for line, each in zip(rows, votes, strict=True):
        voted = each.values > 0
        found, _ = best(each.rows[voted].astype(np.int32), each.values[voted].astype(np.float32), k)
        line[: len(found)] = found
    return rows


def hide_end(playlist: list[int], share: float) -> tuple[list[int], set[int]]:
    """The beginning of a playlist, and the tracks of the last `share` of it that the beginning lacks."""
    n_hidden = max(round(share * len(playlist)), 1)
    known = playlist[:-n_hidden]
    return known, set(playlist[-n_hidden:]) - set(known)


def first_rows(scores: Scores, playlists: Sequence[list[int]], k: int) -> Rows:
    """The k best tracks outside each of some playlists, int32 (n, k), padded with -1.

    `scores`, float32 (n, V), has those of every track for each playlist, 0 for one that is unknown; it is
    changed in place.
    """
    scores[scores == 0] = -np.inf
    for row, playlist in zip(scores, playlists, strict=True):
        row[playlist] = -np.inf
    return top_k(scores, k)[0]


def recall_and_precision(found: Rows, hidden: set[int], k: int) -> tuple[float, float]:
    """Recall@k, and the precision among as many suggestions as there are hidden tracks."""
    rows = found.tolist()
    return (len(hidden & set(rows[:k])) / len(hidden), len(hidden & set(rows[: len(hidden)])) / len(hidden))
