"""JSON: a playlist a line, or one array of playlists."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from segue.core.corpus.readers.batch import Batch, Source, batches
from segue.core.corpus.readers.million import track_id, with_nan
from segue.core.corpus.readers.streams import LARGEST_WHOLE, read_whole
from segue.core.errors import SegueError

LIST_KEYS = ("tracks", "track_ids", "items", "playlist", "songs")
"""Where an object keeps its list of tracks."""


def read_json_lines(source: Source) -> Iterator[Batch]:
    """Read one JSON array (or object with a list of tracks) a line; other lines are skipped and counted.

    Raises
    ------
    SegueError
        When most lines are not playlists.
    """
    yield from batches(_rows(json_values(source.lines()), source), source)


def read_json_array(source: Source) -> Iterator[Batch]:
    """Read one JSON document that is an array of playlists.

    Raises
    ------
    SegueError
        When it is not valid JSON, or most of its values are not playlists.
    """
    document = json_document(source)
    if not isinstance(document, list):
        raise SegueError(f"{source.place}: is not a JSON array of playlists")
    yield from batches(_rows(document, source), source)


def json_document(source: Source, limit: int = LARGEST_WHOLE) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a file of JSON.

    Raises
    ------
    SegueError
        When it is not valid JSON, or larger than `limit` bytes.
    """
    content = read_whole(source.place, limit, is_text=True).removeprefix(b"\xef\xbb\xbf")
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
