"""The file that a search is kept in, safe to share and safe to kill."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from segue.core.files import open_regular, refuse_link, require_regular

if TYPE_CHECKING:
    from optuna.storages import JournalStorage


class JournalLock:
    """A lock on a journal that the system takes back when its holder dies.

    Optuna's own lock is a file. One left by a kill holds everybody up for 30 seconds.
    """

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_name(journal.name + ".lock")
        self._file: BinaryIO | None = None

    def acquire(self) -> bool:
        """Wait for the lock and take it."""
        import fcntl  # not on Windows

        file = open_regular(self._path, "ab")
        fcntl.flock(file, fcntl.LOCK_EX)
        self._file = file
        return True

    def release(self) -> None:
        """Release the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None


def open_journal(journal: Path) -> "JournalStorage":
    """The storage in a journal file, begun where there is none.

    Raises
    ------
    SegueError
        When it is a link, which would be written through, or no regular file.
    """
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    refuse_link(journal)
    require_regular(journal)
    if os.name != "posix":
        return JournalStorage(JournalFileBackend(str(journal)))
    lock = JournalLock(journal)
    lock.acquire()
    try:
        mend(journal)
    finally:
        lock.release()
    return JournalStorage(JournalFileBackend(str(journal), lock_obj=lock))  # type: ignore[arg-type]  # duck-typed


def mend(journal: Path) -> None:
    """Cut off a last line that was torn by a kill or a full disk; whatever follows it would be unreadable."""
    if not journal.exists() or not journal.stat().st_size:
        return
    with open_regular(journal, "r+b") as file:
        whole = file.read()
        if not whole.endswith(b"\n"):
            file.truncate(whole.rfind(b"\n") + 1)
