"""Which track is which number."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from segue.core.errors import SegueError


@dataclass(frozen=True)
class Vocabulary:
    """The tracks that are kept, ordered by falling count; a track's number is its row here.

    Two vocabularies are the same when they are one object: a split shares its corpus' vocabulary.
    """

    track_ids: list[str]
    counts: npt.NDArray[np.int64]
    """int64 (V,): positions of each track in the whole corpus, test positions included."""
    artist_ids: list[str]
    """The artist of each track; `""` where the file names none."""

    def __len__(self) -> int:
        return len(self.track_ids)

    def index(self, track_id: str) -> int:
        """The number of a track.

        Raises
        ------
        SegueError
            When the track is not in the vocabulary.
        """
        try:
            return self._numbers[track_id]
        except KeyError:
            raise SegueError(f"no track {track_id!r} among the {len(self):,} of the vocabulary") from None

    def __contains__(self, track_id: object) -> bool:
        return track_id in self._numbers

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return dict(zip(self.track_ids, range(len(self.track_ids)), strict=True))

    @cached_property
    def artists(self) -> list[str]:
        """The distinct known artist ids, in order of their most frequent track."""
        return [artist for artist in dict.fromkeys(self.artist_ids) if artist]

    @cached_property
    def artist_codes(self) -> npt.NDArray[np.int32]:
        """int32 (V,): each track's artist as an index into `artists`, -1 where unknown."""
        codes = dict(zip(self.artists, range(len(self.artists)), strict=True))
        return np.fromiter((codes.get(artist, -1) for artist in self.artist_ids), np.int32, len(self))

    def take(self, kept: npt.NDArray[np.integer], counts: npt.NDArray[np.int64]) -> "Vocabulary":
        """The vocabulary of the rows `kept`, in that order, with their new counts."""
        return Vocabulary(_take(self.track_ids, kept), counts, _take(self.artist_ids, kept))


def _take(texts: Sequence[str], kept: npt.NDArray[np.integer]) -> list[str]:
    return [texts[row] for row in kept.tolist()]
