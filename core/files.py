"""Writing that is seen whole or not at all."""

import errno
import glob
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from segue.core.errors import SegueError

_SHORT_WRITE = re.compile(r"requested and \d+ written")
"""How NumPy reports a full disk."""


class UnwritableError(SegueError):
    """A place can't be written to."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: can't be written, {reason}")
        self.reason = reason


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on a clean exit it is flushed to disk and renamed over it.

    After an error, or a kill at any moment, `path` is what it was before. A full or read-only disk becomes a
    `SegueError` that names `path`.
    """
    temporary = _beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        yield temporary
        _sync(temporary)
        temporary.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise _explained(error, path) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; on a clean exit it takes the place of `path`.

    A folder cannot be renamed over a full one, so the old one steps aside first and is put back should the
    second rename fail. A kill between the two renames leaves the old one under its temporary name, from where
    `restore_folder` brings it back.
    """
    temporary, aside = _beside(path), path.parent / f".{path.name}.old"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        temporary.mkdir()
        yield temporary
        for file in temporary.rglob("*"):
            _sync(file)
        _sync(temporary)
        _put_in_place(temporary, path, aside)
        _sync(path.parent)
        _remove(aside)
    except UnwritableError as error:  # of a file within, whose temporary name tells a person nothing
        raise UnwritableError(path, error.reason) from error
    except OSError as error:
        raise _explained(error, path) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Have a full or read-only disk within the block become a `SegueError` that names `path`."""
    try:
        yield
    except OSError as error:
        raise _explained(error, path) from error


def _put_in_place(folder: Path, path: Path, aside: Path) -> None:
    for tries_left in reversed(range(10)):
        try:
            restore_folder(path)
            if path.exists():
                path.rename(aside)
            folder.rename(path)
        except OSError as error:
            restore_folder(path)
            # somebody who looked between the two renames has put the old folder back
            if not tries_left or error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT}:
                raise
        else:
            return


def restore_folder(path: Path) -> None:
    """Undo an interrupted `atomic_folder`: put the old folder back where the new one never arrived."""
    aside = path.parent / f".{path.name}.old"
    if not (aside.exists() or aside.is_symlink()):
        return
    if path.exists():
        _remove(aside)
    else:
        with suppress(OSError):  # the one who writes it may be faster
            aside.rename(path)


def _explained(error: OSError, path: Path) -> Exception:
    """Say what to do where the disk refused a write; give other errors back as they are."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} or _SHORT_WRITE.search(str(error)):
        return UnwritableError(path, "the disk is full; free some space or choose another place")
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}:
        return UnwritableError(path, f"{error.strerror}; choose another place")
    return error


def _beside(path: Path) -> Path:
    return path.parent / f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp"


def _sweep(path: Path) -> None:
    """Remove what killed writers of `path` left beside it; those still at work are let be."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*-*.tmp"):
        process = left.name.removesuffix(".tmp").rpartition(".")[2].partition("-")[0]
        if not process.isdigit() or process_lives(int(process)):
            continue
        _remove(left)


def _remove(path: Path) -> None:
    """Remove a file or folder as far as that can be done; of a link the link alone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def process_lives(process: int) -> bool:
    """Whether a process of that number runs on this machine; True where that can't be asked without harm."""
    if os.name != "posix":
        return True  # signal 0 asks on POSIX and ends the process elsewhere
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
