"""What depends on the playlists alone, done by a process of its own during the training.

It counts which tracks meet, indexes where they occur, and ranks the seeds of the validation pairs with every
baseline. Whatever it has not done, because it failed or was killed, is done again in this process.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Split
from segue.core.evaluation.evaluate import Ranked, rank_seeds
from segue.core.evaluation.report import OWN, held_out_pairs
from segue.core.files import beside, copy_files, explained
from segue.core.library import COUNTED, Library, Manifest, write_counts, write_split, write_vocabulary
from segue.core.rankers import available_rankers, ranker, save_ppmi_svd
from segue.core.rankers.registry import PPMI_SVD
from segue.core.worker import worker

WORTHWHILE = 100_000
"""Positions that take longer to count and to rank than the process takes to start."""
NICE = 5
"""It takes what the training leaves of the processors, and a third of them where others take all."""


@dataclass(frozen=True)
class Done:
    """A line of the process: it has counted, or ranked with one baseline."""

    ranker: str = ""
    seconds: float = 0.0


class BaselineProcess:
    """The process. Its methods are to be called in the order in which they stand.

    `library` is the library's folder, which there may not be yet; the process writes beside it.
    """

    def __init__(self, library: Path, k: int, stack: ExitStack) -> None:
        self._path, self._k, self._stack = library, k, stack
        self._folder = beside(library)
        self.number: int | None = None
        """The process' number, once it was started."""
        self._output: BinaryIO | None = None

    def start(self, split: Split) -> None:
        """Start it, where the split is large enough to be worth it."""
        if split.train.n_positions < WORTHWHILE:
            return
        self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
        with explained(self._path):
            self._folder.mkdir()
            write_vocabulary(self._folder, split.train.vocabulary)
            write_split(self._folder, split)
        process = self._stack.enter_context(worker(__name__, str(self._folder), str(self._k), quiet=True))
        self.number, self._output = process.pid, cast("BinaryIO", process.stdout)

    def put_counts(self, folder: Path) -> bool:
        """Copy what `write_counts` would write into a library's folder; False where it can't be had."""
        if next(self._done(), None) is None:
            return False
        for name in COUNTED:
            copy_files(self._folder / name, folder / name)
        return True

    def ranked(self, library: Library, seeds: npt.NDArray[np.int32], k: int) -> dict[str, Ranked]:
        """What baselines suggest for the seeds of the validation pairs, by name; waits for the process.

        The vectors of `ppmi-svd` are moved into the library.
        """
        if k != self._k:
            return {}
        distinct, place = np.unique(seeds, return_inverse=True)
        found = {}
        for done in self._done():
            indices = np.load(_rankings(self._folder, done.ranker), allow_pickle=False)
            found[done.ranker] = Ranked(distinct, indices, place, done.seconds)
        with explained(library.path), suppress(FileNotFoundError):
            (self._folder / PPMI_SVD).replace(library.path / PPMI_SVD)
        return found

    def _done(self) -> Iterator[Done]:
        """Each line as it comes, until the process ends."""
        while self._output is not None and (line := self._output.readline()).endswith(b"\n"):
            yield Done(**json.loads(line))


@contextmanager
def baseline_process(library: Path, *, k: int = 10) -> Iterator[BaselineProcess]:
    """Offer the process for the block. When it ends, the process is gone with what it has written."""
    with ExitStack() as stack:
        yield BaselineProcess(library, k, stack)


def main() -> None:
    """In the process: count, and rank with one baseline after the other, until the parent is gone."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    folder, k = Path(sys.argv[1]), int(sys.argv[2])
    library = Library(folder, Manifest(folder.name, ""))  # all of a library but what is trained
    if library.corpus is None:
        return
    write_counts(folder, library.corpus)
    _tell(Done())
    seeds = held_out_pairs(library, "validation")[:, 0]
    save_ppmi_svd(library)
    for name in available_rankers(library):
        if name not in OWN:
            ranked = rank_seeds(ranker(library, name), seeds, k)
            np.save(_rankings(folder, name), ranked.indices, allow_pickle=False)
            _tell(Done(name, ranked.seconds))


def _tell(done: Done) -> None:
    sys.stdout.write(json.dumps(asdict(done)) + "\n")
    sys.stdout.flush()


def _rankings(folder: Path, name: str) -> Path:
    return folder / f"rankings-{name}.npy"
