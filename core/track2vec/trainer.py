"""What both recipes offer to the loop in `training`."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

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
