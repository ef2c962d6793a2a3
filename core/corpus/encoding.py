"""Batches of text to batches of numbers: each distinct track gets one, in some 40 bytes.

A Python dictionary of ids takes 230 bytes per track. The table here keeps 128 bits of hash in place of each
text: among ten million tracks the chance that any two share a hash is 10^-25.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from segue.core.corpus.readers.batch import Batch, Entry, Source, clean, letters_of
from segue.core.corpus.readers.forms import FORMATS
from segue.core.corpus.readers.reading import described, first_positions

WIDTH = 64
"""Bytes hashed directly; a longer text stands in with its BLAKE2 digest."""
BLOCK = 1 << 13
"""Texts hashed at once: few enough for the processor's cache."""
_LANES = ((0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93), (0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD))
"""Start and odd factor of the two 64-bit halves."""

Scalar = TypeVar("Scalar", bound=np.generic)
Keys = npt.NDArray[np.uint64]
"""uint64 (n, 2): the hashes of n texts."""
Part = tuple[str, Source]
"""A file and the name of its format."""


def keys_of(texts: Sequence[str], letters: npt.NDArray[np.uint8] | None = None) -> Keys:
    """Hash texts that hold no NUL: each 8 bytes are mixed in by xor, multiplication and a shift.

    Where the caller has `letters_of` them, that takes half the time.
    """
    keys = np.empty((len(texts), 2), np.uint64)
    for start in range(0, len(texts), BLOCK):
        part = slice(start, start + BLOCK)
        _hash(_encoded(texts[part]) if letters is None else letters[part], keys[part])
    return keys


def _hash(letters: npt.NDArray[np.uint8], keys: Keys) -> None:
    padded = np.zeros((len(keys), WIDTH), np.uint8)  # np.pad takes three times as long
    padded[:, : letters.shape[1]] = letters
    words = padded.view("<u8").T.copy()
    for lane, (start, factor) in enumerate(_LANES):
        mixed = np.full(len(keys), start, np.uint64)
        for word in words:
            mixed ^= word
            mixed *= np.uint64(factor)
            mixed ^= mixed >> np.uint64(32)
        keys[:, lane] = mixed * np.uint64(factor)


def _encoded(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    """uint8 (n, WIDTH): the bytes of each text, and zeros."""
    raw = [text.encode() for text in texts]
    if max(map(len, raw)) > WIDTH:
        raw = [_short(text) for text in raw]
    return np.array(raw, f"S{WIDTH}").view(np.uint8).reshape(len(raw), WIDTH)


def _short(text: bytes) -> bytes:
    return text if len(text) <= WIDTH else hashlib.blake2b(text, digest_size=WIDTH // 2).hexdigest().encode()


class KeyTable:
    """Numbers distinct keys in the order in which they come: an open hash table in three NumPy arrays."""

    def __init__(self) -> None:
        self._low, self._high = GrowingArray(np.uint64), GrowingArray(np.uint64)
        self._slots = np.full(1 << 11, -1, np.int32)

    def __len__(self) -> int:
        return len(self._low)

    def numbers(self, keys: Keys) -> npt.NDArray[np.int32]:
        """int32 (n,): the number of each key, a new one for each key not seen before.

        New ones get the numbers from `len(self)` on, in order of first appearance.
        """
        found = self._find(keys)
        unknown = np.flatnonzero(found < 0)
        if len(unknown):
            ranks, first = _ranks(keys[unknown])
            found[unknown] = len(self) + ranks
            self._append(keys[unknown[first]])
        return found

    def _append(self, keys: Keys) -> None:
        known = len(self)
        self._low.append(keys[:, 0])
        self._high.append(keys[:, 1])
        if len(self) * 2 > len(self._slots):
            self._double_slots()
        else:
            self._place(np.arange(known, len(self), dtype=np.int32))

    def _first_slots(self, low: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        return (low & np.uint64(len(self._slots) - 1)).astype(np.int64)

    def _find(self, keys: Keys) -> npt.NDArray[np.int32]:
        found = np.full(len(keys), -1, np.int32)
        if not len(self):
            return found
        low, high = self._low.values, self._high.values
        slots, pending, wanted = self._first_slots(keys[:, 0]), np.arange(len(keys)), keys
        while len(pending):
            held = self._slots.take(slots)  # -1 for a free slot, where the search ends
            same = (held >= 0) & (low.take(held) == wanted[:, 0]) & (high.take(held) == wanted[:, 1])
            found[pending[same]] = held[same]
            goes_on = (held >= 0) & ~same
            pending, wanted = pending[goes_on], wanted[goes_on]
            slots = (slots[goes_on] + 1) % len(self._slots)
        return found

    def _place(self, numbers: npt.NDArray[np.int32]) -> None:
        slots = self._first_slots(self._low.values[numbers])
        while len(numbers):
            free = self._slots[slots] < 0
            self._slots[slots[free]] = numbers[free]  # where several want one slot, the last has it
            collided = self._slots[slots] != numbers
            numbers, slots = numbers[collided], (slots[collided] + 1) % len(self._slots)

    def _double_slots(self) -> None:
        """Rebuild the table, at most half full."""
        self._slots = np.full(1 << (len(self) * 2 - 1).bit_length(), -1, np.int32)
        for start in range(0, len(self), 1 << 18):
            self._place(np.arange(start, min(start + (1 << 18), len(self)), dtype=np.int32))


def _ranks(keys: Keys) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Number keys in order of first appearance.

    Returns
    -------
    ranks : int32 (n,)
        The number of each key, from 0.
    first : int64 (m,)
        Where each distinct key comes first.
    """
    order = np.argsort(keys[:, 0])
    differ = np.diff(keys[order], axis=0) != 0
    if (differ[:, 1] & ~differ[:, 0]).any():  # a billion to one: two texts share half of their keys
        order = np.lexsort((keys[:, 1], keys[:, 0]))  # which takes ten times as long
        differ = np.diff(keys[order], axis=0) != 0
    begins = np.concatenate([[True], differ[:, 0] | differ[:, 1]])
    first = np.minimum.reduceat(order, np.flatnonzero(begins))
    is_first = np.zeros(len(keys), bool)
    is_first[first] = True
    rank = (np.cumsum(is_first, dtype=np.int32) - 1)[first]
    ranks = np.empty(len(keys), np.int32)
    ranks[order] = rank[np.cumsum(begins) - 1]
    return ranks, np.flatnonzero(is_first)


class GrowingArray(Generic[Scalar]):
    """A one-dimensional array with room to grow, so that appending costs what is appended."""

    def __init__(self, dtype: type[Scalar]) -> None:
        self._room = np.empty(1 << 10, dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> npt.NDArray[Scalar]:
        """What was appended so far, as a view; it is stale after the next append."""
        return self._room[: self._size]

    def append(self, values: npt.NDArray[Scalar]) -> None:
        """Add values at the end."""
        size = self._size + len(values)
        if size > len(self._room):
            room = np.empty(max(size, len(self._room) * 3 // 2), self._room.dtype)
            room[: self._size] = self.values
            self._room = room
        self._room[self._size : size] = values
        self._size = size


def joined(lines: Sequence[str]) -> bytes:
    """Lines with their line ends."""
    return "\n".join([*lines, ""]).encode()


@dataclass(frozen=True)
class Coded:
    """A batch whose tracks are numbers; texts only of the tracks that this encoder had not seen."""

    numbers: npt.NDArray[np.int32]
    """int32 (n_positions,): the encoder's number of the track at each position."""
    lengths: npt.NDArray[np.int32]
    new_at: npt.NDArray[np.int64]
    """int64 (m,): where each of the m new tracks comes first, in order of their numbers."""
    new_keys: Keys
    """uint64 (m, 2)"""
    new_ids: bytes
    """A line for each new track, with its line end."""
    new_artists: bytes
    new_metadata: bytes
    """Each line is a JSON object, or empty where nothing is known."""
    read: int
    """Bytes of the file read since the last batch."""


@dataclass(frozen=True)
class End:
    """A file has been read to its end."""

    skipped: Counter[str]
    read: int


class Encoder:
    """Numbers the tracks of files in order of appearance."""

    def __init__(self) -> None:
        self._table = KeyTable()

    def encode(self, part: Part) -> Iterator[Coded | End]:
        """Read one file."""
        format_name, source = part
        so_far = 0
        for batch in FORMATS[format_name](source):
            read, so_far = source.meter.read() - so_far, source.meter.read()
            yield self._coded(batch, source, read)
        yield End(source.skipped, source.extent - so_far)

    def _coded(self, raw: Batch, source: Source, read: int) -> Coded:
        letters, known = letters_of(raw.track_ids, WIDTH), len(self._table)
        batch = clean(raw, source) if letters is None else raw
        keys = keys_of(batch.track_ids, letters)
        of_each = self._table.numbers(keys)
        numbers = batch.positions(of_each)
        first = first_positions(of_each, known)
        artists, entries = described(batch, first)
        return Coded(
            numbers=numbers,
            lengths=np.asarray(batch.lengths, np.int32),
            new_at=np.array(first if batch.codes is None else first_positions(numbers, known), np.int64),
            new_keys=keys[first],
            new_ids=joined([batch.track_ids[at] for at in first]),
            new_artists=joined(artists),
            new_metadata=_metadata(entries, is_metadata=batch.is_metadata) if entries else b"\n" * len(first),
            read=read,
        )


def _metadata(entries: list[Entry], *, is_metadata: bool) -> bytes:
    """A line of JSON for each entry, empty for one without title and artist."""
    if is_metadata and all(entry.title or entry.artist for entry in entries):
        return _to_json.encode_lines(entries)  # in a third of the time of each alone
    lines = (_to_json.encode(each.metadata()) if each.title or each.artist else b"" for each in entries)
    return b"\n".join([*lines, b""])


_to_json = msgspec.json.Encoder()
