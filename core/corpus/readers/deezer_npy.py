"""The Deezer `music_1.npy` and `music_2.npy`: an object array of lists `[track, artist, track, ...]`."""

import math
import re
from collections.abc import Iterator

from segue.core.corpus.readers.batch import Batch, Source, batches, text_id
from segue.core.corpus.readers.pickled import object_array
from segue.core.corpus.readers.streams import Place, read_whole
from segue.core.errors import SegueError


def read_deezer_npy(source: Source) -> Iterator[Batch]:
    """Read the array without unpickling it (see `pickled`); cells that are not lists are skipped and counted.

    Raises
    ------
    SegueError
        When it is not a NumPy file of playlists, is damaged, or its pickle wants to run something.
    """
    data = read_whole(source.place)
    shape, start = npy_header(data, source.place)
    array = object_array(data, start, str(source.place))
    if array.shape != shape or len(array.cells) != math.prod(shape) or not 1 <= len(shape) <= 2:
        raise SegueError(f"{source.place}: header and content disagree about its shape; get the file again")
    rows = array.cells
    if len(shape) == 2:  # NumPy stacks lists of equal length
        rows = (
            [array.cells[at : at + shape[1]] for at in range(0, len(array.cells), shape[1])]
            if shape[1]
            else []
        )
    yield from batches(_lists(rows, source, room=len(data)), source)


_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(rb"\{'descr': (.+?), 'fortran_order': (?:True|False), 'shape': \(([\dL, ]*)\), ?\}\s*")
"""What NumPy writes; its own parser would hand the text to Python's tokenizer, which fails in many ways."""


def npy_header(data: bytes, path: Place) -> tuple[tuple[int, ...], int]:
    """The shape that a `.npy` file of Python objects promises, and where its pickle starts.

    Raises
    ------
    SegueError
        When it is another file.
    """
    size = 2 if data[6:7] == b"\x01" else 4
    start = 8 + size
    length = int.from_bytes(data[8:start], "little")
    header = _HEADER.fullmatch(data[start : start + min(length, 10_000)])
    if not data.startswith(_MAGIC) or header is None:
        raise SegueError(f"{path}: is not a NumPy file, or its header is damaged; get the file again")
    dtype, shape = header[1].decode(errors="replace"), header[2].decode().replace("L", "")
    if dtype not in {"'|O'", "'|O8'", "'O'"}:
        raise SegueError(f"{path}: holds an array of dtype {dtype[:40]}, not lists of tracks")
    return tuple(int(part) for part in shape.split(",") if part.strip().isdecimal()), start + length


def _lists(rows: list[object], source: Source, room: int) -> Iterator[list[str]]:
    good = bad = 0
    for row in rows:
        if not isinstance(row, list | tuple):
            bad += 1
            source.skipped["cell that is not a list of tracks"] += 1
            continue
        good += 1
        room -= len(row)
        if room < 0:  # every entry takes a byte or more, unless lists contain lists over and over
            raise SegueError(f"{source.place}: its pickle unfolds to more entries than it has bytes; refused")
        if row:
            yield list(row) if set(map(type, row)) == {str} else [text_id(entry) for entry in row]
    source.refuse_if_mostly_bad(bad, good, "lists of tracks")
