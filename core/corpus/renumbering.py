"""Playlists of numbers on disk to other numbers on disk, a block at a time."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from segue.core.corpus.corpus import encode

BLOCK = 1 << 19
"""Positions renumbered at once."""


def write_header(file: BinaryIO, dtype: type[np.generic], length: int) -> None:
    """Begin a `.npy` file of a flat array whose bytes follow, as `np.save` would."""
    descr = np.lib.format.dtype_to_descr(np.dtype(dtype))
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": (length,)})


def renumber(codes: Path, lengths: Path, new: npt.NDArray[np.int32], file: BinaryIO) -> npt.NDArray[np.int64]:
    """Write the new number at each position, leaving out those whose new number is -1.

    Parameters
    ----------
    codes, lengths
        Files of int32: the old number at each position, and the number of positions of each playlist.
    new : int32 (n,)
        The new number of each old one.
    file
        Takes the int32 numbers.

    Returns
    -------
    offsets : int64 (n_playlists + 1,)
        Where each playlist starts in what was written, and where the last one ends.
    """
    # an empty file can't be mapped
    numbers = np.memmap(codes, np.int32, mode="r") if codes.stat().st_size else np.empty(0, np.int32)
    each = np.fromfile(lengths, np.int32)
    offsets = np.zeros(len(each) + 1, np.int64)
    np.cumsum(each, out=offsets[1:])
    written = 0
    for start in range(0, len(numbers), BLOCK):
        end = min(start + BLOCK, len(numbers))
        first, last = np.searchsorted(offsets, [start, end], side="right")
        items, inside = encode(np.asarray(numbers[start:end]), offsets[first:last] - start, new)
        file.write(items.data)
        offsets[first:last] = inside + written
        written += len(items)
    return offsets
