"""Writing that is seen whole or not at all, locks, and opening nothing but regular files."""

import errno
import glob
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Literal, overload

from segue.core.errors import SegueError
from segue.core.stores import StorePath

_SHORT_WRITE = re.compile(r"requested and \d+ written")
"""How NumPy reports a full disk."""


class UnwritableError(SegueError):
    """A place can't be written to."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: can't be written, {reason}")
        self.reason = reason


LARGEST_RATIO, ALWAYS_FINE = 250, 256 << 20
"""What unpacks to more than this many times its size, and to more than `ALWAYS_FINE` bytes, is a bomb."""
LARGEST_TEXT = 64 << 20
"""Bytes of a JSON or text file that is read at once. The largest report has a few hundred thousand."""
_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}


class IrregularFileError(SegueError):
    """A FIFO, a device, a socket, or a sparse file stands where a file of data is expected."""


@overload
def open_regular(path: Path, mode: Literal["rb"] = "rb") -> BufferedReader: ...
@overload
def open_regular(path: Path, mode: Literal["wb", "ab", "r+b"]) -> BinaryIO: ...
def open_regular(path: Path, mode: Literal["rb", "wb", "ab", "r+b"] = "rb") -> BinaryIO:
    """Open a regular file, without waiting for one that is not.

    Reading follows links, as everywhere; writing never does. Raises `IrregularFileError` when it is a FIFO, a
    device or a socket; and when it is to be read and is sparse: it claims more than `ALWAYS_FINE` bytes and
    holds less than one in `LARGEST_RATIO` of them, `UnwritableError` when it is to be written and is a link,
    and `OSError` as `open`.
    """
    if isinstance(path, StorePath):
        return path.open_binary()
    writing = mode != "rb"

    def opener(name: str, flags: int) -> int:
        # a FIFO without a writer would be waited for, a terminal would become this process's own
        flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
        descriptor = os.open(name, flags | (getattr(os, "O_NOFOLLOW", 0) if writing else 0), 0o666)
        try:
            _require_regular(path, os.fstat(descriptor), sparse_is_fine=writing)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    if writing:
        refuse_link(path)
    try:
        return open(path, mode, opener=opener)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a FIFO without a reader, or a socket
            raise IrregularFileError(f"{path}: is not a regular file; remove it") from None
        raise


def read_regular(path: Path, limit: int = LARGEST_TEXT) -> bytes:
    """Read all of a regular file.

    Raises `SegueError` as `open_regular`, and when it is longer than `limit` bytes.
    """
    with open_regular(path) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise SegueError(f"{path}: is larger than {limit:,} bytes; it is not the file expected here")
    return content


def require_regular(path: Path) -> None:
    """Raise `IrregularFileError` for what `open_regular` refuses to read, where another package opens it.

    A file that is missing is left to that package.
    """
    with suppress(OSError):
        _require_regular(path, path.stat())


def refuse_link(path: Path) -> None:
    """Raise `UnwritableError` when a path that is to be written to is a link."""
    if path.is_symlink():
        raise UnwritableError(path, "it is a link, and links are not followed; remove it")


def _require_regular(path: Path, found: os.stat_result, *, sparse_is_fine: bool = False) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if kind != stat.S_IFREG:
        what = _KINDS.get(kind, "something else")
        raise IrregularFileError(f"{path}: is {what}, not a regular file; use a regular file instead")
    held = getattr(found, "st_blocks", 0) * 512  # 0 where a file system doesn't count them
    if not sparse_is_fine and held and found.st_size > max(ALWAYS_FINE, LARGEST_RATIO * held):
        raise IrregularFileError(
            f"{path}: is a sparse file that claims {found.st_size:,} bytes and holds {held:,}; remove it"
        )


def copy_files(source: Path, target: Path) -> None:
    """Copy the regular files of a folder, and of its folders; links stay links, anything else is left out.

    On one disk the copies are hard links: what another process still writes into the files is in both.
    """

    def irregular(folder: str, names: list[str]) -> list[str]:
        kinds = {name: Path(folder, name).lstat().st_mode for name in names}
        wanted = {stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}
        return [name for name, mode in kinds.items() if stat.S_IFMT(mode) not in wanted]

    if source.is_symlink():
        target.symlink_to(source.readlink(), target_is_directory=source.is_dir())
    elif source.is_dir():
        try:
            shutil.copytree(source, target, symlinks=True, ignore=irregular, copy_function=_link_or_copy)
        except shutil.Error as error:
            reason = error.args[0][0][-1]
            raise SegueError(f"{source}: can't be copied ({reason}); make its files readable") from error


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another disk, or one without hard links
        shutil.copy2(source, target)


def _refuse_irregular_target(path: Path) -> None:
    """Raise `UnwritableError` for a path of which a regular file can't take the place."""
    with suppress(OSError):
        kind = stat.S_IFMT(path.stat().st_mode)
        if kind != stat.S_IFREG or path.parent.resolve() == Path("/dev"):
            raise UnwritableError(
                path, f"it is {_KINDS.get(kind, 'not a regular file')}; choose another location"
            )


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on a clean exit it is flushed to disk and renamed over it.

    After an error, or a kill at any moment, `path` is what it was before. A full or read-only disk becomes a
    `SegueError` that names `path`. A link is replaced, not followed; a folder, a device or a FIFO is refused.
    """
    _refuse_irregular_target(path)
    temporary = beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path)
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        raise _explained(error, path) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def require_new(path: Path, *, replace: bool) -> None:
    """Refuse a file that exists, unless it is to be replaced. Raises `UnwritableError` when it exists."""
    if not replace and (path.is_file() or path.is_symlink()):
        raise UnwritableError(path, "it exists; choose another name or add --replace")


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; on a clean exit it takes the place of `path`.

    A folder cannot be renamed over a full one, so the old one steps aside first and is put back should the
    second rename fail. A kill between the two renames leaves the old one under its temporary name, from where
    `restore_folder` brings it back.
    """
    if path.exists() and not path.is_dir():
        raise UnwritableError(path, "it is not a folder; choose another location")
    temporary, aside = beside(path), path.parent / f".{path.name}.old"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path)
        try:
            temporary.mkdir()
        except FileNotFoundError as error:  # as in /proc, where nothing can be made
            raise UnwritableError(path, f"{error.strerror}; choose another location") from error
        yield temporary
        for file in temporary.rglob("*"):
            if not file.is_symlink():
                sync(file)
        sync(temporary)
        _put_in_place(temporary, path, aside)
        sync(path.parent)
        _remove(aside)
    except UnwritableError as error:  # of a file within, whose temporary name tells a person nothing
        raise UnwritableError(path, error.reason) from error
    except OSError as error:
        raise _explained(error, path) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_folder(path: Path) -> None:
    """Remove a folder at once: it is gone under its name before its files go one by one."""
    going = beside(path)
    path.rename(going)
    shutil.rmtree(going, ignore_errors=True)


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
    """Return what to do where the disk refused a write, and other errors as they are."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} or _SHORT_WRITE.search(str(error)):
        return UnwritableError(path, "the disk is full; free some space or choose another location")
    if error.errno == errno.EIO:
        return UnwritableError(path, "the disk reports an input/output error; choose another disk")
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.ENOENT}:
        return UnwritableError(path, f"{error.strerror}; choose another location")
    return error


def beside(path: Path) -> Path:
    """A temporary name beside `path`; the next writer of `path` removes what a killed process left there."""
    return path.parent / f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp"


def sweep(path: Path) -> None:
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
        pass
    return True


def sync(path: Path) -> None:
    """Have a file or a folder on the disk, and not only in the system's memory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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

    The file is removed by the last who holds it. One that a killed process left behind means nothing. Raises
    `SegueError` or `OSError` when the file can't be made.
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
