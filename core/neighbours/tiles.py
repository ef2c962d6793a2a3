"""Many queries at once: the product in tiles that stay in the cache, and the best groups of each kept.

A tile of the score matrix is reduced to the maxima of groups of columns as soon as it is computed; the whole
matrix never exists. Only the columns of the k best groups of a query can hold its k best, so their scores are
computed once more. Each thread multiplies alone: two products side by side are faster than one shared by two
threads (10,000 queries of 123,000 x 64: 0.75 s in all, where the bare product shared by two took 0.64 s).
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from segue.core.neighbours.selection import Indices, Scores, top_k

Part = TypeVar("Part")
Result = TypeVar("Result")

QUERIES = 256
COLUMNS = 4096
"""Queries and columns of a tile: 4 MB of scores."""
GROUP = 32
"""Columns that one maximum stands for."""
GATHERED = 32_000_000
"""Bytes of vectors that a thread gathers at once to score candidates again."""


def fits(n_queries: int, n_columns: int, k: int) -> bool:
    """Whether tiles pay: for many queries, and few of very many columns wanted."""
    return n_queries > QUERIES // 4 and 0 < k * GROUP * 8 < n_columns


def nearest(
    queries: Scores,
    vectors: Scores,
    k: int,
    *,
    own: npt.NDArray[np.integer] | None,
    out: npt.NDArray[np.bool_],
    bonus: Scores | None = None,
) -> tuple[Indices, Scores]:
    """The k largest products of each query with the vectors, best first.

    Parameters
    ----------
    queries : float32 (n, d)
    vectors : float32 (V, d)
    own : int (n,), optional
        A column of each query that its answer may not hold.
    out : bool (V,)
        Columns that no answer may hold.
    bonus : float32 (V,), optional
        What is added to the product of each column.

    Returns
    -------
    indices : int32 (n, k)
        Padded with -1.
    scores : float32 (n, k)
        Padded with -inf.
    """
    return _answers(queries, vectors, k, own=own, out=out, bonuses=(bonus,))[0]


def nearest_without_and_with(
    queries: Scores,
    vectors: Scores,
    k: int,
    *,
    own: npt.NDArray[np.integer] | None,
    out: npt.NDArray[np.bool_],
    bonus: Scores,
) -> tuple[tuple[Indices, Scores], tuple[Indices, Scores]]:
    """`nearest` without the bonus and with it, from one matrix product."""
    without, with_it = _answers(queries, vectors, k, own=own, out=out, bonuses=(None, bonus))
    return without, with_it


def _answers(
    queries: Scores,
    vectors: Scores,
    k: int,
    *,
    own: npt.NDArray[np.integer] | None,
    out: npt.NDArray[np.bool_],
    bonuses: Sequence[Scores | None],
) -> list[tuple[Indices, Scores]]:
    """The answers of `nearest` for each bonus; only the last one may be other than None."""
    answers = [
        (np.empty((len(queries), k), np.int32), np.empty((len(queries), k), np.float32)) for _ in bonuses
    ]
    banned = np.flatnonzero(out)

    def answer(start: int) -> None:
        part = slice(start, start + QUERIES)
        mine = None if own is None else own[part]
        every = _group_maxima(queries[part], vectors, mine, banned, bonuses)
        for maxima, bonus, (indices, scores) in zip(every, bonuses, answers, strict=True):
            n_groups = maxima.shape[1]
            groups = np.argpartition(maxima, n_groups - k, axis=1)[:, n_groups - k :]
            indices[part], scores[part] = _best_of(
                groups, queries[part], vectors, k, own=mine, out=out, bonus=bonus
            )

    in_threads(answer, range(0, len(queries), QUERIES))
    return answers


def in_threads(work: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
    """The results for some parts, in order, from a thread for each processor that multiplies alone."""
    from threadpoolctl import threadpool_limits  # comes with scikit-learn; 3 ms

    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, parts))


def _group_maxima(
    queries: Scores,
    vectors: Scores,
    own: npt.NDArray[np.integer] | None,
    banned: npt.NDArray[np.intp],
    bonuses: Sequence[Scores | None],
) -> list[Scores]:
    """The largest allowed score of each group, float32 (n, groups), for each bonus.

    In a tile, columns j, j + w, j + 2w, ... form group j, w being the tile's number of groups, so that the
    maxima are vectorised passes over long rows.
    """
    n, n_columns = len(queries), len(vectors)
    a_tile = COLUMNS // GROUP
    tile = np.empty((n, COLUMNS), np.float32)
    every = [np.empty((n, -(-n_columns // COLUMNS) * a_tile), np.float32) for _ in bonuses]
    for number, start in enumerate(range(0, n_columns, COLUMNS)):
        stop = min(start + COLUMNS, n_columns)
        if stop - start == COLUMNS:
            np.matmul(queries, vectors[start:stop].T, out=tile)
        else:
            tile[:, : stop - start] = queries @ vectors[start:stop].T
            tile[:, stop - start :] = -np.inf
        if own is not None:
            inside = np.flatnonzero((own >= start) & (own < stop))
            tile[inside, own[inside] - start] = -np.inf
        here = banned[np.searchsorted(banned, start) : np.searchsorted(banned, stop)]
        tile[:, here - start] = -np.inf
        groups = slice(number * a_tile, (number + 1) * a_tile)
        for maxima, bonus in zip(every, bonuses, strict=True):
            if bonus is not None:
                tile[:, : stop - start] += bonus[start:stop]
            tile.reshape(n, GROUP, a_tile).max(axis=1, out=maxima[:, groups])
    return every


def _best_of(
    groups: npt.NDArray[np.intp],
    queries: Scores,
    vectors: Scores,
    k: int,
    *,
    own: npt.NDArray[np.integer] | None,
    out: npt.NDArray[np.bool_],
    bonus: Scores | None,
) -> tuple[Indices, Scores]:
    """Score the columns of the groups again and pick the k best."""
    n = len(queries)
    tile, group = np.divmod(groups, COLUMNS // GROUP)
    columns = (tile * COLUMNS + group)[:, :, None] + np.arange(GROUP) * (COLUMNS // GROUP)
    columns = columns.reshape(n, -1)
    beyond = columns >= len(vectors)
    columns[beyond] = 0
    rows = max(1, GATHERED // (4 * columns.shape[1] * vectors.shape[1]))
    candidates = np.empty(columns.shape, np.float32)
    for start in range(0, n, rows):
        part = slice(start, start + rows)
        np.einsum("nkd,nd->nk", vectors[columns[part]], queries[part], out=candidates[part])
    if bonus is not None:
        candidates += bonus[columns]
    barred = beyond | out[columns]
    if own is not None:
        barred |= columns == own[:, None]
    candidates[barred] = -np.inf
    place, scores = top_k(candidates, k)
    indices = np.take_along_axis(columns, np.maximum(place, 0), axis=1).astype(np.int32)
    indices[place < 0] = -1
    return indices, scores
