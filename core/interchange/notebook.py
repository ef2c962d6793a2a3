"""Whose row is which in the notebook's `latent_positions.npy`, which names no tracks.

The notebook numbers its tracks by `np.argsort(-counts)`. That sort is not stable: tracks of equal count fall
differently under another version of NumPy and on another processor, so the order can't be computed again.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from segue.core.corpus import Vocabulary
from segue.core.errors import SegueError

LIST = "tracks_list_ordered.npy"
SAVE_LIST = f'np.save("{LIST}", tracks_list_ordered[:Vt])'
"""The line of the notebook that saves the order, in the notebook's own names."""


def listed_rows(path: Path, ids: Sequence[str], rows: int, vocabulary: Vocabulary | None) -> Sequence[str]:
    """Cut the notebook's whole `tracks_list_ordered` to the tracks that have a row.

    The whole list goes on with the tracks that occur once, which the notebook drops. It is cut only where the
    playlists prove that the cut is there: all before it occur twice or more, and all after it do not.

    Parameters
    ----------
    path
        Where the ids were read.
    ids
        At least as many as there are rows.
    rows
        The number of vectors.
    vocabulary
        The tracks of the playlists that occur twice or more; None where there are no playlists.

    Raises
    ------
    SegueError
        When there are more ids than rows and nothing proves the cut.
    """
    if len(ids) <= rows:
        return ids
    if (
        vocabulary is None
        or not all(track_id in vocabulary for track_id in ids[:rows])
        or any(track_id in vocabulary for track_id in ids[rows:])
    ):
        raise SegueError(
            f"{path}: lists {len(ids):,} track ids for {rows:,} vectors; save only those of the vectors, "
            f"in the notebook: {SAVE_LIST}"
        )
    return ids[:rows]


def proven_rows(path: Path, rows: int, vocabulary: Vocabulary | None) -> list[str]:
    """Work out the notebook's order from the playlists, where no two tracks occur equally often.

    Parameters
    ----------
    path
        The file of the vectors.
    rows
        Their number.
    vocabulary
        The tracks of the playlists that occur twice or more, by falling count; None without playlists.

    Raises
    ------
    SegueError
        When the order can't be proven.
    """
    fix = f"run {SAVE_LIST} in the notebook that trained them, and add --tracks {LIST}"
    if vocabulary is None:
        raise SegueError(f"{path}: holds no track ids; add --tracks FILE with one id a line, or {fix}")
    if len(vocabulary) != rows:
        raise SegueError(
            f"{path}: holds {rows:,} vectors without ids, and {len(vocabulary):,} tracks of the playlists "
            f"occur twice or more; add --tracks FILE, or {fix}"
        )
    _, sharing = np.unique(vocabulary.counts, return_counts=True)
    if tied := int(sharing[sharing > 1].sum()):
        raise SegueError(
            f"{path}: has no track ids, and the playlists don't show which row is whose: of {rows:,} tracks "
            f"{tied:,} occur as often as another, and machines differ in how they order those; {fix}"
        )
    return list(vocabulary.track_ids)
