"""Arrays on disk: mapped or read without ever unpickling, and refused in one line when they are damaged."""

import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SegueError

DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    SyntaxError,
    NotImplementedError,
    OverflowError,
    MemoryError,
    RecursionError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""Everything that NumPy and zipfile have been seen to raise for a file that is not what it claims to be."""

LARGEST_RATIO, ALWAYS_FINE = 250, 256 << 20
"""What unpacks to more than this many times its size, and to more than `ALWAYS_FINE` bytes, is a bomb."""


def map_array(path: Path, *, cure: str) -> NDArray[Any]:
    """Map the array of a `.npy` file, without reading it.

    Raises
    ------
    SegueError
        When the file is missing, damaged, or holds Python objects; `cure` ends its line.
    """
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise SegueError(f"{path}: is missing; {cure}") from None
    except DAMAGE as error:
        raise SegueError(f"{path}: is damaged ({one_line(error)}); {cure}") from None
    if not isinstance(array, np.memmap):
        raise SegueError(f"{path}: is no single array; {cure}")
    return np.asarray(array)  # a plain view: slicing np.memmap costs 1 microsecond each time


def read_archive(path: Path, *, cure: str) -> dict[str, NDArray[Any]]:
    """Read every array of a `.npz` file.

    Raises
    ------
    SegueError
        As `map_array`.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if sum(entry.file_size for entry in arrays.zip.infolist()) > max(
                ALWAYS_FINE, LARGEST_RATIO * path.stat().st_size
            ):
                raise SegueError(f"{path}: unpacks to more than {LARGEST_RATIO} times its size; {cure}")
            return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        raise SegueError(f"{path}: is missing; {cure}") from None
    except (*DAMAGE, AttributeError) as error:  # a lone array is loaded without an archive's attributes
        raise SegueError(f"{path}: is damaged ({one_line(error)}); {cure}") from None


def one_line(error: BaseException) -> str:
    """The error's text on one line, cut short, for use within another."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:199]}…"
