"""Held-out pairs one by one: what was played, what came, and what two rankers predicted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segue.core.errors import SegueError
from segue.core.evaluation.evaluate import in_bucket
from segue.core.evaluation.report import Bucket, PairSet, held_out
from segue.core.library import Library
from segue.core.rankers import default_ranker, ranker


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
    rank_of_truth: int | None
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

    Raises
    ------
    SegueError
        When the library holds none.
    """
    held, playlists = held_out(library, pairs)
    corpus = library.corpus
    if corpus is None:
        raise SegueError(f"{library.path}: holds no playlists; train a library from playlists")
    if len(playlists) and not 0 <= playlists.min() <= playlists.max() < corpus.n_playlists:
        raise SegueError(f"{library.path}: its pairs are of playlists that it has not; train it again")
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

    Parameters
    ----------
    library
        The library that the pair is from.
    pair
        One of `list_pairs`.
    rankers
        Names; by default the model's ranking and the one that the library uses for the next track.
    k
        Suggestions a ranker.
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
        rank_of_truth=None if pair.seed == pair.target else _rank(library, name, pair, indices[0].tolist()),
    )


def _rank(library: Library, name: str, pair: Pair, listed: list[int]) -> int | None:
    if pair.target in listed:  # the ranker knows best which of equal scores is first
        return listed.index(pair.target) + 1
    scores = ranker(library, name).scores(pair.seed).copy()
    scores[pair.seed] = -np.inf
    truth = scores[pair.target]
    # a count of 0 says nothing; a cosine of exactly 0 comes from a row of zeros, which says nothing either
    if truth == 0:
        return None
    better = np.count_nonzero(scores > truth) + np.count_nonzero(scores[: pair.target] == truth)
    return int(better) + 1
