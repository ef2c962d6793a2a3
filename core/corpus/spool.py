"""Text too large for memory: written in one order, taken up in another."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 1 << 16
"""Lines moved at once."""


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
        for start in range(0, len(order), BLOCK):
            file.write(_take(lines, order[start : start + BLOCK]))
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
