"""A Parquet table with a row for each track: `id`, `title`, `artist`, `x`, `y` and `vector`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segue.core.arrays import DAMAGE, one_line
from segue.core.corpus.readers.streams import refuse_bomb
from segue.core.errors import SegueError
from segue.core.files import require_regular
from segue.core.interchange.table import VectorTable
from segue.core.tracks import TrackInfo

IDS = ("id", "track_id", "track", "word", "key", "item_id", "item")
VECTORS = ("vector", "vectors", "embedding", "embeddings", "features")
TEXTS = ("title", "artist")


def read_parquet(path: Path) -> VectorTable:
    """Read ids and vectors, and titles, artists and places where there are such columns.

    Raises
    ------
    SegueError
        When the file is damaged, lacks a column, or a row lacks its vector or has one of another length.
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

    kind = column.type
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    if not listed or not (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        raise SegueError(f"{path}: the column of vectors holds {kind}; expected lists of numbers")
    lengths = np.array([-1 if value is None else value for value in _lengths(column)], np.int64)
    wrong = np.flatnonzero(lengths != lengths[0]) if len(lengths) else lengths
    if len(wrong) or (lengths[:1] < 1).any():
        row = int(wrong[0]) if len(wrong) else 0
        held = "no vector" if lengths[row] < 0 else f"{lengths[row]:,} numbers"
        raise SegueError(f"{path}: row {row} holds {held}, not {max(lengths[0], lengths[row], 1):,} numbers")
    pieces = [piece.flatten().to_numpy(zero_copy_only=False) for piece in column.chunks]
    flat = np.concatenate(pieces) if pieces else np.empty(0, np.float32)
    return flat.reshape(len(lengths), -1) if len(lengths) else flat.reshape(0, 0)


def _lengths(column: Any) -> list[int | None]:  # noqa: ANN401 - pyarrow has no types
    from pyarrow import compute

    lengths: list[int | None] = compute.list_value_length(column).to_pylist()
    return lengths


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
