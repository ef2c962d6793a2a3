"""The input cut into stretches, a task each."""

import csv
import hashlib
import socket
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np

from segue.core.corpus.encoding import Part
from segue.core.corpus.processes import Run
from segue.core.corpus.readers.batch import Source
from segue.core.corpus.readers.documents import SONG_HASH
from segue.core.corpus.readers.reading import HEADINGS
from segue.core.corpus.readers.streams import LONGEST_LINE, Member, Meter, is_plain_text
from segue.core.corpus.readers.table import (
    begins_with_separator,
    csv_rows,
    find_layout,
    names_together,
    open_table,
)
from segue.core.corpus.spool import (
    Ask,
    Spool,
    fetch,
    heading_of,
    read_if_there,
    segments,
    starts_of,
    temporary_folder,
)
from segue.core.errors import SegueError
from segue.core.files import open_regular
from segue.core.stores import StorePath


def can_be_cut(format_name: str, source: Source) -> bool:
    """Whether a file is text in lines that is not packed."""
    in_lines = format_name in HEADINGS and source.inside is None and is_plain_text(source.path)
    return in_lines and not begins_with_separator(source)


def stretches(format_name: str, source: Source, size: int) -> list[Source]:
    """Cut a file that `can_be_cut` into stretches of about `size` bytes.

    Stretches begin where a line begins. Those of a table begin where another playlist begins, provided that
    no row spans several lines, which `ends_within_row` tells. Raises `SegueError` when the file cannot be
    opened, or the columns of a table cannot be recognised.
    """
    next_cut = _next_playlist if format_name == "csv" else _next_line
    with open_regular(source.path) as file:
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
        if len(row) > max(layout.values()):
            if name is not None and row[layout["playlist"]] != name:
                return begins
            name = row[layout["playlist"]]


def ends_within_row(stretch: Source) -> bool:
    """Whether a stretch of a table ends within a quoted text, so that its file can't be cut there."""
    _, dialect, lines = open_table(stretch)
    # within a quoted text the blank line is a part of it, elsewhere it is a row of its own
    try:
        last = deque(csv.reader(chain(lines, ["\n"]), **dialect), maxlen=1)
    except csv.Error as error:
        raise SegueError(f"{stretch.path}: is not a readable table ({error})") from None
    return last[0] != []


BLOCKS, BLOCK = 16, 1 << 12
"""How many samples are taken of a stretch, and the bytes of each."""


@dataclass(frozen=True)
class Piece:
    """A file, or a stretch of one."""

    file: int
    """Which of the files of the input."""
    format: str
    source: Source
    size: int
    """Bytes to read."""
    samples: bytes | None
    """A digest of the file's size and of some of the bytes to read, as the command sees them; None where the
    command reads it on its own machine, or every node in a store."""

    @contextmanager
    def at_hand(self, spool: Spool) -> Iterator[Source]:
        """Yield what to read here: the file where this node has the same, else a copy of the command's.

        Raises `SegueError` when this node has another file, or none, and the command's can't be had.
        """
        if self.samples is None:
            yield self.source
            return
        node = f"the node {socket.gethostname()}"
        try:
            if samples_of(self.source) == self.samples:
                yield self.source
                return
            reason = f"the copy on {node} is another file than the command's; copy it to every node again"
        except OSError as error:
            reason = f"can't be read on {node} ({error.strerror}); every node needs it under the same path"
        if spool.ask is None:
            raise SegueError(f"{self.source.path}: {reason}")
        with temporary_folder() as folder:
            yield from self._copied(spool.ask, folder)

    def _copied(self, ask: Ask, folder: Path) -> Iterator[Source]:
        """Copy the stretch and the heading of its file, or all of a file that isn't cut."""
        source = self.source
        local = folder / (source.path.relative_to(source.root) if source.root else source.path.name)
        local.parent.mkdir(parents=True, exist_ok=True)
        heading = ask(heading_of, source.path, HEADINGS[self.format]) if source.start else b""
        local.write_bytes(heading)
        fetch(ask, source.path, local, source.start, source.end)
        if self.format == "yes" and (songs := ask(read_if_there, source.path.parent / SONG_HASH)) is not None:
            (local.parent / SONG_HASH).write_bytes(songs)
        inside = replace(source.inside, archive=local) if isinstance(source.inside, Member) else source.inside
        copy = replace(source, path=local, root=source.root and folder, inside=inside, start=len(heading))
        copy.end = None if source.is_whole else local.stat().st_size
        try:
            yield copy
        except SegueError as error:
            raise type(error)(str(error).replace(str(local), str(source.path))) from None
        source.judged = copy.judged


def samples_of(source: Source) -> bytes:
    """A digest of a file's size and of up to 16 blocks of 4 kB, evenly spread over the bytes to read.

    Raises `OSError` when the file can't be read.
    """
    size = source.size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    last = max((size if source.end is None else source.end) - BLOCK, source.start)
    with open_regular(source.path) as file:
        for at in np.unique(np.linspace(source.start, last, BLOCKS).astype(np.int64)).tolist():
            file.seek(at)
            digest.update(file.read(BLOCK))
    return digest.digest()


def cut(
    parts: Sequence[Part], size: int, spool: Spool, run: Run | None
) -> tuple[list[list[Piece]], list[str]]:
    """Cut the input into stretches of about `size` bytes.

    `run` runs tasks on other machines. Without it this machine reads everything and cuts no tables, which
    must be read once more to find out where. Returns the pieces of each stretch (one piece of a large file,
    or many small files), and remarks on why large files are read in one piece.
    """

    def piece_of(file: int, name: str, source: Source) -> Piece:
        here = run is None or isinstance(source.path, StorePath)
        return Piece(file, name, source, source.extent, None if here else samples_of(source))

    whole = [piece_of(number, name, source) for number, (name, source) in enumerate(parts)]
    large = [piece for piece in whole if piece.size > size]
    pieces_of = {
        each.file: [
            piece_of(each.file, each.format, one) for one in stretches(each.format, each.source, size)
        ]
        for each in large
        if can_be_cut(each.format, each.source) and not (run is None and each.format == "csv")
    }
    tables = {file: found for file, found in pieces_of.items() if found[0].format == "csv" and found[1:]}
    scattered = set() if run is None else set(_not_to_be_cut(tables, spool, run))
    in_one = [
        (each, f"can't be cut ({each.format} or packed)") for each in large if each.file not in pieces_of
    ]
    why = "its playlists are scattered, out of order or have texts over several lines"
    in_one += [(whole[file], why) for file in pieces_of if file in scattered]
    remarks = [f"{each.source.path}: {reason}, so one task reads it in one piece" for each, reason in in_one]
    parted = ([each] if each.file in scattered else pieces_of.get(each.file, [each]) for each in whole)
    return list(_gathered(chain.from_iterable(parted), size)), remarks


def _gathered(pieces: Iterable[Piece], size: int) -> Iterator[list[Piece]]:
    """Put small neighbours together."""
    held: list[Piece] = []
    room = size
    for piece in pieces:
        if held and piece.size > room:
            yield held
            held, room = [], size
        held.append(piece)
        room -= piece.size
    if held:
        yield held


def _not_to_be_cut(tables: dict[int, list[Piece]], spool: Spool, run: Run) -> Iterator[int]:
    """The files whose playlists or rows do not end where the pieces do."""
    calls = [(spool, file, number, one) for file in tables for number, one in enumerate(tables[file])]
    bad = {
        file for (_, file, _, _), is_sound in zip(calls, run(note_names, calls), strict=True) if not is_sound
    }
    yield from bad
    calls_of_shards = [
        (spool, file, len(pieces), shard)
        for file, pieces in tables.items()
        if file not in bad
        for shard in range(spool.n_shards)
    ]
    for (_, file, _, _), meet in zip(calls_of_shards, run(names_meet, calls_of_shards), strict=True):
        if meet:
            yield file


def note_names(spool: Spool, file: int, number: int, piece: Piece) -> bool:
    """Note the playlists of a piece of a table; False where its rows show that the table can't be cut."""
    with piece.at_hand(spool) as source:
        if ends_within_row(source):
            return False
        header, _, _ = open_table(source)
        layout = find_layout(header, source.columns, source.path)
        names = names_together(lambda _notes: csv_rows(source, layout, notes=False), layout, _digest)
        if names is None:
            return False
    digests = np.fromiter(names, np.uint64, len(names))
    shards = digests % np.uint64(spool.n_shards)
    with spool.finished(spool.of("table", file, number)) as folder:
        np.save(folder / "names.npy", digests[np.argsort(shards, kind="stable")])
        np.save(folder / "starts.npy", starts_of(shards.astype(np.int64), spool.n_shards))
    return True


def names_meet(spool: Spool, file: int, n_pieces: int, shard: int) -> bool:
    """Whether a playlist of this shard occurs in more than one piece of a table."""
    folders = (spool.of("table", file, number) for number in range(n_pieces))
    names = np.concatenate([spool.read(segments, folder, ("names",), shard)[0] for folder in folders])
    return len(np.unique(names)) < len(names)


def _digest(name: str) -> int:
    """The same in every process; a chance collision costs only that the table is read in one piece."""
    raw = name.encode(errors="surrogateescape")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little")
