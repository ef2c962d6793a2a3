"""Playlists: with names as they are read, and as integers, one flat array that opens by mmap."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segue.core.arrays import are_offsets, load_array
from segue.core.errors import SegueError
from segue.core.files import read_regular
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
        """Encode lists of track ids, with artist ids in the same shape."""
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


def offsets_of(lengths: Sequence[int] | npt.NDArray[np.integer | np.bool_]) -> npt.NDArray[np.int64]:
    """The int64 (n + 1,) offsets at which runs of these lengths start and the last one ends."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


LARGEST_LIST = 16 << 30
"""Bytes of the ids of a corpus, which are read at once."""


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
        """The number of a track. Raises `SegueError` when the track is not in the vocabulary."""
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


@dataclass(frozen=True)
class Corpus:
    """Playlists of track numbers, end to end.

    A playlist that has lost all its tracks stays, empty, so that playlist numbers are those of the file.
    """

    items: npt.NDArray[np.int32]
    """int32 (n_positions,): the track number at each position."""
    offsets: npt.NDArray[np.int64]
    """int64 (n_playlists + 1,): playlist i is `items[offsets[i]:offsets[i + 1]]`."""
    vocabulary: Vocabulary

    @property
    def n_playlists(self) -> int:
        """The number of playlists, empty ones included."""
        return len(self.offsets) - 1

    @property
    def n_positions(self) -> int:
        """The number of track positions."""
        return len(self.items)

    def playlist(self, number: int) -> npt.NDArray[np.int32]:
        """The track numbers of one playlist, as a view."""
        return self.items[self.offsets[number] : self.offsets[number + 1]]

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """int64 (V,): the positions of each track in these playlists."""
        return np.bincount(self.items, minlength=len(self.vocabulary))

    @cached_property
    def lengths(self) -> npt.NDArray[np.int64]:
        """int64 (n_playlists,): the tracks of each playlist."""
        return np.diff(self.offsets)

    @cached_property
    def playlist_of(self) -> npt.NDArray[np.int32]:
        """int32 (n_positions,): the number of the playlist that each position belongs to."""
        return np.repeat(np.arange(self.n_playlists, dtype=np.int32), self.lengths)

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of items, offsets and track ids in hexadecimal: equal exactly when the corpora are."""
        return fingerprint(self.items, self.offsets, ["\n".join(self.vocabulary.track_ids).encode()])

    def save(self, folder: Path, *, with_vocabulary: bool = True) -> None:
        """Write `items.npy`, `offsets.npy` and the vocabulary: `counts.npy`, `tracks.txt`, `artists.txt`.

        The folder must exist; wrap it in `core.files.atomic_folder` to have all or nothing.
        """
        np.save(folder / "items.npy", self.items, allow_pickle=False)
        np.save(folder / "offsets.npy", self.offsets, allow_pickle=False)
        if with_vocabulary:
            np.save(folder / "counts.npy", self.vocabulary.counts, allow_pickle=False)
            _write_lines(folder / "tracks.txt", self.vocabulary.track_ids)
            _write_lines(folder / "artists.txt", self.vocabulary.artist_ids)

    @classmethod
    def open(cls, folder: Path, vocabulary: Vocabulary | None = None) -> "Corpus":
        """Open what `save` or `segue prepare` wrote; its arrays are mapped, not read.

        `vocabulary` is given when it is kept elsewhere. Raises `SegueError` when a file is missing, damaged
        or does not fit the others.
        """
        items = load_array(folder / "items.npy", np.int32)
        offsets = load_array(folder / "offsets.npy", np.int64)
        if vocabulary is None:
            counts = load_array(folder / "counts.npy", np.int64)
            vocabulary = Vocabulary(
                _read_lines(folder / "tracks.txt"), counts, _read_lines(folder / "artists.txt")
            )
        corpus = cls(items, offsets, vocabulary)
        corpus._check(folder)
        return corpus

    def _check(self, folder: Path) -> None:
        size = len(self.vocabulary)
        sound = (
            len(self.vocabulary.counts) == size == len(self.vocabulary.artist_ids)
            and are_offsets(self.offsets, self.n_positions)
            and (not self.n_positions or (self.items.min() >= 0 and self.items.max() < size))
        )
        if not sound:
            raise SegueError(f"{folder}: the files of this corpus are inconsistent; prepare it again")


def fingerprint(items: npt.NDArray[np.int32], offsets: npt.NDArray[np.int64], ids: Iterable[bytes]) -> str:
    """The SHA-256 of a corpus in hexadecimal; `ids` are pieces of its track ids, parted by line ends."""
    digest = hashlib.sha256()
    digest.update(np.ascontiguousarray(items, "<i4").data)
    digest.update(np.ascontiguousarray(offsets, "<i8").data)
    for piece in ids:
        digest.update(piece)
    return digest.hexdigest()


def build_corpus(playlists: Playlists, *, min_count: int = 2) -> Corpus:
    """Count the tracks, drop the rare ones and number the rest by falling count, ties by first appearance.

    Tracks at fewer than `min_count` positions are dropped (the notebook drops those heard once). Raises
    `SegueError` when no track is left.
    """
    counts = np.bincount(playlists.codes, minlength=len(playlists.track_ids))
    order, new = number_by_count(counts, min_count)
    if not len(order):
        raise SegueError(
            f"{playlists.report.source}: no track occurs {min_count} times; "
            "lower the minimum count or add playlists"
        )
    items, offsets = encode(playlists.codes, playlists.offsets, new)
    whole = Vocabulary(playlists.track_ids, counts, playlists.artist_ids)
    return Corpus(items, offsets, whole.take(order, counts[order]))


def number_by_count(
    counts: npt.NDArray[np.int64], min_count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Order the codes by falling count, ties by code.

    Returns
    -------
    order : int64 (V,)
        The old code of each new number.
    new : int32 (n,)
        The new number of each old code, -1 for codes with fewer than `min_count`.
    """
    order = np.argsort(-counts, kind="stable")
    order = order[: np.count_nonzero(counts >= min_count)]
    new = np.full(len(counts), -1, np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    return order, new


def encode(
    codes: npt.NDArray[np.int32], offsets: npt.NDArray[np.int64], new: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Renumber flat playlists, dropping the positions whose new number is -1; returns (items, offsets)."""
    items = new[codes]
    kept = items >= 0
    return items[kept], offsets_of(kept)[offsets]


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())


def _read_lines(path: Path) -> list[str]:
    try:
        return read_regular(path, LARGEST_LIST).decode().split("\n")[:-1]
    except (OSError, UnicodeDecodeError) as error:
        raise SegueError(f"{path}: cannot be read ({error}); prepare the corpus again") from None
