"""Where each track occurs: the inverted index behind every explanation."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segue.core.arrays import load_array
from segue.core.corpus.corpus import Corpus
from segue.core.errors import SegueError


@dataclass(frozen=True)
class Occurrences:
    """The positions of each track in a corpus, in rising order."""

    positions: npt.NDArray[np.int64]
    """int64 (n_positions,): positions grouped by track."""
    starts: npt.NDArray[np.int64]
    """int64 (V + 1,): track t occurs at `positions[starts[t]:starts[t + 1]]`."""
    offsets: npt.NDArray[np.int64]
    """int64 (n_playlists + 1,): the corpus' own offsets."""

    @classmethod
    def of(cls, corpus: Corpus) -> "Occurrences":
        """Index a corpus."""
        starts = np.zeros(len(corpus.vocabulary) + 1, np.int64)
        np.cumsum(corpus.counts, out=starts[1:])
        return cls(np.argsort(corpus.items, kind="stable"), starts, corpus.offsets)

    def positions_of(self, track: int) -> npt.NDArray[np.int64]:
        """Every position of a track in the flat corpus, rising, as a view."""
        return self.positions[self.starts[track] : self.starts[track + 1]]

    def playlists_of(self, track: int) -> npt.NDArray[np.int64]:
        """The distinct playlists that hold a track, rising."""
        playlists = np.searchsorted(self.offsets, self.positions_of(track), side="right") - 1
        return playlists[np.diff(playlists, prepend=-1) > 0]

    def together(self, one: int, other: int) -> int:
        """How many playlists hold both tracks."""
        return len(np.intersect1d(self.playlists_of(one), self.playlists_of(other), assume_unique=True))

    def save(self, folder: Path) -> None:
        """Write `positions.npy`, `starts.npy` and `offsets.npy` into an existing folder."""
        np.save(folder / "positions.npy", self.positions, allow_pickle=False)
        np.save(folder / "starts.npy", self.starts, allow_pickle=False)
        np.save(folder / "offsets.npy", self.offsets, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> "Occurrences":
        """Map a saved index.

        Raises
        ------
        SegueError
            When a file is missing, damaged or does not fit the others.
        """
        index = cls(
            load_array(folder / "positions.npy", np.int64),
            load_array(folder / "starts.npy", np.int64),
            load_array(folder / "offsets.npy", np.int64),
        )
        n = len(index.positions)
        sound = (
            len(index.starts) > 0
            and len(index.offsets) > 0
            and index.starts[0] == index.offsets[0] == 0
            and index.starts[-1] == n == index.offsets[-1]
            and bool((np.diff(index.starts) >= 0).all())
            and (n == 0 or 0 <= index.positions.min() <= index.positions.max() < n)
        )
        if not sound:
            raise SegueError(f"{folder}: the arrays of this index do not fit together; train again")
        return index
