"""The fast recipe against its own floor: the bare kernels of the same shapes, and nothing else."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from segue.core.corpus import Split
from segue.core.track2vec.config import FastConfig
from segue.core.track2vec.epoch import EpochMaker, SoftmaxLoop, Steps
from segue.core.track2vec.model import build_model, tensorflow

DIM = 64
POOLS = (128, 512, 1024)
ROUNDS = 5


def run(split: Split, *, quick: bool) -> None:
    """Print positives a second of both, for pools of 128, 512 and 1,024 negatives."""
    n_steps = 20 if quick else 150
    print(
        "\n| positions a step | negatives | positives/s, recipe | positives/s, bare kernels | share of it |"
    )
    print("|--:|--:|--:|--:|--:|")
    for pool in POOLS:
        config = FastConfig(dim=DIM, pool=pool).fitted(split.train)
        maker = EpochMaker(split.train, config, seed=0)
        steps = next(maker.make(0).slices(n_steps))
        model = build_model(len(split.train.vocabulary), DIM, weight=config.temperature)
        loop = SoftmaxLoop(model, maker.log_expected(), config.window)
        bare = _bare(model, steps)
        ours, floor = [], []
        for _ in range(1 + ROUNDS):  # the first round compiles
            ours.append(_timed(partial(loop.run, steps)))
            floor.append(_timed(bare))
        mine, least = float(np.median(ours[1:])), float(np.median(floor[1:]))
        print(
            f"| {steps.items.shape[1]:,} | {pool:,} | {steps.positives / mine:,.0f} "
            f"| {steps.positives / least:,.0f} | {least / mine:.2f} |",
            flush=True,
        )
    print(f"\nMedian of {ROUNDS} rounds of {n_steps} steps, {DIM} dimensions.")
    print("Bare kernels: gather, the three matrix products and sparse Adagrad.\n")


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _bare(model: Any, steps: Steps) -> Callable[[], object]:  # noqa: ANN401 - keras is untyped
    """Gather, the three matrix products and the sparse update of every step."""
    tf = tensorflow()
    table = tf.Variable(model.get_layer("embedding").embeddings.value)
    accumulator = tf.Variable(tf.ones_like(table))

    @tf.function  # type: ignore[untyped-decorator]  # tensorflow is untyped
    def kernels(items: Any, pools: Any) -> Any:  # noqa: ANN401 - tensors
        total = tf.constant(0.0)
        for number in tf.range(tf.shape(items)[0]):
            tracks, negatives = tf.gather(table, items[number]), tf.gather(table, pools[number])
            logits = tf.matmul(tracks, negatives, transpose_b=True)
            slopes = tf.concat([tf.matmul(logits, negatives), tf.matmul(logits, tracks, transpose_a=True)], 0)
            tf.raw_ops.ResourceSparseApplyAdagradV2(
                var=table.handle,
                accum=accumulator.handle,
                lr=1e-9,
                epsilon=1e-7,
                grad=slopes,
                indices=tf.concat([items[number], pools[number]], 0),
            )
            total += slopes[0, 0]
        return total

    return lambda: float(kernels(steps.items, steps.pools))
