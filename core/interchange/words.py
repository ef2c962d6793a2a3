"""The formats of word vectors: word2vec's two files, GloVe's text, the projector's tables.

Each row is an id, a space and its numbers. word2vec's files begin with a line `ROWS DIMENSIONS`, GloVe's do
not; in the binary file the numbers are float32, little-endian.
"""

import codecs
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segue.core.corpus.readers.streams import lines_of, read_whole
from segue.core.errors import SegueError
from segue.core.interchange.table import ROWS, VectorTable
from segue.core.text import printable
from segue.core.tracks import TrackInfo

HEADER = re.compile(rb"(\d{1,12}) +(\d{1,9}) *")
FLOAT32_BYTES = 4
DIGITS = "{:.9g}".format
"""Nine digits give a float32 back exactly."""
_BLANK = re.compile(r"\s")


def row_form(line: bytes) -> str | None:
    """What separates the id and the numbers of a row, a tab or a space; None for a line that is not a row."""
    for separator in "\t ":
        name, *numbers = line.decode(errors="replace").rstrip().split(separator)
        if name and numbers and _number(numbers[-1]) is not None:
            return separator
    return None


def is_binary(head: bytes) -> bool:
    """Whether what follows the header line of a word2vec file is not a line of text with a number."""
    header, _, rest = head.partition(b"\n")
    found = HEADER.fullmatch(header.rstrip())
    if found is None or not rest.strip():
        return False
    longest = rest.find(b" ") + 1 + int(found[2]) * FLOAT32_BYTES
    first = rest[:longest].partition(b"\n")[0].rstrip(b"\r")
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return True
    words = text.split()
    return not text.replace("\t", " ").isprintable() or all(_number(word) is None for word in words[1:])


def read_word2vec(path: Path) -> VectorTable:
    """Read a text file with a header line."""
    lines = enumerate(lines_of(path), start=1)
    rows, dimensions = _header(path, next(lines)[1])
    table = _text_rows(path, lines, dimensions)
    if len(table.vectors) != rows:
        raise SegueError(
            f"{path}: its header promises {rows:,} vectors and it holds {len(table.vectors):,}; "
            "is it cut short?"
        )
    return table


def _header(path: Path, line: bytes) -> tuple[int, int]:
    found = HEADER.fullmatch(line)
    if found is None:  # `formats` has looked at the same line
        raise SegueError(f"{path}: does not begin with a header `ROWS DIMENSIONS`")
    return int(found[1]), int(found[2])


def read_glove(path: Path) -> VectorTable:
    """Read a text file without a header line; tabs may stand for its spaces."""
    return _text_rows(path, enumerate(lines_of(path), start=1), None)


def _text_rows(path: Path, lines: Iterable[tuple[int, bytes]], dimensions: int | None) -> VectorTable:
    """Read rows of text; without `dimensions`, each has as many numbers as the first."""
    ids: list[str] = []
    numbers = array("d")
    separator = " "
    for number, line in lines:
        if not line.strip():
            continue
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise SegueError(f"{path}: line {number} is not UTF-8 text") from None
        if not ids:
            separator = row_form(line) or " "
        dimensions = dimensions or _trailing_numbers(text.rstrip().split(separator))
        # an id may hold spaces, so that the numbers are counted from the end
        name, *row = text.rstrip().rsplit(separator, dimensions)
        above = name.rpartition(separator)[2] if separator in name else ""
        if len(row) != dimensions or _number(above) is not None:
            held = len(text.rstrip().split(separator)) - 1
            raise SegueError(f"{path}: line {number} holds {held:,} numbers, not {dimensions:,}")
        ids.append(name)
        try:
            numbers.extend(map(float, row))
        except ValueError:
            wrong = next(word for word in row if _number(word) is None)
            raise SegueError(f"{path}: line {number}: {printable(wrong)!r:.60} is not a number") from None
    return VectorTable(np.frombuffer(numbers).reshape(len(ids), dimensions or 0), ids)


def _trailing_numbers(words: Sequence[str]) -> int:
    """How many words of a row are numbers, counted from its end; the first is the id, or part of it."""
    return next((at for at, word in enumerate(reversed(words)) if _number(word) is None), len(words) - 1)


def _number(text: str | bytes) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def read_word2vec_binary(path: Path) -> VectorTable:
    """Read a binary file; a line break after each vector, as the first word2vec wrote it, is allowed."""
    data = read_whole(path)
    header, _, _ = data[:100].partition(b"\n")
    rows, dimensions = _header(path, header.rstrip())
    size = dimensions * FLOAT32_BYTES
    if not size or rows * (size + 1) > len(data):
        raise SegueError(
            f"{path}: its header promises {rows:,} vectors of {dimensions:,} numbers, more than its "
            f"{len(data):,} bytes hold; is it cut short?"
        )
    vectors = np.empty((rows, dimensions), np.float32)
    ids: list[str] = []
    at = len(header) + 1
    for row in range(rows):
        space = data.find(b" ", at)
        end = space + 1 + size
        if space < 0 or end > len(data):
            raise SegueError(f"{path}: ends within vector {row + 1:,} of {rows:,}; it is cut short")
        try:
            ids.append(data[at:space].lstrip(b"\n").decode())
        except UnicodeDecodeError:
            raise SegueError(
                f"{path}: the id of vector {row + 1:,} is not UTF-8 text; is the header's number of "
                f"dimensions, {dimensions:,}, right?"
            ) from None
        vectors[row] = np.frombuffer(data, "<f4", dimensions, space + 1)
        at = end
    if data[at:].strip(b"\n"):
        raise SegueError(f"{path}: holds more than the {rows:,} vectors that its header promises")
    return VectorTable(vectors, ids)


def write_word2vec(path: Path, vectors: npt.NDArray[np.float32], ids: Sequence[str]) -> None:
    """Write text with a header line."""
    _require_words(ids)
    with path.open("wb") as file:
        file.write(b"%d %d\n" % vectors.shape)
        file.writelines(_lines(vectors, " ", ids))


def write_glove(path: Path, vectors: npt.NDArray[np.float32], ids: Sequence[str]) -> None:
    """Write text without a header line."""
    _require_words(ids)
    with path.open("wb") as file:
        file.writelines(_lines(vectors, " ", ids))


def _lines(
    vectors: npt.NDArray[np.float32], separator: str, ids: Sequence[str] | None = None
) -> Iterator[bytes]:
    """A line for each row, with its id in front where there are ids; a large library needs little memory."""
    for start in range(0, len(vectors), ROWS):
        block = np.asarray(vectors[start : start + ROWS]).tolist()
        lines = [separator.join(map(DIGITS, row)) + "\n" for row in block]
        if ids is not None:
            lines = [
                f"{name}{separator}{line}"
                for name, line in zip(ids[start : start + ROWS], lines, strict=True)
            ]
        yield "".join(lines).encode()


def write_word2vec_binary(path: Path, vectors: npt.NDArray[np.float32], ids: Sequence[str]) -> None:
    """Write the binary file as gensim does: without line breaks between the rows."""
    _require_words(ids)
    with path.open("wb") as file:
        file.write(b"%d %d\n" % vectors.shape)
        for name, row in zip(ids, vectors, strict=True):
            file.write(name.encode() + b" " + row.astype("<f4").tobytes())


def _require_words(ids: Sequence[str]) -> None:
    spaced = next((name for name in ids if _BLANK.search(name)), None)
    if spaced is not None:
        raise SegueError(
            f"the track id {printable(spaced)!r} holds a space, which ends an id in word2vec's and GloVe's "
            "files; write .npy, .npz or .parquet instead"
        )


COLUMNS = ("id", "title", "artist")
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
        title, artist = (line[header.index(name)] if name in header else "" for name in COLUMNS[1:])
        if title or artist:
            tracks[line[at]] = TrackInfo(line[at], title, artist)
    return ids, tracks


def write_projector(path: Path, vectors: npt.NDArray[np.float32]) -> None:
    """Write the vectors alone."""
    with path.open("wb") as file:
        file.writelines(_lines(vectors, "\t"))


def write_metadata(path: Path, ids: Sequence[str], tracks: Sequence[TrackInfo]) -> None:
    """Write the columns `id`, `title` and `artist`; what breaks a line within a title becomes a space.

    Raises `SegueError` when an id holds a tab.
    """
    wrong = next((name for name in ids if set(name) & set("\t\r\n")), None)
    if wrong is not None:
        raise SegueError(f"the track id {printable(wrong)!r} holds a tab; write .npz or .parquet instead")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for name, track in zip(ids, tracks, strict=True):
            cells = (" ".join(text.split()) for text in (track.title, track.artist))
            file.write("\t".join((name, *cells)) + "\n")
