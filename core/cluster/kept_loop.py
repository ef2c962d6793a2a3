"""The compiled loop that a worker keeps from task to task: to trace it anew costs a second each time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.track2vec.model import build_model, raw_vectors
from core.track2vec.softmax import SoftmaxLoop

if TYPE_CHECKING:
    from core.cluster.blocks import State
    from core.track2vec.config import FastConfig
    from core.track2vec.epoch import Floats

SPARE = 1 / 16
"""Room for more rows than the first shard has, as the next may have a few more."""
WASTE = 1.5
"""A table with more than this many times the rows that are asked for is not worth its memory."""


@dataclass(frozen=True)
class KeptLoop:
    """A model with room for some rows, and the loop that trains it."""

    rows: int
    kind: tuple[int, int, float]
    """Dimensions, window and temperature, which the traced code holds."""
    model: Any
    loop: SoftmaxLoop

    def fits(self, rows: int, kind: tuple[int, int, float]) -> bool:
        """Whether so many rows can be trained in it. Those that are too many are never read, nor written."""
        return self.kind == kind and rows <= self.rows <= WASTE * rows

    def state(self, rows: int) -> "State":
        """The first rows as they are now, float32 (2, rows, d)."""
        return np.stack([raw_vectors(self.model)[:rows], self.loop.accumulator.numpy()[:rows]])


class LoopKeeper:
    """Hands out the loop of a process, kept as long as tasks are of about one size."""

    def __init__(self) -> None:
        self.kept: KeptLoop | None = None

    def start(self, config: "FastConfig", state: "State", correction: "Floats") -> KeptLoop:
        """A loop whose first rows are in the given state.

        Parameters
        ----------
        state : float32 (2, n, d), vectors and accumulators.
        correction : float32 (n,), see `EpochMaker.log_expected`.
        """
        rows = len(correction)
        kind = (config.dim, config.window, config.temperature)
        if self.kept is None or not self.kept.fits(rows, kind):
            self.kept = None  # its memory goes before the next takes its own
            self.kept = _make(rows + int(SPARE * rows), kind)
        kept = self.kept
        kept.model.get_layer("embedding").embeddings.assign(_filled(state[0], kept.rows))
        kept.loop.accumulator.assign(_filled(state[1], kept.rows))
        kept.loop.correction.assign(_filled(correction, kept.rows))
        return kept


def _make(rows: int, kind: tuple[int, int, float]) -> KeptLoop:
    dim, window, temperature = kind
    model = build_model(rows, dim, weight=temperature)
    return KeptLoop(rows, kind, model, SoftmaxLoop(model, np.zeros(rows, np.float32), window))


def _filled(values: "Floats", rows: int) -> "Floats":
    """The values and as many rows of zeros as are missing."""
    filled = np.zeros((rows, *values.shape[1:]), np.float32)
    filled[: len(values)] = values
    return filled
