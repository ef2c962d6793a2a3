"""What a recipe offers to the loop in `training`, and a training on disk.

A stop or a kill loses at most the epoch under way.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from segue.core.arrays import one_line, read_archive
from segue.core.errors import SegueError, UsageError
from segue.core.files import atomic_file

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
        facts = {
            "format": FORMAT, "identity": self.identity, "history": self.history, "seconds": self.seconds,
        }  # fmt: skip
        text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
        arrays = {f"state.{name}": array for name, array in self.state.items()}
        with atomic_file(path) as temporary, temporary.open("wb") as file:
            np.savez(file, facts=text, best=self.best, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for options

    @classmethod
    def open(cls, path: Path, identity: dict[str, Any]) -> "Checkpoint":
        """Read the checkpoint of the training that `identity` describes.

        Raises
        ------
        SegueError
            When there is none, it is damaged, or it belongs to another training.
        """
        if not path.exists():
            raise UsageError(f"{path}: no checkpoint to resume from; {WITHOUT_RESUME}")
        arrays = read_archive(path, hint=WITHOUT_RESUME)
        try:
            facts = json.loads(arrays["facts"].tobytes())
            state = {name[6:]: array for name, array in arrays.items() if name.startswith("state.")}
            found = cls(facts["identity"], facts["history"], facts["seconds"], state, arrays["best"])
            same = {name: found.identity.get(name) == value for name, value in identity.items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SegueError(f"{path}: not a checkpoint ({one_line(error)}); {WITHOUT_RESUME}") from None
        if facts.get("format") != FORMAT:
            raise SegueError(f"{path}: a checkpoint of another version; {WITHOUT_RESUME}")
        for name, is_same in same.items():
            if not is_same:
                raise UsageError(f"{path}: the checkpoint has another {name}; {WITHOUT_RESUME}")
        return found
