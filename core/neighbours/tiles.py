"""Many queries at once: the product in tiles that stay in the cache, and the best groups of each kept.

A tile of the score matrix is reduced to the maxima of groups of columns as soon as it is computed; the whole
matrix never exists. Only the columns of the k best groups of a query can hold its k best, so their scores are
computed once more. Each thread multiplies alone: two products side by side are faster than one shared by two
threads (10,000 queries of 123,000 x 64: 0.75 s in all, where the bare product shared by two took 0.64 s).

The k largest of each row of scores, found without sorting the row.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

"""Scores whose maximum stands for all of them. At V = 123,000, 32 and 64 are equally fast, 16 is slower."""

Indices = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Bonus:
    """What is added to the product of a query and a column: the column's number, or it times the query's."""

    columns: Scores
    """float32 (V,)"""
    queries: Scores | None = None
    """float32 (n,); None stands for ones."""

    def __getitem__(self, part: slice) -> "Bonus":
        """That of some of the queries."""
        return self if self.queries is None else Bonus(self.columns, self.queries[part])

    def at(self, columns: slice | npt.NDArray[np.intp]) -> Scores:
        """What is added at some columns, the same for all queries or intp (n, m): float32 (n or 1, m)."""
        found = self.columns[columns]
        return found if self.queries is None else self.queries[:, None] * found


def top_k(scores: Scores, k: int) -> tuple[Indices, Scores]:
    """The k best columns of each row, best first; equal scores put the lower column first.

    A column scored -inf is out. Where a row has fewer than k columns that count, the rest is index -1 and
    score -inf. Of several columns tied for the last place, any may be chosen. `scores` are float32 (n, m); a
    matrix as wide as `padded_width(m)`, filled up with -inf, saves a copy. Returns indices, int32 (n, k), and
    scores, float32 (n, k).
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


def nearest_each(
    queries: Scores,
    vectors: Scores,
    k: int,
    *,
    own: npt.NDArray[np.integer] | None,
    out: npt.NDArray[np.bool_],
    bonuses: Sequence[Bonus | None],
) -> list[tuple[Indices, Scores]]:
    """The k largest products of each query with the vectors, best first, for each bonus added to them.

    `queries` are float32 (n, d), `vectors` float32 (V, d). `own`, int (n,), is a column of each query that
    its answer may not hold; `out`, bool (V,), tells which columns no answer may hold. Returns for each bonus
    the indices, int32 (n, k), padded with -1, and the scores, float32 (n, k), padded with -inf.
    """
    answers = [
        (np.empty((len(queries), k), np.int32), np.empty((len(queries), k), np.float32)) for _ in bonuses
    ]
    banned = np.flatnonzero(out)

    def answer(start: int) -> None:
        part = slice(start, start + QUERIES)
        mine = None if own is None else own[part]
        here = [None if bonus is None else bonus[part] for bonus in bonuses]
        every = _group_maxima(queries[part], vectors, mine, banned, here)
        for maxima, bonus, (indices, scores) in zip(every, here, answers, strict=True):
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
    bonuses: Sequence[Bonus | None],
) -> list[Scores]:
    """The largest allowed score of each group, float32 (n, groups), for each bonus.

    In a tile, columns j, j + w, j + 2w, ... form group j, w being the tile's number of groups, so that the
    maxima are vectorised passes over long rows.
    """
    n, n_columns = len(queries), len(vectors)
    a_tile = COLUMNS // GROUP
    tile = np.empty((n, COLUMNS), np.float32)
    raised = np.empty_like(tile)
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
            scores = tile
            if bonus is not None:
                raised[:, stop - start :] = -np.inf
                np.add(tile[:, : stop - start], bonus.at(slice(start, stop)), out=raised[:, : stop - start])
                scores = raised
            scores.reshape(n, GROUP, a_tile).max(axis=1, out=maxima[:, groups])
    return every


def _best_of(
    groups: npt.NDArray[np.intp],
    queries: Scores,
    vectors: Scores,
    k: int,
    *,
    own: npt.NDArray[np.integer] | None,
    out: npt.NDArray[np.bool_],
    bonus: Bonus | None,
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
        candidates += bonus.at(columns)
    barred = beyond | out[columns]
    if own is not None:
        barred |= columns == own[:, None]
    candidates[barred] = -np.inf
    place, scores = top_k(candidates, k)
    indices = np.take_along_axis(columns, np.maximum(place, 0), axis=1).astype(np.int32)
    indices[place < 0] = -1
    return indices, scores
