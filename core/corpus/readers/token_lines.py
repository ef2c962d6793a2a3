"""Plain text: a playlist a line, ids between commas, tabs, semicolons or spaces (`playlists2.txt`)."""

import re
from collections.abc import Iterator

from segue.core.corpus.readers.batch import Batch, Source, batches

_SEPARATORS = re.compile(r"[,;\s]+")


def read_token_lines(source: Source) -> Iterator[Batch]:
    """Read one playlist a line; ids in bytes that are not UTF-8 are skipped and counted."""
    yield from batches(_rows(source), source)


def _rows(source: Source) -> Iterator[list[str]]:
    for line in source.lines():
        # a byte that is not UTF-8 becomes a surrogate, by which its id is recognised and skipped later
        row = [token for token in _SEPARATORS.split(line.decode(errors="surrogateescape")) if token]
        if row:
            yield row
