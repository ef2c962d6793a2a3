"""Train a model on a split: one loop for both recipes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segue.core.corpus.split import FEWEST_PAIRS
from segue.core.errors import SegueError
from segue.core.neighbours.index import ExactIndex, unit
from segue.core.track2vec.config import FastConfig, NotebookConfig, TrainConfig, as_dict
from segue.core.track2vec.model import keras, raw_vectors
from segue.core.track2vec.recipes import Checkpoint, FastTrainer, NotebookTrainer

if TYPE_CHECKING:
    from segue.core.corpus.corpus import Corpus
    from segue.core.corpus.split import Split
    from segue.core.track2vec.recipes import Trainer

Floats = npt.NDArray[np.float32]

VALIDATED = 2_000
"""Validation pairs scored after each epoch: hit@10 to about 0.007, in half a second at V = 123,000."""


@dataclass(frozen=True)
class Progress:
    """How far training is."""

    epoch: int
    """The epoch under way or just finished, from 1."""
    epochs: int
    fraction: float
    """Share of the whole training done, 0 to 1."""
    pairs_per_second: float
    """Positives trained a second, in this epoch."""
    loss: float
    """Mean loss of this epoch so far."""
    hit_at_10: float | None
    """On validation pairs; None within an epoch and without validation pairs."""
    seconds: float
    """Time spent training, that before a resume included."""
    seconds_left: float


@dataclass(frozen=True)
class Trained:
    """The result of a training."""

    vectors: Floats
    """Unit rows, float32 (V, d)."""
    model: Any
    """The Keras model, with the weights that the vectors are from."""
    history: list[dict[str, Any]]
    """A line for each finished epoch: epoch, loss, hit_at_10, positives, pairs_per_second, seconds."""
    config: dict[str, Any]
    """The recipe's name and all its hyperparameters, nothing left None."""
    seconds: float
    stopped_early: bool
    """Whether `should_stop` ended it."""
    checkpoint: Path | None = None
    """The file to resume from, if one was asked for."""

    @property
    def facts(self) -> dict[str, Any]:
        """What else the library's manifest should say of the training: nothing."""
        return {}

    def discard(self) -> None:
        """Remove the checkpoint, which a finished training needs no longer."""
        if self.checkpoint is not None:
            self.checkpoint.unlink(missing_ok=True)

    def save_weights(self, path: Path) -> None:
        """Write the model's weights; Keras wants the name to end in `.weights.h5`."""
        self.model.save_weights(path)


def train(
    split: "Split",
    config: TrainConfig | None = None,
    *,
    seed: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    callbacks: tuple[Any, ...] = (),
    clock: Callable[[], float] = time.perf_counter,
) -> Trained:
    """Train Track2Vec. The same seed on the same machine gives the same vectors, bit for bit.

    Raises `SegueError` when no two tracks are neighbours, or the checkpoint is missing, damaged or of another
    training.

    Parameters
    ----------
    split : its training playlists are learned; its validation pairs are only looked at, to report hit@10.
    config : which recipe, with which hyperparameters; the fast one by default.
    seed : of all chance.
    on_progress : called several times an epoch, and after each with its hit@10.
    should_stop : asked about four times a second; once it answers True, training ends and the best vectors so
        far, by validation hit@10, are returned.
    checkpoint : file that holds the last finished epoch; rewritten after each one.
    resume : go on from `checkpoint`. The result is that of a training never interrupted.
    callbacks : Keras callbacks; called at the beginning and the end of the training and of each epoch,
        and may set `model.stop_training`.
    clock : seconds.
    """
    config = config or FastConfig()
    if isinstance(config, FastConfig):
        config = config.fitted(split.train)
    if not np.any(split.train.lengths >= 2):
        raise SegueError(
            "no training playlist has two tracks, so there are no neighbours to learn; add playlists"
        )
    trainer = _trainer(split.train, config, seed)
    run = _Run(
        split,
        config,
        seed,
        trainer,
        on_progress=on_progress,
        should_stop=should_stop,
        checkpoint=checkpoint,
        clock=clock,
    )
    try:
        if resume and checkpoint is not None:
            run.resume(checkpoint)
        return run.to_the_end(callbacks)
    finally:
        trainer.close()


def hit_at_10(vectors: Floats, pairs: npt.NDArray[np.int32]) -> float | None:
    """Share of pairs whose target is among the 10 nearest of its seed; None where they are too few to score.

    `vectors` are float32 (V, d) of any length; `pairs`, int32 (n, 2), seeds and targets.
    """
    if len(pairs) < FEWEST_PAIRS:
        return None
    nearest, _ = ExactIndex(unit(vectors)).query(pairs[:, 0], 10)
    return float(np.mean(np.any(nearest == pairs[:, 1:], axis=1)))


def _trainer(corpus: "Corpus", config: TrainConfig, seed: int) -> "Trainer":
    if isinstance(config, NotebookConfig):
        return NotebookTrainer(corpus, config, seed)
    return FastTrainer(corpus, config, seed)


class _Run:
    """One training, from its first epoch or the checkpoint's to its end."""

    def __init__(
        self,
        split: "Split",
        config: TrainConfig,
        seed: int,
        trainer: "Trainer",
        *,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
        checkpoint: Path | None,
        clock: Callable[[], float],
    ) -> None:
        assert config.epochs is not None  # noqa: S101 - `fitted` has filled it in
        self.config, self.epochs, self.trainer = config, config.epochs, trainer
        self.pairs = split.validation[:VALIDATED]
        self.identity = {
            "configuration": as_dict(config),
            "seed": seed,
            "corpus": split.train.fingerprint,
            "split seed": split.seed,
        }
        self.on_progress, self.should_stop = on_progress, should_stop
        self.checkpoint, self.clock = checkpoint, clock
        self.history: list[dict[str, Any]] = []
        self.best: Floats | None = None
        self.stopped = False
        self.started = clock()

    @property
    def seconds(self) -> float:
        return self.clock() - self.started

    @property
    def best_hit(self) -> float:
        return max((line["hit_at_10"] or 0.0 for line in self.history), default=-1.0)

    def resume(self, path: Path) -> None:
        found = Checkpoint.open(path, self.identity)
        self.trainer.restore(found.state)
        self.history, self.best = found.history, found.best
        self.started = self.clock() - found.seconds

    def to_the_end(self, callbacks: tuple[Any, ...]) -> Trained:
        model = self.trainer.model
        callback_list = keras().callbacks.CallbackList(callbacks, model=model)
        model.stop_training = False
        callback_list.on_train_begin()
        for epoch in range(len(self.history), self.epochs):
            callback_list.on_epoch_begin(epoch)
            self._epoch(epoch)
            if not self.stopped:
                callback_list.on_epoch_end(epoch, self.history[-1])
                self.stopped = epoch + 1 < self.epochs and self._asked_to_stop()
            if self.stopped or model.stop_training:
                break
        callback_list.on_train_end()
        if self.stopped:
            self._keep_the_best()
        return Trained(
            unit(raw_vectors(model)),
            model,
            self.history,
            as_dict(self.config),
            self.seconds,
            self.stopped,
            self.checkpoint,
        )

    def _asked_to_stop(self) -> bool:
        return self.should_stop is not None and self.should_stop()

    def _epoch(self, epoch: int) -> None:
        """Train one epoch. Stopped midway it leaves no line in the history."""
        meter = _Meter(self.clock)

        def tick(done: float, loss: float, weight: float, positives: int) -> bool:
            meter.add(loss, weight, positives)
            if done < 1:
                self._report(epoch, done, meter, None)
                self.stopped = self._asked_to_stop()
            return not self.stopped

        self.trainer.train_epoch(epoch, tick)
        if self.stopped:
            return
        rate = meter.rate
        vectors = raw_vectors(self.trainer.model)
        hit = hit_at_10(vectors, self.pairs)
        if self.best is None or (hit or 0.0) >= self.best_hit:
            self.best = vectors
        self.history.append(
            {
                "epoch": epoch + 1,
                "loss": meter.loss,
                "hit_at_10": hit,
                "positives": meter.positives,
                "pairs_per_second": rate,
                "seconds": self.seconds,
            }
        )
        if self.checkpoint is not None:
            state = self.trainer.state()
            Checkpoint(self.identity, self.history, self.seconds, state, self.best).save(self.checkpoint)
        self._report(epoch, 1.0, meter, hit)

    def _report(self, epoch: int, done: float, meter: "_Meter", hit: float | None) -> None:
        if self.on_progress is None:
            return
        fraction = (epoch + done) / self.epochs
        left = self.seconds * (1 - fraction) / fraction
        self.on_progress(
            Progress(epoch + 1, self.epochs, fraction, meter.rate, meter.loss, hit, self.seconds, left)
        )

    def _keep_the_best(self) -> None:
        """Go back to the best epoch's vectors, unless those at the stop are better."""
        now = hit_at_10(raw_vectors(self.trainer.model), self.pairs)
        if self.best is not None and (now or 0.0) < self.best_hit:
            self.trainer.model.get_layer("embedding").embeddings.assign(self.best)


class _Meter:
    """Loss and speed of one epoch so far."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._began = clock, clock()
        self._loss = self._weight = 0.0
        self.positives = 0

    def add(self, loss: float, weight: float, positives: int) -> None:
        self._loss += loss
        self._weight += weight
        self.positives += positives

    @property
    def loss(self) -> float:
        return self._loss / self._weight if self._weight else 0.0

    @property
    def rate(self) -> float:
        """Positives a second."""
        return self.positives / max(self._clock() - self._began, 1e-9)
