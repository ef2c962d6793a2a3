"""The input cut into stretches, a task each."""

import hashlib
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from segue.core.cluster.session import Run
from segue.core.cluster.spool import Spool, finished_folder, segment, starts_of
from segue.core.corpus.encoding import Part
from segue.core.corpus.readers.batch import Source
from segue.core.corpus.readers.cuts import can_be_cut, ends_within_row, stretches
from segue.core.corpus.readers.table import csv_rows, find_layout, names_together, open_table
from segue.core.errors import SegueError
from segue.core.files import open_regular

BLOCKS, BLOCK = 16, 1 << 12
"""How many samples are taken of a stretch, and the bytes of each."""


@dataclass(frozen=True)
class Piece:
    """A file, or a stretch of one."""

    file: int
    """Which of the files of the input."""
    format: str
    source: Source
    samples: bytes
    """A digest of the file's size and of some of the bytes to read, as the command sees them."""

    @classmethod
    def of(cls, file: int, format: str, source: Source) -> "Piece":  # noqa: A002 - the word that users know
        """Take samples of a file, or of a stretch of one."""
        return cls(file, format, source, samples_of(source))

    @property
    def size(self) -> int:
        """Bytes."""
        end = self.source.size if self.source.end is None else self.source.end
        return end - self.source.start

    def refuse_other_copy(self) -> None:
        """Raise a `SegueError` where this node sees another file than the command does."""
        path, node = self.source.path, socket.gethostname()
        try:
            is_same = samples_of(self.source) == self.samples
        except OSError as error:
            raise SegueError(
                f"{path}: can't be read on the node {node} ({error.strerror}); "
                "every node needs the input under the same path"
            ) from None
        if not is_same:
            raise SegueError(
                f"{path}: the copy on the node {node} is another file than the command's; "
                "copy the input to every node again, or share it"
            )


def samples_of(source: Source) -> bytes:
    """A digest of a file's size and of up to 16 blocks of 4 kB, evenly spread over the bytes to read.

    Raises
    ------
    OSError
        When the file can't be read.
    """
    size = source.size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    last = max((size if source.end is None else source.end) - BLOCK, source.start)
    with open_regular(source.path) as file:
        for at in np.unique(np.linspace(source.start, last, BLOCKS).astype(np.int64)).tolist():
            file.seek(at)
            digest.update(file.read(BLOCK))
    return digest.digest()


def cut(parts: Sequence[Part], size: int, spool: Spool, run: Run) -> tuple[list[list[Piece]], list[str]]:
    """Cut the input into stretches of about `size` bytes.

    Returns
    -------
    stretches
        The pieces of each stretch: one piece of a large file, or many small files.
    remarks
        Why large files are read in one piece.
    """
    whole = [Piece.of(number, name, source) for number, (name, source) in enumerate(parts)]
    large = [piece for piece in whole if piece.size > size]
    cuttable = [piece for piece in large if can_be_cut(piece.format, piece.source)]
    pieces_of = {piece.file: _pieces(piece, size) for piece in cuttable}
    tables = {file: found for file, found in pieces_of.items() if found[0].format == "csv" and found[1:]}
    scattered = set(_not_to_be_cut(tables, spool, run))
    remarks = [_remark(piece) for piece in large if piece.file not in pieces_of]
    remarks += [
        f"{piece.source.path}: its playlists are scattered, out of order or have texts over several lines, "
        "so one task reads it in one piece"
        for piece in cuttable
        if piece.file in scattered
    ]
    pieces = [
        one
        for piece in whole
        for one in ([piece] if piece.file in scattered else pieces_of.get(piece.file, [piece]))
    ]
    return list(_gathered(pieces, size)), remarks


def _pieces(piece: Piece, size: int) -> list[Piece]:
    return [Piece.of(piece.file, piece.format, one) for one in stretches(piece.format, piece.source, size)]


def _remark(piece: Piece) -> str:
    return f"{piece.source.path}: can't be cut ({piece.format} or packed), so one task reads it in one piece"


def _gathered(pieces: Sequence[Piece], size: int) -> Iterator[list[Piece]]:
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
    piece.refuse_other_copy()
    source = piece.source
    if ends_within_row(source):
        return False
    header, _, _ = open_table(source)
    layout = find_layout(header, source.columns, source.path)
    names = names_together(lambda _notes: csv_rows(source, layout, notes=False), layout, _digest)
    if names is None:
        return False
    digests = np.fromiter(names, np.uint64, len(names))
    shards = digests % np.uint64(spool.n_shards)
    with finished_folder(spool.of_table(file, number)) as folder:
        np.save(folder / "names.npy", digests[np.argsort(shards, kind="stable")])
        np.save(folder / "starts.npy", starts_of(shards.astype(np.int64), spool.n_shards))
    return True


def names_meet(spool: Spool, file: int, n_pieces: int, shard: int) -> bool:
    """Whether a playlist of this shard occurs in more than one piece of a table."""
    names = np.concatenate(
        [segment(spool.of_table(file, number), "names", shard) for number in range(n_pieces)]
    )
    return len(np.unique(names)) < len(names)


def _digest(name: str) -> int:
    """The same in every process; a chance collision costs only that the table is read in one piece."""
    raw = name.encode(errors="surrogateescape")
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little")
