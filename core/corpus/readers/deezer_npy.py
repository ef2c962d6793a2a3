"""The Deezer `music_1.npy` and `music_2.npy`: an object array of lists `[track, artist, track, ...]`."""

import io
from collections.abc import Iterator

import numpy as np

from core.corpus.readers.batch import Batch, Source, batches, text_id
from core.corpus.readers.pickled import object_array
from core.corpus.readers.streams import read_whole
from core.errors import SegueError


def read_deezer_npy(source: Source) -> Iterator[Batch]:
    """Read the array without unpickling it (see `pickled`); cells that are no lists are skipped and counted.

    Raises
    ------
    SegueError
        When it is no NumPy file of playlists, is damaged, or its pickle wants to run something.
    """
    data = read_whole(source.path)
    shape, start = _header(data, source)
    array = object_array(data, start, str(source.path))
    if array.shape != shape or len(array.cells) != np.prod(shape, dtype=object) or not 1 <= len(shape) <= 2:
        raise SegueError(f"{source.path}: header and content disagree about its shape; get the file again")
    rows = array.cells
    if len(shape) == 2:  # NumPy stacks lists of equal length
        rows = (
            [array.cells[at : at + shape[1]] for at in range(0, len(array.cells), shape[1])]
            if shape[1]
            else []
        )
    yield from batches(_lists(rows, source, room=len(data)), source)


def _header(data: bytes, source: Source) -> tuple[tuple[int, ...], int]:
    """The shape that the file promises, and where its pickle starts."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _fortran, dtype = read(file)
    except (ValueError, SyntaxError, TypeError, EOFError, OverflowError) as error:
        raise SegueError(f"{source.path}: is no NumPy file, or its header is damaged ({error})") from None
    if dtype != np.dtype(object):
        raise SegueError(f"{source.path}: holds an array of {dtype}, not lists of tracks")
    return shape, file.tell()


def _lists(rows: list[object], source: Source, room: int) -> Iterator[list[str]]:
    good = bad = 0
    for row in rows:
        if not isinstance(row, list | tuple):
            bad += 1
            source.skipped["cell that is no list of tracks"] += 1
            continue
        good += 1
        room -= len(row)
        if room < 0:  # every entry takes a byte or more, unless lists contain lists over and over
            raise SegueError(f"{source.path}: its pickle unfolds to more entries than it has bytes; refused")
        if row:
            yield list(row) if set(map(type, row)) == {str} else [text_id(entry) for entry in row]
    source.refuse_if_mostly_bad(bad, good, "lists of tracks")
