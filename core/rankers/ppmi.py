"""Track vectors by counting alone: the SVD of a matrix of positive pointwise mutual information."""

from typing import TYPE_CHECKING

import numpy as np

from segue.core.corpus import Counts
from segue.core.neighbours import unit
from segue.core.rankers.protocol import Scores

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
