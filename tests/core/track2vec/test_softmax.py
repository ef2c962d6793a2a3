"""The hand-written gradient and the fused update against slower, plainer ways."""

from typing import Any

import numpy as np
import numpy.typing as npt

from segue.core.track2vec.epoch import FIRST_ACCUMULATOR, SoftmaxLoop, Steps
from segue.core.track2vec.model import build_model, raw_vectors, tensorflow

V, D, WINDOW, TEMPERATURE, RATE = 9, 6, 2, 4.0, 0.2
RNG = np.random.default_rng(5)
CORRECTION = RNG.normal(0, 0.7, V).astype(np.float32)
ITEMS = np.array([0, 3, 3, 5, 1, 0, 7], np.int32)
POOL = np.array([3, 8, 2, 3, 0, 6], np.int32)  # holds positives, targets, and one track twice
WEIGHTS = np.array(
    [[1, 0.5], [0, 0.5], [1, 0.5], [1, 0], [0, 0.5], [1, 0], [0, 0]], np.float32
)  # fmt: skip


def _plain_loss(vectors: Any) -> Any:  # noqa: ANN401 - tensors
    """Pair by pair, with every accidental hit found by comparing track numbers."""
    tf = tensorflow()
    units = tf.math.l2_normalize(vectors, axis=1)

    def score(target: int, other: int) -> Any:  # noqa: ANN401 - a tensor
        return TEMPERATURE * tf.reduce_sum(units[target] * units[other]) - CORRECTION[other]

    loss = tf.constant(0.0)
    for place in range(len(ITEMS)):
        for k in range(1, WINDOW + 1):
            weight = WEIGHTS[place, k - 1]
            if weight == 0:
                continue
            one, other = int(ITEMS[place]), int(ITEMS[place + k])
            for target, context in ((one, other), (other, one)):
                negatives = [int(n) for n in POOL if n not in (target, context)]
                logits = tf.stack([score(target, context), *(score(target, n) for n in negatives)])
                loss += weight * (tf.reduce_logsumexp(logits) - logits[0])
    return loss


def _steps(repeat: int = 1) -> Steps:
    return Steps(
        np.stack([ITEMS] * repeat),
        np.stack([WEIGHTS] * repeat),
        np.stack([POOL] * repeat),
        np.full(repeat, RATE, np.float32),
    )


def _adagrad(vectors: npt.NDArray[np.float32], times: int) -> tuple[npt.NDArray[np.float32], float]:
    """Dense Adagrad on TensorFlow's own gradient; also the sum of the losses."""
    tf = tensorflow()
    accumulator, total = np.full_like(vectors, FIRST_ACCUMULATOR), 0.0
    for _ in range(times):
        watched = tf.constant(vectors)
        with tf.GradientTape() as tape:
            tape.watch(watched)
            loss = _plain_loss(watched)
        gradient = tape.gradient(loss, watched).numpy()
        accumulator += gradient**2
        vectors = vectors - RATE * gradient / (np.sqrt(accumulator) + 1e-7)
        total += float(loss)
    return vectors, total


def test_a_fused_step_is_autodiff_and_dense_adagrad() -> None:
    model = build_model(V, D, weight=TEMPERATURE, seed=2)
    expected, expected_loss = _adagrad(raw_vectors(model).copy(), 1)
    loss = SoftmaxLoop(model, CORRECTION, WINDOW).run(_steps())
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-5)
    np.testing.assert_allclose(raw_vectors(model), expected, atol=1e-4)


def test_three_steps_in_one_call_are_three_steps() -> None:
    model = build_model(V, D, weight=TEMPERATURE, seed=3)
    expected, expected_loss = _adagrad(raw_vectors(model).copy(), 3)
    loss = SoftmaxLoop(model, CORRECTION, WINDOW).run(_steps(3))
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-4)
    np.testing.assert_allclose(raw_vectors(model), expected, atol=1e-3)


def test_rows_that_the_step_has_not_seen_stay() -> None:
    model = build_model(V, D, weight=TEMPERATURE, seed=4)
    before = raw_vectors(model).copy()
    SoftmaxLoop(model, CORRECTION, WINDOW).run(_steps())
    changed = np.any(raw_vectors(model) != before, axis=1)
    assert set(np.flatnonzero(~changed)) == {4}
