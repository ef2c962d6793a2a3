"""The compiled loop that a worker keeps from task to task: to trace it anew costs a second each time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segue.core.track2vec.model import build_model
from segue.core.track2vec.softmax import SoftmaxLoop
from segue.core.track2vec.tensorflow_import import tensorflow

if TYPE_CHECKING:
    from segue.core.cluster.blocks import State
    from segue.core.track2vec.config import FastConfig
    from segue.core.track2vec.epoch import Floats

    Places = npt.NDArray[np.int64]

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

    def put(self, places: "Places", state: "State") -> None:
        """Set some rows: vectors and accumulators, float32 (2, n, d)."""
        slices = tensorflow().IndexedSlices
        for variable, values in zip(self._variables(), state, strict=True):
            variable.scatter_update(slices(values, places))

    def take(self, places: "Places") -> "State":
        """Some rows as they are now, float32 (2, n, d)."""
        gather = tensorflow().gather
        return np.stack([gather(variable, places).numpy() for variable in self._variables()])

    def _variables(self) -> tuple[Any, Any]:
        return self.model.get_layer("embedding").embeddings.value, self.loop.accumulator


class LoopKeeper:
    """Hands out the loop of a process, kept as long as tasks are of about one size."""

    def __init__(self) -> None:
        self.kept: KeptLoop | None = None

    def start(self, config: "FastConfig", correction: "Floats") -> KeptLoop:
        """A loop with room for so many rows, which are yet to be put there.

        Parameters
        ----------
        correction : float32 (n,), see `EpochMaker.log_expected`.
        """
        rows = len(correction)
        kind = (config.dim, config.window, config.temperature)
        if self.kept is None or not self.kept.fits(rows, kind):
            self.kept = None  # its memory goes before the next takes its own
            self.kept = _make(rows + int(SPARE * rows), kind)
        filled = np.zeros(self.kept.rows, np.float32)
        filled[:rows] = correction
        self.kept.loop.correction.assign(filled)
        return self.kept


def _make(rows: int, kind: tuple[int, int, float]) -> KeptLoop:
    dim, window, temperature = kind
    model = build_model(rows, dim, weight=temperature)
    return KeptLoop(rows, kind, model, SoftmaxLoop(model, np.zeros(rows, np.float32), window))
