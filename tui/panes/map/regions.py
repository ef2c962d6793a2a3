"""Regions of the map: parts of the plane with a name and a hue each, found once for a library."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.core.text import printable
from segue.core.tracks import TrackInfo

MOST = 8
"""Regions, and hues."""
SAMPLE = 20_000
"""The most played tracks, by which the middles are found."""
ROUNDS = 12
NAMED_BY = 300
"""The most played tracks of a region, by which it is named."""


@dataclass(frozen=True)
class Region:
    """A part of the plane."""

    name: str
    """Its commonest genre, or where genres are unknown its commonest artist."""
    hue: int
    """Which of the hues it has, from 0."""
    rows: tuple[int, ...]
    """Its most played tracks, the most played first."""
    tracks: int
    """How many tracks it has in all."""


def divide(positions: NDArray[np.float32], most: int = MOST) -> NDArray[np.uint8]:
    """Divide the plane around middles that attract the tracks near them (k-means), the same each time.

    Parameters
    ----------
    positions : float32 (V, 2)
        Places within [-1, 1], the most played track first.

    Returns
    -------
    uint8 (V,)
        The region of each track, numbered from the left of the plane to the right.
    """
    sample = positions[:SAMPLE]
    count = min(most, len(np.unique(sample, axis=0)))
    middles = sample[:1]
    for _ in range(count - 1):  # each new middle lies farthest from those before: no chance in it
        middles = np.vstack([middles, sample[_squares(sample, middles).min(axis=1).argmax()]])
    for _ in range(ROUNDS):
        nearest = _squares(sample, middles).argmin(axis=1)
        middles = np.array(
            [
                sample[nearest == one].mean(axis=0) if np.any(nearest == one) else middles[one]
                for one in range(count)
            ],
            np.float32,
        )
    middles = middles[np.lexsort((middles[:, 1], middles[:, 0]))]
    parts: NDArray[np.uint8] = _squares(positions, middles).argmin(axis=1).astype(np.uint8)
    return parts


def _squares(places: NDArray[np.float32], middles: NDArray[np.float32]) -> NDArray[np.float32]:
    gaps = places[:, None, :] - middles[None, :, :]
    squares: NDArray[np.float32] = (gaps * gaps).sum(axis=2)
    return squares


def leading_rows(parts: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """The most played tracks of each region; rows are in the order of plays."""
    return [tuple(np.flatnonzero(parts == part)[:NAMED_BY].tolist()) for part in range(int(parts.max()) + 1)]


def named(
    parts: NDArray[np.uint8], rows: Sequence[Sequence[int]], infos: Sequence[Sequence[TrackInfo]]
) -> list[Region]:
    """Name each region by what its most played tracks share, no two alike."""
    found: list[Region] = []
    taken: set[str] = set()
    for part, (leading, described) in enumerate(zip(rows, infos, strict=True)):
        artists = [info.artist for info in described if info.artist]
        words = [info.genre for info in described if info.genre] or artists
        counted = [word for word, _ in Counter(words).most_common() if word not in taken]
        counted += [artist for artist in artists if artist not in taken]
        name = counted[0] if counted else f"region {part + 1}"
        taken.add(name)
        found.append(Region(printable(name), part, tuple(leading), int(np.count_nonzero(parts == part))))
    return found


def hue_of_cells(parts: NDArray[np.uint8], cells: NDArray[np.int32], size: int) -> NDArray[np.int8]:
    """The region that most tracks of each cell belong to, int8 (size,); -1 in an empty cell."""
    inside = cells >= 0
    counts = np.zeros((size, int(parts.max(initial=0)) + 1), np.int32)
    np.add.at(counts, (cells[inside], parts[inside]), 1)
    hues: NDArray[np.int8] = counts.argmax(axis=1).astype(np.int8)
    hues[counts.sum(axis=1) == 0] = -1
    return hues
