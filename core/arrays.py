"""Arrays on disk: mapped or read without ever unpickling, and refused in one line when they are damaged."""

import lzma
import math
import os
import re
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from segue.core.errors import SegueError
from segue.core.files import ALWAYS_FINE, LARGEST_RATIO, open_regular, require_regular
from segue.core.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = Lazy("numpy")  # 45 ms, which the explorer's first frame need not wait

Scalar = TypeVar("Scalar", bound="np.generic")

DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    SyntaxError,
    RuntimeError,  # an archive's member that is encrypted, or packed in an unknown way
    OverflowError,
    MemoryError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
"""Everything that NumPy and zipfile have been seen to raise for a file that is not what it claims to be."""

PLAIN_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(..)\{'descr': '([<|][biuf]\d+)', 'fortran_order': (?:True|False), "
    rb"'shape': \(([\d, ]*)\), \} *\n",
    re.DOTALL,
)
"""What NumPy itself writes before an array of plain numbers (numpy.lib.format, version 1.0)."""


def array_form(path: Path, *, hint: str) -> tuple[str, tuple[int, ...]]:
    """Return the type and the shape of a `.npy` file's array, such as `("<f4", (123241, 64))`.

    A file as NumPy writes it is described by its header alone; any other is mapped. Raises `SegueError` as
    `map_array`.
    """
    try:
        with open_regular(path) as file:
            head, size = file.read(256), os.fstat(file.fileno()).st_size
    except OSError:
        head, size = b"", 0
    if (plain := PLAIN_HEADER.match(head)) is not None:
        kind = plain[2].decode()
        shape = tuple(int(number) for number in plain[3].decode().replace(",", " ").split())
        start = 10 + int.from_bytes(plain[1], "little")
        if start == plain.end() and size == start + math.prod(shape) * int(kind[2:]):
            return kind, shape
    array = map_array(path, hint=hint)
    return array.dtype.str, array.shape


def are_offsets(offsets: "NDArray[np.int64]", end: int) -> bool:
    """Whether they rise from 0 to `end`; compared, since a difference of far values wraps around."""
    return bool(
        len(offsets) > 0 and offsets[0] == 0 and offsets[-1] == end and (offsets[1:] >= offsets[:-1]).all()
    )


def map_array(path: Path, *, hint: str) -> "NDArray[Any]":
    """Map the array of a `.npy` file, without reading it.

    Raises `SegueError` when the file is missing, damaged, or holds Python objects; `hint` ends its line.
    """
    require_regular(path)
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise SegueError(f"{path}: is missing; {hint}") from None
    except DAMAGE as error:
        raise SegueError(f"{path}: is damaged ({one_line(error)}); {hint}") from None
    if not isinstance(array, np.memmap):
        raise SegueError(f"{path}: is not a single array; {hint}")
    return np.asarray(array)  # a plain view: slicing np.memmap costs 1 microsecond each time


def require(
    path: Path, array: "NDArray[Any]", kind: str, shape: tuple[int | None, ...], *, hint: str
) -> "NDArray[Any]":
    """Return the array if it is of a kind, such as `<i4`, and of a shape, in which None is any length.

    Raises `SegueError` when it is another, or holds numbers that are not finite.
    """
    fits = len(shape) == array.ndim and all(
        wanted in {None, found} for wanted, found in zip(shape, array.shape, strict=False)
    )
    if not fits or array.dtype.newbyteorder("<").str != kind:
        wanted = ", ".join("n" if length is None else f"{length}" for length in shape)
        raise SegueError(f"{path}: holds {array.dtype} {array.shape}, not {kind} ({wanted}); {hint}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise SegueError(f"{path}: holds numbers that are not finite; {hint}")
    return array


def read_archive(path: Path, *, hint: str) -> "dict[str, NDArray[Any]]":
    """Read every array of a `.npz` file. Raises `SegueError` as `map_array`."""
    try:
        with open_regular(path) as file, np.load(file, allow_pickle=False) as arrays:
            if sum(entry.file_size for entry in arrays.zip.infolist()) > max(
                ALWAYS_FINE, LARGEST_RATIO * path.stat().st_size
            ):
                raise SegueError(f"{path}: unpacks to more than {LARGEST_RATIO} times its size; {hint}")
            return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        raise SegueError(f"{path}: is missing; {hint}") from None
    except (*DAMAGE, AttributeError) as error:  # a lone array is loaded without an archive's attributes
        raise SegueError(f"{path}: is damaged ({one_line(error)}); {hint}") from None


def one_line(error: BaseException) -> str:
    """The error's text on one line, cut short, for use within another."""
    text = " ".join(str(error).split()) or type(error).__name__
    if "allow_pickle" in text:  # NumPy's advice to unpickle what it doesn't know is bad advice
        text = "it holds Python objects, or no NumPy array at all"
    return text if len(text) <= 200 else f"{text[:199]}…"


def load_array(path: Path, dtype: type[Scalar]) -> "NDArray[Scalar]":
    """Map a one-dimensional array of the given dtype.

    Raises `SegueError` when the file is missing, damaged, or holds anything else.
    """
    mapped = map_array(path, hint="make it again")
    if mapped.ndim != 1 or mapped.dtype != np.dtype(dtype):
        raise SegueError(f"{path}: is not a flat array of {np.dtype(dtype).name}; create it again")
    return mapped
