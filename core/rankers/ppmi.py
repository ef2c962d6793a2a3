"""Track vectors by counting alone: the SVD of a matrix of positive pointwise mutual information."""

import numpy as np

from core.corpus import Counts
from core.neighbours import unit
from core.rankers.protocol import Scores

SMOOTHING = 0.75


def ppmi_svd(counts: Counts, *, dimensions: int = 64, seed: int = 0) -> Scores:
    """Track vectors from co-occurrence counts.

    PPMI with context distribution smoothing 0.75 and the symmetric split U √Σ, after Levy, Goldberg and
    Dagan, "Improving Distributional Similarity with Lessons Learned from Word Embeddings" (TACL 2015),
    sections 3.1 to 3.3. The SVD is randomised (Halko, Martinsson and Tropp 2011).

    Parameters
    ----------
    counts
        Symmetric (V, V).
    dimensions
        Width of the vectors; less where V is smaller.
    seed
        Start of the randomised SVD.

    Returns
    -------
    float32 (V, dimensions)
        Unit rows; a track that met no other has a row of zeros.
    """
    from scipy.sparse import csr_array  # scipy and scikit-learn: 1.5 s together
    from sklearn.utils.extmath import randomized_svd

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
    left, values, _ = randomized_svd(matrix, dimensions, n_iter=3, random_state=seed)
    return unit(left * np.sqrt(values))
