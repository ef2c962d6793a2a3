"""A training of a search as a task: it yields each epoch's progress, and its result at the end."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segue.core.track2vec.training import Progress, Trained, train
from segue.core.tuning.search import score_vectors

if TYPE_CHECKING:
    from segue.core.corpus.split import Split
    from segue.core.track2vec.config import TrainConfig

PATIENCE = 0.2
"""Seconds until a task that is called off notices."""


@dataclass(frozen=True)
class Scored:
    """The end of a training."""

    hit: float
    """hit@10 on all validation pairs; `ndcg` is NDCG@10."""
    ndcg: float
    seconds: float
    vectors: npt.NDArray[np.float32] | None
    """Unit rows, float32 (V, d), where they were asked for."""


def train_and_score(
    split: "Split", config: "TrainConfig", seed: int, *, keeps_vectors: bool
) -> Iterator[Progress | Scored]:
    """Train, and score on the validation pairs.

    The training runs in a thread, so that what it tells can be handed on while it goes on.

    Parameters
    ----------
    split
        Its arrays may be read-only.
    config, seed
        As for `train`.
    keeps_vectors
        Whether the result holds the vectors.

    Yields
    ------
    Progress or Scored
        The progress after each epoch, and the result last.

    Raises
    ------
    SegueError
        As `train`.
    """
    told: queue.SimpleQueue[Progress | Trained | BaseException] = queue.SimpleQueue()
    called_off = threading.Event()

    def work() -> None:
        try:
            told.put(train(split, config, seed=seed, on_progress=told.put, should_stop=called_off.is_set))
        except BaseException as error:  # noqa: BLE001 - raised where the task waits
            told.put(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            try:
                said = told.get(timeout=PATIENCE)  # a wait without end could not be called off
            except queue.Empty:
                continue
            if isinstance(said, BaseException):
                raise said
            if isinstance(said, Trained):
                hit, ndcg = score_vectors(said.vectors, split.validation)
                yield Scored(hit, ndcg, said.seconds, said.vectors if keeps_vectors else None)
                return
            if said.hit_at_10 is not None:
                yield said
    finally:
        called_off.set()
        thread.join()
