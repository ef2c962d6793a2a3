"""A training in rounds on disk: after each round its blocks, whole or not at all."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.core.arrays import map_array, one_line
from segue.core.errors import SegueError, UsageError
from segue.core.files import atomic_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from segue.core.cluster.blocks import Layout, State

FORMAT = 1
AFRESH = "train without --resume"
FACTS = "round.json"


@dataclass(frozen=True)
class Round:
    """The end of a round."""

    folder: Path
    history: list[dict[str, Any]]
    """A line for each finished round."""
    seconds: float
    """Time spent training."""

    def block(self, number: int) -> "State":
        """Map a block's state, float32 (2, n, d)."""
        return map_array(self.folder / _name(number), cure=AFRESH)


class RoundFiles:
    """The rounds of one training in a folder; only the last one is kept.

    Parameters
    ----------
    folder : holds them; made when the first is saved.
    identity : what must be the same to go on.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        self.folder, self._identity = folder, identity

    def save(self, blocks: "Iterable[State]", history: list[dict[str, Any]], seconds: float) -> Round:
        """Write a round, a block at a time; the one before goes once it is there."""
        path = self.folder / f"round-{len(history):05}"
        with atomic_folder(path) as folder:
            for number, state in enumerate(blocks):
                np.save(folder / _name(number), state)
            facts = {"format": FORMAT, "identity": self._identity, "history": history, "seconds": seconds}
            (folder / FACTS).write_text(json.dumps(facts) + "\n", encoding="utf-8")
        for other in self._rounds():
            if other != path:
                shutil.rmtree(other, ignore_errors=True)
        return Round(path, history, seconds)

    def open(self, layout: "Layout", dim: int) -> Round:
        """The last finished round of this very training.

        Raises
        ------
        SegueError
            When there is none, it is damaged, or it belongs to another training.
        """
        rounds = self._rounds()
        if not rounds:
            raise UsageError(f"{self.folder}: no checkpoint to resume from; {AFRESH}")
        path = rounds[-1] / FACTS
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            found = Round(rounds[-1], list(facts["history"]), float(facts["seconds"]))
            other = [name for name, value in self._identity.items() if facts["identity"].get(name) != value]
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SegueError(f"{path}: not a checkpoint ({one_line(error)}); {AFRESH}") from None
        if facts.get("format") != FORMAT:
            raise SegueError(f"{path}: a checkpoint of another version; {AFRESH}")
        if other:
            raise UsageError(f"{path}: the checkpoint has another {other[0]}; {AFRESH}")
        for block in range(layout.n_blocks):
            state = found.block(block)
            if state.shape != (2, layout.size(block), dim) or state.dtype != np.float32:
                raise SegueError(
                    f"{found.folder / _name(block)}: holds {state.dtype} {state.shape}; {AFRESH}"
                )
        return found

    def remove(self) -> None:
        """Throw the rounds away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _rounds(self) -> list[Path]:
        return sorted(path.parent for path in self.folder.glob(f"round-*/{FACTS}"))


def _name(block: int) -> str:
    return f"block-{block:05}.npy"
