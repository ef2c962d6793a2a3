"""A training in rounds on disk: after each round its blocks, whole or not at all; and the table they make."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segue.core.arrays import map_array, one_line
from segue.core.errors import SegueError, UsageError
from segue.core.files import atomic_file, atomic_folder
from segue.core.library import EMBEDDING
from segue.core.neighbours import unit
from segue.core.track2vec.model import build_model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from segue.core.cluster.blocks import Layout, State

FORMAT = 1
WITHOUT_RESUME = "train without --resume"
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
        return map_array(self.folder / _name(number), hint=WITHOUT_RESUME)


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
            raise UsageError(f"{self.folder}: no checkpoint to resume from; {WITHOUT_RESUME}")
        path = rounds[-1] / FACTS
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            found = Round(rounds[-1], list(facts["history"]), float(facts["seconds"]))
            other = [name for name, value in self._identity.items() if facts["identity"].get(name) != value]
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise SegueError(f"{path}: not a checkpoint ({one_line(error)}); {WITHOUT_RESUME}") from None
        if facts.get("format") != FORMAT:
            raise SegueError(f"{path}: a checkpoint of another version; {WITHOUT_RESUME}")
        if other:
            raise UsageError(f"{path}: the checkpoint has another {other[0]}; {WITHOUT_RESUME}")
        for block in range(layout.n_blocks):
            state = found.block(block)
            if state.shape != (2, layout.size(block), dim) or state.dtype != np.float32:
                raise SegueError(
                    f"{found.folder / _name(block)}: holds {state.dtype} {state.shape}; {WITHOUT_RESUME}"
                )
        return found

    def _rounds(self) -> list[Path]:
        return sorted(path.parent for path in self.folder.glob(f"round-*/{FACTS}"))


def _name(block: int) -> str:
    return f"block-{block:05}.npy"


def unit_vectors(path: Path, last: "Round", layout: "Layout") -> npt.NDArray[np.float32]:
    """Write a round's vectors as unit rows, float32 (V, d), and map them."""
    dim = last.block(0).shape[2]
    with atomic_file(path) as temporary:
        rows = np.lib.format.open_memmap(temporary, "w+", np.float32, (layout.n_tracks, dim))
        for block in range(layout.n_blocks):
            rows[layout.tracks_of(block)] = unit(last.block(block)[0])
        rows.flush()
        del rows
    return map_array(path, hint="train again")


def save_weights(path: Path, last: "Round", layout: "Layout", temperature: float) -> None:
    """Write the model's weights in Keras' own form; Keras wants the name to end in `.weights.h5`.

    Keras writes those of a model of one track, whose embedding is then put in place of a whole one.
    """
    import h5py  # 0.1 s; comes with keras

    dim = last.block(0).shape[2]
    build_model(1, dim, weight=temperature).save_weights(path)
    with h5py.File(path, "r+") as file:
        del file[EMBEDDING]
        rows = file.create_dataset(EMBEDDING, (layout.n_tracks, dim), np.float32)
        for block in range(layout.n_blocks):
            rows[layout.tracks_of(block)] = last.block(block)[0]
