"""The fast recipe: compiled epochs, each prepared while the one before it trains."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segue.core.track2vec.epoch import EpochMaker, Steps
from segue.core.track2vec.model import build_model, raw_vectors
from segue.core.track2vec.softmax import SoftmaxLoop

if TYPE_CHECKING:
    from segue.core.corpus.corpus import Corpus
    from segue.core.track2vec.config import FastConfig
    from segue.core.track2vec.trainer import Tick

POSITIONS_A_CALL = 65_536
"""Positions trained in one call, about a quarter of a second: how soon a stop is heard."""


class FastTrainer:
    """Trains the model one epoch at a time; the next epoch's arrays are made meanwhile.

    Parameters
    ----------
    corpus : the training playlists.
    config : a configuration with nothing left None.
    seed : of the first vectors, the order of the playlists and the negatives.
    """

    def __init__(self, corpus: "Corpus", config: "FastConfig", seed: int) -> None:
        self.model = build_model(len(corpus.vocabulary), config.dim, weight=config.temperature, seed=seed)
        self._maker = EpochMaker(corpus, config, seed)
        self._loop = SoftmaxLoop(self.model, self._maker.log_expected(), config.window)
        self._background = ThreadPoolExecutor(1, thread_name_prefix="epoch")
        self._ahead: tuple[int, Future[Steps]] | None = None

    def train_epoch(self, epoch: int, tick: "Tick") -> bool:
        """See `Trainer.train_epoch`."""
        steps = self._steps(epoch)
        call = max(1, POSITIONS_A_CALL // steps.items.shape[1])
        for number, part in enumerate(steps.slices(call), 1):
            loss = self._loop.run(part)
            if not tick(
                min(1.0, number * call / len(steps)), loss, float(part.weights.sum()) * 2, part.positives
            ):
                return False
        return True

    def state(self) -> dict[str, npt.NDArray[np.float32]]:
        """See `Trainer.state`."""
        return {"embedding": raw_vectors(self.model), "accumulator": self._loop.accumulator.numpy()}

    def restore(self, state: dict[str, npt.NDArray[np.float32]]) -> None:
        """See `Trainer.restore`."""
        self.model.get_layer("embedding").embeddings.assign(state["embedding"])
        self._loop.accumulator.assign(state["accumulator"])

    def close(self) -> None:
        """See `Trainer.close`."""
        self._background.shutdown(wait=True, cancel_futures=True)

    def _steps(self, epoch: int) -> Steps:
        if self._ahead is not None and self._ahead[0] == epoch:
            steps = self._ahead[1].result()
        else:
            steps = self._maker.make(epoch)
        self._ahead = (epoch + 1, self._background.submit(self._maker.make, epoch + 1))
        return steps
