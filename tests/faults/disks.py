"""A disk of its own, to be filled or made read-only."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator["Disk"]:
    """Mount a disk with so much room; the test is skipped where that is not allowed."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(["mount", *options], capture_output=True, check=False).returncode
    except FileNotFoundError:
        done = 1
    if done:
        pytest.skip("a small disk needs the right to mount one")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Disk:
    """A small disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self, *, but: int = 0) -> None:
        """Leave no room but so many kilobytes."""
        with self._filler.open("wb", buffering=0) as file:
            file.write(bytes(self.room() - but * 1024))
        assert self.room() == but * 1024

    def room(self) -> int:
        """Bytes that are free."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def clear(self) -> None:
        """Free the room again."""
        self._filler.unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Refuse to write here; a file that is open for writing stays so, as the log."""
        for options in (["--bind", str(self.path)], ["-o", "remount,bind,ro"]):
            subprocess.run(["mount", *options, str(self.path)], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(self.path)], check=True)

    def files(self) -> set[str]:
        """What lies there, hidden or not, besides the filler; paths below the disk's folder."""
        found = {str(path.relative_to(self.path)) for path in self.path.rglob("*")}
        return found - {self._filler.name}
