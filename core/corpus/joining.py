"""The last tasks of preparing: playlists in final numbers, texts in their final order, and both joined."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from segue.core.arrays import load_array
from segue.core.corpus.corpus import encode, fingerprint, offsets_of
from segue.core.corpus.counting import TEXTS, Ranked
from segue.core.corpus.loading import METADATA
from segue.core.corpus.spool import Spool, mapped, raw_part, read_bytes

if TYPE_CHECKING:
    import pyarrow as pa

LINES = 1 << 16
"""Lines moved at once."""
POSITIONS = 1 << 19
"""Positions renumbered at once."""


@dataclass(frozen=True)
class Encoded:
    """A stretch in final numbers."""

    playlists: int
    positions: int
    """Positions kept."""


def encode_stretch(spool: Spool, stretch: int, bounds: Sequence[int]) -> Encoded:
    """Write a stretch in final numbers, asking for those of its own tracks only.

    The texts of the tracks that occur first in this stretch are written in the order of their numbers.
    `bounds` are the number of the first track of each block of texts, and how many tracks there are.
    """
    names = ("codes", "lengths", *TEXTS, "codes_by_shard.npy", "starts.npy")
    with (
        spool.copied(spool.of("stretch", stretch), names) as read,
        spool.finished(spool.of("encoded", stretch)) as folder,
    ):
        new, is_first = _numbers(spool, read, stretch)
        with (folder / "items").open("wb") as items:
            offsets = renumber(read / "codes", read / "lengths", new, items)
        offsets[1:].tofile(folder / "offsets")
        own = np.flatnonzero(is_first & (new >= 0))
        own = own[np.argsort(new[own])]
        lines = np.searchsorted(new[own], bounds)
        np.save(folder / "text_numbers.npy", new[own])
        np.save(folder / "text_starts.npy", lines)
        for name in TEXTS:
            offsets_of_lines = reorder_lines(read / name, own, folder / name)
            np.save(folder / f"{name}_bytes.npy", offsets_of_lines[lines])
    return Encoded(len(offsets) - 1, int(offsets[-1]))


def _numbers(spool: Spool, read: Path, stretch: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """The final number of each of the stretch's own numbers, and whether the track occurs first here."""
    codes, starts = mapped(read / "codes_by_shard.npy"), mapped(read / "starts.npy")
    new, is_first = np.empty(len(codes), np.int32), np.empty(len(codes), np.bool_)
    for shard in range(spool.n_shards):
        own = codes[starts[shard] : starts[shard + 1]]
        new[own], is_first[own] = spool.read(
            numbers_for, spool.of("shard", shard), spool.of("numbers", shard), stretch
        )
    return new, is_first


def numbers_for(
    shard: Path, numbers: Path, stretch: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """The final numbers of a shard's tracks that a stretch holds, and whether each occurs first there."""
    start, end = mapped(shard / "starts.npy")[stretch : stretch + 2].tolist()
    return (
        raw_part(numbers / "numbers", np.int32, start, end),
        raw_part(shard / "fresh", np.bool_, start, end),
    )


def write_texts(spool: Spool, block: int, n_stretches: int) -> int:
    """Write the metadata of each track of a block in their order; returns how many are described."""
    with spool.finished(spool.of("texts", block)) as folder:
        encoded = [spool.of("encoded", stretch) for stretch in range(n_stretches)]
        order = np.argsort(np.concatenate([spool.read(text_numbers, each, block) for each in encoded]))
        for name in TEXTS:
            gathered = folder / f"{name}.gathered"
            with gathered.open("wb") as file:
                for each in encoded:
                    file.write(spool.read(texts_of, each, name, block))
            written = reorder_lines(gathered, order, folder / name, drop_empty=name == "metadata")
            gathered.unlink()
    return len(written) - 1  # of the last, the metadata


def text_numbers(encoded: Path, block: int) -> npt.NDArray[np.int32]:
    """The numbers of the tracks of a block that occur first in a stretch."""
    start, end = mapped(encoded / "text_starts.npy")[block : block + 2]
    return np.array(mapped(encoded / "text_numbers.npy")[start:end])


def texts_of(encoded: Path, name: str, block: int) -> bytes:
    """Their texts, a line each."""
    start, end = mapped(encoded / f"{name}_bytes.npy")[block : block + 2].tolist()
    return read_bytes(encoded / name, start, end - start)


def join(
    spool: Spool, folder: Path, encoded: Sequence[Encoded], ranked: Sequence[Ranked], described: int
) -> dict[str, int | str]:
    """Write the files of the corpus; returns what the record says of them."""
    playlists, positions = sum(each.playlists for each in encoded), sum(each.positions for each in encoded)
    tracks = sum(block.size for block in ranked)
    stretches = [spool.of("encoded", number) for number in range(len(encoded))]
    with (folder / "items.npy").open("wb") as file:
        write_header(file, np.int32, positions)
        _append(file, (stretch / "items" for stretch in stretches))
    _write_offsets(folder / "offsets.npy", stretches, encoded)
    with (folder / "counts.npy").open("wb") as file:
        write_header(file, np.int64, tracks)
        _append(file, (spool.of("block", block) / "counts" for block in range(len(ranked))))
    texts = [("ids", "tracks.txt"), ("artists", "artists.txt")] + [("metadata", METADATA)] * (described > 0)
    for name, target in texts:
        with (folder / target).open("wb") as file:
            _append(file, (spool.of("texts", block) / name for block in range(len(ranked))))
    # not through Corpus.open, which holds all ids in memory
    items, offsets = load_array(folder / "items.npy", np.int32), load_array(folder / "offsets.npy", np.int64)
    return {
        "playlists": playlists,
        "positions": positions,
        "tracks": tracks,
        "described": described,
        "fingerprint": fingerprint(items, offsets, without_last_byte(folder / "tracks.txt")),
    }


def _append(target: BinaryIO, sources: Iterable[Path]) -> None:
    for source in sources:
        with source.open("rb") as file:
            shutil.copyfileobj(file, target, 1 << 20)


def _write_offsets(target: Path, stretches: Sequence[Path], encoded: Sequence[Encoded]) -> None:
    """The offsets of each stretch, counted from the beginning of the corpus."""
    with target.open("wb") as file:
        write_header(file, np.int64, 1 + sum(each.playlists for each in encoded))
        file.write(np.zeros(1, np.int64).data)
        base = 0
        for stretch, each in zip(stretches, encoded, strict=True):
            file.write((np.fromfile(stretch / "offsets", np.int64) + base).data)
            base += each.positions


def without_last_byte(path: Path) -> Iterator[bytes]:
    """The bytes of a text file in pieces, but for its last line end."""
    left = path.stat().st_size - 1
    with path.open("rb") as file:
        while piece := file.read(min(left, 1 << 20)):
            left -= len(piece)
            yield piece


def reorder_lines(
    source: Path, order: npt.NDArray[np.int64], target: Path, *, drop_empty: bool = False
) -> npt.NDArray[np.int64]:
    """Write the lines of `source` numbered by `order`, int64 (n,), in that order, empty ones unless dropped.

    Returns the offsets, int64 (n + 1,): where each line starts in what was written, and where the last one
    ends.
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
    return offsets_of(sizes)


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
    """Write the new number, int32, at each position, leaving out those whose new number is -1.

    `codes` and `lengths` are files of int32: the old number at each position, and the number of positions of
    each playlist; `new`, int32 (n,), has the new number of each old one. Returns the offsets, int64
    (n_playlists + 1,): where each playlist starts in what was written, and where the last one ends.
    """
    # an empty file can't be mapped
    numbers = np.memmap(codes, np.int32, mode="r") if codes.stat().st_size else np.empty(0, np.int32)
    each = np.fromfile(lengths, np.int32)
    offsets = offsets_of(each)
    written = 0
    for start in range(0, len(numbers), POSITIONS):
        end = min(start + POSITIONS, len(numbers))
        first, last = np.searchsorted(offsets, [start, end], side="right")
        items, inside = encode(np.asarray(numbers[start:end]), offsets[first:last] - start, new)
        file.write(items.data)
        offsets[first:last] = inside + written
        written += len(items)
    return offsets
