"""Vectors with what a file says of their tracks, and the checks that every format shares."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segue.core.errors import SegueError
from segue.core.text import printable
from segue.core.tracks import TrackInfo

MOST_DIMENSIONS = 4096
"""The most that a library holds."""
ROWS = 1 << 16
"""Rows that are looked at together."""
UNIT = 1e-6
"""A float32 row this near to length 1 is a unit row: scaling it again would only change its last bits."""


@dataclass(frozen=True)
class VectorTable:
    """The content of a file of vectors."""

    vectors: npt.NDArray[Any]
    """Numbers (n, d) as the file holds them, of any length and type."""
    track_ids: Sequence[str] | None = None
    """The track of each row; None where the file names none."""
    tracks: Mapping[str, TrackInfo] = field(default_factory=dict)
    """Titles and artists, by track id, where the file has them."""
    positions: npt.NDArray[np.float32] | None = None
    """Places on a map, float32 (n, 2), where the file has them."""
    format: str = ""


def checked(path: Path, table: VectorTable) -> VectorTable:
    """Return a table that was read from `path`, unless it can't become a library.

    Raises
    ------
    SegueError
        When its vectors are not a table of finite numbers, or its ids are not one for each row.
    """
    vectors, ids = table.vectors, table.track_ids
    if vectors.ndim != 2 or vectors.dtype.kind not in "fiu" or not vectors.size:
        raise SegueError(
            f"{path}: holds an array of {vectors.dtype} {vectors.shape}, "
            "not a table of numbers (tracks, dimensions)"
        )
    if vectors.shape[1] > MOST_DIMENSIONS:
        raise SegueError(f"{path}: has {vectors.shape[1]:,} dimensions; at most {MOST_DIMENSIONS:,} are read")
    if ids is not None:
        check_ids(path, ids, len(vectors))
    for start in range(0, len(vectors), ROWS):
        finite = np.isfinite(vectors[start : start + ROWS]).all(axis=1)
        if not finite.all():
            row = start + int(np.argmin(finite))
            name = f" ({printable(ids[row])!r})" if ids is not None else ""
            raise SegueError(f"{path}: row {row}{name} holds NaN or infinity; remove the row or train again")
    return table


def check_ids(path: Path, ids: Sequence[str], rows: int) -> None:
    """Check that there is one id for each row and none twice.

    Raises
    ------
    SegueError
        Naming `path`, where the ids were read.
    """
    if len(ids) != rows:
        raise SegueError(
            f"{path}: lists {len(ids):,} track ids for {rows:,} vectors; both must come from one training"
        )
    if len(set(ids)) != rows:
        track_id, times = Counter(ids).most_common(1)[0]
        raise SegueError(
            f"{path}: lists the track id {printable(track_id)!r} {times} times; each row needs its own"
        )
    wrong = next((row for row, track_id in enumerate(ids) if not track_id or "\n" in track_id), None)
    if wrong is not None:
        raise SegueError(f"{path}: the track id of row {wrong} is empty or holds a line break")


def unit_rows(vectors: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Scale rows to length 1, whatever their magnitude.

    Parameters
    ----------
    vectors
        Finite numbers (n, d).

    Returns
    -------
    rows : float32 (n, d)
        A row that has length 1 already, to float32's accuracy, keeps its bits; a row of zeros stays zero.
    lengths : float64 (n,)
        What they were; infinite where a float64 can't hold it.
    """
    rows = np.empty(vectors.shape, np.float32)
    lengths = np.empty(len(vectors))
    for start in range(0, len(vectors), ROWS):
        part = slice(start, start + ROWS)
        block = np.asarray(vectors[part], np.float64)
        # divided by its largest number first, no row overflows or vanishes when it is squared
        largest = np.abs(block).max(axis=1, keepdims=True)
        largest[largest == 0] = 1
        scaled = block / largest
        norms = np.linalg.norm(scaled, axis=1, keepdims=True)
        with np.errstate(over="ignore"):
            lengths[part] = (norms * largest)[:, 0]
        kept = np.abs(lengths[part] - 1) <= UNIT
        rows[part] = np.where(kept[:, None], block, scaled / np.where(norms == 0, 1, norms))
    return rows, lengths
