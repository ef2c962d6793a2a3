"""The whole table out of its blocks, one block in memory at a time."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from segue.core.arrays import map_array
from segue.core.files import atomic_file
from segue.core.library import EMBEDDING
from segue.core.neighbours import unit
from segue.core.track2vec.model import build_model

if TYPE_CHECKING:
    from segue.core.cluster.blocks import Layout
    from segue.core.cluster.round_files import Round


def unit_vectors(path: Path, last: "Round", layout: "Layout") -> npt.NDArray[np.float32]:
    """Write a round's vectors as unit rows, float32 (V, d), and map them."""
    dim = last.block(0).shape[2]
    with atomic_file(path) as temporary:
        rows = np.lib.format.open_memmap(temporary, "w+", np.float32, (layout.n_tracks, dim))
        for block in range(layout.n_blocks):
            rows[layout.tracks_of(block)] = unit(last.block(block)[0])
        rows.flush()
        del rows
    return map_array(path, cure="train again")


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
