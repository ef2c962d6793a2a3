"""The files that the tasks of a preparation leave for one another, on the node of the command.

A task on a node that sees them, as over NFS, reads and writes them; any other asks the command's node. So
nothing need be shared between nodes.
"""

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from segue.core.corpus.corpus import offsets_of
from segue.core.errors import SegueError
from segue.core.files import process_lives

Scalar = TypeVar("Scalar", bound=np.generic)
Ask = Callable[..., Any]
"""Calls a function with arguments on the node of the command."""
AT_ONCE = 8 << 20
"""Bytes that are sent at once."""
TEMPORARY = "segue-task-"
Kind = Literal["table", "stretch", "shard", "block", "numbers", "encoded", "texts"]
"""The names of the playlists in a stretch of a table; what was read and counted in a stretch; the tracks of a
shard over all stretches; a block of the order of all tracks; the final number of each track of a shard; the
playlists of a stretch in final numbers, with the texts of the tracks first seen there; and the texts of a
block of tracks in their final order."""


@dataclass(frozen=True)
class Spool:
    """The folder of a preparation, and into how many shards the tracks are dealt."""

    folder: Path
    n_shards: int
    ask: Ask | None = None
    """How to reach the command's node; None where every task sees the folder."""

    def of(self, kind: Kind, *numbers: int) -> Path:
        """The folder of something by its number, of a table by its file's and its stretch's."""
        return self.folder / "-".join([kind, *map(str, numbers)])

    def read(self, function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - any function's
        """Call a function that reads the folder where it lies."""
        ask = self._far()
        return function(*arguments) if ask is None else ask(function, *arguments)

    @contextmanager
    def copied(self, folder: Path, names: Sequence[str]) -> Iterator[Path]:
        """Yield a folder with these files of `folder`: itself where it is seen."""
        if (ask := self._far()) is None:
            yield folder
            return
        with temporary_folder() as copy:
            for name in names:
                fetch(ask, folder / name, copy / name)
            yield copy

    @contextmanager
    def finished(self, path: Path) -> Iterator[Path]:
        """Yield a temporary folder that becomes `path` on a clean exit.

        Where another attempt at the same task has been faster, its folder is kept, which holds the same.
        Raises `SegueError` when the spool is not on this node, and the command's node can't be asked.
        """
        if (ask := self._far()) is None:
            temporary = new_folder(path)
            try:
                yield temporary
                finish(temporary, path)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
            return
        with temporary_folder() as folder:
            yield folder
            target = ask(new_folder, path)
            for file in folder.iterdir():
                send(ask, file, target / file.name)
            ask(finish, target, path)

    def _far(self) -> Ask | None:
        """How to reach the folder, None where it is seen here; its name is that of no other."""
        return None if self.ask is None or self.folder.is_dir() else self.ask


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder of this node's; those of tasks that were killed are removed first."""
    place = Path(tempfile.gettempdir())
    for left in place.glob(f"{TEMPORARY}*"):
        process = left.name.removeprefix(TEMPORARY).partition("-")[0]
        if process.isdigit() and not process_lives(int(process)):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{TEMPORARY}{os.getpid()}-", dir=place) as folder:
        yield Path(folder)


def fetch(ask: Ask, source: Path, target: Path, start: int = 0, end: int | None = None) -> None:
    """Append bytes `start` to `end - 1` of a file of the command's node to one of this node."""
    with target.open("ab") as file:
        while end is None or start < end:
            piece = ask(read_bytes, source, start, AT_ONCE if end is None else min(AT_ONCE, end - start))
            if not piece:
                return
            start += file.write(piece)


def send(ask: Ask, source: Path, target: Path) -> None:
    """Write a file of this node to one of the command's node."""
    with source.open("rb") as file:
        at = 0
        while (piece := file.read(AT_ONCE)) or not at:
            ask(write_bytes, target, at, piece)
            at += max(len(piece), 1)


def read_bytes(path: Path, start: int, size: int) -> bytes:
    """Up to so many bytes of a file."""
    with path.open("rb") as file:
        file.seek(start)
        return file.read(size)


def write_bytes(path: Path, start: int, piece: bytes) -> None:
    """Put bytes into a file; doing so twice changes nothing."""
    path.touch()
    with path.open("r+b") as file:
        file.seek(start)
        file.write(piece)


def read_if_there(path: Path) -> bytes | None:
    """All of a small file."""
    return path.read_bytes() if path.is_file() else None


def heading_of(path: Path, lines: int) -> bytes:
    """The first lines of a file."""
    with path.open("rb") as file:
        return b"".join(islice(file, lines))


def new_folder(path: Path) -> Path:
    """A temporary folder that may become `path`."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.mkdir()
    except FileNotFoundError:
        raise SegueError(f"{path.parent}: is not on the node {socket.gethostname()}") from None
    return temporary


def finish(temporary: Path, path: Path) -> None:
    """Rename the folder, unless `path` is there already."""
    try:
        temporary.rename(path)
    except OSError:
        if not path.is_dir():
            raise
        shutil.rmtree(temporary, ignore_errors=True)


def starts_of(groups: npt.NDArray[np.integer], n_groups: int) -> npt.NDArray[np.int64]:
    """Int64 (n_groups + 1,): where each group starts among values sorted by group, and the last one ends."""
    return offsets_of(np.bincount(groups, minlength=n_groups))


def segments(folder: Path, names: Sequence[str], group: int) -> list[npt.NDArray[Any]]:
    """The parts of each `NAME.npy` that belong to a group, by the folder's `starts.npy`."""
    start, end = mapped(folder / "starts.npy")[group : group + 2]
    return [np.array(mapped(folder / f"{name}.npy")[start:end]) for name in names]


def mapped(path: Path) -> npt.NDArray[Any]:
    """An array of a file, read where it is used."""
    array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array


def raw_part(path: Path, dtype: type[Scalar], start: int, end: int) -> npt.NDArray[Scalar]:
    """Values `start` to `end - 1` of a file that is nothing but values."""
    return np.fromfile(path, dtype, count=end - start, offset=start * np.dtype(dtype).itemsize)
