"""Lists of track ids: text with one id a line, JSON, or NumPy arrays of strings."""

import json
import math
from pathlib import Path

from segue.core.corpus.readers.deezer_npy import npy_header
from segue.core.corpus.readers.pickled import object_array
from segue.core.errors import SegueError
from segue.core.files import read_regular
from segue.core.interchange.numpy_files import MAGIC, is_object_array, load_array, texts_of

LARGEST = 4 << 30
"""Bytes of a list of ids."""


def read_track_ids(path: Path) -> list[str]:
    """Read the track ids of a list, in its order.

    A `.npy` of Python strings (dtype object) is interpreted, never unpickled.

    Raises
    ------
    SegueError
        When the file is missing, damaged, or holds something else.
    """
    try:
        data = read_regular(path, LARGEST)
    except OSError as error:
        raise SegueError(f"{path}: can't be read ({error.strerror or error})") from None
    if data.startswith(MAGIC):
        return _from_npy(path, data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SegueError(f"{path}: is neither UTF-8 text, JSON nor a .npy file of track ids") from None
    if text.lstrip()[:1] == "[" and text.rstrip()[-1:] == "]":
        return _from_json(path, text)
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    blank = next((number for number, line in enumerate(lines, start=1) if not line.strip()), None)
    if blank is not None:
        raise SegueError(f"{path}: line {blank} is blank; write one track id a line")
    return lines


def _from_npy(path: Path, data: bytes) -> list[str]:
    if not is_object_array(path):
        found = load_array(path)
        if found.ndim != 1 or found.dtype.kind not in "USiu":
            raise SegueError(
                f"{path}: holds an array of {found.dtype} {found.shape}, not a list of track ids"
            )
        return texts_of(found)
    shape, start = npy_header(data, path)
    cells = object_array(data, start, str(path)).cells
    if len(shape) != 1 or len(cells) != math.prod(shape) or not all(isinstance(cell, str) for cell in cells):
        raise SegueError(
            f"{path}: holds Python objects that are not a list of strings; save the ids with "
            "np.save(FILE, np.array(ids, dtype=str))"
        )
    return cells


def _from_json(path: Path, text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SegueError(f"{path}: is not valid JSON ({error})") from None
    if not all(isinstance(name, str | int) and not isinstance(name, bool) for name in found):
        raise SegueError(f"{path}: is not a JSON list of track ids (strings or whole numbers)")
    return [str(name) for name in found]
