"""The Deezer `music_1.npy` and `music_2.npy`: an object array of lists `[track, artist, track, ...]`."""

import math
import re
from collections.abc import Iterator
from itertools import repeat

import numpy as np
import numpy.typing as npt

from segue.core.corpus.readers.batch import Batch, Source, part_artists, text_id
from segue.core.corpus.readers.pickled import ObjectArray, object_array
from segue.core.corpus.readers.records import Records, Row
from segue.core.corpus.readers.streams import Place, read_whole
from segue.core.errors import SegueError


def read_deezer_npy(source: Source) -> Iterator[Batch]:
    """Read the array without unpickling it (see `pickled`); cells that are not lists are skipped and counted.

    Raises `SegueError` when it is not a NumPy file of playlists, is damaged, or its pickle wants to run
    something.
    """
    data = read_whole(source.place)
    shape, start = npy_header(data, source.place)
    array = object_array(data, start, str(source.place), with_rows=True)
    if array.shape != shape or len(array.cells) != math.prod(shape) or not 1 <= len(shape) <= 2:
        raise SegueError(f"{source.place}: its header contradicts its content; download the file again")
    if len(shape) == 2:  # NumPy stacks lists of equal length
        cells, width = array.cells, shape[1]
        array.cells = [cells[at : at + width] for at in range(0, len(cells), width)] if width else []
    batch = _Tokens(array, source, room=len(data)).batch(source)
    if len(batch.lengths):
        yield batch


class _Tokens:
    """The tokens of all playlists as numbers: those of records, then those of lists that are not rows."""

    def __init__(self, array: ObjectArray, source: Source, room: int) -> None:
        self._records = records = array.records or Records(b"", 0)
        self._others: list[str] = []
        n_records, most = len(records), room
        firsts, lengths, bad = [], [], 0
        unfolds = SegueError(f"{source.place}: its pickle unfolds to more entries than it has bytes; refused")
        for cell in array.cells:
            if type(cell) is Row and not cell:
                firsts.append(cell.first)
                lengths.append(cell.last - cell.first)
                continue
            if not isinstance(cell, list | tuple):
                bad += 1
                source.skipped["cell that is not a list of tracks"] += 1
                continue
            length = len(cell) + (cell.last - cell.first if isinstance(cell, Row) else 0)
            room -= length
            if room < 0:  # every entry takes a byte or more, unless lists contain lists over and over
                raise unfolds
            if length:
                firsts.append(n_records + len(self._others))
                lengths.append(length)
                self._others += map(text_id, records.entries(cell) if isinstance(cell, Row) else cell)
        if sum(lengths) > most:
            raise unfolds
        source.refuse_if_mostly_bad(bad, len(array.cells) - bad, "lists of tracks")
        self._lengths = np.array(lengths, np.int64)
        starts = np.cumsum(self._lengths) - self._lengths
        within = np.repeat(np.array(firsts, np.int64) - starts, self._lengths)
        self._numbers = within + np.arange(len(within))

    def batch(self, source: Source) -> Batch:
        """The playlists, with each distinct track once."""
        is_artist = np.concatenate(
            [
                self._records.begin_with(b"artist_"),
                np.fromiter(map(str.startswith, self._others, repeat("artist_")), bool, len(self._others)),
            ]
        )[self._numbers]
        parted = part_artists(is_artist, self._lengths, source)
        numbers = self._numbers[parted.tracks]
        first, codes, track_ids = self._groups(numbers)
        artists = np.array([""] * len(first), object)
        known = np.flatnonzero(parted.has_artist[first])
        artists[known] = self._texts(self._numbers[parted.tracks[first[known]] + 1])
        return Batch(track_ids, parted.lengths, artists.tolist(), codes=codes)

    def _groups(
        self, numbers: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], list[str]]:
        """Where each text behind some numbers comes first, int32 (n,) indices into that, and the texts."""
        is_record = numbers < len(self._records)
        codes = np.empty(len(numbers), np.int32)
        first, codes[is_record] = self._records.groups(numbers[is_record])
        texts = self._records.texts(numbers[is_record][first])
        if is_record.all():
            return first, codes, texts
        number_of = dict(zip(texts, range(len(texts)), strict=True))
        others = self._other_texts(numbers[~is_record])
        codes[~is_record] = [number_of.setdefault(text, len(number_of)) for text in others]
        first = np.empty(len(number_of), np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]  # backwards: the first position is written last
        appearance = np.argsort(first)
        rank = np.empty(len(first), np.int32)
        rank[appearance] = np.arange(len(first), dtype=np.int32)
        texts = list(number_of)
        return first[appearance], rank[codes], [texts[at] for at in appearance.tolist()]

    def _texts(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
        """The texts behind some numbers, object (n,)."""
        is_record = numbers < len(self._records)
        found = np.empty(len(numbers), object)
        found[is_record] = self._records.texts(numbers[is_record])
        found[~is_record] = self._other_texts(numbers[~is_record])
        return found

    def _other_texts(self, numbers: npt.NDArray[np.int64]) -> list[str]:
        return [self._others[at] for at in (numbers - len(self._records)).tolist()]


_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(rb"\{'descr': (.+?), 'fortran_order': (?:True|False), 'shape': \(([\dL, ]*)\), ?\}\s*")
"""What NumPy writes; its own parser would hand the text to Python's tokenizer, which fails in many ways."""


def npy_header(data: bytes, path: Place) -> tuple[tuple[int, ...], int]:
    """The shape that a `.npy` file of Python objects promises, and where its pickle starts.

    Raises `SegueError` when it is another file.
    """
    size = 2 if data[6:7] == b"\x01" else 4
    start = 8 + size
    length = int.from_bytes(data[8:start], "little")
    header = _HEADER.fullmatch(data[start : start + min(length, 10_000)])
    if not data.startswith(_MAGIC) or header is None:
        raise SegueError(f"{path}: is not a NumPy file, or its header is damaged; download the file again")
    dtype, shape = header[1].decode(errors="replace"), header[2].decode().replace("L", "")
    if dtype not in {"'|O'", "'|O8'", "'O'"}:
        raise SegueError(f"{path}: holds an array of dtype {dtype[:40]}, not lists of tracks")
    return tuple(int(part) for part in shape.split(",") if part.strip().isdecimal()), start + length
