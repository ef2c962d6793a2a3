"""Plain text: a playlist a line with ids between commas, tabs, semicolons or spaces, or a title a line."""

import re
from collections.abc import Iterator

from segue.core.corpus.readers.batch import Batch, Entry, Source, batches, whole_playlists
from segue.core.corpus.readers.identities import artist_and_title, identity_of, words_of
from segue.core.text import LONGEST

_SEPARATORS = re.compile(r"[,;\s]+")
_NUMBERED = re.compile(r"^\d{1,3}(?:[.)]\s*|\s+-\s+|\s+)(?=\D)")


def read_token_lines(source: Source) -> Iterator[Batch]:
    """Read one playlist a line; ids in bytes that are not UTF-8 are skipped and counted."""
    yield from batches(_rows(source), source)


def _rows(source: Source) -> Iterator[list[str]]:
    for line in source.lines():
        # a byte that is not UTF-8 becomes a surrogate, by which its id is recognised and skipped later
        row = [token for token in _SEPARATORS.split(line.decode(errors="surrogateescape")) if token]
        if row:
            yield row


def read_titles(source: Source) -> Iterator[Batch]:
    """Read one file as one playlist, a line a track: `Artist - Title`, a title, an id or a link."""
    lines = source.text().splitlines()
    yield from whole_playlists(
        [[line_entry(line) for line in map(str.strip, lines) if line and not line.startswith("#")]]
    )


def line_entry(line: str) -> Entry:
    """What a line means: `Artist - Title`, or else an id, a link or a title; it may be numbered."""
    line = line.strip()[:LONGEST]
    words = _NUMBERED.sub("", line)
    artist, title = artist_and_title(words)
    if artist and title:
        return Entry("", title, artist, ids=(line,), text=words)
    identity = identity_of(line)
    return Entry(identity, text=words if identity == line else words_of(line))
