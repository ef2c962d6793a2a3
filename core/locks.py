"""Locks between processes. The kernel holds them, so that a lock ends with its process however that ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from segue.core.files import open_regular


def try_lock(file: BinaryIO, *, shared: bool = False) -> bool:
    """Lock a file until it is closed; False where another process holds a lock that excludes this one.

    Any number of shared locks go together, an exclusive one goes with no other. Always True on Windows and on
    file systems without locks.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[bool]:
    """Make and lock a file for the block; yields False where another process holds it.

    The file is removed by the last who holds it. One that a killed process left behind means nothing.

    Raises
    ------
    SegueError, OSError
        When the file can't be made.
    """
    while True:
        open_regular(path, "ab").close()
        try:
            file = open_regular(path, "r+b")  # NFS shares a lock only on a file that is open for reading
        except FileNotFoundError:
            continue  # its last holder has removed it in between
        with file:
            if not try_lock(file, shared=shared):
                yield False
                return
            if not _is_at(file, path):
                continue  # its last holder has removed it in between
            try:
                yield True
            finally:
                if try_lock(file) and _is_at(file, path):
                    with suppress(OSError):
                        path.unlink()
            return


def _is_at(file: BinaryIO, path: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    return False
