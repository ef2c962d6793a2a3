"""The nearest tracks of every track, worked out before they are asked for."""

import hashlib
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.core import __version__
from segue.core.arrays import map_array
from segue.core.errors import SegueError
from segue.core.files import atomic_file
from segue.core.library import Library
from segue.core.log import logger
from segue.core.rankers import Ranker, default_ranker
from segue.core.rankers import ranker as ranker_of

LENGTH = 100
"""Tracks in a list: enough for 25 under the rules of variety."""
BATCH = 64
"""Tracks whose lists are worked out at once: of 123,000 one alone takes 8 ms of processor time, else 1.4 ms.

Larger ones would be cheaper, but a request waits for the batch before it.
"""
PAUSE = 0.05
"""Seconds without a question after which the lists of all others are worked on."""


class NearLists:
    """A thread works the lists out: first of the tracks that are asked for, then of all, in row order.

    It begins with the first question, or `start`. What several threads ask at one time is one batch. The
    library's default ranker ranks. `rows`, int (m,), rising, are the tracks that are asked for, and alone are
    in the lists. Complete lists are kept in `folder`, and those of this very library and rows are found
    again.
    """

    def __init__(self, library: Library, rows: NDArray[np.int64], folder: Path | None = None) -> None:
        self._library = library
        self._rows = rows
        self._place = np.full(len(library), -1, np.int64)
        self._place[rows] = np.arange(len(rows))
        self._absent = np.flatnonzero(self._place < 0)
        self._lists = np.empty((len(rows), min(LENGTH, len(library))), np.int32)
        self._there = np.zeros(len(rows), bool)
        self._asked: deque[int] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._error: Exception | None = None
        self.complete = threading.Event()
        """Set when all lists are there."""
        self._place_on_disk = None if folder is None else _place(folder, library, rows)
        if (kept := self._read()) is not None:
            self._lists = kept
            self._there[:] = True
            self.complete.set()

    def start(self) -> None:
        """Begin, unless all lists are there."""
        with self._changed:
            if self._thread is None and not self._closed and not self.complete.is_set():
                self._thread = threading.Thread(target=self._work, name="segue-lists", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End after the batch that is worked on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def done(self) -> int:
        """How many lists are there."""
        return int(self._there.sum())

    def has(self, row: int) -> bool:
        """Whether the list of a row is there."""
        return bool(self._there[self._place[row]])

    def of(self, row: int) -> NDArray[np.int32]:
        """The best rows after one, best first, int32 (n,), n at most 100.

        Raises `SegueError` when the library is damaged.
        """
        place = int(self._place[row])
        if not self._there[place]:
            self.start()
            with self._changed:
                self._asked.append(place)
                self._changed.wait_for(lambda: self._there[place] or self._error or self._closed)
            if not self._there[place]:
                raise self._error or SegueError("the songs are being reloaded; try again")
        found = self._lists[place]
        return np.asarray(found[found >= 0])

    def _work(self) -> None:
        try:
            ranker = ranker_of(self._library, default_ranker(self._library))
            following, asked = 0, set[int]()  # all before it are there
            while not self._closed:
                with self._changed:
                    if asked:  # who asks one thing often asks the next
                        self._changed.wait_for(lambda: self._asked or self._closed, PAUSE)
                    asked = {self._asked.popleft() for _ in range(min(BATCH, len(self._asked)))}
                places = np.array([place for place in asked if not self._there[place]], np.int64)
                if not len(places):
                    places = following + np.flatnonzero(~self._there[following : following + BATCH])
                    following += BATCH
                if len(places):
                    self._work_out(ranker, places)
                elif following >= len(self._rows):
                    self._write()
                    self.complete.set()
                    return
        except Exception as error:  # noqa: BLE001 - raised for the caller
            self._error = error
        finally:
            with self._changed:
                self._changed.notify_all()

    def _read(self) -> NDArray[np.int32] | None:
        """The lists of this very library and rows from the disk, if they are there and whole."""
        if self._place_on_disk is None or not self._place_on_disk.is_file():
            return None
        try:
            found = map_array(self._place_on_disk, hint="remove it")
        except SegueError:
            return None
        if found.shape != self._lists.shape or found.dtype != np.int32 or not found.size:
            return None
        return found if -1 <= found.min() <= found.max() < len(self._library) else None

    def _write(self) -> None:
        """Keep the lists, in place of those of an earlier writing of this library."""
        place = self._place_on_disk
        if place is None:
            return
        try:
            with atomic_file(place) as temporary, temporary.open("wb") as file:
                np.save(file, self._lists)
        except SegueError as error:
            logger.warning("the lists of neighbours aren't kept: %s", error)
            return
        for other in place.parent.glob(f"{place.name.partition('-')[0]}-*.npy"):
            if other != place:
                with suppress(OSError):
                    other.unlink()

    def _work_out(self, ranker: Ranker, places: NDArray[np.int64]) -> None:
        exclude = self._absent if len(self._absent) else None
        found, _ = ranker.rank(self._rows[places], self._lists.shape[1], exclude=exclude)
        with self._changed:
            self._lists[places] = found
            self._there[places] = True
            self._changed.notify_all()


def _place(folder: Path, library: Library, rows: NDArray[np.int64]) -> Path:
    """Where the lists of a library and rows are kept: what they come from is in the name."""
    path, *written = library.stamp
    of_path = hashlib.blake2b(str(path).encode("utf-8", "surrogateescape"), digest_size=8)
    words = f"{__version__} {LENGTH} {default_ranker(library)} {written}"
    of_content = hashlib.blake2b(words.encode() + rows.tobytes(), digest_size=16)
    return folder / f"{of_path.hexdigest()}-{of_content.hexdigest()}.npy"
