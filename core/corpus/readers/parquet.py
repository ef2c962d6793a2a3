"""Parquet: a row for each track of a playlist, or a row a playlist with a list of tracks."""

from collections.abc import Iterator
from typing import Any

from segue.core.arrays import DAMAGE, one_line
from segue.core.corpus.readers.batch import POSITIONS, Batch, Source, batches, text_id
from segue.core.corpus.readers.json_lines import LIST_KEYS
from segue.core.corpus.readers.streams import is_packed, read_whole, refuse_bomb
from segue.core.corpus.readers.table import Layout, Rows, find_layout, playlists_of
from segue.core.errors import SegueError

MOST_ROWS_A_BYTE = 100
"""A run-length encoded column may claim any number of rows in a few bytes."""


def read_parquet(source: Source) -> Iterator[Batch]:
    """Read either layout; columns are guessed by name as in CSV.

    Raises
    ------
    SegueError
        When the file is damaged or its columns cannot be recognised.
    """
    import pyarrow as pa  # pyarrow: 60 ms
    from pyarrow import parquet

    try:
        whole = pa.BufferReader(read_whole(source.path)) if is_packed(source.path) else source.path
        with parquet.ParquetFile(whole) as file:
            n_rows = file.metadata.num_rows
            if n_rows > (source.size + 10_000) * MOST_ROWS_A_BYTE:
                raise SegueError(f"{source.path}: claims {n_rows:,} rows, too many for its size; refused")
            groups = map(file.metadata.row_group, range(file.metadata.num_row_groups))
            refuse_bomb(source.path, sum(group.total_byte_size for group in groups), source.size)
            lists = [
                field.name
                for field in file.schema_arrow
                if pa.types.is_list(field.type) or pa.types.is_large_list(field.type)
            ]
            if lists:
                yield from batches(_lists(file, _list_column(lists, source)), source)
            else:
                yield from _long(file, file.schema_arrow.names, source)
    except (pa.ArrowException, *DAMAGE) as error:  # pyarrow raises OSError, too, for pages it can't parse
        raise SegueError(f"{source.path}: is not a readable Parquet file ({one_line(error)})") from None


def _list_column(names: list[str], source: Source) -> str:
    wanted = [source.columns.track] if source.columns.track else [*LIST_KEYS, *names[:1]]
    for name in wanted:
        if name in names:
            return name
    raise SegueError(f"{source.path}: no list column {wanted[0]!r} among {', '.join(names)[:200]}")


def _lists(file: Any, column: str) -> Iterator[list[str]]:  # noqa: ANN401 - pyarrow has no types
    for block in file.iter_batches(batch_size=4096, columns=[column]):
        for row in block.column(0).to_pylist():
            if row:
                yield [text_id(track) for track in row]


def _long(file: Any, names: list[str], source: Source) -> Iterator[Batch]:  # noqa: ANN401 - pyarrow has no types
    layout = find_layout(names, source.columns, source.path)
    yield from playlists_of(lambda _notes: _long_rows(file, names, layout), layout, source)


def _long_rows(file: Any, names: list[str], layout: Layout) -> Rows:  # noqa: ANN401 - pyarrow has no types
    wanted = [names[number] for number in layout.used]
    for block in file.iter_batches(batch_size=POSITIONS, columns=wanted):
        columns = (block.column(name).to_pylist() for name in wanted)
        yield [["" if value is None else str(value) for value in column] for column in columns]
