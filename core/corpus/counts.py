"""How often tracks meet: co-occurrence counts, next-track counts, and where each track occurs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt

from segue.core.arrays import are_offsets, load_array
from segue.core.corpus.corpus import Corpus, offsets_of
from segue.core.errors import SegueError

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Weighting = Literal["1/distance", "flat"]

BLOCK = 4_000_000
"""Positions counted at once: about 100 MB a distance, whatever the size of the corpus."""


class _Saved:
    """Arrays that are saved and mapped by their names."""

    _dtypes: ClassVar[dict[str, type[np.generic]]]
    _hint: ClassVar[str]

    def save(self, folder: Path) -> None:
        """Write each array as `NAME.npy` into an existing folder."""
        for name in self._dtypes:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Map what was saved.

        Raises `SegueError` when a file is missing, damaged or does not fit the others.
        """
        found = cls(*(load_array(folder / f"{name}.npy", dtype) for name, dtype in cls._dtypes.items()))
        if not found._is_sound():
            raise SegueError(f"{folder}: the arrays of {cls._hint} are inconsistent; train again")
        return found

    def _is_sound(self) -> bool:
        raise NotImplementedError


@dataclass(frozen=True)
class Counts(_Saved):
    """A sparse (V, V) matrix by rows (CSR); the columns of a row are in rising order."""

    _dtypes = {"indptr": np.int64, "indices": np.int32, "data": np.float32}  # noqa: RUF012 - declared above
    _hint = "these counts"

    indptr: npt.NDArray[np.int64]
    """int64 (V + 1,): row i is `indptr[i]:indptr[i + 1]` of the other two."""
    indices: npt.NDArray[np.int32]
    data: npt.NDArray[np.float32]

    def __len__(self) -> int:
        """The number of rows, V."""
        return len(self.indptr) - 1

    def row(self, track: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        """The tracks that this one meets and their counts, as views."""
        start, end = self.indptr[track], self.indptr[track + 1]
        return self.indices[start:end], self.data[start:end]

    def _is_sound(self) -> bool:
        columns = self.indices
        return (
            are_offsets(self.indptr, len(columns))
            and len(columns) == len(self.data)
            and (not len(columns) or bool(0 <= columns.min() <= columns.max() < len(self)))
        )


def cooccurrence(corpus: Corpus, *, window: int = 3, weighting: Weighting = "1/distance") -> Counts:
    """How often two tracks occur within `window` positions of each other, in either order; not with itself.

    `1/distance` counts a meeting at distance d as 1/d; `flat` counts it as 1.
    """
    parts: list[Any] = []  # whose sums scipy types as any kind of array
    for distance in range(1, window + 1):
        one = _followed(corpus, distance)
        parts.append((one + one.T) / (distance if weighting == "1/distance" else 1))
    return _counts(sum(parts[1:], parts[0]))


def following(corpus: Corpus) -> Counts:
    """How often one track comes directly after another: row is before, column is after; no self-pairs."""
    return _counts(_followed(corpus, 1))


def _followed(corpus: Corpus, distance: int) -> "csr_array[np.float64]":
    """How often one track (row) comes before another one (column) at a distance in positions."""
    from scipy.sparse import coo_array, csr_array  # scipy.sparse: 0.2 s

    ends, shape = corpus.offsets[1:], (len(corpus.vocabulary), len(corpus.vocabulary))
    total = csr_array(shape, dtype=np.float64)
    for start in range(0, max(corpus.n_positions - distance, 0), BLOCK):
        positions = np.arange(start, min(start + BLOCK, corpus.n_positions - distance))
        first, second = corpus.items[positions], corpus.items[positions + distance]
        # a pair holds when its second track comes before the end of the first one's playlist
        end_of = ends[np.searchsorted(ends, positions, side="right")]
        together = (positions + distance < end_of) & (first != second)
        pairs = first[together], second[together]
        total = total + coo_array((np.ones(len(pairs[0])), pairs), shape).tocsr()
    return total


def _counts(met: "csr_array[np.float64]") -> Counts:
    met.sort_indices()
    return Counts(met.indptr.astype(np.int64), met.indices.astype(np.int32), met.data.astype(np.float32))


@dataclass(frozen=True)
class Occurrences(_Saved):
    """The positions of each track in a corpus, in rising order."""

    _dtypes = {"positions": np.int64, "starts": np.int64, "offsets": np.int64}  # noqa: RUF012 - as above
    _hint = "this index"

    positions: npt.NDArray[np.int64]
    """int64 (n_positions,): positions grouped by track."""
    starts: npt.NDArray[np.int64]
    """int64 (V + 1,): track t occurs at `positions[starts[t]:starts[t + 1]]`."""
    offsets: npt.NDArray[np.int64]
    """int64 (n_playlists + 1,): the corpus' own offsets."""

    @classmethod
    def of(cls, corpus: Corpus) -> "Occurrences":
        """Index a corpus."""
        order = np.argsort(corpus.items, kind="stable")
        return cls(order, offsets_of(corpus.counts), corpus.offsets)

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

    def _is_sound(self) -> bool:
        n = len(self.positions)
        return (
            are_offsets(self.starts, n)
            and are_offsets(self.offsets, n)
            and (n == 0 or bool(0 <= self.positions.min() <= self.positions.max() < n))
        )
