"""The fast recipe's loss, its gradient, and the compiled loop over many steps.

The loss of a pair (target t, context c) is the sampled softmax with log-q correction (Jean et al. 2015,
section 3; Bengio and Senécal 2008):

    cost(t, c) = -log( exp(s(t, c)) / (exp(s(t, c)) + Z(t)) ),   Z(t) = sum over the pool's n of exp(s(t, n)),
    s(t, x) = temperature * cos(t, x) - correction(x).

A negative equal to the target is left out of Z; one equal to the context is the positive itself and counts
once. All pairs of a target share its Z, so the pool is met once a position, in two matrix products and a
third on the way back. TensorFlow's own differentiation of the same loss took 1.6 to 2.5 times as long.
"""

from typing import TYPE_CHECKING, Any

from segue.core.track2vec.model import tensorflow

if TYPE_CHECKING:
    from segue.core.track2vec.epoch import Floats, Steps

FIRST_ACCUMULATOR = 1e-6

Tensor = Any
"""A tensor; TensorFlow has no types."""


class SoftmaxLoop:
    """Trains the embedding of a model in place by Adagrad, touching only the rows that a step has seen.

    Parameters
    ----------
    model : from `build_model`; the weight of its last layer is the temperature.
    correction : float32 (V,), from `EpochMaker.log_expected`.
    window : pairs are at most this many positions apart.
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
