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
    n_tracks
        The size V of the vocabulary.
    """

    def __init__(self, name: str, scored: SparseScores, n_tracks: int) -> None:
        self.name = name
        self._scored = scored
        self._n_tracks = n_tracks

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        indices = np.full((len(seeds), k), -1, np.int32)
        scores = np.full((len(seeds), k), -np.inf, np.float32)
        for line, seed in enumerate(np.asarray(seeds).tolist()):
            columns, values = allowed(*self._scored(seed), exclude)
            columns, values = best(columns, values, k)
            indices[line, : len(columns)] = columns
            scores[line, : len(columns)] = values
        return indices, scores

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        row = np.zeros(self._n_tracks, np.float32)
        columns, values = self._scored(seed)
        row[columns] = values
        return row


def allowed(columns: Indices, values: Scores, exclude: Rows | None) -> tuple[Indices, Scores]:
    """The scored tracks without the excluded ones."""
    if exclude is None:
        return columns, values
    kept = ~np.isin(columns, exclude)
    return columns[kept], values[kept]


def best(columns: Indices, values: Scores, k: int) -> tuple[Indices, Scores]:
    """The k best scored tracks, best first; of equal ones the lower row, also at the last place."""
    if k < len(values):
        least = np.partition(values, -k)[-k] if k else np.inf
        near = values >= least
        columns, values = columns[near], values[near]
    order = np.lexsort((columns, -values))[:k]
    return columns[order], values[order]


def count_ranker(name: str, counts: Counts) -> SparseRanker:
    """Rank by a count of meetings: co-occurrence within a window, or the next track."""
    return SparseRanker(name, counts.row, len(counts))


class PlaylistCosine:
    """Item-kNN: the cosine between two tracks as sets of playlists, |A ∩ B| / √(|A| |B|).

    Parameters
    ----------
    corpus
        The training playlists.
    occurrences
        Their inverted index.
    """

    def __init__(self, corpus: Corpus, occurrences: Occurrences) -> None:
        size = len(corpus.vocabulary)
        # a track counts once a playlist, however often it is repeated there
        keys = np.sort(corpus.playlist_of.astype(np.int64) * size + corpus.items)
        keys = keys[np.diff(keys, prepend=-1) > 0]
        playlists, items = np.divmod(keys, max(size, 1))
        self._items = items.astype(np.int32)
        self._offsets = np.searchsorted(playlists, np.arange(corpus.n_playlists + 1))
        self._occurrences = occurrences
        self._norms = np.sqrt(np.bincount(self._items, minlength=size)).astype(np.float32)

    def __call__(self, seed: int, /) -> tuple[Indices, Scores]:
        """See `SparseScores`."""
        playlists = self._occurrences.playlists_of(seed)
        met = np.sort(self._items[number_ranges(self._offsets[playlists], self._offsets[playlists + 1])])
        met = met[met != seed]
        starts = np.flatnonzero(np.diff(met, prepend=-1))
        together = np.diff(starts, append=len(met)).astype(np.float32)
        columns = met[starts]
        return columns, together / (self._norms[seed] * self._norms[columns])


def number_ranges(starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The numbers of several half-open ranges, one after the other."""
    lengths = ends - starts
    shifts = starts - np.cumsum(lengths) + lengths
    return np.asarray(np.arange(lengths.sum()) + np.repeat(shifts, lengths), np.intp)
