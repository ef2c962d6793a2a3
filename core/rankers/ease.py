"""EASE: a linear model of playlists in closed form, for catalogues small enough for a V x V matrix."""

import numpy as np

from segue.core.corpus import Corpus
from segue.core.neighbours import top_k
from segue.core.rankers.protocol import Indices, Rows, Scores

MOST_TRACKS = 4_000
"""More tracks are refused: the matrix would take over 64 MB and its inversion over 5 s."""
RIDGE = 500.0
"""λ of the paper; 200 to 1,000 score alike on real playlists."""


class EaseRanker:
    """Weights from each track to each other that reconstruct the playlists best, a track never from itself.

    After Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019).

    Parameters
    ----------
    corpus
        The training playlists, at most `MOST_TRACKS` tracks.
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
