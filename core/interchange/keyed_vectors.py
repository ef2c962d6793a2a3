"""gensim's KeyedVectors as `kv.save` writes them: a pickle that is interpreted here and never unpickled.

Its large arrays lie beside it: `mine.kv.vectors.npy` beside `mine.kv`.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from segue.core.arrays import DAMAGE, map_array, read_archive
from segue.core.corpus.readers.pickled import (
    ALLOWED,
    DTYPE,
    NDARRAY,
    RECONSTRUCT,
    Dtype,
    Interpreter,
    Name,
    RefusedError,
    interpret,
    text_of,
)
from segue.core.corpus.readers.streams import read_whole
from segue.core.errors import SegueError
from segue.core.files import open_regular
from segue.core.interchange.table import VectorTable

MAGIC = b"\x93NUMPY"
AS_NUMBERS = 'np.save("vectors.npy", np.array(vectors, dtype="float32"))'


def is_object_array(path: Path) -> bool:
    """Whether a `.npy` file holds pickled Python objects. Raises `SegueError` when its header is damaged."""
    try:
        with _quiet(), open_regular(path) as file:
            version = np.lib.format.read_magic(file)
            read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
            _, _, dtype = read.get(version, np.lib.format.read_array_header_2_0)(file)
    except DAMAGE:
        raise SegueError(f"{path}: its NumPy header is damaged; save it again with np.save") from None
    return bool(dtype.hasobject)


def load_array(path: Path) -> npt.NDArray[Any]:
    """Map the array of a `.npy` file. Raises `SegueError` when it is damaged or holds Python objects."""
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

    Raises `SegueError` when it is damaged, or holds other than one of each.
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


FIX = 'in gensim, save the vectors with kv.save_word2vec_format("vectors.bin", binary=True)'
KEYED_VECTORS, SCALAR = Name("KeyedVectors"), Name("scalar")
NUMBERS = {
    f"{kind}{size}" for kind, sizes in (("f", "248"), ("iu", "1248")) for kind in kind for size in sizes
}


@dataclass
class _Object:
    """What stands for the KeyedVectors: its attributes alone."""

    state: dict[Any, Any] = field(default_factory=dict)


@dataclass
class _Array:
    """A pickled array: the bytes of its numbers, or nothing of any other."""

    shape: tuple[int, ...] = ()
    dtype: str = ""
    data: bytes = b""
    fortran: bool = False

    def numbers(self) -> npt.NDArray[Any]:
        if self.dtype.lstrip("<>|=") not in NUMBERS:
            raise RefusedError("its array of vectors holds something that is not numbers")
        flat = np.frombuffer(self.data, self.dtype)
        return flat.reshape(self.shape, order="F" if self.fortran else "C")


@dataclass
class _ByteOrdered(Dtype):
    order: str = ""


class _Machine(Interpreter):
    """Adds dictionaries, sets, bytes and the one class to the opcodes of lists of text."""

    allowed = ALLOWED | {
        ("gensim.models.keyedvectors", "KeyedVectors"): KEYED_VECTORS,
        ("numpy.core.multiarray", "scalar"): SCALAR,
        ("numpy._core.multiarray", "scalar"): SCALAR,
    }
    content: ClassVar[str] = "file of gensim KeyedVectors"

    def new_object(self) -> None:
        _arguments, kind = self._stack.pop(), self._stack.pop()
        if kind is not KEYED_VECTORS:
            raise RefusedError("its pickle makes an object that no KeyedVectors need; refused")
        self.push(_Object())

    def set_items(self) -> None:
        items = self._since_mark()
        self._dictionary().update(zip(items[::2], items[1::2], strict=True))

    def set_item(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._dictionary()[key] = value

    def _dictionary(self) -> dict[Any, Any]:
        target = self._stack[-1]
        if not isinstance(target, dict):
            raise RefusedError("its pickle sets an item of something that is not a dictionary")
        return target

    def drop_set(self) -> None:
        self._since_mark()
        self.push(None)

    def reduce(self) -> None:
        arguments, function = self._stack.pop(), self._stack.pop()
        if function is RECONSTRUCT and arguments[0] is NDARRAY:
            self.push(_Array())
        elif function is DTYPE:
            self.push(_ByteOrdered(text_of(arguments[0])))
        elif function is SCALAR:
            self.push(None)
        else:
            raise RefusedError("its pickle calls something that no KeyedVectors need; refused before it ran")

    def build(self) -> None:
        state, target = self._stack.pop(), self._stack[-1]
        if isinstance(target, _Array):
            _version, shape, dtype, fortran, data = state
            target.shape, target.dtype = tuple(map(int, shape)), dtype.order + dtype.code
            target.data, target.fortran = data if isinstance(data, bytes) else b"", bool(fortran)
        elif isinstance(target, _ByteOrdered):
            target.order = text_of(state[1]).replace("|", "")
        elif isinstance(target, _Object) and isinstance(state, dict):
            target.state = state
        else:
            raise RefusedError("its pickle sets the state of something that is not KeyedVectors")


_Machine.handlers = {
    **Interpreter.handlers,
    0x81: _Machine.new_object,  # NEWOBJ
    ord("}"): lambda machine: machine.push({}),
    ord("s"): _Machine.set_item,
    ord("u"): _Machine.set_items,
    0x8D: lambda machine: machine.text(8, "utf-8"),  # BINUNICODE8
    0x8E: lambda machine: machine.raw(8),  # BINBYTES8
    0x91: _Machine.drop_set,  # FROZENSET
    ord("R"): _Machine.reduce,
    ord("b"): _Machine.build,
}


def read_keyed_vectors(path: Path) -> VectorTable:
    """Read what `gensim.models.KeyedVectors.save` wrote (gensim 4).

    Raises `SegueError` when the pickle is damaged or holds anything else, or the file of its large arrays is
    missing.
    """
    try:
        return _table(path, interpret(_Machine(read_whole(path), 0)))
    except (RefusedError, ValueError, TypeError) as error:
        raise SegueError(f"{path}: {str(error).removesuffix('; refused')}; {FIX}") from None


def _table(path: Path, found: object) -> VectorTable:
    if not isinstance(found, _Object):
        raise RefusedError("its pickle holds no gensim KeyedVectors")
    keys, vectors = found.state.get("index_to_key"), found.state.get("vectors")
    if not isinstance(keys, list) or not all(isinstance(key, str | int) for key in keys):
        raise RefusedError("its KeyedVectors lack the list of their keys")
    if "vectors" in (found.state.get("__numpys") or ()):
        return VectorTable(_beside(path), list(map(str, keys)))
    if not isinstance(vectors, _Array):
        raise RefusedError("its KeyedVectors lack their vectors")
    # more rows than keys are room that gensim holds for keys to come
    return VectorTable(vectors.numbers()[: len(keys)], list(map(str, keys)))


def _beside(path: Path) -> npt.NDArray[Any]:
    beside = path.with_name(f"{path.name}.vectors.npy")
    if not beside.exists():
        raise SegueError(
            f"{beside}: is missing; gensim keeps the vectors of {path.name} there: put it back, or {FIX}"
        )
    return load_array(beside)
