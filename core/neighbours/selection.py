"""The k largest of each row of scores, found without sorting the row."""

import numpy as np
import numpy.typing as npt

GROUP = 32
"""Scores whose maximum stands for all of them. At V = 123,000, 32 and 64 are equally fast, 16 is slower."""

Indices = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]


def top_k(scores: Scores, k: int) -> tuple[Indices, Scores]:
    """The k best columns of each row, best first; equal scores put the lower column first.

    A column scored -inf is out. Where a row has fewer than k columns that count, the rest is index -1 and
    score -inf. Of several columns tied for the last place, any may be chosen.

    Parameters
    ----------
    scores : float32 (n, m)
        A matrix as wide as `padded_width(m)`, filled up with -inf, saves a copy.
    k
        How many to return.

    Returns
    -------
    indices : int32 (n, k)
    scores : float32 (n, k)
    """
    n_rows, n_columns = scores.shape
    rows = np.arange(n_rows)[:, None]
    kept = min(k, n_columns)
    if 0 < kept * GROUP * 4 < n_columns:
        scores = _padded(scores)
        columns = _columns_of_best_groups(scores, kept)
    else:
        columns = np.broadcast_to(np.arange(n_columns), (n_rows, n_columns))
    candidates = scores[rows, columns]
    if 0 < kept < candidates.shape[1]:
        best = np.argpartition(candidates, -kept, axis=1)[:, -kept:]
        columns, candidates = columns[rows, best], candidates[rows, best]
    order = np.lexsort((columns, -candidates))[:, :kept]
    indices = np.full((n_rows, k), -1, np.int32)
    best_scores = np.full((n_rows, k), -np.inf, np.float32)
    indices[:, :kept], best_scores[:, :kept] = columns[rows, order], candidates[rows, order]
    indices[np.isneginf(best_scores)] = -1
    return indices, best_scores


def padded_width(n_columns: int) -> int:
    """The smallest multiple of GROUP that holds `n_columns`."""
    return -(-n_columns // GROUP) * GROUP


def _padded(scores: Scores) -> Scores:
    n_rows, n_columns = scores.shape
    width = padded_width(n_columns)
    if width == n_columns:
        return scores
    padded = np.full((n_rows, width), -np.inf, np.float32)
    padded[:, :n_columns] = scores
    return padded


def _columns_of_best_groups(scores: Scores, k: int) -> npt.NDArray[np.intp]:
    """The columns of the k groups with the largest maxima, intp (n, k * GROUP).

    Columns j, j + w, j + 2w, ... form a group, w being the number of groups, so that the maxima of all groups
    are one vectorised pass over the row. Outside the k best groups there is none of the k best columns.
    Measured for 10,000 rows of 123,000: 0.14 s, where partitioning the whole rows took 1.6 s.
    """
    n_rows, width = scores.shape
    n_groups = width // GROUP
    maxima = scores.reshape(n_rows, GROUP, n_groups).max(axis=1)
    groups = np.argpartition(maxima, n_groups - k, axis=1)[:, n_groups - k :]
    columns: npt.NDArray[np.intp] = groups[:, :, None] + np.arange(GROUP) * n_groups
    return columns.reshape(n_rows, -1)
