"""The trainers of the two recipes, and their checkpoints.

`fast` runs compiled epochs, each prepared while the one before it trains. `notebook` is the notebook's own
way: a generator of labelled pairs, fed to `model.fit`; names and meanings are the notebook's. Two things
differ. Keras' `skipgrams`, gone in Keras 3, took track 0 for padding and so never trained the most played
track; it is trained here. And randomness comes in as a generator.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from segue.core.arrays import one_line, read_archive
from segue.core.errors import SegueError, UsageError
from segue.core.files import atomic_file
from segue.core.track2vec.epoch import (
    EpochMaker,
    SoftmaxLoop,
    Steps,
    drop_probability,
    smoothed,
    window_pairs,
)
from segue.core.track2vec.model import build_model, keras, raw_vectors

if TYPE_CHECKING:
    from segue.core.corpus.corpus import Corpus
    from segue.core.track2vec.config import FastConfig, NotebookConfig


Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Batch = tuple[tuple[Ints, Ints], Ints]


def word2vecSampling(  # noqa: N802, PLR0917 - the notebook's name and order
    seq: Ints,
    window: int,
    neg_samples: int,
    neg_sampling_table: Floats,
    sub_sampling_table: Floats,
    sub_t: float,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Labelled pairs of one playlist.

    All ordered pairs within the window are positives, thinned by the frequency of their first track; each
    then brings its negatives with the same first track; everything is shuffled.

    Parameters
    ----------
    seq : tracks of the playlist, int32 (l,).
    window : tracks at most this many positions apart are a pair.
    neg_samples : negatives for each positive.
    neg_sampling_table : float64 (V,), the negative-sampling distribution.
    sub_sampling_table : float64 (V,), frequency of each track.
    sub_t : frequency above which pairs are thinned.
    rng : source of all chance.

    Returns
    -------
    pairs, int32 (n, 2), and labels, int32 (n,), 1 for a positive.
    """
    positives = window_pairs(seq, np.array([0, len(seq)]), window)
    dropped = drop_probability(sub_sampling_table[positives[:, 0]], sub_t)
    positives = positives[dropped < rng.random(len(positives))]
    n_negatives = len(positives) * neg_samples
    if not n_negatives:
        return np.empty((0, 2), np.int32), np.empty(0, np.int32)
    drawn = rng.choice(len(neg_sampling_table), n_negatives, p=neg_sampling_table)
    negatives = np.stack([np.repeat(positives[:, 0], neg_samples), drawn], 1)
    pairs = np.concatenate([positives, negatives]).astype(np.int32)
    labels = np.repeat(np.array([1, 0], np.int32), [len(positives), n_negatives])
    order = rng.permutation(len(labels))
    return pairs[order], labels[order]


def track_ns_generator(
    corpus_num: "Corpus", config: "NotebookConfig", *, seed: int = 0, first_step: int = 0
) -> Iterator[Batch]:
    """Yield a batch a step, for ever: the pairs of `min_batch_size` playlists drawn at random.

    Every step has a random stream of its own, so that training resumed at `first_step` goes on as if it had
    never stopped. A batch is `((targets, contexts), labels)`, each int32 (n, 1).
    """
    counts = np.bincount(corpus_num.items, minlength=len(corpus_num.vocabulary)).astype(np.float64)
    st = np.maximum(counts, 0.5) / counts.sum()
    st_smooth = smoothed(counts, config.samp_coef)
    step = first_step
    while True:
        rng = np.random.default_rng([seed, step])
        step += 1
        parts: list[tuple[Ints, Ints]] = []
        while not any(labels.size for _, labels in parts):
            parts = [
                word2vecSampling(
                    corpus_num.playlist(int(number)),
                    config.window_width,
                    config.neg_sample,
                    st_smooth,
                    st,
                    config.sub_samp,
                    rng,
                )
                for number in rng.integers(corpus_num.n_playlists, size=config.min_batch_size)
            ]
        pairs = np.concatenate([part for part, _ in parts])
        labels = np.concatenate([part for _, part in parts])
        yield (pairs[:, :1], pairs[:, 1:]), labels[:, None]


class NotebookTrainer:
    """`model.fit`, an epoch a call. `seed` is of the first vectors and of every batch."""

    def __init__(self, corpus: "Corpus", config: "NotebookConfig", seed: int) -> None:
        self.model = build_model(len(corpus.vocabulary), config.vector_dim, seed=seed)
        self.model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
        self.model.optimizer.build(self.model.trainable_variables)
        self._corpus, self._config, self._seed = corpus, config, seed

    def train_epoch(self, epoch: int, tick: "Tick") -> bool:
        """See `Trainer.train_epoch`."""
        steps = self._config.steps_per_epoch
        loss_so_far = 0.0
        ahead: deque[int] = deque()  # positives of the batches that Keras has fetched but not trained

        def counted() -> Iterator[Batch]:
            batches = track_ns_generator(
                self._corpus, self._config, seed=self._seed, first_step=epoch * steps
            )
            for inputs, labels in batches:
                ahead.append(int(labels.sum()))
                yield inputs, labels

        def after_batch(step: int, logs: dict[str, float]) -> None:
            nonlocal loss_so_far
            before, loss_so_far = loss_so_far, logs["loss"] * (step + 1)  # Keras gives the mean so far
            if not tick((step + 1) / steps, loss_so_far - before, 1.0, ahead.popleft()):
                self.model.stop_training = True

        self.model.fit(
            counted(),
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
            callbacks=[keras().callbacks.LambdaCallback(on_train_batch_end=after_batch)],
        )
        return not self.model.stop_training

    def state(self) -> "State":
        """See `Trainer.state`."""
        variables = [*self.model.variables, *self.model.optimizer.variables]
        return {f"{number}": np.asarray(variable) for number, variable in enumerate(variables)}

    def restore(self, state: "State") -> None:
        """See `Trainer.restore`."""
        for number, variable in enumerate([*self.model.variables, *self.model.optimizer.variables]):
            variable.assign(state[f"{number}"])

    def close(self) -> None:
        """Nothing runs in the background."""


POSITIONS_A_CALL = 65_536
"""Positions trained in one call, about a quarter of a second: how soon a stop is heard."""


class FastTrainer:
    """Trains the model one epoch at a time; the next epoch's arrays are made meanwhile.

    Nothing in `config` is left None. `seed` is of the first vectors, the order of the playlists and the
    negatives.
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


Tick = Callable[[float, float, float, int], bool]
"""Called now and then within an epoch with the share of it done and, since the last call, the sum of the
losses, what to divide it by, and the positives trained. Training stops where it answers False."""

State = dict[str, npt.NDArray[np.float32]]


class Trainer(Protocol):
    """Trains one model, an epoch at a time."""

    model: Any
    """The Keras model."""

    def train_epoch(self, epoch: int, tick: Tick) -> bool:
        """Train epoch number `epoch`, from 0. False when a tick has stopped it midway.

        An epoch depends on the state and its number only, never on how the state was reached.
        """

    def state(self) -> State:
        """All that changes in training."""

    def restore(self, state: State) -> None:
        """Take back an earlier state."""

    def close(self) -> None:
        """End what runs in the background."""


FORMAT = 1
WITHOUT_RESUME = "train without --resume"


@dataclass(frozen=True)
class Checkpoint:
    """The end of an epoch."""

    identity: dict[str, Any]
    """What must be the same to go on: configuration, seed, fingerprint of the training corpus."""
    history: list[dict[str, Any]]
    """A line for each finished epoch."""
    seconds: float
    """Time spent training."""
    state: State
    best: npt.NDArray[np.float32]
    """The vectors of the best epoch so far, float32 (V, d)."""

    def save(self, path: Path) -> None:
        """Write it in the place of the one before, whole or not at all."""
        text = np.frombuffer(facts_of(self.identity, self.history, self.seconds).encode(), np.uint8)
        arrays = {f"state.{name}": array for name, array in self.state.items()}
        with atomic_file(path) as temporary, temporary.open("wb") as file:
            np.savez(file, facts=text, best=self.best, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for options

    @classmethod
    def open(cls, path: Path, identity: dict[str, Any]) -> "Checkpoint":
        """Read the checkpoint of the training that `identity` describes.

        Raises `SegueError` when there is none, it is damaged, or it belongs to another training.
        """
        if not path.exists():
            raise UsageError(f"{path}: no checkpoint to resume from; {WITHOUT_RESUME}")
        arrays = read_archive(path, hint=WITHOUT_RESUME)
        if not {"facts", "best"} <= arrays.keys():
            raise SegueError(f"{path}: not a checkpoint (it lacks a part); {WITHOUT_RESUME}")
        history, seconds = read_facts(path, arrays["facts"].tobytes(), identity)
        state = {name[6:]: array for name, array in arrays.items() if name.startswith("state.")}
        return cls(identity, history, seconds, state, arrays["best"])


def facts_of(identity: dict[str, Any], history: list[dict[str, Any]], seconds: float) -> str:
    """What a checkpoint says of its training, as JSON."""
    return json.dumps({"format": FORMAT, "identity": identity, "history": history, "seconds": seconds})


def read_facts(path: Path, text: bytes, identity: dict[str, Any]) -> tuple[list[dict[str, Any]], float]:
    """The history and the seconds in what `facts_of` wrote for the training that `identity` describes.

    Raises `SegueError` when it is something else, or belongs to another training.
    """
    try:
        facts = json.loads(text)
        found = list(facts["history"]), float(facts["seconds"])
        other = [name for name, value in identity.items() if facts["identity"].get(name) != value]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise SegueError(f"{path}: not a checkpoint ({one_line(error)}); {WITHOUT_RESUME}") from None
    if facts.get("format") != FORMAT:
        raise SegueError(f"{path}: a checkpoint from another version; {WITHOUT_RESUME}")
    if other:
        raise UsageError(f"{path}: the checkpoint has a different {other[0]}; {WITHOUT_RESUME}")
    return found
