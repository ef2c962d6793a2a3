"""Text too large for memory: written in one order, taken up in another."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 16
"""Lines moved at once."""


def append_lines(file: BinaryIO, lines: list[bytes]) -> None:
    """Write lines with their line ends."""
    if lines:
        file.write(b"\n".join(lines))
        file.write(b"\n")


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
    import pyarrow as pa  # 60 ms; it takes a million lines in 0.1 s

    text = np.memmap(source, np.uint8, mode="r") if source.stat().st_size else np.empty(0, np.uint8)
    ends = np.concatenate([[0], line_ends(text)])
    if drop_empty:
        order = order[ends[order + 1] - ends[order] > 1]
    # from_buffers, since pa.array would import pandas to ask whether the order is one of its series
    numbers = pa.Int64Array.from_buffers(pa.int64(), len(order), [None, pa.py_buffer(order)])
    lines = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(ends) - 1, [None, pa.py_buffer(ends), pa.py_buffer(text)]
    )
    with target.open("wb") as file:
        for start in range(0, len(order), BLOCK):
            taken = lines.take(numbers[start : start + BLOCK])
            file.write(taken.buffers()[2] or b"")
    return len(order)


def line_ends(text: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Where each line ends, its line end included."""
    step = 16 << 20
    parts = [np.flatnonzero(text[at : at + step] == 10) + at + 1 for at in range(0, len(text), step)]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
