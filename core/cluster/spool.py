"""Where the tasks that prepare a corpus put what the next ones need: files that every node sees.

A task writes a folder of its own, which is there whole or not at all, so that one that is tried again, on
whatever node, disturbs nobody.
"""

import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from segue.core.errors import SegueError

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Spool:
    """The folder of a preparation, and into how many shards the tracks are dealt."""

    folder: Path
    """Under this path on every node."""
    n_shards: int

    def of_table(self, file: int, stretch: int) -> Path:
        """The names of the playlists in a stretch of a table."""
        return self.folder / f"table-{file}-{stretch}"

    def of_stretch(self, stretch: int) -> Path:
        """What was read and counted in a stretch."""
        return self.folder / f"stretch-{stretch}"

    def of_shard(self, shard: int) -> Path:
        """The tracks of a shard over all stretches."""
        return self.folder / f"shard-{shard}"

    def of_block(self, block: int) -> Path:
        """A block of the order of all tracks."""
        return self.folder / f"block-{block}"

    def of_numbers(self, shard: int) -> Path:
        """The final number of each track of a shard."""
        return self.folder / f"numbers-{shard}"

    def of_encoded(self, stretch: int) -> Path:
        """The playlists of a stretch in final numbers, and the texts of the tracks first seen there."""
        return self.folder / f"encoded-{stretch}"

    def of_texts(self, block: int) -> Path:
        """The texts of a block of tracks in their final order."""
        return self.folder / f"texts-{block}"


@contextmanager
def finished_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes `path` on a clean exit.

    Where another attempt at the same task has been faster, its folder is kept, which holds the same.
    """
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.mkdir()
    except FileNotFoundError:
        raise SegueError(
            f"{path.parent}: is not on the node {socket.gethostname()}; the folder that holds the output "
            "must be shared by all nodes, under the same path"
        ) from None
    try:
        yield temporary
        try:
            temporary.rename(path)
        except OSError:
            if not path.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def starts_of(groups: npt.NDArray[np.integer], n_groups: int) -> npt.NDArray[np.int64]:
    """Int64 (n_groups + 1,): where each group starts among values sorted by group, and the last one ends."""
    starts = np.zeros(n_groups + 1, np.int64)
    np.cumsum(np.bincount(groups, minlength=n_groups), out=starts[1:])
    return starts


def segment(folder: Path, name: str, group: int) -> npt.NDArray[Any]:
    """The part of `NAME.npy` that belongs to a group, by the folder's `starts.npy`; nothing else is read."""
    start, end = np.load(folder / "starts.npy", mmap_mode="r", allow_pickle=False)[group : group + 2]
    return np.array(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)[start:end])


def raw_part(path: Path, dtype: type[Scalar], start: int, end: int) -> npt.NDArray[Scalar]:
    """Values `start` to `end - 1` of a file that is nothing but values."""
    return np.fromfile(path, dtype, count=end - start, offset=start * np.dtype(dtype).itemsize)
