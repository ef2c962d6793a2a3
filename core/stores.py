"""Playlist files in object stores and on HDFS, such as `s3://BUCKET/KEY`, by pyarrow's filesystems.

Another process asks the store. A call of pyarrow's can't be ended, and keeps the process that made it from
exiting; a process can be killed.
"""

import atexit
import errno
import io
import os
import re
import stat
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack
from functools import cache, lru_cache
from pathlib import Path, PosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from segue.core.errors import SegueError, UsageError
from segue.core.text import printable

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from _typeshed import WriteableBuffer

PATIENCE = 60.0
"""Seconds for each answer of a store: about a file, a whole folder, or a piece of a file."""
FIRST, LARGEST = 1 << 16, 8 << 20
"""Bytes of the piece that is fetched first; while a file is read on, each is twice as large as the last."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/")


class StoreError(SegueError):
    """A store doesn't answer, or refuses."""

    def __init__(self, path: object, reason: str) -> None:
        reason = printable(" ".join(reason.split()))[:300]
        super().__init__(f"{path}: can't be read ({reason}); check the address, credentials and network")


def path_of(text: str) -> Path:
    """The path that a person names: a local one, also as `file://`, or one in a store.

    Raises `UsageError` when an address names no bucket or host, or holds a password.
    """
    scheme, separator, rest = text.partition("://")
    if not separator or not _SCHEME.fullmatch(f"{scheme}:/"):
        return Path(text)
    authority = rest.partition("/")[0]
    if scheme == "file":
        if authority not in {"", "localhost"}:
            raise UsageError(f"{text}: is on another machine; write file:///PATH")
        from urllib.parse import unquote  # 3 ms

        return Path(unquote(rest.removeprefix(authority)))
    if not authority:
        raise UsageError(f"{text}: must name a bucket or a host: {scheme}://BUCKET/PATH")
    if ":" in authority.rpartition("@")[0]:
        raise UsageError("an address must not hold a password; put it into the environment instead")
    return StorePath(text)


class StorePath(PosixPath):
    """A file or a folder in a store; of the methods of a path, those that reading playlists takes."""

    _found: os.stat_result | None = None
    """What was found there once; a path that is made of this one asks again."""

    def __str__(self) -> str:
        return _SCHEME.sub(lambda scheme: f"{scheme[0]}/", super().__str__(), count=1)

    def absolute(self) -> "StorePath":
        """The same path."""
        return self

    def resolve(self, strict: bool = False) -> "StorePath":  # noqa: ARG002 - as in `Path`
        """The same path, of which nothing is known yet."""
        return type(self)(str(self))

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:  # noqa: ARG002 - as in `Path`
        """The kind, the size and the time of change, asked for once.

        Raises `FileNotFoundError` when there is nothing, and `StoreError` when the store doesn't answer, or
        refuses.
        """
        if self._found is None:
            found = _ask(self, _look)
            if found is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self))
            self._found = _as_stat(*found)
        return self._found

    def exists(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002 - as in `Path`
        """Whether there is something."""
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    def is_dir(self) -> bool:
        """Whether it is a folder: whether names begin with it."""
        return self.exists() and stat.S_ISDIR(self.stat().st_mode)

    def is_file(self) -> bool:
        """Whether it is a file."""
        return self.exists() and stat.S_ISREG(self.stat().st_mode)

    def is_symlink(self) -> bool:
        """Never: stores have no links."""
        return False

    def rglob(self, pattern: str) -> Generator["StorePath", None, None]:
        """The files below a folder; the pattern is `*`."""
        if pattern != "*":
            raise NotImplementedError(pattern)
        for name, size, changed in _ask(self, _names):
            path = type(self)(self, name)
            path._found = _as_stat(False, size, changed)  # noqa: SLF001 - of this class
            yield path

    def open_binary(self) -> io.BufferedReader:
        """Open the file for reading; a read raises `StoreError` when the store doesn't answer.

        Raises `OSError` when it is missing, or a folder.
        """
        if self.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self))
        return io.BufferedReader(_Stream(self, self.stat().st_size), FIRST)


def _as_stat(is_folder: bool, size: int, changed: int) -> os.stat_result:
    mode = stat.S_IFDIR if is_folder else stat.S_IFREG
    return os.stat_result((mode, 0, 0, 1, 0, 0, size, 0, changed // 10**9, 0), {"st_mtime_ns": changed})


class _Stream(io.RawIOBase):
    """Fetches a file in pieces."""

    def __init__(self, path: StorePath, size: int) -> None:
        self._path, self._size = path, size
        self._at = self._start = 0
        self._piece, self._step = b"", FIRST

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer).cast("B")
        begin = self._at - self._start
        if not 0 <= begin < len(self._piece):
            self._step = min(2 * self._step, LARGEST) if begin == len(self._piece) else FIRST
            wanted = max(min(self._step, self._size - self._at), 0)
            self._piece = _ask(self._path, _piece, self._at, wanted) if wanted else b""
            if len(self._piece) != wanted:
                raise StoreError(self._path, f"cut short at byte {self._at + len(self._piece):,}")
            self._start, begin = self._at, 0
        data = self._piece[begin : begin + len(view)]
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Client:
    """The process that asks the stores, started with the first question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = ExitStack()
        self._line: tuple[Connection, Connection] | None = None
        atexit.register(self.close)

    def ask(self, path: StorePath, function: Callable[..., Any], *arguments: int) -> Any:  # noqa: ANN401 - any function's
        """Call one of `_QUESTIONS` in the process, with the path, and wait for its result.

        Raises `StoreError` when none comes in `PATIENCE` seconds, or an error.
        """
        with self._lock:
            try:
                questions, answers = self._line or self._start()
                question = (function.__name__, os.fsencode(str(path)), *arguments)
                questions.send_bytes(msgspec.msgpack.encode(question))
                if answers.poll(PATIENCE):
                    answer, reason = msgspec.msgpack.decode(answers.recv_bytes())
                else:
                    self.close()
                    reason = f"no answer within {PATIENCE:g} s"
            except (EOFError, OSError):
                self.close()
                raise StoreError(path, "the process that reads it has ended") from None
            except BaseException:  # an answer may still come
                self.close()
                raise
        if reason is not None:
            raise StoreError(path, reason)
        return answer

    def _start(self) -> "tuple[Connection, Connection]":
        from multiprocessing.connection import Connection  # 10 ms, for those who name a store

        from segue.core.worker import worker

        process = self._process.enter_context(worker(__name__, quiet=True))
        assert process.stdin is not None  # noqa: S101 - they were asked for
        assert process.stdout is not None  # noqa: S101 - as above
        ends = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
        self._line = Connection(ends[0], readable=False), Connection(ends[1], writable=False)
        for end in self._line:
            self._process.enter_context(end)
        if not self._line[1].poll(PATIENCE) or not self._line[1].recv_bytes():
            raise EOFError
        return self._line

    def close(self) -> None:
        """End the process, whatever it waits for."""
        self._line = None
        self._process.close()


_client = _Client()
_ask = _client.ask


def main() -> None:
    """In the process: answer questions until nobody is left to ask."""
    from multiprocessing.connection import Connection

    from pyarrow import fs  # noqa: F401 - 0.1 s, before the clock of the first question starts

    questions, answers = Connection(0, writable=False), Connection(1, readable=False)
    answers.send_bytes(b"ready")
    while True:
        try:
            question = msgspec.msgpack.decode(questions.recv_bytes())
        except EOFError:
            os._exit(0)  # a thread may be waiting for a store
        threading.Thread(target=_answer, args=(answers, *question), daemon=True).start()


def _answer(answers: "Connection", name: str, path: bytes, *arguments: int) -> None:
    result, reason = None, None
    try:
        result = _QUESTIONS[name](os.fsdecode(path), *arguments)
    except Exception as error:  # noqa: BLE001 - the process that asked says what is wrong
        reason = str(error) or type(error).__name__
    answers.send_bytes(msgspec.msgpack.encode((result, reason)))


@cache
def _filesystem(root: str) -> tuple[Any, str]:
    """The filesystem of pyarrow's for a scheme and an authority, and the path that these have in it."""
    from pyarrow import fs

    system, base = fs.FileSystem.from_uri(root)
    return system, base.rstrip("/")


def _place(path: str) -> tuple[Any, str]:
    scheme, _, rest = path.partition("://")
    authority, slash, key = rest.partition("/")
    system, base = _filesystem(f"{scheme}://{authority}")
    return system, f"{base}{slash}{key}"


def _look(path: str) -> tuple[bool, int, int] | None:
    """Whether a path is a folder, its bytes and its time of change (nanoseconds); None for nothing."""
    from pyarrow import fs

    system, inside = _place(path)
    found = system.get_file_info(inside)
    if found.type == fs.FileType.NotFound:
        return None
    return found.type == fs.FileType.Directory, found.size or 0, found.mtime_ns or 0


def _names(path: str) -> list[tuple[str, int, int]]:
    """The files below a folder: the rest of each path, the bytes and the time of change (nanoseconds)."""
    from pyarrow import fs

    system, inside = _place(path)
    found = system.get_file_info(fs.FileSelector(inside, recursive=True))
    return [
        (each.path[len(inside) :].lstrip("/"), each.size, each.mtime_ns or 0)
        for each in found
        if each.type == fs.FileType.File
    ]


def _piece(path: str, at: int, size: int) -> bytes:
    piece: bytes = _opened(path).read_at(size, at)
    return piece


@lru_cache(maxsize=8)  # opening asks the store for the size
def _opened(path: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    system, inside = _place(path)
    return system.open_input_file(inside)


_QUESTIONS: dict[str, Callable[..., Any]] = {each.__name__: each for each in (_look, _names, _piece)}
