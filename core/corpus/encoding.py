"""Batches of text to batches of numbers, and the large files between the steps."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from segue.core.corpus.corpus import encode
from segue.core.corpus.keys import Keys, KeyTable, keys_of
from segue.core.corpus.readers.batch import Batch, Entry, Source, clean
from segue.core.corpus.readers.forms import FORMATS
from segue.core.corpus.readers.reading import described, first_positions

if TYPE_CHECKING:
    import pyarrow as pa

LINES = 1 << 16
"""Lines moved at once."""
POSITIONS = 1 << 19
"""Positions renumbered at once."""


def joined(lines: Sequence[str]) -> bytes:
    """Lines with their line ends."""
    return "\n".join([*lines, ""]).encode()


def reorder_lines(
    source: Path, order: npt.NDArray[np.int64], target: Path, *, drop_empty: bool = False
) -> npt.NDArray[np.int64]:
    """Write the lines of `source` numbered by `order`, in that order.

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

    Returns
    -------
    offsets : int64 (n + 1,)
        Where each line starts in what was written, and where the last one ends.
    """
    text = np.memmap(source, np.uint8, mode="r") if source.stat().st_size else np.empty(0, np.uint8)
    ends = np.concatenate([[0], line_ends(text)])
    sizes = np.diff(ends)[order]
    if drop_empty:
        order, sizes = order[sizes > 1], sizes[sizes > 1]
    lines = _as_lines(text, ends)
    with target.open("wb") as file:
        for start in range(0, len(order), LINES):
            file.write(_take(lines, order[start : start + LINES]))
    return np.concatenate([[0], np.cumsum(sizes)])


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


Part = tuple[str, Source]
"""A file and the name of its format."""


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
        batch = clean(raw, source)
        keys, known = keys_of(batch.track_ids), len(self._table)
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
