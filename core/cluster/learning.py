"""One shard's round: the model of `core.track2vec` over the shard's own rows."""

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.core.cluster.blocks import Piece
from segue.core.cluster.kept_loop import LoopKeeper
from segue.core.cluster.shards import lesson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segue.core.cluster.blocks import State
    from segue.core.cluster.shards import Order, Shard
    from segue.core.track2vec.epoch import Law

STEPS_A_CALL = 64

LOOPS = LoopKeeper()
"""Of this process; what a task learns does not depend on what it finds here."""


@dataclass(frozen=True)
class Taught:
    """What a shard says of its round."""

    loss: float
    """Sum of the weighted costs."""
    weight: float
    """What to divide it by."""
    positives: int
    seconds: float
    moved: int
    """Bytes of rows that came and went."""
    memory: int
    """Bytes at the peak of the process, what it shares with others included; 0 where unknown."""


def train_shard(
    order: "Order", shard: "Shard", law: "Law", round_number: int, came: "Sequence[State]"
) -> tuple[Taught, list[Piece]]:
    """Train a shard for a round.

    Parameters
    ----------
    came : for each block, the state of the rows that `rows_needed` has named.

    Returns
    -------
    taught, and for each block what became of the rows that were touched.
    """
    begun = time.perf_counter()
    use_one_thread()
    config, layout = order.config, order.layout
    plan = lesson(order, shard, law, round_number)
    kept = LOOPS.start(config, plan.log_expected)
    for block, state in enumerate(came):
        kept.put(layout.places(plan.tracks, block), state)
    loss = sum(kept.loop.run(part) for part in plan.steps.slices(STEPS_A_CALL))
    pieces = []
    for block in range(layout.n_blocks):
        places = layout.places(plan.tracks, block)
        places = places[plan.counts[places] > 0]
        rows = plan.tracks[places] // np.int32(layout.n_blocks)
        pieces.append(Piece(rows, kept.take(places), plan.counts[places]))
    moved = sum(array.nbytes for piece in pieces for array in piece) + sum(state.nbytes for state in came)
    weight = float(plan.steps.weights.sum(dtype=np.float64)) * 2
    seconds = time.perf_counter() - begun
    return Taught(loss, weight, plan.steps.positives, seconds, moved, peak_memory()), pieces


def use_one_thread() -> None:
    """Let TensorFlow sum in one order only; it looks at this while it is imported."""
    if "tensorflow" not in sys.modules:
        os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"


def peak_memory() -> int:
    """Bytes of this process at its peak; 0 where that can't be asked."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
