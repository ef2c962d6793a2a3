"""Track vectors by counting alone: the SVD of a matrix of positive pointwise mutual information."""

from typing import TYPE_CHECKING

import numpy as np

from core.corpus import Counts
from core.neighbours import unit
from core.rankers.protocol import Scores

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SMOOTHING = 0.75
OVERSAMPLING = 16
POWER_STEPS = 2


def ppmi_svd(counts: Counts, *, dimensions: int = 64, seed: int = 0) -> Scores:
    """Track vectors from co-occurrence counts.

    PPMI with context distribution smoothing 0.75 and the symmetric split U √Σ, after Levy, Goldberg and
    Dagan, "Improving Distributional Similarity with Lessons Learned from Word Embeddings" (TACL 2015),
    sections 3.1 to 3.3.

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
    from scipy.sparse import csr_array  # scipy.sparse: 0.2 s

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
    return unit(_left_vectors(matrix, dimensions, np.random.default_rng(seed)))


def _left_vectors(matrix: "csr_array", dimensions: int, rng: np.random.Generator) -> Scores:
    """U √Σ of the leading singular vectors, float32 (V, dimensions).

    Halko, Martinsson and Tropp, "Finding Structure with Randomness" (SIAM Review 2011), algorithms 4.4, 5.1.
    """
    width = min(dimensions + OVERSAMPLING, matrix.shape[0])
    basis, _ = np.linalg.qr(matrix @ rng.standard_normal((matrix.shape[1], width), np.float32))
    for _ in range(POWER_STEPS):
        basis, _ = np.linalg.qr(matrix.T @ basis)
        basis, _ = np.linalg.qr(matrix @ basis)
    left, values, _ = np.linalg.svd((matrix.T @ basis).T, full_matrices=False)
    vectors = (basis @ left)[:, :dimensions] * np.sqrt(values[:dimensions])
    return np.asarray(vectors, np.float32)
