"""Rankers that know only the tracks a seed has met. What it never met is not ranked at all."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Corpus, Counts, Occurrences
from segue.core.rankers.protocol import Indices, Rows, Scores


class SparseScores(Protocol):
    """The scored tracks of a seed."""

    def __call__(self, seed: int, /) -> tuple[Indices, Scores]:
        """Distinct track rows int32 (m,) other than the seed, and their scores float32 (m,)."""


class SparseRanker:
    """Ranks the few tracks that have a score for the seed.

    Parameters
    ----------
    name
        The ranker's name.
    scored
        Gives the scored tracks of a seed.
    places : int (V,)
        The place of each track in `tie_order`, which decides between equal scores.
    """

    def __init__(self, name: str, scored: SparseScores, places: Rows) -> None:
        self.name = name
        self._scored = scored
        self._places = places

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        indices = np.full((len(seeds), k), -1, np.int32)
        scores = np.full((len(seeds), k), -np.inf, np.float32)
        for line, seed in enumerate(np.asarray(seeds).tolist()):
            columns, values = allowed(*self._scored(seed), exclude)
            columns, values = best(columns, values, k, self._places)
            indices[line, : len(columns)] = columns
            scores[line, : len(columns)] = values
        return indices, scores

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        row = np.zeros(len(self._places), np.float32)
        columns, values = self._scored(seed)
        row[columns] = values
        return row


def allowed(columns: Indices, values: Scores, exclude: Rows | None) -> tuple[Indices, Scores]:
    """The scored tracks without the excluded ones."""
    if exclude is None:
        return columns, values
    kept = ~np.isin(columns, exclude)
    return columns[kept], values[kept]


def tie_order(plays: Rows) -> Rows:
    """The place of each track where scores are equal, int (V,): the more played in training, the earlier.

    Rows are numbered by the plays in all playlists, held-out tracks included, so that to prefer the lower row
    of equals would tell a little of what is to be guessed. Equals in training are shuffled.

    Parameters
    ----------
    plays : int (V,)
        How often each track occurs in the training playlists.
    """
    order = np.lexsort((np.random.default_rng(len(plays)).permutation(len(plays)), -np.asarray(plays)))
    places = np.empty(len(plays), np.int64)
    places[order] = np.arange(len(plays))
    return places


def best(columns: Indices, values: Scores, k: int, places: Rows | None = None) -> tuple[Indices, Scores]:
    """The k best scored tracks, best first; of equals the earlier place, or without places the lower row."""
    if k < len(values):
        least = np.partition(values, -k)[-k] if k else np.inf
        near = values >= least
        columns, values = columns[near], values[near]
    order = np.lexsort((columns if places is None else places[columns], -values))[:k]
    return columns[order], values[order]


def count_ranker(name: str, counts: Counts, plays: Rows) -> SparseRanker:
    """Rank by a count of meetings: co-occurrence within a window, or the next track."""
    return SparseRanker(name, counts.row, tie_order(plays))


class Followers:
    """How often each other track came directly after a seed, counted when it is asked for.

    Parameters
    ----------
    corpus
        The training playlists.
    occurrences
        Their inverted index.
    """

    def __init__(self, corpus: Corpus, occurrences: Occurrences) -> None:
        self._items = np.asarray(corpus.items)
        self._playlist_of = corpus.playlist_of
        self._occurrences = occurrences

    def __call__(self, seed: int, /) -> tuple[Indices, Scores]:
        """See `SparseScores`."""
        at = self._occurrences.positions_of(seed)
        at = at[at + 1 < len(self._items)]
        at = at[self._playlist_of[at] == self._playlist_of[at + 1]] + 1
        rows, times = np.unique(self._items[at], return_counts=True)
        others = rows != seed
        return rows[others], times[others].astype(np.float32)


ASYMMETRY = 0.8
"""α of the asymmetric item-kNN, from 0.5 to 0.9 the best on real playlists."""


class PlaylistCosine:
    """Item-kNN: the cosine between two tracks as sets of playlists, |A ∩ B| / √(|A| |B|).

    Asymmetric it is |A ∩ B| / (|A|^α |B|^(1 - α)), where A holds the seed: an α above ½ leans to the popular
    (Aiolli, "Efficient top-n recommendation for very large scale binary rated datasets", RecSys 2013).

    Parameters
    ----------
    corpus
        The training playlists.
    occurrences
        Their inverted index.
    alpha
        α.
    """

    def __init__(self, corpus: Corpus, occurrences: Occurrences, *, alpha: float = 0.5) -> None:
        size = len(corpus.vocabulary)
        # a track counts once a playlist, however often it is repeated there
        keys = np.sort(corpus.playlist_of.astype(np.int64) * size + corpus.items)
        keys = keys[np.diff(keys, prepend=-1) > 0]
        playlists, items = np.divmod(keys, max(size, 1))
        self._items = items.astype(np.int32)
        self._offsets = np.searchsorted(playlists, np.arange(corpus.n_playlists + 1))
        self._occurrences = occurrences
        holders = np.bincount(self._items, minlength=size).astype(np.float32)
        self._own_norms, self._norms = holders**alpha, holders ** (1 - alpha)

    def __call__(self, seed: int, /) -> tuple[Indices, Scores]:
        """See `SparseScores`."""
        playlists = self._occurrences.playlists_of(seed)
        met = np.sort(self._items[number_ranges(self._offsets[playlists], self._offsets[playlists + 1])])
        met = met[met != seed]
        starts = np.flatnonzero(np.diff(met, prepend=-1))
        together = np.diff(starts, append=len(met)).astype(np.float32)
        columns = met[starts]
        return columns, together / (self._own_norms[seed] * self._norms[columns])


def number_ranges(starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The numbers of several half-open ranges, one after the other."""
    lengths = ends - starts
    shifts = starts - np.cumsum(lengths) + lengths
    return np.asarray(np.arange(lengths.sum()) + np.repeat(shifts, lengths), np.intp)
