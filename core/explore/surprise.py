"""A far track that still belongs: the seed is among its neighbours too."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.core.explore.neighbours import check_row
from segue.core.library import Library

FARTHEST = 5
_REACH = 100
_BLOCK = 128


@dataclass(frozen=True, slots=True)
class Surprise:
    """A jump to another part of the space."""

    row: int
    similarity: float
    rank: int
    """Its place in the seed's list, from 1."""
    rank_back: int
    """The seed's place in its list."""


def surprise(
    library: Library,
    seed: int,
    *,
    farther: int = 0,
    rng: np.random.Generator,
    without: Collection[int] = frozenset(),
) -> Surprise | None:
    """Jump as far as the nearness is still mutual.

    Among the `100 * 2 ** farther` nearest tracks of the seed by other artists, those count that have the seed
    among as many of theirs. One of the farther half of them is drawn. Being mutual keeps out the hubs, which
    are in everybody's list. Where no track counts, it looks farther by itself.

    Parameters
    ----------
    farther
        0 to 5: how often the listener asked for farther.
    rng
        Draws the track.
    without
        Rows that are not wanted: banned, heard, or shown before.

    Returns
    -------
    Surprise | None
        None where no track counts however far.
    """
    check_row(library, seed)
    for step in range(min(max(farther, 0), FARTHEST), FARTHEST + 1):
        if (jump := _jump(library, seed, _REACH * 2**step, rng, without)) is not None:
            return jump
    return None


def _jump(
    library: Library, seed: int, reach: int, rng: np.random.Generator, without: Collection[int]
) -> Surprise | None:
    found, _ = library.index().query(np.array([seed]), min(reach, len(library)))
    rows = found[0][found[0] >= 0]
    same = np.zeros(len(rows), dtype=bool)
    for codes in (library.catalogue.artist_codes, library.catalogue.song_codes):
        same |= (codes[rows] == codes[seed]) & (codes[rows] >= 0)
    places = np.flatnonzero(~same & ~np.isin(rows, list(without)))
    backs = _ranks_back(library, seed, rows[places])
    mutual = backs <= reach
    if not mutual.any():
        return None
    places, backs = places[mutual], backs[mutual]
    chosen = int(rng.integers(len(places) // 2, len(places)))
    row = int(rows[places[chosen]])
    similarity = float(library.vectors[row] @ library.vectors[seed])
    return Surprise(row, similarity, int(places[chosen]) + 1, int(backs[chosen]))


def _ranks_back(library: Library, seed: int, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """The seed's place in the list of each row, from 1: int64 (n,)."""
    ranks = np.empty(len(rows), np.int64)
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        cosines = library.vectors[part] @ library.vectors.T
        mine = cosines[np.arange(len(part)), seed]
        # the row itself, at cosine 1, is not in its own list
        ranks[start : start + _BLOCK] = (cosines > mine[:, None]).sum(axis=1)
    return np.maximum(ranks, 1)
