"""The fast recipe's inner loop: many steps of sampled softmax in one compiled function."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.track2vec.epoch import EpochMaker, Floats, Steps
from core.track2vec.model import build_model, raw_vectors
from core.track2vec.quiet import tensorflow

if TYPE_CHECKING:
    from core.corpus.corpus import Corpus
    from core.track2vec.config import FastConfig
    from core.track2vec.trainer import Tick

FIRST_ACCUMULATOR = 1e-6
POSITIONS_A_CALL = 65_536
"""Positions trained in one call, about a quarter of a second: how soon a stop is heard."""
NEVER = -1e9
"""Logit of a negative that must not count."""


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


class SoftmaxLoop:
    """Trains the embedding of a model in place.

    The loss of a pair (target t, context c) is the sampled softmax (Jean et al. 2015, equation 7)

        -log( exp(s(t, c)) / (exp(s(t, c)) + sum over the pool's n of exp(s(t, n))) ),
        s(t, x) = temperature * cos(t, x) - correction(x),

    in both directions. A negative equal to the target is masked; one equal to the context is the positive
    itself and counts once. The update is Adagrad on the rows of the step alone.

    Parameters
    ----------
    model : from `build_model`; its last layer's weight is the temperature.
    correction : float32 (V,), from `EpochMaker.log_expected`.
    window : pairs are at most this many positions apart.
    """

    def __init__(self, model: Any, correction: Floats, window: int) -> None:  # noqa: ANN401 - keras is untyped
        tf = tensorflow()
        self._embedding = model.get_layer("embedding").embeddings.value
        self._temperature = float(model.get_layer("classif").kernel.numpy()[0, 0])
        self._correction = tf.constant(correction)
        self.accumulator = tf.Variable(tf.fill(self._embedding.shape, FIRST_ACCUMULATOR))
        shapes = (((None, None), tf.int32), ((None, None, window), tf.float32), ((None, None), tf.int32))
        signature = [tf.TensorSpec(*spec) for spec in (*shapes, ((None,), tf.float32))]
        self._run = tf.function(self._steps, input_signature=signature)

    def run(self, steps: Steps) -> float:
        """Train on all the steps. Returns the sum of the weighted losses of their pairs."""
        return float(self._run(steps.items, steps.weights, steps.pools, steps.rates))

    def _steps(self, items: Any, weights: Any, pools: Any, rates: Any) -> Any:  # noqa: ANN401 - tensors
        tf = tensorflow()
        total = tf.constant(0.0)
        for number in tf.range(tf.shape(items)[0]):
            total += self._step(items[number], weights[number], pools[number], rates[number])
        return total

    def _step(self, items: Any, weights: Any, pool: Any, rate: Any) -> Any:  # noqa: ANN401 - tensors
        tf = tensorflow()
        numbers, place = tf.unique(tf.concat([items, pool], 0))
        rows = tf.gather(self._embedding, numbers)
        with tf.GradientTape() as tape:
            tape.watch(rows)
            units = tf.gather(tf.math.l2_normalize(rows, axis=1), place)
            loss = self.loss(units, items, weights, pool)
        tf.raw_ops.ResourceSparseApplyAdagradV2(
            var=self._embedding.handle,
            accum=self.accumulator.handle,
            lr=rate,
            epsilon=1e-7,
            grad=tape.gradient(loss, rows),
            indices=numbers,
        )
        return loss

    def loss(self, units: Any, items: Any, weights: Any, pool: Any) -> Any:  # noqa: ANN401 - tensors
        """Sum of the weighted losses of a step.

        Parameters
        ----------
        units : float32 (L + S, d), the unit vectors of the step's tracks and negatives.
        items : int32 (L,)
        weights : float32 (L, W)
        pool : int32 (S,)
        """
        tf = tensorflow()
        length = tf.shape(items)[0]
        tracks, negatives = units[:length], units[length:]
        own = tf.gather(self._correction, items)
        logits = self._temperature * tf.matmul(tracks, negatives, transpose_b=True)
        same = items[:, None] == pool[None, :]
        noise = tf.reduce_sum(tf.exp(tf.where(same, NEVER, logits - tf.gather(self._correction, pool))), 1)
        missing = 1.0 - tf.reduce_sum(tf.cast(same, tf.float32), 1)
        loss = tf.constant(0.0)
        for k in range(1, weights.shape[1] + 1):
            score = self._temperature * tf.reduce_sum(tracks[:-k] * tracks[k:], 1)
            for target, context in ((slice(None, -k), slice(k, None)), (slice(k, None), slice(None, -k))):
                logit = score - own[context]
                signal = tf.exp(logit)
                # never below the signal, unless there is no pair
                whole = tf.maximum(noise[target] + missing[context] * signal, signal)
                cost = tf.math.log(whole) - logit
                loss += tf.reduce_sum(weights[:-k, k - 1] * cost)
        return loss
