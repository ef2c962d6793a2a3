"""The format of a file of vectors, read by its content and written by name or suffix; lists of track ids."""

import json
import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segue.core.corpus.readers.deezer_npy import npy_header
from segue.core.corpus.readers.pickled import object_array
from segue.core.corpus.readers.streams import is_packed, lines_of, open_stream
from segue.core.errors import SegueError, UsageError
from segue.core.files import atomic_file, read_regular, require_new
from segue.core.interchange import keyed_vectors, table, words
from segue.core.interchange.keyed_vectors import (
    MAGIC,
    is_object_array,
    load_array,
    read_keyed_vectors,
    texts_of,
)
from segue.core.interchange.table import VectorTable, checked
from segue.core.tracks import TrackInfo

HEAD = 1 << 18
"""Bytes looked at: a row of text of 4,096 numbers takes 60,000."""

READERS: dict[str, Callable[[Path], VectorTable]] = {
    "npy": keyed_vectors.read_npy,
    "npz": keyed_vectors.read_npz,
    "word2vec": words.read_word2vec,
    "word2vec-binary": words.read_word2vec_binary,
    "glove": words.read_glove,
    "keyed-vectors": read_keyed_vectors,
    "parquet": table.read_parquet,
    "projector": words.read_projector,
}

FORMATS = tuple(name for name in READERS if name != "keyed-vectors")
"""The formats that are written. gensim loads its own from word2vec's."""

SUFFIXES = {
    ".npy": "npy",
    ".npz": "npz",
    ".bin": "word2vec-binary",
    ".txt": "word2vec",
    ".vec": "word2vec",
    ".parquet": "parquet",
    ".tsv": "projector",
}


def read_vectors(path: Path) -> VectorTable:
    """Read a file of vectors in the format that its content shows.

    Raises `SegueError` when the file is missing, damaged, or of none of the formats.
    """
    name = sniff(path)
    return checked(path, replace(READERS[name](path), format=name))


def sniff(path: Path) -> str:
    """Recognise a file's format, a key of `READERS`, by its content.

    Raises `SegueError` when it is none of them.
    """
    with open_stream(path) as stream:
        head = stream.read(HEAD)
    if not head.strip():
        raise SegueError(f"{path}: is empty")
    for magic, name in ((keyed_vectors.MAGIC, "npy"), (b"PAR1", "parquet"), (b"PK\x03\x04", "npz")):
        if head.startswith(magic):
            if is_packed(path):
                raise SegueError(f"{path}: is a compressed {name} file; unpack it first")
            return name
    if head.startswith(b"\x80") and head[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}:
        return "keyed-vectors"
    if words.HEADER.fullmatch(head.partition(b"\n")[0].rstrip()):
        return "word2vec-binary" if words.is_binary(head) else "word2vec"
    first = next(lines_of(path), b"")
    if words.is_projector_row(first):
        return "projector"
    if words.row_form(first):
        return "glove"
    raise SegueError(
        f"{path}: holds no vectors that Segue reads: .npy, .npz, Parquet, word2vec text or binary, gensim "
        "KeyedVectors, GloVe text, or a TSV of numbers"
    )


def format_of(path: Path, name: str | None) -> str:
    """Choose the format to write: the one named, else the one that the suffix stands for.

    Raises `UsageError` when the suffix stands for none.
    """
    found = name or SUFFIXES.get(path.suffix.lower())
    if found is None:
        known = ", ".join(f"{suffix} ({SUFFIXES[suffix]})" for suffix in SUFFIXES)
        raise UsageError(f"{path}: has no suffix of a known format; use one of {known}, or --format")
    return found


def files_of(path: Path, name: str) -> list[Path]:
    """List the files that a format writes: the vectors, and what goes beside them."""
    beside = {"npy": ids_beside, "projector": words.metadata_beside}.get(name)
    return [path] if beside is None else [path, beside(path)]


def ids_beside(path: Path) -> Path:
    """Name the list of ids that belongs to a `.npy` file: `X.npy` goes with `X.tracks.txt`."""
    return path.with_suffix(".tracks.txt")


def write_vectors(
    path: Path,
    name: str,
    *,
    vectors: npt.NDArray[np.float32],
    track_ids: Sequence[str],
    tracks: Sequence[TrackInfo],
    positions: npt.NDArray[np.float32] | None = None,
    replace_files: bool = False,
) -> list[Path]:
    """Write vectors, float32 (n, d), in one of `FORMATS`, and what belongs beside them; all files or none.

    Each row has an id and metadata; `positions`, float32 (n, 2), are places on the map, which Parquet keeps.
    Files that exist are replaced with `replace_files`. Returns what was written. Raises `SegueError` when a
    file exists or can't be written, or the format can't hold an id.
    """
    files = files_of(path, name)
    for file in files:
        require_new(file, replace=replace_files)
    with ExitStack() as stack:
        # entered in reverse, so that the vectors are renamed into place before what belongs beside them
        temporary = {file: stack.enter_context(atomic_file(file)) for file in reversed(files)}
        out = temporary[path]
        match name:
            case "npy":
                keyed_vectors.write_npy(out, vectors)
                text = "".join(f"{track_id}\n" for track_id in track_ids)
                temporary[files[1]].write_text(text, encoding="utf-8", newline="\n")
            case "npz":
                keyed_vectors.write_npz(out, vectors, track_ids)
            case "word2vec":
                words.write_word2vec(out, vectors, track_ids)
            case "word2vec-binary":
                words.write_word2vec_binary(out, vectors, track_ids)
            case "glove":
                words.write_glove(out, vectors, track_ids)
            case "parquet":
                table.write_parquet(out, vectors, track_ids, tracks, positions)
            case "projector":
                words.write_projector(out, vectors)
                words.write_metadata(temporary[files[1]], track_ids, tracks)
            case _:
                raise UsageError(f"unknown format {name!r}; choose from {', '.join(FORMATS)}")
    return files


LARGEST = 4 << 30
"""Bytes of a list of ids."""


def read_track_ids(path: Path) -> list[str]:
    """Read the track ids of a list, in its order.

    A `.npy` of Python strings (dtype object) is interpreted, never unpickled. Raises `SegueError` when the
    file is missing, damaged, or holds something else.
    """
    try:
        data = read_regular(path, LARGEST)
    except OSError as error:
        raise SegueError(f"{path}: can't be read ({error.strerror or error})") from None
    if data.startswith(MAGIC):
        return _from_npy(path, data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SegueError(f"{path}: is neither UTF-8 text, JSON nor a .npy file of track ids") from None
    if text.lstrip()[:1] == "[" and text.rstrip()[-1:] == "]":
        return _from_json(path, text)
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    blank = next((number for number, line in enumerate(lines, start=1) if not line.strip()), None)
    if blank is not None:
        raise SegueError(f"{path}: line {blank} is blank; write one track id per line")
    return lines


def _from_npy(path: Path, data: bytes) -> list[str]:
    if not is_object_array(path):
        found = load_array(path)
        if found.ndim != 1 or found.dtype.kind not in "USiu":
            raise SegueError(
                f"{path}: holds an array of {found.dtype} {found.shape}, not a list of track ids"
            )
        return texts_of(found)
    shape, start = npy_header(data, path)
    cells = object_array(data, start, str(path)).cells
    if len(shape) != 1 or len(cells) != math.prod(shape) or not all(isinstance(cell, str) for cell in cells):
        raise SegueError(
            f"{path}: holds Python objects that are not a list of strings; save the ids with "
            "np.save(FILE, np.array(ids, dtype=str))"
        )
    return cells


def _from_json(path: Path, text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SegueError(f"{path}: is not valid JSON ({error})") from None
    if not all(isinstance(name, str | int) and not isinstance(name, bool) for name in found):
        raise SegueError(f"{path}: is not a JSON list of track ids (strings or whole numbers)")
    return [str(name) for name in found]
