"""The fast recipe: an epoch as four flat arrays, made by NumPy alone, and the loss over it.

A step of the fast recipe takes a run of consecutive *positions* of shuffled playlists rather than a list of
pairs. A position's vector is fetched once and compared once with the shared negatives, and serves all its
pairs: with a window of 3 that is six positives for the price of one.

Who is drawn how often: smoothed tables, thinning of frequent tracks, positive pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segue.core.track2vec.model import tensorflow

if TYPE_CHECKING:
    from segue.core.corpus.corpus import Corpus
    from segue.core.track2vec.config import FastConfig


Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def smoothed(counts: npt.ArrayLike, exponent: float) -> Doubles:
    """The negative-sampling distribution: probability in proportion to `counts ** exponent`, float64 (V,).

    A track that training never shows still counts as half a play, so that it is drawn now and then and a
    negative exponent stays finite.
    """
    weights = np.maximum(np.asarray(counts, np.float64), 0.5) ** exponent
    return np.asarray(weights / weights.sum())


class DrawTable:
    """Draws integers by a given distribution in O(log V) each, from a cumulative table made once.

    `probabilities` are float (V,) and sum to 1.
    """

    def __init__(self, probabilities: Doubles) -> None:
        self._cumulative = np.cumsum(probabilities)
        self._cumulative /= self._cumulative[-1]

    def draw(self, size: int | tuple[int, ...], rng: np.random.Generator) -> Ints:
        """Independent draws, int32 of the given shape."""
        return np.searchsorted(self._cumulative, rng.random(size), side="right").astype(np.int32)


def drop_probability(frequency: Doubles, threshold: float) -> Doubles:
    """The notebook's subsampling: `(f - t) / f - sqrt(t / f)`; at or below 0 nothing is dropped.

    `frequency` is the share of all positions that a track fills, in (0, 1]; `threshold` the notebook's
    `sub_t`.
    """
    return (frequency - threshold) / frequency - np.sqrt(threshold / frequency)


def window_pairs(items: Ints, offsets: npt.NDArray[np.int64], window: int) -> Ints:
    """Every ordered pair of positions of one playlist at most `window` apart, int32 (n, 2).

    The columns are target and context. The flat array is compared with itself, shifted by 1 to `window`.
    """
    playlist = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    pairs = []
    for shift in range(1, min(window, len(items) - 1) + 1):
        near = playlist[:-shift] == playlist[shift:]
        left, right = items[:-shift][near], items[shift:][near]
        pairs += [np.stack([left, right], 1), np.stack([right, left], 1)]
    return np.concatenate(pairs) if pairs else np.empty((0, 2), np.int32)


Distribution = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Steps:
    """The input of some consecutive steps: n steps of L positions, window W, pool S."""

    items: Ints
    """int32 (n, L): the tracks, playlist after playlist. Zeros fill up the last step."""
    weights: Floats
    """float32 (n, L, W): weight of the pair of a position and the one k + 1 later, 0 where there is none."""
    pools: Ints
    """int32 (n, S): the negatives."""
    rates: Floats
    """float32 (n,): the learning rates."""

    def __len__(self) -> int:
        return len(self.items)

    @property
    def positives(self) -> int:
        """Pairs trained, each counted both ways."""
        return 2 * int(np.count_nonzero(self.weights))

    def slices(self, length: int) -> Iterator["Steps"]:
        """The same steps in runs of at most `length`."""
        for start in range(0, len(self), length):
            part = slice(start, start + length)
            yield Steps(self.items[part], self.weights[part], self.pools[part], self.rates[part])


class EpochMaker:
    """Makes the arrays of any epoch, each from its own random stream `(seed, epoch, *stream)`.

    `corpus` are the training playlists, and nothing in `config` is left None. Negatives are drawn by
    `distribution`, float64 (V,), that of the whole corpus where `corpus` is a part of it; `stream` tells the
    random streams of several parts from one another.
    """

    def __init__(
        self,
        corpus: "Corpus",
        config: "FastConfig",
        seed: int,
        *,
        distribution: Distribution | None = None,
        stream: tuple[int, ...] = (),
    ) -> None:
        assert config.epochs and config.batch and config.pool  # noqa: S101, PT018 - narrows None
        assert config.learning_rate  # noqa: S101 - narrows None
        self._corpus, self._config, self._seed = corpus, config, seed
        self._epochs, self._batch = config.epochs, config.batch
        self._pool, self._rate = config.pool, config.learning_rate
        self._stream = stream
        self.distribution = smoothed(corpus.counts, config.exponent) if distribution is None else distribution
        self._table = DrawTable(self.distribution)
        self.n_steps = -(-corpus.n_positions // self._batch)

    def log_expected(self) -> Floats:
        """The log-q correction of each track: log of its expected number in a pool, times `log_q`, (V,)."""
        return (self._config.log_q * np.log(self.distribution * self._pool)).astype(np.float32)

    def make(self, epoch: int) -> Steps:
        """The arrays of epoch number `epoch`, counted from 0."""
        rng = np.random.default_rng([self._seed, epoch, *self._stream])
        items, playlist = self._shuffled(rng)
        weights = self._weights(items, playlist)
        pools = self._table.draw((self.n_steps, self._pool), rng)
        done = (epoch + np.arange(self.n_steps) / self.n_steps) / self._epochs
        rates = self._rate * (1 - (1 - self._config.final_rate) * done)
        shape = (self.n_steps, self._batch)
        return Steps(items.reshape(shape), weights.reshape(*shape, -1), pools, rates.astype(np.float32))

    def _shuffled(self, rng: np.random.Generator) -> tuple[Ints, npt.NDArray[np.int64]]:
        """The playlists in a new order: track and playlist of every position, filled up to whole steps."""
        offsets = self._corpus.offsets
        order = rng.permutation(self._corpus.n_playlists)
        lengths = np.diff(offsets)[order]
        ends = np.cumsum(lengths)
        positions = np.arange(ends[-1]) + np.repeat(offsets[:-1][order] - (ends - lengths), lengths)
        filling = self.n_steps * self._batch - len(positions)
        items = np.concatenate([self._corpus.items[positions], np.zeros(filling, np.int32)])
        playlist = np.concatenate([np.repeat(order, lengths), np.full(filling, -1)])
        return items, playlist

    def _weights(self, items: Ints, playlist: npt.NDArray[np.int64]) -> Floats:
        window = self._config.window
        weights = np.zeros((len(items), window), np.float32)
        step = np.arange(len(items)) // self._batch
        for k in range(1, min(window, len(items) - 1) + 1):
            pair = (playlist[:-k] == playlist[k:]) & (playlist[k:] >= 0) & (step[:-k] == step[k:])
            pair &= items[:-k] != items[k:]  # a track is at cosine 1 with itself: nothing to learn
            weights[:-k, k - 1] = pair / (k if self._config.distance_weight == "harmonic" else 1)
        return weights


FIRST_ACCUMULATOR = 1e-6

Tensor = Any
"""A tensor; TensorFlow has no types."""


class SoftmaxLoop:
    """Trains the embedding of a model in place by Adagrad, touching only the rows that a step has seen.

    The model comes from `build_model`; the weight of its last layer is the temperature. `correction`, float32
    (V,), comes from `EpochMaker.log_expected`. Pairs are at most `window` positions apart.
    """

    def __init__(self, model: Any, correction: "Floats", window: int) -> None:  # noqa: ANN401 - keras is untyped
        tf = tensorflow()
        self._embedding = model.get_layer("embedding").embeddings.value
        self._temperature = float(model.get_layer("classif").kernel.numpy()[0, 0])
        self.correction = tf.Variable(correction, trainable=False)
        self.accumulator = tf.Variable(tf.fill(self._embedding.shape, FIRST_ACCUMULATOR))
        shapes = (((None, None), tf.int32), ((None, None, window), tf.float32), ((None, None), tf.int32))
        signature = [tf.TensorSpec(*spec) for spec in (*shapes, ((None,), tf.float32))]
        self._run = tf.function(self._steps, input_signature=signature)

    def run(self, steps: "Steps") -> float:
        """Train on all the steps. Returns the sum of the weighted costs of their pairs."""
        return float(self._run(steps.items, steps.weights, steps.pools, steps.rates))

    def _steps(self, items: Tensor, weights: Tensor, pools: Tensor, rates: Tensor) -> Tensor:
        tf = tensorflow()
        total = tf.constant(0.0)
        for number in tf.range(tf.shape(items)[0]):  # becomes a loop of TensorFlow's own
            total += self._step(items[number], weights[number], pools[number], rates[number])
        return total

    def _step(self, items: Tensor, weights: Tensor, pool: Tensor, rate: Tensor) -> Tensor:
        tf = tensorflow()
        length = tf.shape(items)[0]
        # every track of the step once, and where each position and negative finds its own
        numbers, place = tf.unique(tf.concat([items, pool], 0))
        n_rows = tf.shape(numbers)[0]
        rows = tf.gather(self._embedding, numbers)
        shrink = tf.math.rsqrt(tf.reduce_sum(rows * rows, 1, keepdims=True))
        units = rows * shrink
        placed = tf.gather(units, place)
        copies = tf.math.bincount(place[length:], minlength=n_rows, maxlength=n_rows, dtype=tf.float32)
        correction = tf.gather(self.correction, tf.concat([items, pool], 0))
        loss, slopes = loss_and_slopes(
            placed[:length],
            placed[length:],
            weights,
            correction[:length],
            correction[length:],
            tf.gather(copies, place[:length]),
            self._temperature,
        )
        slope = tf.math.unsorted_segment_sum(slopes, place, n_rows)
        tangent = slope - units * tf.reduce_sum(units * slope, 1, keepdims=True)
        tf.raw_ops.ResourceSparseApplyAdagradV2(
            var=self._embedding.handle,
            accum=self.accumulator.handle,
            lr=rate,
            epsilon=1e-7,
            grad=tangent * shrink,
            indices=numbers,
        )
        return loss


def loss_and_slopes(  # noqa: PLR0917 - tensors of one step
    tracks: Tensor,
    negatives: Tensor,
    weights: Tensor,
    correction: Tensor,
    pool_correction: Tensor,
    copies: Tensor,
    temperature: float,
) -> tuple[Tensor, Tensor]:
    """The loss of one step and its derivative by the unit vectors.

    Parameters
    ----------
    tracks : float32 (L, d), unit vectors of consecutive positions.
    negatives : float32 (S, d), unit vectors of the pool.
    weights : float32 (L, W), weight of the pair of a position and the one k + 1 later.
    correction : float32 (L,), of the positions' tracks.
    pool_correction : float32 (S,), of the pool's tracks.
    copies : float32 (L,), how often each position's track is in the pool.
    temperature : see the module.

    Returns
    -------
    loss, the weighted sum of the costs of all pairs both ways, and slopes, float32 (L + S, d).
    """
    tf = tensorflow()
    length = tf.shape(tracks)[0]
    # a column of ones brings the correction into the first product and the sum of each row into the second
    ones = tf.ones([length, 1])
    scaled = tf.concat([temperature * tracks, ones], 1)
    corrected = tf.concat([negatives, -pool_correction[:, None]], 1)
    noise = tf.exp(tf.matmul(scaled, corrected, transpose_b=True))
    pulls = tf.matmul(noise, tf.concat([negatives, tf.ones_like(corrected[:, :1])], 1))
    # a track is at cosine 1 with itself, which also keeps its own copies out of the gradient's tangent
    whole = tf.maximum(pulls[:, -1] - copies * tf.exp(temperature - correction), 0.0)

    loss = tf.constant(0.0)
    by_noise = tf.zeros([length])
    slopes = tf.zeros_like(tracks)
    for k in range(1, weights.shape[1] + 1):
        left, right, weight = tracks[:-k], tracks[k:], weights[:-k, k - 1]
        score = temperature * tf.reduce_sum(left * right, 1)
        pull = tf.constant(0.0)
        for target, context, margins in (
            (slice(None, -k), slice(k, None), [[0, k]]),
            (slice(k, None), slice(None, -k), [[k, 0]]),
        ):
            signal = tf.exp(score - correction[context])
            missing = (1.0 - copies[context]) * signal
            # never below the signal, unless a track is beside itself, where there is no pair
            total = tf.maximum(whole[target] + missing, signal)
            loss += tf.reduce_sum(weight * tf.math.log(total / signal))
            by_noise += tf.pad(weight / total, margins)
            pull += weight * (missing / total - 1.0)
        pull = pull[:, None]
        slopes += tf.pad(pull * right, [[0, k], [0, 0]]) + tf.pad(pull * left, [[k, 0], [0, 0]])
    by_noise = by_noise[:, None]
    slopes += by_noise * pulls[:, :-1]
    pool_slopes = tf.matmul(noise, by_noise * tracks, transpose_a=True)
    return loss, temperature * tf.concat([slopes, pool_slopes], 0)
