"""Rankers that count: what stood together in playlists, and the two floors, popularity and chance.

EASE is a linear model of playlists in closed form, for catalogues small enough for a V x V matrix. PPMI makes
vectors by counting alone: the SVD of a matrix of positive pointwise mutual information.
"""

from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Corpus, Counts, Occurrences
from segue.core.neighbours import top_k, unit
from segue.core.rankers.protocol import Indices, Rows, Scores

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class SparseScores(Protocol):
    """The scored tracks of a seed."""

    def __call__(self, seed: int, /) -> tuple[Indices, Scores]:
        """Distinct track rows int32 (m,) other than the seed, and their scores float32 (m,)."""


class SparseRanker:
    """Ranks the few tracks that have a score for the seed.

    `places`, int (V,), is the place of each track in `tie_order`, which decides between equal scores.
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
    of equals would tell a little of what is to be predicted. Equals in training are shuffled. `plays`, int
    (V,), is how often each track occurs in the training playlists.
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
    """How often each other track came directly after a seed, counted when it is asked for."""

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
    `alpha` is α.
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


MOST_TRACKS = 4_000
"""More tracks are refused: the matrix would take over 64 MB and its inversion over 5 s."""
RIDGE = 500.0
"""λ of the paper; 200 to 1,000 score alike on real playlists."""


class EaseRanker:
    """Weights from each track to each other that reconstruct the playlists best, a track never from itself.

    After Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019). It takes training playlists
    of at most `MOST_TRACKS` tracks.
    """

    name = "ease"

    def __init__(self, corpus: Corpus) -> None:
        from scipy.sparse import csr_array  # scipy.sparse: 0.2 s

        shape = corpus.n_playlists, len(corpus.vocabulary)
        ones = np.ones(corpus.n_positions)
        held = csr_array((ones, (corpus.playlist_of, corpus.items)), shape=shape)
        held.data[:] = 1  # a track that is repeated in a playlist counts once
        inverse = np.linalg.inv((held.T @ held).toarray() + RIDGE * np.eye(shape[1]))
        self._weights = np.asarray(inverse / -np.diag(inverse), np.float32)
        np.fill_diagonal(self._weights, 0)

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        rows = self._weights[seeds]
        rows[np.arange(len(rows)), seeds] = -np.inf
        if exclude is not None:
            rows[:, exclude] = -np.inf
        return top_k(rows, k)

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        return np.asarray(self._weights[seed], np.float32)


SMOOTHING = 0.75
OVERSAMPLING = 16
POWER_STEPS = 2


def ppmi_svd(counts: Counts, *, dimensions: int = 64, seed: int = 0) -> Scores:
    """Track vectors from co-occurrence counts.

    PPMI with context distribution smoothing 0.75 and the symmetric split U √Σ, after Levy, Goldberg and
    Dagan, "Improving Distributional Similarity with Lessons Learned from Word Embeddings" (TACL 2015),
    sections 3.1 to 3.3. `counts` are symmetric (V, V). `dimensions` is the width of the vectors, less where V
    is smaller. Returns unit rows, float32 (V, dimensions); a track that met no other has a row of zeros.
    """
    from scipy.sparse import csr_array  # scipy.sparse: 0.2 s
    from threadpoolctl import threadpool_limits  # comes with scikit-learn; 3 ms

    size = len(counts)
    dimensions = min(dimensions, size)
    if not len(counts.data):
        return np.zeros((size, dimensions), np.float32)
    sums = np.add.reduceat(np.append(counts.data, 0).astype(np.float64), counts.indptr[:-1])
    sums[np.diff(counts.indptr) == 0] = 0
    smoothed = sums**SMOOTHING
    owners = np.repeat(np.arange(size), np.diff(counts.indptr))
    expected = sums[owners] * smoothed[counts.indices] / smoothed.sum()
    information = np.maximum(np.log(counts.data / expected), 0).astype(np.float32)
    matrix = csr_array((information, counts.indices, counts.indptr), shape=(size, size))
    with threadpool_limits(1, "blas"):  # small products, for which the threads of a busy machine would wait
        return unit(_left_vectors(matrix, dimensions, np.random.default_rng(seed)))


def _left_vectors(matrix: "csr_array", dimensions: int, rng: np.random.Generator) -> Scores:
    """U √Σ of the leading singular vectors, float32 (V, dimensions).

    Halko, Martinsson and Tropp, "Finding Structure with Randomness" (SIAM Review 2011), algorithm 4.4.
    """
    width = min(dimensions + OVERSAMPLING, matrix.shape[0])
    basis = _orthonormal(matrix @ rng.standard_normal((matrix.shape[1], width), np.float32))
    for _ in range(POWER_STEPS):
        basis = _orthonormal(matrix @ _orthonormal(matrix.T @ basis))
    image = matrix.T @ basis
    squares, left = np.linalg.eigh((image.T @ image).astype(np.float64))
    largest = np.argsort(-squares)[:dimensions]
    scale = np.maximum(squares[largest], 0) ** 0.25  # the square root of a singular value
    return np.asarray(basis @ (left[:, largest] * scale).astype(np.float32))


def _orthonormal(columns: Scores) -> Scores:
    """An orthonormal basis of some columns, float32 (V, n), as wide; what depends on the others becomes 0.

    By the eigenvectors of the Gram matrix: 40 times faster than a QR decomposition at V = 200,000, and exact
    enough for a basis that the next step improves.
    """
    squares, rotation = np.linalg.eigh((columns.T @ columns).astype(np.float64))
    kept = squares > 1e-6 * squares[-1]
    inverse = np.where(kept, 1 / np.sqrt(np.where(kept, squares, 1)), 0)
    return np.asarray(columns @ (rotation * inverse).astype(np.float32))


class PopularityRanker:
    """The most frequent tracks, whatever the seed.

    `counts`, int (V,), is how often each track occurs in the training playlists.
    """

    name = "popularity"

    def __init__(self, counts: npt.NDArray[np.int64]) -> None:
        self._counts = counts.astype(np.float32)
        self._order = np.argsort(tie_order(counts)).astype(np.int32)

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        order = self._order if exclude is None else self._order[~np.isin(self._order, exclude)]
        found = np.broadcast_to(order[: k + 1], (len(seeds), len(order[: k + 1])))
        return _first(found, self._counts[found], found == np.asarray(seeds)[:, None], k)

    def scores(self, seed: int) -> Scores:  # noqa: ARG002 - the same for every seed
        """See `Ranker.scores`."""
        return self._counts


class RandomRanker:
    """Chance. The catalogue is shuffled once, and a seed's list is what follows it there.

    `n_tracks` is the size V of the vocabulary.
    """

    name = "random"

    def __init__(self, n_tracks: int, *, seed: int = 0) -> None:
        self._shuffled = np.random.default_rng(seed).permutation(n_tracks).astype(np.int32)
        self._place = np.empty(n_tracks, np.int32)
        self._place[self._shuffled] = np.arange(n_tracks, dtype=np.int32)

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        n_tracks = len(self._place)
        n_excluded = 0 if exclude is None else len(np.unique(exclude))
        steps = np.arange(1, min(k + n_excluded, n_tracks - 1) + 1)
        found = self._shuffled[(self._place[seeds][:, None] + steps) % n_tracks]
        values = np.broadcast_to((1 - steps / n_tracks).astype(np.float32), found.shape)
        out = np.zeros(found.shape, bool) if exclude is None else np.isin(found, exclude)
        return _first(found, values, out, k)

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        steps = (self._place - self._place[seed]) % len(self._place)
        return np.asarray(1 - steps / len(self._place), np.float32)


def _first(found: Indices, values: Scores, out: npt.NDArray[np.bool_], k: int) -> tuple[Indices, Scores]:
    """The first k of each row that are not out, padded."""
    order = np.argsort(out, axis=1, kind="stable")[:, :k]
    shape = (len(found), k)
    indices, scores = np.full(shape, -1, np.int32), np.full(shape, -np.inf, np.float32)
    width = order.shape[1]
    kept = ~np.take_along_axis(out, order, axis=1)
    indices[:, :width] = np.where(kept, np.take_along_axis(found, order, axis=1), -1)
    scores[:, :width] = np.where(kept, np.take_along_axis(values, order, axis=1), -np.inf)
    return indices, scores
