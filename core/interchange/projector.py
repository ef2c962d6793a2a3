"""The pair of TSV files that TensorFlow's embedding projector opens: vectors, and the metadata of their rows.

A line of `vectors.tsv` is the numbers of a track. `metadata.tsv` has a line for each, below a header line if
it has more than one column (https://www.tensorflow.org/tensorboard/tensorboard_projector_plugin).
"""

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segue.core.corpus.readers.streams import lines_of
from segue.core.errors import SegueError
from segue.core.interchange.table import VectorTable
from segue.core.interchange.words import DIGITS, blocks
from segue.core.text import printable
from segue.core.tracks import TrackInfo

HEADER = ("id", "title", "artist")
IDS = ("id", "track_id", "track", "word", "label", "name")


def metadata_beside(path: Path) -> Path:
    """The metadata file that belongs to a file of vectors.

    `vectors.tsv` goes with `metadata.tsv`, `mine_vectors.tsv` (or `_tensor`) with `mine_metadata.tsv`, and
    `mine.tsv` with `mine.metadata.tsv`.
    """
    for word in ("vectors", "tensors", "tensor"):
        if path.stem.endswith(word):
            return path.with_name(f"{path.stem.removesuffix(word)}metadata{path.suffix}")
    return path.with_name(f"{path.stem}.metadata{path.suffix}")


def is_projector_row(line: bytes) -> bool:
    """Whether a line is numbers alone, separated by tabs."""
    try:
        numbers = [float(cell) for cell in line.split(b"\t")]
    except ValueError:
        return False
    return len(numbers) > 1


def read_projector(path: Path) -> VectorTable:
    """Read the vectors, and ids, titles and artists from the metadata beside them where that file exists."""
    numbers = array("d")
    rows = dimensions = 0
    for number, line in enumerate(lines_of(path), start=1):
        if not line.strip():
            continue
        cells = line.split(b"\t")
        dimensions = dimensions or len(cells)
        if len(cells) != dimensions:
            raise SegueError(f"{path}: line {number} holds {len(cells):,} numbers, not {dimensions:,}")
        try:
            numbers.extend(map(float, cells))
        except ValueError:
            raise SegueError(f"{path}: line {number} holds something that is not a number") from None
        rows += 1
    vectors = np.frombuffer(numbers).reshape(rows, dimensions)
    beside = metadata_beside(path)
    if not beside.exists():
        return VectorTable(vectors)
    ids, tracks = _read_metadata(beside)
    return VectorTable(vectors, ids, tracks)


def _read_metadata(path: Path) -> tuple[list[str], dict[str, TrackInfo]]:
    lines = [line.decode(errors="replace").split("\t") for line in lines_of(path)]
    if not lines or len(lines[0]) == 1:  # a single column has no header
        return [line[0] for line in lines], {}
    header = [cell.strip().lower() for cell in lines[0]]
    at = next((header.index(name) for name in IDS if name in header), 0)
    ids: list[str] = []
    tracks: dict[str, TrackInfo] = {}
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise SegueError(f"{path}: line {number} holds {len(line)} columns, not {len(header)}")
        ids.append(line[at])
        title, artist = (line[header.index(name)] if name in header else "" for name in HEADER[1:])
        if title or artist:
            tracks[line[at]] = TrackInfo(line[at], title, artist)
    return ids, tracks


def write_projector(path: Path, vectors: npt.NDArray[np.float32]) -> None:
    """Write the vectors alone."""
    with path.open("wb") as file:
        for lines in blocks(vectors, lambda _start, block: _lines(block)):
            file.write(lines)


def _lines(block: npt.NDArray[np.float32]) -> bytes:
    return "".join("\t".join(map(DIGITS, row)) + "\n" for row in block.tolist()).encode()


def write_metadata(path: Path, ids: Sequence[str], tracks: Sequence[TrackInfo]) -> None:
    """Write the columns `id`, `title` and `artist`; what breaks a line within a title becomes a space.

    Raises
    ------
    SegueError
        When an id holds a tab.
    """
    wrong = next((name for name in ids if set(name) & set("\t\r\n")), None)
    if wrong is not None:
        raise SegueError(f"the track id {printable(wrong)!r} holds a tab; write .npz or .parquet instead")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(HEADER) + "\n")
        for name, track in zip(ids, tracks, strict=True):
            file.write(f"{name}\t{_cell(track.title)}\t{_cell(track.artist)}\n")


def _cell(text: str) -> str:
    return " ".join(text.split())
