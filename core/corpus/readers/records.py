"""Strings of a pickle that lie end to end, found all at once: nearly all of a list of playlists.

A record is a string with its place in the memo. What looks like one is found by its bytes; as the next begins
where it ends, a run that begins at an opcode holds nothing but opcodes. A list of one run is a row, and rows
lie end to end too. Where an opcode begins is not decided here: the interpreter asks at each place it reaches.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SHORT_BINSTRING, BINUNICODE, SHORT_BINUNICODE = b"UX\x8c"
LONG_BINPUT, MEMOIZE, MARK, EMPTY_LIST, APPENDS = b"r\x94(]e"

_BLOCK, _PIECE = 1 << 13, 1 << 18
"""Records and bytes looked at together: few enough for the processor's cache."""
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64).view(np.int64)
"""The first `size` bytes of a number."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Kind:
    """How the strings of a pickle are written."""

    opcode: int
    size: int
    """Bytes of the length, which stands before the string."""
    encoding: str
    put: int
    """The opcode after the string."""
    place: int
    """Bytes of the place in the memo after that; 0 where it is the next one."""


_OF_PROTOCOL_2 = (
    _Kind(SHORT_BINSTRING, 1, "latin-1", LONG_BINPUT, 4),
    _Kind(BINUNICODE, 4, "utf-8", LONG_BINPUT, 4),
)
_OF_PROTOCOL_4 = (_Kind(SHORT_BINUNICODE, 1, "utf-8", MEMOIZE, 0),)


class Row(list[Any]):
    """A list that begins with the records `first` to `last - 1`, which are not copied into it."""

    __slots__ = ("first", "last")
    first: int
    last: int


class Records:
    """The records of a pickle, those of the kind that it has most of."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        kinds = _OF_PROTOCOL_4 if data[start : start + 2] >= b"\x80\x04" else _OF_PROTOCOL_2
        letters = np.frombuffer(data, np.uint8)
        self._kind, self._starts, self._ends = kinds[0], *_find(letters, kinds[0])
        if len(self._starts) < len(data) >> 8:  # less than one in 256 bytes: it has others
            for kind in kinds[1:]:
                self._kind, self._starts, self._ends = kind, *_find(letters, kind)
        self._runs: dict[int, int] = {}
        self._chains: dict[int, tuple[int, int]] = {}
        if self._ends.sum() - self._starts.sum() > len(data):  # they overlap, as no strings do
            self._starts = self._ends = np.empty(0, np.int64)
        if len(self._starts):
            self._find_rows(letters)

    def __len__(self) -> int:
        return len(self._starts)

    def _find_rows(self, letters: npt.NDArray[np.uint8]) -> None:
        kind = self._kind
        head, tail = 1 + kind.size, 1 + kind.place
        breaks = np.flatnonzero(self._starts[1:] - self._ends[:-1] != head + tail) + 1
        self._first = np.concatenate([[0], breaks])
        self._last = np.concatenate([breaks, [len(self)]])
        begins, self._run_ends = self._starts[self._first] - head, self._ends[self._last - 1] + tail
        self._runs = dict(zip(begins.tolist(), range(len(begins)), strict=True))
        heads, tails = begins - 3 - kind.place, np.minimum(self._run_ends, len(letters) - 1)
        is_row = (
            (heads >= 0)
            & (letters[heads] == EMPTY_LIST)
            & (letters[heads + 1] == kind.put)
            & (letters[begins - 1] == MARK)
            & (letters[tails] == APPENDS)
            & (tails == self._run_ends)
        )
        follows = is_row[1:] & is_row[:-1] & (heads[1:] == tails[:-1] + 1)
        chained = np.flatnonzero(is_row & ~np.concatenate([[False], follows]))
        ends = np.flatnonzero(is_row & ~np.concatenate([follows, [False]])) + 1
        bounds = zip(chained.tolist(), ends.tolist(), strict=True)
        self._chains = dict(zip(heads[chained].tolist(), bounds, strict=True))

    def run_at(self, at: int) -> tuple[Row, int] | None:
        """The run that begins at a place, and where it ends."""
        run = self._runs.get(at)
        if run is None:
            return None
        return _row(int(self._first[run]), int(self._last[run])), int(self._run_ends[run])

    def rows_at(self, at: int) -> tuple[list[Row], int] | None:
        """The rows that lie end to end from a place on, and where the last ends."""
        chain = self._chains.get(at)
        if chain is None:
            return None
        part = slice(*chain)
        bounds = zip(self._first[part].tolist(), self._last[part].tolist(), strict=True)
        return [_row(first, last) for first, last in bounds], int(self._run_ends[chain[1] - 1]) + 1

    def entries(self, row: Row) -> list[Any]:
        """All that a row holds: its strings, and what was appended since."""
        return [*self.texts(range(row.first, row.last)), *row]

    def texts(self, numbers: range | Numbers) -> list[str]:
        """The strings of some records."""
        which = np.asarray(numbers, np.int64)
        if len(which) > _BLOCK:
            parts = (which[at : at + _BLOCK] for at in range(0, len(which), _BLOCK))
            return [text for part in parts for text in self.texts(part)]
        starts, lengths = self._starts[which], self._ends[which] - self._starts[which]
        ends = np.cumsum(lengths)
        places = np.repeat(starts - (ends - lengths), lengths) + np.arange(lengths.sum())
        data = np.frombuffer(self._data, np.uint8)[places].tobytes()
        bounds = zip((ends - lengths).tolist(), ends.tolist(), strict=True)
        if self._kind.encoding == "latin-1" or data.isascii():
            text = data.decode("latin-1")  # slicing it takes a fifth of the time of decoding each
            return [text[start:end] for start, end in bounds]
        return [data[start:end].decode(self._kind.encoding, "surrogateescape") for start, end in bounds]

    def memorise(self, memo: dict[int, Any], row: Row, texts: list[str], *, is_run: bool) -> None:
        """Put the strings of a row into the memo and, unless it is a run of no list, the row before them."""
        size = self._kind.place
        if not size:
            for value in texts if is_run else (row, *texts):
                memo[len(memo)] = value
            return
        if not is_run:
            mark = int(self._starts[row.first]) - 2 - self._kind.size
            memo[int.from_bytes(self._data[mark - size : mark], "little")] = row
        places = self._ends[row.first : row.last, None] + np.arange(1, 1 + size)
        letters = np.frombuffer(self._data, np.uint8)[places].astype(np.int64)
        memo.update(zip((letters << [0, 8, 16, 24]).sum(axis=1).tolist(), texts, strict=True))

    def begin_with(self, prefix: bytes) -> npt.NDArray[np.bool_]:
        """Which strings begin so, with 7 bytes, bool (n_records,)."""
        found = np.empty(len(self), bool)
        mask, wanted = (1 << 8 * len(prefix)) - 1, int.from_bytes(prefix, "little")
        for start in range(0, len(self), _BLOCK):
            which = np.arange(start, min(start + _BLOCK, len(self)))
            found[which] = self._letters_at(which, 0) & mask == wanted
        return found

    def groups(self, numbers: Numbers) -> tuple[Numbers, npt.NDArray[np.int32]]:
        """Which of some records are the same string.

        Returns
        -------
        first : int64 (m,)
            Where each distinct string comes first, in that order.
        codes : int32 (n,)
            The string of each record as an index into `first`.
        """
        lengths = self._ends[numbers] - self._starts[numbers]
        parts = np.empty((1 + (int(lengths.max(initial=0)) + 7) // 8, len(numbers)), np.int64)
        mixed = np.zeros(len(numbers), np.uint64)
        for start in range(0, len(numbers), _BLOCK):
            block = slice(start, start + _BLOCK)
            parts[0, block] = lengths[block]
            for row, at in enumerate(range(0, 8 * (len(parts) - 1), 8), start=1):
                parts[row, block] = self._letters_at(numbers[block], at)
            for part in parts[:, block]:
                mixed[block] ^= part.view(np.uint64)
                mixed[block] *= np.uint64(0x9E3779B97F4A7C15)
                mixed[block] ^= mixed[block] >> np.uint64(32)
        order = np.argsort(mixed)
        begins = np.diff(mixed[order], prepend=~mixed[order[:1]]) != 0
        first = np.minimum.reduceat(order, np.flatnonzero(begins)) if len(order) else order
        appearance = np.argsort(first)
        rank = np.empty(len(first), np.int32)
        rank[appearance] = np.arange(len(first), dtype=np.int32)
        codes = np.empty(len(order), np.int32)
        codes[order] = rank[np.cumsum(begins) - 1]
        first = first[appearance]
        if all((part == part[first][codes]).all() for part in parts):
            return first, codes
        number_of: dict[str, int] = {}  # two strings with one hash
        texts = self.texts(numbers)
        codes = np.array([number_of.setdefault(text, len(number_of)) for text in texts], np.int32)
        return np.unique(codes, return_index=True)[1].astype(np.int64), codes

    def _letters_at(self, numbers: Numbers, at: int) -> Numbers:
        """The bytes `at` to `at + 7` of some strings as a number, with zeros after the end of a string."""
        starts = self._starts[numbers]
        lengths = self._ends[numbers] - starts
        words: Numbers = np.ndarray(max(len(self._data) - 7, 0), "<i8", self._data, strides=(1,))
        # a string that ends nearer to the end of the file than 8 bytes is moved down to where it is
        back = np.maximum(starts + (at + 1 - len(words)), 0)
        found = words[starts + at - back]
        if back.any():
            found = (found.view(np.uint64) >> (8 * back).astype(np.uint64).clip(max=63)).view(np.int64)
        found &= _MASKS[np.clip(lengths - at, 0, 8)]
        return found


def _row(first: int, last: int) -> Row:
    row = Row()
    row.first, row.last = first, last
    return row


def _find(letters: npt.NDArray[np.uint8], kind: _Kind) -> tuple[Numbers, Numbers]:
    """Where the texts of what looks like records start and end."""
    head, tail = 1 + kind.size, 1 + kind.place
    end = max(len(letters) - head - tail, 0)
    found = [_find_between(letters, kind, at, min(at + _PIECE, end)) for at in range(0, end, _PIECE)]
    starts, ends = zip(*found, strict=True) if found else ((), ())
    none = np.empty(0, np.int64)
    return np.concatenate([none, *starts]), np.concatenate([none, *ends])


def _find_between(
    letters: npt.NDArray[np.uint8], kind: _Kind, first: int, last: int
) -> tuple[Numbers, Numbers]:
    opens = np.flatnonzero(letters[first:last] == kind.opcode) + first
    for at in range(2, 1 + kind.size):  # lengths below 256
        opens = opens[letters[opens + at] == 0]
    starts = opens + (1 + kind.size)
    ends = starts + letters[opens + 1]
    is_record = letters[np.minimum(ends, len(letters) - 1)] == kind.put
    is_record &= ends + (1 + kind.place) <= len(letters)
    return starts[is_record], ends[is_record]
