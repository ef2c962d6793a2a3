"""Flat `.npy` files that are mapped, not read."""

from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from segue.core.arrays import map_array
from segue.core.errors import SegueError

Scalar = TypeVar("Scalar", bound=np.generic)


def load_array(path: Path, dtype: type[Scalar]) -> npt.NDArray[Scalar]:
    """Map a one-dimensional array of the given dtype.

    Raises
    ------
    SegueError
        When the file is missing, damaged, or holds anything else.
    """
    mapped = map_array(path, cure="make it again")
    if mapped.ndim != 1 or mapped.dtype != np.dtype(dtype):
        raise SegueError(f"{path}: is not a flat array of {np.dtype(dtype).name}; make it again")
    return mapped
