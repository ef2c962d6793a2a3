"""NumPy's own files: `.npy` with the ids beside it, and `.npz` with both."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segue.core.arrays import DAMAGE, map_array, read_archive
from segue.core.errors import SegueError
from segue.core.files import open_regular
from segue.core.interchange.table import VectorTable

MAGIC = b"\x93NUMPY"
AS_NUMBERS = 'np.save("vectors.npy", np.array(vectors, dtype="float32"))'


def is_object_array(path: Path) -> bool:
    """Whether a `.npy` file holds pickled Python objects.

    Raises
    ------
    SegueError
        When its header is damaged.
    """
    try:
        with _quiet(), open_regular(path) as file:
            version = np.lib.format.read_magic(file)
            read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
            _, _, dtype = read.get(version, np.lib.format.read_array_header_2_0)(file)
    except DAMAGE:
        raise SegueError(f"{path}: its NumPy header is damaged; save it again with np.save") from None
    return bool(dtype.hasobject)


def load_array(path: Path) -> npt.NDArray[Any]:
    """Map the array of a `.npy` file.

    Raises
    ------
    SegueError
        When it is damaged or holds Python objects.
    """
    if is_object_array(path):
        raise SegueError(f"{path}: holds Python objects, not numbers; save it again with {AS_NUMBERS}")
    with _quiet():
        return map_array(path, hint="save it again with np.save")


@contextmanager
def _quiet() -> Iterator[None]:
    """Ignore the warnings of headers that Python 2 wrote and of shapes that overflow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def read_npy(path: Path) -> VectorTable:
    """Read an array (n, d) of numbers; the ids are elsewhere."""
    return VectorTable(load_array(path))


def read_npz(path: Path) -> VectorTable:
    """Read the one table of numbers of a `.npz` file, and the one list of strings as the ids of its rows.

    Raises
    ------
    SegueError
        When it is damaged, or holds other than one of each.
    """
    found: dict[str, Any] = read_archive(
        path, hint='save it again with np.savez("vectors.npz", vectors=..., ids=...)'
    )
    # what is not an array comes as bytes, from an archive of other files
    arrays = {name: array for name, array in found.items() if isinstance(array, np.ndarray)}
    tables = [array for array in arrays.values() if array.ndim == 2 and array.dtype.kind in "fiu"]
    lists = [array for array in arrays.values() if array.ndim == 1 and array.dtype.kind in "US"]
    if len(tables) != 1 or len(lists) > 1:
        names = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in arrays.items())[:300]
        raise SegueError(
            f"{path}: expected one array of numbers (tracks, dimensions) and one of ids (tracks,), "
            f"found {names or 'none'}"
        )
    return VectorTable(tables[0], texts_of(lists[0]) if lists else None)


def texts_of(array: npt.NDArray[Any]) -> list[str]:
    """The strings of an array (n,) of strings, bytes or whole numbers."""
    if array.dtype.kind == "S":
        return [name.decode("utf-8", "replace") for name in array.tolist()]
    return [str(name) for name in array.tolist()]


def write_npy(path: Path, vectors: npt.NDArray[np.float32]) -> None:
    """Write the vectors alone."""
    with path.open("wb") as file:
        np.save(file, np.asarray(vectors), allow_pickle=False)


def write_npz(path: Path, vectors: npt.NDArray[np.float32], ids: Sequence[str]) -> None:
    """Write the arrays `vectors`, float32 (n, d), and `ids`, strings (n,)."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, vectors=np.asarray(vectors), ids=np.array(ids, dtype=str))
