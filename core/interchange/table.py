"""Vectors with what a file says of their tracks, the checks that formats share, and Parquet."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segue.core.arrays import DAMAGE, one_line
from segue.core.corpus.readers.streams import refuse_bomb
from segue.core.errors import SegueError
from segue.core.files import require_regular
from segue.core.text import printable
from segue.core.tracks import TrackInfo

MOST_DIMENSIONS = 4096
"""The most that a library holds."""
ROWS = 1 << 16
"""Rows that are looked at together."""
UNIT = 1e-6
"""A float32 row this near to length 1 is a unit row: scaling it again would only change its last bits."""


@dataclass(frozen=True)
class VectorTable:
    """The content of a file of vectors."""

    vectors: npt.NDArray[Any]
    """Numbers (n, d) as the file holds them, of any length and type."""
    track_ids: Sequence[str] | None = None
    """The track of each row; None where the file names none."""
    tracks: Mapping[str, TrackInfo] = field(default_factory=dict)
    """Titles and artists, by track id, where the file has them."""
    positions: npt.NDArray[np.float32] | None = None
    """Places on a map, float32 (n, 2), where the file has them."""
    format: str = ""


def checked(path: Path, table: VectorTable) -> VectorTable:
    """Return a table that was read from `path`, unless it can't become a library.

    Raises `SegueError` when its vectors are not a table of finite numbers, or its ids are not one for each
    row.
    """
    vectors, ids = table.vectors, table.track_ids
    if vectors.ndim != 2 or vectors.dtype.kind not in "fiu" or not vectors.size:
        raise SegueError(
            f"{path}: holds an array of {vectors.dtype} {vectors.shape}, "
            "not a table of numbers (tracks, dimensions)"
        )
    if vectors.shape[1] > MOST_DIMENSIONS:
        raise SegueError(f"{path}: has {vectors.shape[1]:,} dimensions; at most {MOST_DIMENSIONS:,} are read")
    if ids is not None:
        check_ids(path, ids, len(vectors))
    for start in range(0, len(vectors), ROWS):
        finite = np.isfinite(vectors[start : start + ROWS]).all(axis=1)
        if not finite.all():
            row = start + int(np.argmin(finite))
            name = f" ({printable(ids[row])!r})" if ids is not None else ""
            raise SegueError(f"{path}: row {row}{name} holds NaN or infinity; remove the row or train again")
    return table


def check_ids(path: Path, ids: Sequence[str], rows: int) -> None:
    """Check that there is one id for each row and none twice.

    Raises `SegueError` naming `path`, where the ids were read.
    """
    if len(ids) != rows:
        raise SegueError(
            f"{path}: lists {len(ids):,} track ids for {rows:,} vectors; both must come from one training"
        )
    if len(set(ids)) != rows:
        track_id, times = Counter(ids).most_common(1)[0]
        raise SegueError(
            f"{path}: lists the track id {printable(track_id)!r} {times} times; each row needs its own"
        )
    wrong = next((row for row, track_id in enumerate(ids) if not track_id or "\n" in track_id), None)
    if wrong is not None:
        raise SegueError(f"{path}: the track id of row {wrong} is empty or holds a line break")


def unit_rows(vectors: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Scale rows of finite numbers, (n, d), to length 1, whatever their magnitude.

    Returns the rows, float32 (n, d), of which those that have length 1 already, to float32's accuracy, keep
    their bits, and those of zeros stay zero; and what their lengths were, float64 (n,), infinite where a
    float64 can't hold it.
    """
    rows = np.empty(vectors.shape, np.float32)
    lengths = np.empty(len(vectors))
    for start in range(0, len(vectors), ROWS):
        part = slice(start, start + ROWS)
        block = np.asarray(vectors[part], np.float64)
        # divided by its largest number first, no row overflows or vanishes when it is squared
        largest = np.abs(block).max(axis=1, keepdims=True)
        largest[largest == 0] = 1
        scaled = block / largest
        norms = np.linalg.norm(scaled, axis=1, keepdims=True)
        with np.errstate(over="ignore"):
            lengths[part] = (norms * largest)[:, 0]
        kept = np.abs(lengths[part] - 1) <= UNIT
        rows[part] = np.where(kept[:, None], block, scaled / np.where(norms == 0, 1, norms))
    return rows, lengths


IDS = ("id", "track_id", "track", "word", "key", "item_id", "item")
VECTORS = ("vector", "vectors", "embedding", "embeddings", "features")
TEXTS = ("title", "artist")


def read_parquet(path: Path) -> VectorTable:
    """Read ids and vectors, and titles, artists and places where there are such columns.

    Raises `SegueError` when the file is damaged, lacks a column, or a row lacks its vector or has one of
    another length.
    """
    import pyarrow as pa  # pyarrow: 60 ms
    from pyarrow import parquet

    require_regular(path)
    try:
        with parquet.ParquetFile(path) as file:
            groups = map(file.metadata.row_group, range(file.metadata.num_row_groups))
            refuse_bomb(path, sum(group.total_byte_size for group in groups), path.stat().st_size)
            names = file.schema_arrow.names
            id_column, vector_column = _column(path, names, IDS), _column(path, names, VECTORS)
            places = ["x", "y"] if {"x", "y"} <= set(names) else []
            texts = [name for name in TEXTS if name in names]
            found = file.read([id_column, vector_column, *texts, *places])
    except (pa.ArrowException, *DAMAGE) as error:  # pyarrow raises OSError, too, for pages it can't parse
        raise SegueError(f"{path}: is not a readable Parquet file ({one_line(error)})") from None
    ids = ["" if value is None else str(value) for value in found.column(id_column).to_pylist()]
    titles, artists = (_texts(found, name) for name in TEXTS)
    tracks = {
        track_id: TrackInfo(track_id, title, artist)
        for track_id, title, artist in zip(ids, titles, artists, strict=True)
        if title or artist
    }
    return VectorTable(
        _vectors(path, found.column(vector_column)), ids, tracks, _places(found, places) if places else None
    )


def _column(path: Path, names: Sequence[str], wanted: Sequence[str]) -> str:
    for name in wanted:
        if name in names:
            return name
    raise SegueError(
        f"{path}: has no column {wanted[0]!r} among {', '.join(names)[:200]}; name it "
        + " or ".join(repr(name) for name in wanted[:3])
    )


def _texts(found: Any, name: str) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    if name not in found.column_names:
        return [""] * len(found)
    return [str(value or "") for value in found.column(name).to_pylist()]


def _vectors(path: Path, column: Any) -> npt.NDArray[Any]:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa
    from pyarrow import compute

    kind = column.type
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    if not listed or not (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        raise SegueError(f"{path}: the column of vectors holds {kind}; expected lists of numbers")
    lengths = compute.fill_null(compute.list_value_length(column), -1).to_numpy()
    wrong = np.flatnonzero(lengths != lengths[0]) if len(lengths) else lengths
    if len(wrong) or (lengths[:1] < 1).any():
        row = int(wrong[0]) if len(wrong) else 0
        held = "no vector" if lengths[row] < 0 else f"{lengths[row]:,} numbers"
        raise SegueError(f"{path}: row {row} holds {held}, not {max(lengths[0], lengths[row], 1):,} numbers")
    pieces = [piece.flatten().to_numpy(zero_copy_only=False) for piece in column.chunks]
    flat = np.concatenate(pieces) if pieces else np.empty(0, np.float32)
    return flat.reshape(len(lengths), -1) if len(lengths) else flat.reshape(0, 0)


def _places(found: Any, names: Sequence[str]) -> npt.NDArray[np.float32] | None:  # noqa: ANN401 - as above
    """The places, unless some are missing or no numbers."""
    try:
        columns = [np.array(found.column(name).to_pylist(), np.float32) for name in names]
    except (TypeError, ValueError):
        return None
    places = np.stack(columns, axis=1)
    return places if np.isfinite(places).all() else None


def write_parquet(
    path: Path,
    vectors: npt.NDArray[np.float32],
    ids: Sequence[str],
    tracks: Sequence[TrackInfo],
    positions: npt.NDArray[np.float32] | None,
) -> None:
    """Write the columns `id`, `title`, `artist`, `x` and `y` where there is a map, and `vector`."""
    import pyarrow as pa
    from pyarrow import parquet

    flat = pa.array(np.asarray(vectors).ravel())
    columns: dict[str, Any] = {
        "id": pa.array(ids, pa.string()),
        "title": pa.array([track.title for track in tracks], pa.string()),
        "artist": pa.array([track.artist for track in tracks], pa.string()),
    }
    if positions is not None:
        columns |= {"x": pa.array(positions[:, 0]), "y": pa.array(positions[:, 1])}
    columns["vector"] = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    parquet.write_table(pa.table(columns), path)
