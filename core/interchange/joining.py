"""Vectors and playlists that were made apart, brought together."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    vector. Tracks of equal count keep the order of their vectors, so that a library's vectors, with the
    playlists that it was trained on, give its rows back.

    Parameters
    ----------
    track_ids
        The track of each vector; none twice.
    corpus
        The playlists.
    split
        The split of that corpus.

    Raises
    ------
    SegueError
        When no track of the playlists has a vector, or none of their positions is left to train on.
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
