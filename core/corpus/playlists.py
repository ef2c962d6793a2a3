"""Playlists as a file gives them: the raw table before anything is counted or dropped."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from segue.core.tracks import TrackInfo


@dataclass(frozen=True)
class ReadReport:
    """What was read, and what was left out of it."""

    source: str
    format: str
    skipped: dict[str, int] = field(default_factory=dict)
    """How many records or tracks were skipped, by reason."""


@dataclass(frozen=True)
class Playlists:
    """Every playlist of a file as one flat table."""

    track_ids: list[str]
    """The distinct tracks in order of first appearance."""
    artist_ids: list[str]
    """The artist given with each track's first appearance; `""` when unknown. Same length as `track_ids`."""
    codes: npt.NDArray[np.int32]
    """int32 (n_positions,): the track at each position, as an index into `track_ids`."""
    offsets: npt.NDArray[np.int64]
    """int64 (n_playlists + 1,): playlist i is `codes[offsets[i]:offsets[i + 1]]`."""
    tracks: dict[str, TrackInfo] = field(default_factory=dict)
    """Metadata that the file itself carried, by track id."""
    report: ReadReport = field(default_factory=lambda: ReadReport("memory", "lists"))

    def __len__(self) -> int:
        """The number of playlists."""
        return len(self.offsets) - 1

    def lists(self) -> list[list[str]]:
        """The playlists as lists of track ids: slow and large, for tests and small files."""
        ids = [self.track_ids[code] for code in self.codes.tolist()]
        return [ids[start:end] for start, end in zip(self.offsets, self.offsets[1:], strict=False)]

    @classmethod
    def from_lists(
        cls, playlists: Sequence[Sequence[str]], artists: Sequence[Sequence[str]] | None = None
    ) -> "Playlists":
        """Encode lists of track ids.

        Parameters
        ----------
        playlists
            The track ids of each playlist.
        artists
            The artist ids in the same shape.
        """
        flat = [track for playlist in playlists for track in playlist]
        numbers = {track: number for number, track in enumerate(dict.fromkeys(flat))}
        artist_of = dict.fromkeys(numbers, "")
        if artists is not None:
            flat_artists = [artist for playlist in artists for artist in playlist]
            # backwards, so that the first appearance is written last
            artist_of.update(zip(reversed(flat), reversed(flat_artists), strict=True))
        lengths = [len(playlist) for playlist in playlists]
        return cls(
            track_ids=list(numbers),
            artist_ids=[artist_of[track] for track in numbers],
            codes=np.fromiter(map(numbers.__getitem__, flat), np.int32, len(flat)),
            offsets=offsets_of(lengths),
        )


def offsets_of(lengths: Sequence[int] | npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """The int64 (n + 1,) offsets at which runs of these lengths start and the last one ends."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
