"""What every reader yields: some playlists at a time.

How a source is described, its texts cleaned and what is bad counted is the same for all readers, in one file.
"""

import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from segue.core.corpus.corpus import offsets_of
from segue.core.corpus.readers.streams import Member, Meter, Pasted, Place, lines_of, read_whole, size_of
from segue.core.errors import SegueError
from segue.core.text import decoded
from segue.core.tracks import TrackInfo

Scalar = TypeVar("Scalar", bound=np.generic)
Item = TypeVar("Item")

POSITIONS = 1 << 16
"""A reader yields a batch when it has this many positions."""
LONGEST_ID = 1024
LARGEST_TEXT = 256 << 20
"""Bytes of a file of a listener's own that is read whole."""
MOST_LINES = 6_000_000
"""Lines of one: twice as many as an import's tracks. Even a line of two letters takes 200 bytes of memory."""


@dataclass(frozen=True)
class Columns:
    """Which column of a table holds what; None means: guess from the header."""

    playlist: str | None = None
    track: str | None = None
    position: str | None = None
    artist: str | None = None
    title: str | None = None


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
    """What was wrong with the records of a stretch, too few to refuse the file by."""
    inside: Member | Pasted | None = None
    """The file itself where `path` is the archive that holds it, or no path at all."""
    following: Place | None = None
    """What is read after this file, if that is known."""

    @property
    def place(self) -> Place:
        """Where the bytes are."""
        return self.path if self.inside is None else self.inside

    @property
    def name(self) -> str:
        """The file's name, with its folders where it is one of many."""
        if isinstance(self.inside, Member):
            return self.inside.name
        name = (self.path.relative_to(self.root) if self.root else Path(self.path.name)).as_posix()
        return name.encode(errors="replace").decode()  # names of files may be any bytes

    @property
    def is_one_of_many(self) -> bool:
        """Whether the file lies in a folder or an archive that was asked for."""
        return self.root is not None or isinstance(self.inside, Member)

    def text(self) -> str:
        """The whole text, of a file that is UTF-8, UTF-16 or, where it is neither, Windows-1252.

        Raises `SegueError` when it is not text, or as `read_whole`; a text of more than `LARGEST_TEXT` bytes,
        or of more than `MOST_LINES` lines or tags, is refused.
        """
        raw = read_whole(self.place, LARGEST_TEXT, is_text=True).removeprefix(b"\xef\xbb\xbf")
        if b"\0" in raw:
            raise SegueError(f"{self.place}: is a binary file, not a playlist")
        if max(raw.count(b"\n"), raw.count(b"\r"), raw.count(b"<") // 2) > MOST_LINES:
            raise SegueError(f"{self.place}: has more than {MOST_LINES:,} lines or tags; import a part of it")
        return decoded(raw)

    def text_lines(self) -> list[str]:
        """The lines of the whole text with their ends; a separator of lines within a title ends none."""
        return list(io.StringIO(self.text(), newline=None))

    @property
    def is_whole(self) -> bool:
        """Whether all of the file is read."""
        return not self.start and self.end is None

    def lines(self, *, heading: int = 0) -> Iterator[bytes]:
        """The lines to read, without line ends; before a stretch come the first `heading` lines of the file.

        Raises as `lines_of`.
        """
        return lines_of(self.place, self.meter, start=self.start, end=self.end, heading=heading)

    @property
    def size(self) -> int:
        """Bytes of the file on disk."""
        return size_of(self.place)

    @property
    def extent(self) -> int:
        """Bytes to read: those of the stretch."""
        return (self.size if self.end is None else self.end) - self.start

    def refuse_if_mostly_bad(self, bad: int, good: int, wanted: str) -> None:
        """Raise `SegueError` when more records are bad than good: then the file is of another kind.

        Of a stretch it is only noted, in `judged`.
        """
        if self.is_whole:
            refuse_mostly_bad(self.place, [(bad, good, wanted)])
        else:
            self.judged = bad, good, wanted


def refuse_mostly_bad(path: Place, judged: Sequence[RecordCounts]) -> None:
    """Raise `SegueError` when more records of a file are bad than good, by what its stretches report."""
    bad, good = sum(each[0] for each in judged), sum(each[1] for each in judged)
    if bad > good:
        raise SegueError(
            f"{path}: {bad:,} of {bad + good:,} records are not {judged[0][2]}; is it that format?"
        )


class Entry(msgspec.Struct, omit_defaults=True, gc=False):
    """A line of a playlist: what a file says of a track; the names mean what they mean in `TrackInfo`.

    There may be millions: one is made in a tenth of the time of a `TrackInfo`, and written as JSON, without
    what is unknown, in a third of the time of a dictionary.
    """

    track_id: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    artist_id: str = ""
    duration: float | None = None
    isrc: str = ""
    ids: tuple[str, ...] = ()
    """Other ids of the same track: a MusicBrainz id, another service's, a path."""
    time: float | None = None
    """When it was played, in seconds since 1970."""
    text: str = ""
    """A line that may be a title, or artist and title in either order."""

    @property
    def label(self) -> str:
        """The entry in a few words."""
        named = " — ".join(part for part in (self.title, self.artist) if part)
        return named or self.text or self.track_id

    @property
    def identity(self) -> str:
        """The track id; where the file has none, artist and title in small letters."""
        words = (" ".join(part.split()).casefold() for part in (self.artist, self.title or self.text))
        return self.track_id or unicodedata.normalize("NFC", " - ".join(filter(None, words)))[:LONGEST_ID]

    def info(self) -> TrackInfo:
        """The same as the metadata of a track."""
        texts = self.track_id, self.title, self.artist, self.album, self.artist_id
        return TrackInfo(*texts, duration=self.duration, isrc=self.isrc)

    def metadata(self) -> "Entry":
        """The entry with what `TrackInfo` holds and nothing else."""
        texts = self.track_id, self.title, self.artist, self.album, self.artist_id
        return Entry(*texts, self.duration or None, self.isrc)


class NamedEntries(list[Entry]):
    """The entries of a playlist that has a name of its own, besides its file's."""

    def __init__(self, name: str, entries: Iterable[Entry] = ()) -> None:
        super().__init__(entries)
        self.name = name


@dataclass(frozen=True)
class Batch:
    """Whole playlists, end to end."""

    track_ids: list[str]
    """The track at each position."""
    lengths: Sequence[int] | npt.NDArray[np.int64]
    """The number of positions of each playlist."""
    artist_ids: list[str] | None = None
    """The artist at each position, where the format has them."""
    describe: Callable[[Sequence[int]], list[Entry]] | None = None
    """What is known of the tracks at some positions; asked only for tracks not seen before."""
    is_metadata: bool = False
    """Whether that is what `Entry.metadata` keeps, and nothing else."""
    names: Sequence[str] = ()
    """The name of each playlist, empty where it has none; nothing where none has one."""
    codes: npt.NDArray[np.int32] | None = None
    """int32 (n_positions,): the track at each position, where a reader numbers them; `track_ids` are then
    distinct, in order of first appearance, with `artist_ids` as they come there."""

    def positions(self, of_each: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """A value for each position, from one for each of `track_ids`."""
        return of_each if self.codes is None else of_each[self.codes]

    def spread(self) -> "Batch":
        """The same without `codes`: a track id at each position."""
        if self.codes is None:
            return self
        codes, artists = self.codes.tolist(), self.artist_ids
        return replace(
            self,
            track_ids=[self.track_ids[code] for code in codes],
            artist_ids=artists and [artists[code] for code in codes],
            codes=None,
        )


Reader = Callable[[Source], Iterator[Batch]]


def batches(rows: Iterable[list[str]], source: Source) -> Iterator[Batch]:
    """Group playlists of ids into batches, taking `artist_N` after `track_N` for that track's artist."""
    return (without_artists(tokens, list(map(len, group)), source) for tokens, group in grouped(rows))


def grouped(playlists: Iterable[Sequence[Item]]) -> Iterator[tuple[list[Item], list[Sequence[Item]]]]:
    """Some playlists at a time, end to end and each: they have `POSITIONS` positions or somewhat more."""
    flat: list[Item] = []
    held: list[Sequence[Item]] = []
    for playlist in playlists:
        flat += playlist
        held.append(playlist)
        if len(flat) >= POSITIONS:
            yield flat, held
            flat, held = [], []
    if held:
        yield flat, held


def whole_playlists(playlists: Iterable[Sequence[Entry]]) -> Iterator[Batch]:
    """Batches of playlists whose entries are in memory."""
    return (_described(entries, group) for entries, group in grouped(playlists) if entries)


def _described(entries: list[Entry], playlists: Sequence[Sequence[Entry]]) -> Batch:
    ids = [entry.identity for entry in entries]
    names = [playlist.name if isinstance(playlist, NamedEntries) else "" for playlist in playlists]

    def describe(positions: Sequence[int]) -> list[Entry]:
        return [
            msgspec.structs.replace(entry, track_id=ids[at], artist_id=entry.artist_id or entry.artist)
            for at, entry in ((at, entries[at]) for at in positions)
        ]

    return Batch(ids, list(map(len, playlists)), describe=describe, names=names)


def without_artists(tokens: list[str], lengths: list[int], source: Source) -> Batch:
    """Part the tracks from the artists of Deezer playlists, which alternate.

    An `artist_N` that follows no track is skipped and counted; other ids are all tracks.
    """
    is_artist = np.fromiter(map(str.startswith, tokens, repeat("artist_")), bool, len(tokens))
    if not is_artist.any():
        return Batch(tokens, lengths)
    parted = part_artists(is_artist, np.array(lengths, np.int64), source)
    where = parted.tracks.tolist()
    has_artist = parted.has_artist.tolist()
    return Batch(
        track_ids=[tokens[at] for at in where],
        lengths=parted.lengths,
        artist_ids=[tokens[at + 1] if has else "" for at, has in zip(where, has_artist, strict=True)],
    )


@dataclass(frozen=True)
class Parted:
    """Where the tracks are among tracks and artists."""

    tracks: npt.NDArray[np.int64]
    """int64 (n_tracks,): the places of the tracks."""
    has_artist: npt.NDArray[np.bool_]
    """bool (n_tracks,): whether the artist of each follows it."""
    lengths: npt.NDArray[np.int64]
    """int64 (n_playlists,): the tracks of each playlist."""


def part_artists(is_artist: npt.NDArray[np.bool_], lengths: npt.NDArray[np.int64], source: Source) -> Parted:
    """Part tracks from the artists that follow them; an artist that follows no track is counted as skipped.

    `is_artist`, bool (n,), says which entries of the playlists, end to end, are artists; `lengths`, int64
    (n_playlists,), how many entries each playlist has.
    """
    starts = offsets_of(lengths)
    first = np.zeros(len(is_artist) + 1, bool)
    first[starts] = True
    is_track = ~is_artist
    followed = np.zeros(len(is_artist), bool)
    followed[:-1] = is_track[:-1] & is_artist[1:] & ~first[1:-1]
    if strays := int(np.count_nonzero(is_artist)) - int(np.count_nonzero(followed)):
        source.skipped["artist without a track"] += strays
    return Parted(np.flatnonzero(is_track), followed[is_track], np.diff(offsets_of(is_track)[starts]))


def clean(batch: Batch, source: Source) -> Batch:
    """Drop positions whose id cannot be kept in a text file of one id per line, and count them by reason."""
    if are_printable(batch.track_ids):
        return batch  # a tenth of the time of looking at each
    faults = {track: fault for track in set(batch.track_ids) if (fault := fault_of(track))}
    if not faults:
        return batch
    batch = batch.spread()
    source.skipped.update(faults[track] for track in batch.track_ids if track in faults)
    kept = np.fromiter((track not in faults for track in batch.track_ids), bool, len(batch.track_ids))
    where = np.flatnonzero(kept).tolist()
    ends = np.cumsum(batch.lengths, dtype=np.int64)
    describe = batch.describe
    return Batch(
        track_ids=[batch.track_ids[at] for at in where],
        lengths=np.diff(offsets_of(kept)[ends], prepend=0),
        artist_ids=batch.artist_ids and [batch.artist_ids[at] for at in where],
        describe=describe and (lambda positions: describe([where[at] for at in positions])),
        is_metadata=batch.is_metadata,
        names=batch.names,
    )


def letters_of(texts: Sequence[str], most: int) -> npt.NDArray[np.uint8] | None:
    """Uint8 (n, size): the letters of ids without fault that are ASCII and all of one size, as Spotify's are.

    None of others, and where the size is more than `most`.
    """
    size = len(texts[0]) if texts else 0
    if not 0 < size <= most or any(len(text) != size for text in texts[:100]):
        return None
    text = "\n".join(texts) + "\n"
    if not text.isascii() or len(text) != len(texts) * (size + 1):
        return None
    lines = np.frombuffer(text.encode(), np.uint8).reshape(len(texts), size + 1)
    letters, ends = lines[:, :size], lines[:, size]
    return letters if letters.min() >= 0x20 and letters.max() < 0x7F and (ends == 0x0A).all() else None


def are_printable(texts: Sequence[str], *, least: int = 1) -> bool:
    """Whether all of these have no fault and `least` letters or more, as those of nearly every batch."""
    text = "\n".join(texts)
    if not text.isascii():
        lengths = set(map(len, texts))
        return least <= min(lengths) <= max(lengths) <= LONGEST_ID and "".join(texts).isprintable()
    # a quarter of the time of looking at each
    letters = np.frombuffer(text.encode(), np.uint8)
    breaks = np.flatnonzero(letters < 0x20)
    if len(breaks) != max(len(texts) - 1, 0) or letters.max(initial=0x20) >= 0x7F:
        return False
    sizes = np.diff(breaks, prepend=-1, append=len(letters)) - 1
    return bool((letters[breaks] == 0x0A).all() and least <= sizes.min() <= sizes.max() <= LONGEST_ID)


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
    """An id as text: a string as it is, a whole number in digits, anything else empty, to be skipped.

    A table that lacks some ids has the others as decimals: 12.0 is 12.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return decoded(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        value = int(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
