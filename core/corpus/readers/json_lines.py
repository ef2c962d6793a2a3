"""JSON, one playlist per line or one array of playlists, and Parquet."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from segue.core.arrays import DAMAGE, one_line
from segue.core.corpus.readers.batch import POSITIONS, Batch, Source, batches, text_id
from segue.core.corpus.readers.million import track_id, with_nan
from segue.core.corpus.readers.streams import LARGEST_WHOLE, is_packed, read_whole, refuse_bomb
from segue.core.corpus.readers.table import Layout, Rows, find_layout, has_layout, playlists_of, tidied
from segue.core.errors import SegueError
from segue.core.stores import StorePath

LIST_KEYS = ("tracks", "track_ids", "items", "playlist", "songs")
"""Where an object keeps its list of tracks."""


def read_json_lines(source: Source) -> Iterator[Batch]:
    """Read one JSON array (or object with a list of tracks) a line; other lines are skipped and counted.

    Raises `SegueError` when most lines are not playlists.
    """
    yield from batches(_rows(json_values(source.lines()), source), source)


def read_json_array(source: Source) -> Iterator[Batch]:
    """Read one JSON document that is an array of playlists.

    Raises `SegueError` when it is not valid JSON, or most of its values are not playlists.
    """
    document = json_document(source)
    if not isinstance(document, list):
        raise SegueError(f"{source.place}: is not a JSON array of playlists")
    yield from batches(_rows(document, source), source)


def json_document(source: Source, limit: int = LARGEST_WHOLE) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a file of JSON.

    Raises `SegueError` when it is not valid JSON, larger than `limit` bytes, or of more than `MOST_VALUES`
    objects and lists.
    """
    content = read_whole(source.place, limit, is_text=True).removeprefix(b"\xef\xbb\xbf")
    if content.count(b"{") + content.count(b"[") > MOST_VALUES:
        raise SegueError(
            f"{source.place}: holds more than {MOST_VALUES:,} objects and lists; split it into smaller files"
        )
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return with_nan(content, source, error)


def json_values(lines: Iterable[bytes]) -> Iterator[Any]:
    """The value of each line that is not blank; None for one that is not JSON."""
    for line in lines:
        if not line.strip():
            continue
        try:
            yield msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield None


def _rows(values: Iterable[Any], source: Source) -> Iterator[list[str]]:
    good = bad = 0
    for value in values:
        row = value
        if isinstance(value, dict):
            row = next((value[key] for key in LIST_KEYS if key in value), None)
        if not isinstance(row, list):
            bad += 1
            source.skipped["record that is not a JSON list of tracks"] += 1
            continue
        good += 1
        if row:
            yield row if set(map(type, row)) == {str} else [track_id(entry) for entry in row]
    source.refuse_if_mostly_bad(bad, good, "JSON lists of tracks")


MOST_VALUES = 12_000_000
"""Objects and lists of one document: an empty one takes two bytes there, and 100 in memory."""
MOST_ROWS_A_BYTE = 100
"""A run-length encoded column may claim any number of rows in a few bytes."""


def read_parquet(source: Source) -> Iterator[Batch]:
    """Read either layout; columns are guessed by name as in CSV.

    Raises `SegueError` when the file is damaged or its columns cannot be recognised.
    """
    import pyarrow as pa  # pyarrow: 60 ms
    from pyarrow import parquet

    try:
        whole: Any = source.path
        if is_packed(source.place):
            whole = pa.BufferReader(read_whole(source.place))
        elif isinstance(source.path, StorePath):
            whole = source.path.open_binary()
        with parquet.ParquetFile(whole) as file:
            n_rows = file.metadata.num_rows
            if n_rows > (source.size + 10_000) * MOST_ROWS_A_BYTE:
                raise SegueError(f"{source.place}: claims {n_rows:,} rows, too many for its size; refused")
            groups = map(file.metadata.row_group, range(file.metadata.num_row_groups))
            refuse_bomb(source.place, sum(group.total_byte_size for group in groups), source.size)
            yield from _batches(file, source)
    except (pa.ArrowException, *DAMAGE) as error:  # pyarrow raises OSError, too, for pages it can't parse
        raise SegueError(f"{source.place}: is not a readable Parquet file ({one_line(error)})") from None


def _batches(file: Any, source: Source) -> Iterator[Batch]:  # noqa: ANN401 - pyarrow has no types
    lists = [field.name for field in file.schema_arrow if _is_list(field.type)]
    flat = [name for name in file.schema_arrow.names if name not in lists]
    if lists and (source.columns.track in lists or not has_layout(flat, source.columns)):
        yield from batches(_lists(file, _list_column(lists, source), source), source)
    else:  # a list beside a column of tracks is something else, such as genres
        layout = find_layout(flat, source.columns, source.place)
        yield from playlists_of(lambda notes: _long_rows(file, flat, layout, source, notes), layout, source)


def _is_list(kind: Any) -> bool:  # noqa: ANN401 - as above
    from pyarrow import types

    tests = ("is_list", "is_large_list", "is_fixed_size_list", "is_list_view", "is_large_list_view")
    return any(getattr(types, test)(kind) for test in tests if hasattr(types, test))


def _list_column(names: list[str], source: Source) -> str:
    wanted = [source.columns.track] if source.columns.track else list(LIST_KEYS)
    for name in wanted:
        if name in names:
            return name
    if len(names) == 1 and not source.columns.track:
        return names[0]
    reason = f"no list column {wanted[0]!r}" if source.columns.track else "several columns of lists"
    raise SegueError(
        f"{source.place}: has {reason} among {', '.join(names)[:200]}; name it with --columns track=NAME"
    )


def _lists(file: Any, column: str, source: Source) -> Iterator[list[str]]:  # noqa: ANN401 - as above
    inner = file.schema_arrow.field(column).type.value_type
    if _is_list(inner):
        raise SegueError(f"{source.place}: the column {column} holds lists of lists, not lists of tracks")
    for block in file.iter_batches(batch_size=4096, columns=[column]):
        for row in block.column(0).to_pylist():
            if row:
                yield [track_id(track) for track in row]


def _long_rows(file: Any, names: list[str], layout: Layout, source: Source, notes: bool) -> Rows:  # noqa: ANN401 - as above; as playlists_of calls it
    wanted = [names[number] for number in layout.values()]
    for block in file.iter_batches(batch_size=POSITIONS, columns=wanted):
        yield tidied([_texts(block.column(name).to_pylist()) for name in wanted], source, notes=notes)


def _texts(values: list[Any]) -> list[str]:
    kinds = set(map(type, values))
    if kinds <= {str}:
        return values
    if kinds <= {str, int, type(None)}:
        return ["" if value is None else str(value) for value in values]
    return ["" if value is None else text_id(value) or str(value) for value in values]
