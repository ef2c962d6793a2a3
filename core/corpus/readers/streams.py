"""Bytes and lines of a file, whatever it is compressed with, and never more of them than memory can hold.

All kinds of compression share the limits on sizes, and therefore this file.
"""

import codecs
import gzip
import io
import lzma
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO
from weakref import finalize

import numpy as np
import numpy.typing as npt

from segue.core.errors import SegueError
from segue.core.files import ALWAYS_FINE, LARGEST_RATIO, open_regular

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from _typeshed import WriteableBuffer

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
COMPRESSED_SUFFIXES = (".gz", ".zst")

LONGEST_LINE = 64 << 20
LARGEST_WHOLE = 4 << 30
"""Bytes of a file that has to be in memory at once (an npy, one JSON document)."""

MOST_MEMBERS = 100_000
"""Files in an archive, of which each takes half a kilobyte of memory to know."""
_LISTED = 300
"""Bytes that a file takes in an archive's list, at most on average: its name and 46 more."""
_LONGEST_END = 22 + 65_535 + 20 + 56
"""Bytes at the end of an archive that say where the list is: with a comment, and for a large one."""

_CHUNK = 1 << 20
_LARGEST_KEPT = 1 << 26
_PIECE = 1 << 24
_MARKS_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Member:
    """A file within a zip archive, which may itself be a file within one."""

    archive: "Place"
    name: str
    packed: int
    """Bytes that it takes in the archive."""

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"


@dataclass(frozen=True)
class Pasted:
    """A file that was typed, pasted or piped in."""

    content: bytes
    name: str = "the text"

    def __str__(self) -> str:
        return self.name


Place = Path | Member | Pasted
"""Where the bytes of a file are."""


def size_of(place: Place) -> int:
    """The bytes that a file takes where it is, packed ones where it is packed."""
    if isinstance(place, Member):
        return place.packed
    return len(place.content) if isinstance(place, Pasted) else place.stat().st_size


def refuse_bomb(path: Place, unpacked: int, packed: int) -> None:
    """Raise `SegueError` when so many bytes have come, or would come, out of so few."""
    if unpacked > max(ALWAYS_FINE, LARGEST_RATIO * packed):
        raise SegueError(
            f"{path}: unpacks to more than {LARGEST_RATIO} times its size, which no playlists do; "
            "unpack it yourself if you trust it"
        )


class Meter:
    """Tells how far a file has been read; a copy, as for another process, starts from zero."""

    def __reduce__(self) -> tuple[type["Meter"], tuple[()]]:
        return Meter, ()

    def __init__(self) -> None:
        self._file: BinaryIO | None = None
        self._read = 0

    def watch(self, file: BinaryIO) -> None:
        """Report on this file from now on."""
        self._file = file

    def read(self) -> int:
        """Bytes read from the disk, packed ones where the file is packed."""
        if self._file is not None and not self._file.closed:
            self._read = max(self._read, self._file.tell())
        return self._read


def open_stream(place: Place, meter: Meter | None = None, *, is_text: bool = False) -> io.BufferedReader:
    """Open a file for reading, unpacking gzip and Zstandard by their magic numbers.

    Of a text, UTF-16 comes as UTF-8, and carriage returns that end lines alone as line feeds. Raises
    `SegueError` when it cannot be opened; later, from a read, when it is damaged, cut short or a
    decompression bomb.
    """
    try:
        file = _opened(place)
        magic = file.peek(len(ZSTD))[: len(ZSTD)]
        size = size_of(place)
    except (OSError, *_DAMAGE) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise SegueError(f"{place}: cannot be opened ({reason})") from None
    if meter is not None and isinstance(place, Path):
        meter.watch(file)
    if magic.startswith(GZIP):
        file = io.BufferedReader(_Unpacked(place, file, gzip.GzipFile(fileobj=file), size), _CHUNK)
    elif magic == ZSTD:
        file = io.BufferedReader(_Unpacked(place, file, _Zstandard(file), size), _CHUNK)
    if is_text and _is_recoded(head := file.peek(1)):
        return io.BufferedReader(_Recoded(file, head), _CHUNK)
    return file


def _opened(place: Place) -> io.BufferedReader:
    if isinstance(place, Path):
        return open_regular(place)
    if isinstance(place, Pasted):
        return io.BufferedReader(io.BytesIO(place.content))
    stream = open_archive(place.archive).open(place.name)
    return io.BufferedReader(_Unpacked(place, stream, stream, place.packed), _CHUNK)


def open_archive(place: Place) -> zipfile.ZipFile:
    """A zip archive, whose list of files is read once for all that is opened in it.

    Raises `OSError`, `zipfile.BadZipFile`, `NotImplementedError` or `ValueError` when it is not one, or can't
    be read; `SegueError` when it holds too many files to be kept in memory.
    """
    path = place
    while isinstance(path, Member):
        path = path.archive
    found = path.stat() if isinstance(path, Path) else None
    return _archive(place, found and (found.st_ino, found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=2)  # read for each file in it, the list of n files takes n² steps
def _archive(path: Place, _state: tuple[int, int, int] | None) -> zipfile.ZipFile:
    file: BinaryIO = open_regular(path) if isinstance(path, Path) else io.BytesIO(read_whole(path))
    try:
        archive = zipfile.ZipFile(file) if _listed(file) <= MOST_MEMBERS * _LISTED else None
    except BaseException:
        file.close()
        raise
    if archive is None or len(archive.filelist) > MOST_MEMBERS:
        file.close()
        raise SegueError(f"{path}: holds more than {MOST_MEMBERS:,} files; unpack it, and read a part")
    finalize(archive, file.close)
    return archive


def _listed(file: BinaryIO) -> int:
    """The bytes of an archive's list of files, as its end has it; nothing where there is no end."""
    file.seek(max(file.seek(0, io.SEEK_END) - _LONGEST_END, 0))
    end = file.read()
    file.seek(0)
    small, large = end.rfind(b"PK\x05\x06"), end.rfind(b"PK\x06\x06")
    if large >= 0:  # with more than 65,535 files, or beyond 4 GB
        return int.from_bytes(end[large + 40 : large + 48], "little")
    return int.from_bytes(end[small + 12 : small + 16], "little") if small >= 0 else 0


def _is_recoded(head: bytes) -> bool:
    """Whether text that begins so is UTF-16, or has lines that end in a carriage return alone."""
    return bool(utf_16(head)) or (b"\r" in head and b"\n" not in head and b"\0" not in head)


def utf_16(head: bytes) -> str:
    """The encoding of a text that begins so, if it is UTF-16: by its mark, or by its first four letters."""
    if head.startswith(_MARKS_16):
        return "utf-16"
    zeros = [at for at, byte in enumerate(head[:8]) if not byte]
    return "utf-16-le" if zeros == [1, 3, 5, 7] else "utf-16-be" if zeros == [0, 2, 4, 6] else ""


def is_packed(place: Place) -> bool:
    """Whether a file is compressed, alone or in an archive."""
    with _opened(place) as file:
        return isinstance(place, Member) or file.peek(1).startswith((GZIP, ZSTD))


def is_plain_text(path: Path) -> bool:
    """Whether the lines of a text are on disk as they are read."""
    with open_regular(path) as file:
        head = file.peek(1)
        return not (head.startswith((GZIP, ZSTD)) or _is_recoded(head))


def read_whole(path: Place, limit: int = LARGEST_WHOLE, *, is_text: bool = False) -> bytes:
    """The unpacked bytes of a file that must be in memory at once.

    Raises as `open_stream`, and `SegueError` when it holds more than `limit` bytes.
    """
    pieces: list[bytes] = []
    left = limit + 1
    with open_stream(path, is_text=is_text) as stream:
        # asked for all that may come, Python would set 4 GB aside
        step = _PIECE if is_packed(path) else size_of(path) + 1
        while left and (piece := stream.read(min(step, left))):
            pieces.append(piece)
            left -= len(piece)
    if not left:
        raise SegueError(f"{path}: holds more than {limit:,} bytes in one piece; split it into smaller files")
    return b"".join(pieces)


_Ahead = tuple[Place, int, npt.NDArray[np.uint8] | None]
"""A file, the most bytes that it may hold, and what it holds, if it was read."""


class _Held(threading.local):
    """Memory for a file of each thread and the next, which the system would otherwise have to clear first."""

    def __init__(self) -> None:
        self.rooms = [np.empty(0, np.uint8)] * 2
        self.ahead: Future[_Ahead] | None = None


_held = _Held()


def read_array(
    path: Place, limit: int = LARGEST_WHOLE, *, following: Place | None = None
) -> npt.NDArray[np.uint8]:
    """The same as uint8 (n_bytes,), for large files of which one after another is read.

    The next call in the same thread may overwrite the array; where it is known to name `following`, that file
    is read meanwhile, so that nobody waits for the disk. Raises as `read_whole`.
    """
    ahead, _held.ahead = _held.ahead, None
    place, most, array = (path, limit, None) if ahead is None else ahead.result()
    if array is None or (place, most) != (path, limit):
        array = _fill(path, limit, _held.rooms)
    if following is not None:
        _held.ahead = _reader().submit(_fill_ahead, following, limit, _held.rooms)
    return np.frombuffer(read_whole(path, limit), np.uint8) if array is None else array


def _fill(path: Place, limit: int, rooms: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8] | None:
    """Read a file into the memory that the last one isn't in; None of one packed, too large or just grown."""
    with open_stream(path) as stream:
        size = size_of(path)
        if size > limit or is_packed(path):
            return None
        rooms.reverse()
        room, filled = rooms[0], 0
        if len(room) <= size:
            room = np.empty(size + 1 + size // 8, np.uint8)  # in huge pages
            if size <= _LARGEST_KEPT:
                rooms[0] = room
        while filled <= size and (read := stream.readinto(room[filled : size + 1].data)):
            filled += read
        return room[:filled] if filled <= size else None


def _fill_ahead(path: Place, limit: int, rooms: list[npt.NDArray[np.uint8]]) -> _Ahead:
    with suppress(OSError, SegueError):  # the call that wants the file will say what is wrong
        return path, limit, _fill(path, min(limit, _LARGEST_KEPT), rooms)
    return path, limit, None


@cache
def _reader() -> "ThreadPoolExecutor":
    from concurrent.futures import ThreadPoolExecutor  # 6 ms

    return ThreadPoolExecutor(1)


def lines_of(
    path: Place, meter: Meter | None = None, *, start: int = 0, end: int | None = None, heading: int = 0
) -> Iterator[bytes]:
    r"""The lines of a text file without byte order mark and line ends (`\n` or `\r\n`).

    Of a file that is not packed, only those may be asked for that begin at bytes `start`, where one does, to
    `end - 1`; unless they begin there anyway, the first `heading` lines of the file come before them. `meter`
    tells how far it has been read. Raises as `open_stream`, and `SegueError` on a line longer than
    `LONGEST_LINE`.
    """
    if start and heading:
        yield from islice(lines_of(path), heading)
    with open_stream(path, meter, is_text=True) as stream:
        at = stream.seek(start) if start else 0
        while (end is None or at < end) and (line := stream.readline(LONGEST_LINE + 1)):
            if len(line) > LONGEST_LINE:
                raise SegueError(
                    f"{path}: has a line of more than {LONGEST_LINE:,} bytes; is it a text file?"
                )
            plain = line if at else line.removeprefix(b"\xef\xbb\xbf")
            at += len(line)
            yield plain.rstrip(b"\r\n")


_DAMAGE = (
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    NotImplementedError,  # a way of packing that Python lacks
    RuntimeError,  # a password
    KeyError,
)
"""What unpacking raises besides `OSError`."""


class PieceStream(io.RawIOBase):
    """A stream of bytes that come in pieces of any size."""

    _ready = b""

    def piece(self, size: int) -> bytes:
        """The next piece, of about so many bytes; empty at the end."""
        raise NotImplementedError

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read into a buffer."""
        view = memoryview(buffer).cast("B")
        data = self._ready or self.piece(len(view))
        count = min(len(data), len(view))
        view[:count], self._ready = data[:count], data[count:]
        return count


class _Recoded(PieceStream):
    """Text as UTF-8 with a line feed after each line, from UTF-16 or lines that end in carriage returns."""

    def __init__(self, file: io.BufferedReader, head: bytes) -> None:
        self._file = file
        self._decoder: io.IncrementalNewlineDecoder | None = None
        if encoding := utf_16(head):
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)

    def piece(self, size: int) -> bytes:
        while raw := self._file.read(max(size, 1 << 16)):
            if self._decoder is None:
                return raw.replace(b"\r", b"\n")
            if text := self._decoder.decode(raw):
                return text.encode("utf-8", "replace")
        return self._decoder.decode(b"", final=True).encode("utf-8", "replace") if self._decoder else b""

    def close(self) -> None:
        self._file.close()
        super().close()


class _Unpacked(PieceStream):
    """An unpacking stream that reports damage as `SegueError` and stops at a decompression bomb."""

    def __init__(
        self,
        path: Place,
        packed: IO[bytes],
        stream: "IO[bytes] | gzip.GzipFile | _Zstandard",
        packed_size: int,
    ) -> None:
        self._path = path
        self._packed = packed
        self._stream = stream
        self._packed_size = packed_size
        self._unpacked = 0

    def piece(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except (OSError, *_DAMAGE) as error:
            raise SegueError(f"{self._path}: is damaged or cut short ({error}); download it again") from None
        self._unpacked += len(data)
        refuse_bomb(self._path, self._unpacked, self._packed_size)
        return data

    def close(self) -> None:
        self._packed.close()
        super().close()


class _Zstandard:
    """Reads every frame of a Zstandard file; unlike the library's own reader it notices a frame cut short."""

    def __init__(self, file: BinaryIO) -> None:
        import zstandard  # 10 ms

        self._file = file
        # a frame may ask for gigabytes of window; 128 MB is what `zstd --long=27` needs
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 27)
        self._error = zstandard.ZstdError
        self._frame = self._unpacker.decompressobj()
        self._inside = False
        self._packed = b""
        self._ready = memoryview(b"")

    def read(self, size: int) -> bytes:
        while not self._ready:
            if not self._packed:
                self._packed = self._file.read(1 << 12)  # small, since a run of zeros unpacks 30,000 fold
            if not self._packed:
                if self._inside:
                    raise EOFError("the last frame has no end")
                return b""
            if self._frame.eof:
                self._frame = self._unpacker.decompressobj()
            try:
                self._ready = memoryview(self._frame.decompress(self._packed))
            except self._error as error:
                raise OSError(str(error)) from None
            self._packed = self._frame.unused_data if self._frame.eof else b""
            self._inside = not self._frame.eof
        data, self._ready = self._ready[:size], self._ready[size:]
        return bytes(data)
