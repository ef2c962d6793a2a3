"""Where a text file may be cut, so that its stretches hold the very rows of the whole."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import BinaryIO

from segue.core.corpus.readers.batch import Source
from segue.core.corpus.readers.reading import HEADINGS
from segue.core.corpus.readers.streams import LONGEST_LINE, Meter, is_plain_text
from segue.core.corpus.readers.table import begins_with_separator, find_layout, open_table
from segue.core.errors import SegueError


def can_be_cut(format_name: str, source: Source) -> bool:
    """Whether a file is text in lines that is not packed."""
    return (
        format_name in HEADINGS
        and source.inside is None
        and is_plain_text(source.path)
        and not begins_with_separator(source)
    )


def stretches(format_name: str, source: Source, size: int) -> list[Source]:
    """Cut a file that `can_be_cut` into stretches of about `size` bytes.

    Stretches begin where a line begins. Those of a table begin where another playlist begins, provided that
    no row spans several lines, which `ends_within_row` tells.

    Raises
    ------
    SegueError
        When the file cannot be opened, or the columns of a table cannot be recognised.
    """
    next_cut = _next_playlist if format_name == "csv" else _next_line
    with source.path.open("rb") as file:
        head = [file.readline(LONGEST_LINE) for _ in range(HEADINGS[format_name])]
        first, total = sum(map(len, head)), source.size
        cuts = [0]
        for nominal in range(size, total, size):
            if nominal > cuts[-1]:
                cuts.append(next_cut(source, file, max(nominal, first)))
    starts = [0, *sorted({cut for cut in cuts if 0 < cut < total})]
    return [
        replace(source, start=start, end=end, skipped=source.skipped.copy(), meter=Meter())
        for start, end in zip(starts, [*starts[1:], None], strict=True)
    ]


def _next_line(source: Source, file: BinaryIO, at: int) -> int:
    """The first byte from `at` on where a line begins; the size of the file where none does."""
    file.seek(at - 1)
    while line := file.readline(LONGEST_LINE):
        if line.endswith(b"\n"):
            return file.tell()
    return source.size


def _next_playlist(source: Source, file: BinaryIO, at: int) -> int:
    """The first byte after `at` where the rows of another playlist begin; the file's size where none do."""
    header, dialect, _ = open_table(source)
    layout = find_layout(header, source.columns, source.path)
    position = file.seek(_next_line(source, file, at))

    def lines() -> Iterator[str]:
        nonlocal position
        while line := file.readline(LONGEST_LINE):
            position += len(line)
            yield line.rstrip(b"\r\n").decode(errors="surrogateescape") + "\n"

    rows, name = csv.reader(lines(), **dialect), None
    while True:
        begins = position
        try:
            row = next(rows, None)
        except csv.Error:
            return source.size  # the reader will say what is wrong with the row
        if row is None:
            return source.size
        if len(row) > max(layout.used):
            if name is not None and row[layout.playlist] != name:
                return begins
            name = row[layout.playlist]


def ends_within_row(stretch: Source) -> bool:
    """Whether a stretch of a table ends within a quoted text, so that its file can't be cut there."""
    _, dialect, lines = open_table(stretch)
    # within a quoted text the blank line is a part of it, elsewhere it is a row of its own
    try:
        last = deque(csv.reader(chain(lines, ["\n"]), **dialect), maxlen=1)
    except csv.Error as error:
        raise SegueError(f"{stretch.path}: is not a readable table ({error})") from None
    return last[0] != []
