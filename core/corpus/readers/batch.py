"""What every reader yields: some playlists at a time."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from segue.core.corpus.readers.streams import Meter, lines_between, lines_of
from segue.core.errors import SegueError
from segue.core.tracks import TrackInfo

POSITIONS = 1 << 16
"""A reader yields a batch when it has this many positions."""
LONGEST_ID = 1024


@dataclass(frozen=True)
class Columns:
    """Which column of a table holds what; None means: guess from the header."""

    playlist: str | None = None
    track: str | None = None
    position: str | None = None
    artist: str | None = None


RecordCounts = tuple[int, int, str]
"""How many records of a file are bad and how many are good, and what they should all be."""


@dataclass
class Source:
    """A file being read, or a stretch of one."""

    path: Path
    columns: Columns = field(default_factory=Columns)
    skipped: Counter[str] = field(default_factory=Counter)
    """What was left out, by reason."""
    root: Path | None = None
    """The folder that was asked for, when the file is one of many."""
    meter: Meter = field(default_factory=Meter)
    start: int = 0
    """The first byte to read: where a line begins and, in a table, a playlist."""
    end: int | None = None
    """The byte to stop before, where another one begins; None for the end of the file."""
    judged: RecordCounts | None = None
    """What was said of the records of a stretch, which is too little to tell whether the file is refused."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the file is read."""
        return not self.start and self.end is None

    def lines(self, *, heading: int = 0) -> Iterator[bytes]:
        """The lines to read, without line ends; before a stretch come the first `heading` lines of the file.

        Raises
        ------
        SegueError
            As `lines_of`.
        """
        if self.is_whole:
            return lines_of(self.path, self.meter)
        end = self.size if self.end is None else self.end
        return lines_between(self.path, self.start, end, heading=heading, meter=self.meter)

    @property
    def size(self) -> int:
        """Bytes of the file on disk."""
        return self.path.stat().st_size

    def refuse_if_mostly_bad(self, bad: int, good: int, wanted: str) -> None:
        """Raise `SegueError` when more records are bad than good: then the file is of another kind.

        Of a stretch it is only noted, in `judged`.
        """
        if self.is_whole:
            refuse_mostly_bad(self.path, [(bad, good, wanted)])
        else:
            self.judged = bad, good, wanted


def refuse_mostly_bad(path: Path, judged: Sequence[RecordCounts]) -> None:
    """Raise `SegueError` when more records of a file are bad than good, by what was said of its stretches."""
    bad, good = sum(each[0] for each in judged), sum(each[1] for each in judged)
    if bad > good:
        raise SegueError(
            f"{path}: {bad:,} of {bad + good:,} records are not {judged[0][2]}; is it that format?"
        )


class TrackMetadata(msgspec.Struct, omit_defaults=True, gc=False):
    """What a file says of a track, with the meaning that `TrackInfo` gives to these names.

    There may be millions: one is made in a tenth of the time of a `TrackInfo`, and written as JSON, without
    what is unknown, in a third of the time of a dictionary.
    """

    track_id: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    artist_id: str = ""
    duration: float | None = None

    def info(self) -> TrackInfo:
        """The same as the metadata of a track."""
        return TrackInfo(
            self.track_id,
            title=self.title,
            artist=self.artist,
            album=self.album,
            artist_id=self.artist_id,
            duration=self.duration,
        )


@dataclass(frozen=True)
class Batch:
    """Whole playlists, end to end."""

    track_ids: list[str]
    """The track at each position."""
    lengths: Sequence[int] | npt.NDArray[np.int64]
    """The number of positions of each playlist."""
    artist_ids: list[str] | None = None
    """The artist at each position, where the format has them."""
    describe: Callable[[int], TrackMetadata] | None = None
    """What is said of the track at a position; asked only for tracks not seen before."""


Reader = Callable[[Source], Iterator[Batch]]


def batches(rows: Iterable[list[str]], source: Source) -> Iterator[Batch]:
    """Group playlists of ids into batches, taking `artist_N` after `track_N` for that track's artist."""
    tokens: list[str] = []
    lengths: list[int] = []
    for row in rows:
        tokens += row
        lengths.append(len(row))
        if len(tokens) >= POSITIONS:
            yield without_artists(tokens, lengths, source)
            tokens, lengths = [], []
    if lengths:
        yield without_artists(tokens, lengths, source)


def without_artists(tokens: list[str], lengths: list[int], source: Source) -> Batch:
    """Part the tracks from the artists of Deezer playlists, which alternate.

    An `artist_N` that follows no track is skipped and counted; other ids are all tracks.
    """
    is_artist = np.fromiter((token[:7] == "artist_" for token in tokens), bool, len(tokens))
    if not is_artist.any():
        return Batch(tokens, lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    first = np.zeros(len(tokens) + 1, bool)
    first[starts] = True
    is_track = ~is_artist
    followed = np.zeros(len(tokens), bool)
    followed[:-1] = is_track[:-1] & is_artist[1:] & ~first[1:-1]
    if strays := int(np.count_nonzero(is_artist)) - int(np.count_nonzero(followed)):
        source.skipped["artist without a track"] += strays
    tracks_before = np.concatenate([[0], np.cumsum(is_track)])
    where = np.flatnonzero(is_track).tolist()
    has_artist = followed[is_track].tolist()
    return Batch(
        track_ids=[tokens[at] for at in where],
        lengths=np.diff(tracks_before[starts]),
        artist_ids=[tokens[at + 1] if has else "" for at, has in zip(where, has_artist, strict=True)],
    )


def clean(batch: Batch, source: Source) -> Batch:
    """Drop positions whose id cannot be kept in a text file of one id a line, and count them by reason."""
    if _are_printable(batch.track_ids):
        return batch  # a tenth of the time of looking at each
    faults = {track: fault for track in set(batch.track_ids) if (fault := fault_of(track))}
    if not faults:
        return batch
    source.skipped.update(faults[track] for track in batch.track_ids if track in faults)
    kept = np.fromiter((track not in faults for track in batch.track_ids), bool, len(batch.track_ids))
    where = np.flatnonzero(kept).tolist()
    kept_before = np.concatenate([[0], np.cumsum(kept)])
    ends = np.cumsum(batch.lengths, dtype=np.int64)
    describe = batch.describe
    return Batch(
        track_ids=[batch.track_ids[at] for at in where],
        lengths=np.diff(kept_before[ends], prepend=0),
        artist_ids=batch.artist_ids and [batch.artist_ids[at] for at in where],
        describe=describe and (lambda position: describe(where[position])),
    )


def _are_printable(tracks: Sequence[str]) -> bool:
    """Whether all of these have no fault, as nearly every batch has none."""
    sizes = set(map(len, tracks))
    if not 0 < min(sizes, default=1) <= max(sizes, default=1) <= LONGEST_ID:
        return False
    text = "".join(tracks)
    if not text.isascii():
        return text.isprintable()
    letters = np.frombuffer(text.encode(), np.uint8)
    return bool(((letters >= 0x20) & (letters < 0x7F)).all())  # an eighth of the time of isprintable


def fault_of(track: str) -> str:
    """Why an id cannot be kept; empty for a good one."""
    if track.isprintable() and 0 < len(track) <= LONGEST_ID:
        return ""
    if not track.strip():
        return "empty track id"
    if len(track) > LONGEST_ID:
        return f"track id longer than {LONGEST_ID:,} characters"
    categories = set(map(unicodedata.category, track))
    if "Cs" in categories:
        return "track id that is not UTF-8"
    return "track id with a line break or control character" if categories & {"Cc", "Zl", "Zp"} else ""


def text_id(value: object) -> str:
    """An id as text: a string as it stands, a whole number in digits, anything else empty, to be skipped."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
