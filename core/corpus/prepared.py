"""What a prepared corpus says of itself, by which it is known whether it must be prepared again."""

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from segue.core.corpus.corpus import Corpus
from segue.core.corpus.encoding import Part
from segue.core.corpus.loading import RECORD, is_prepared, read_record
from segue.core.corpus.readers import Columns
from segue.core.errors import SegueError
from segue.core.files import atomic_folder
from segue.core.places import require_writable

VERSION = 1
TRAIN_AGAIN = "prepare again when nobody writes it any more"
SPOOL = "spool"
"""The folder of what is needed only meanwhile."""


@dataclass(frozen=True)
class Prepared:
    """What a prepared corpus holds; stored as `corpus.json` in its folder."""

    version: int
    inputs: list[list[str | int]]
    """Path, bytes and time of change (nanoseconds) of each file read."""
    formats: list[str]
    min_count: int
    columns: dict[str, str | None]
    playlists: int
    positions: int
    """Positions kept; `read` were read."""
    read: int
    tracks: int
    distinct: int
    """Distinct tracks before rare ones were dropped."""
    described: int
    """Tracks with a title or an artist."""
    skipped: dict[str, int]
    fingerprint: str
    seconds: float


def request_of(parts: Sequence[Part], min_count: int, columns: Columns) -> dict[str, object]:
    """What is asked for, in the words of the record: files, formats and settings."""
    return {
        "version": VERSION,
        "inputs": [_identity(source.path) for _, source in parts],
        "formats": [name for name, _ in parts],
        "min_count": min_count,
        "columns": asdict(columns),
    }


def check_unchanged(parts: Sequence[Part], request: dict[str, object]) -> None:
    """Refuse what was read of files that were written meanwhile: half of it would be of another file.

    Raises
    ------
    SegueError
        When a file has gone, or has another size or time of change than the request says.
    """
    for (_, source), before in zip(parts, cast("list[object]", request["inputs"]), strict=True):
        try:
            now = _identity(source.path)
        except OSError as error:
            raise SegueError(
                f"{source.path}: disappeared while being read ({error.strerror}); {TRAIN_AGAIN}"
            ) from None
        if now != before:
            raise SegueError(f"{source.path}: was written while it was read; {TRAIN_AGAIN}")


def prepare_once(
    parts: Sequence[Part],
    out: Path,
    work: Callable[[Path], dict[str, object]],
    *,
    min_count: int,
    columns: Columns,
    again: bool,
) -> tuple[Prepared, bool]:
    """Let `work` fill the folder `out`, unless it holds the corpus of the same unchanged files already.

    Parameters
    ----------
    parts, min_count, columns
        What is asked for.
    out
        The folder; a kill at any moment leaves what was there before.
    work
        Writes a corpus into the folder that it is given, which has an empty folder `spool` that is removed
        afterwards; returns what the record says of the result.
    again
        Prepare even when nothing has changed.

    Returns
    -------
    prepared, and whether it was made just now.

    Raises
    ------
    SegueError
        When `out` is something else, or what `work` raises.
    """
    started = time.perf_counter()
    request = request_of(parts, min_count, columns)
    clear_way(out)
    if not again and (record := already(out, request)) is not None:
        return record, False
    with atomic_folder(out) as folder:
        spool = folder / SPOOL
        spool.mkdir()
        try:
            found = work(folder)
        except (SegueError, OSError):
            check_unchanged(parts, request)
            raise
        check_unchanged(parts, request)
        shutil.rmtree(spool)
        seconds = round(time.perf_counter() - started, 3)
        record = Prepared(**request, **found, seconds=seconds)  # type: ignore[arg-type] # values of its fields
        (folder / RECORD).write_text(json.dumps(asdict(record), indent=1) + "\n")
    return record, True


def _identity(path: Path) -> list[str | int]:
    stat = path.stat()
    return [str(path.resolve()), stat.st_size, stat.st_mtime_ns]


def clear_way(out: Path) -> None:
    """Bring back what an interrupted run put aside; `atomic_folder` removes what killed runs have left.

    Raises
    ------
    SegueError
        When something else than a prepared corpus is there.
    """
    require_writable(out, record=RECORD, what="a prepared corpus", change="choose another --out")


def already(out: Path, request: dict[str, object]) -> Prepared | None:
    """What is in `out`, when it was made from the same files in the same way."""
    if not is_prepared(out):
        return None
    try:
        stored = read_record(out)
        Corpus.open(out)
        record = Prepared(**stored)  # type: ignore[arg-type] # checked against the request below
    except (SegueError, TypeError):
        return None
    return record if all(stored.get(name) == value for name, value in request.items()) else None
