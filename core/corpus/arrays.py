"""Flat `.npy` files that are mapped, not read."""

from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core.errors import SegueError

Scalar = TypeVar("Scalar", bound=np.generic)


def load_array(path: Path, dtype: type[Scalar]) -> npt.NDArray[Scalar]:
    """Map a one-dimensional array of the given dtype.

    Raises
    ------
    SegueError
        When the file is missing, damaged, or holds anything else.
    """
    try:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError) as error:
        raise SegueError(f"{path}: cannot be opened ({error}); make it again") from None
    if not isinstance(mapped, np.memmap) or mapped.ndim != 1 or mapped.dtype != np.dtype(dtype):
        raise SegueError(f"{path}: is no flat array of {np.dtype(dtype).name}; make it again")
    return np.asarray(mapped)  # a plain view: slicing np.memmap costs 1 microsecond each time
