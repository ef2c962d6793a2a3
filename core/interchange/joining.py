"""Vectors and playlists that were made apart, brought together.

The notebook's `latent_positions.npy` names no tracks. The notebook numbers them by `np.argsort(-counts)`,
which is not stable: tracks of equal count fall differently under another version of NumPy and on another
processor, so the order can't be computed again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Corpus, Split, Vocabulary
from segue.core.corpus.split import reduce_split
from segue.core.errors import SegueError


@dataclass(frozen=True)
class Joined:
    """A split whose vocabulary is the tracks that have a vector."""

    split: Split
    rows: npt.NDArray[np.int64]
    """int64 (V,): the row of the vectors that each track of the vocabulary has."""
    tracks_without_vector: int
    """Tracks of the playlists that were left out."""
    positions_without_vector: int
    """Positions at which those stand."""
    tracks_without_plays: int
    """Tracks that have a vector and are not in the playlists."""


def join(track_ids: Sequence[str], corpus: Corpus, split: Split) -> Joined:
    """Reduce a split to the tracks that have a vector, and order those by falling count.

    What the whole playlists hold out stays held out: no other track takes the place of a last track without a
    vector. Tracks of equal count keep the order of their vectors, of which each has another track, so that a
    library's vectors, with the playlists that it was trained on, give its rows back. Raises `SegueError` when
    no track of the playlists has a vector, or none of their positions is left to train on.
    """
    row_of = {track_id: row for row, track_id in enumerate(track_ids)}
    old = corpus.vocabulary
    row_of_old = np.array([row_of.get(track_id, -1) for track_id in old.track_ids], np.int64)
    known = row_of_old >= 0
    if not known.any():
        raise SegueError(
            f"none of the {len(old):,} tracks of the playlists is among the {len(track_ids):,} that have a "
            f"vector: the ids look like {old.track_ids[0]!r:.60} there and {track_ids[0]!r:.60} here"
        )
    counts = np.zeros(len(track_ids), np.int64)
    counts[row_of_old[known]] = corpus.counts[known]
    rows = np.argsort(-counts, kind="stable")
    number_of_row = np.empty(len(rows), np.int32)
    number_of_row[rows] = np.arange(len(rows), dtype=np.int32)
    new = np.where(known, number_of_row[row_of_old], -1).astype(np.int32)
    artists = [""] * len(rows)
    for number, artist_id, kept in zip(new.tolist(), old.artist_ids, known.tolist(), strict=True):
        if kept:
            artists[number] = artist_id
    vocabulary = Vocabulary([track_ids[row] for row in rows.tolist()], counts[rows], artists)
    return Joined(
        split=reduce_split(split, new, vocabulary),
        rows=rows,
        tracks_without_vector=int(np.count_nonzero(~known)),
        positions_without_vector=int(corpus.counts[~known].sum()),
        tracks_without_plays=int(np.count_nonzero(counts == 0)),
    )


LIST = "tracks_list_ordered.npy"
SAVE_LIST = f'np.save("{LIST}", tracks_list_ordered[:Vt])'
"""The line of the notebook that saves the order, in the notebook's own names."""


def listed_rows(path: Path, ids: Sequence[str], rows: int, vocabulary: Vocabulary | None) -> Sequence[str]:
    """Cut the notebook's whole `tracks_list_ordered`, read from `path`, to the tracks that have a row.

    The whole list goes on with the tracks that occur once, which the notebook drops. It is cut only where the
    playlists prove that the cut is there: all before it are in the vocabulary, the tracks that occur twice or
    more, and all after it are not. Raises `SegueError` when there are more ids than rows and nothing proves
    the cut.
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

    `path` is the file of so many vectors, and the vocabulary the tracks that occur twice or more, by falling
    count; None without playlists. Raises `SegueError` when the order can't be proven.
    """
    fix = f"run {SAVE_LIST} in the notebook that trained them, and add --tracks {LIST}"
    if vocabulary is None:
        raise SegueError(f"{path}: holds no track ids; add --tracks FILE with one id per line, or {fix}")
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
