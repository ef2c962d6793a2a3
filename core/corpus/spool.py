"""Text and playlists too large for memory: written in one order, taken up in another."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from segue.core.corpus.corpus import encode

if TYPE_CHECKING:
    import pyarrow as pa

LINES = 1 << 16
"""Lines moved at once."""
POSITIONS = 1 << 19
"""Positions renumbered at once."""


def joined(lines: Iterable[str]) -> bytes:
    """Lines with their line ends."""
    return "\n".join([*lines, ""]).encode()


def append_lines(file: BinaryIO, lines: bytes, kept: npt.NDArray[np.bool_]) -> None:
    """Write those lines, given with their line ends, that are kept; `kept` has a value for each."""
    if kept.all():
        file.write(lines)
        return
    text = np.frombuffer(lines, np.uint8)
    file.write(_take(_as_lines(text, np.concatenate([[0], line_ends(text)])), np.flatnonzero(kept)))


def reorder_lines(
    source: Path, order: npt.NDArray[np.int64], target: Path, *, drop_empty: bool = False
) -> int:
    """Write the lines of `source` numbered by `order`, in that order, and return how many were written.

    Parameters
    ----------
    source
        Text in lines.
    order
        int64 (n,): line numbers.
    target
        The file to write.
    drop_empty
        Leave empty lines out.
    """
    text = np.memmap(source, np.uint8, mode="r") if source.stat().st_size else np.empty(0, np.uint8)
    ends = np.concatenate([[0], line_ends(text)])
    if drop_empty:
        order = order[ends[order + 1] - ends[order] > 1]
    lines = _as_lines(text, ends)
    with target.open("wb") as file:
        for start in range(0, len(order), LINES):
            file.write(_take(lines, order[start : start + LINES]))
    return len(order)


def _as_lines(text: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> "pa.LargeBinaryArray":
    """An array of the lines of a text, given where the first begins and where each ends."""
    import pyarrow as pa  # 60 ms; it takes a million lines in 0.1 s

    return pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(ends) - 1, [None, pa.py_buffer(ends), pa.py_buffer(text)]
    )


def _take(lines: "pa.LargeBinaryArray", order: npt.NDArray[np.int64]) -> "pa.Buffer | bytes":
    """The text of some lines, numbered by `order`."""
    import pyarrow as pa

    # from_buffers, since pa.array would import pandas to ask whether the order is one of its series
    numbers = pa.Int64Array.from_buffers(pa.int64(), len(order), [None, pa.py_buffer(order)])
    return lines.take(numbers).buffers()[2] or b""


def line_ends(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Where each line ends, its line end included."""
    step = 16 << 20
    parts = [np.flatnonzero(text[at : at + step] == 10) + at + 1 for at in range(0, len(text), step)]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


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
    for start in range(0, len(numbers), POSITIONS):
        end = min(start + POSITIONS, len(numbers))
        first, last = np.searchsorted(offsets, [start, end], side="right")
        items, inside = encode(np.asarray(numbers[start:end]), offsets[first:last] - start, new)
        file.write(items.data)
        offsets[first:last] = inside + written
        written += len(items)
    return offsets
