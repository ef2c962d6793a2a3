"""What a prepared corpus says of itself, by which it is known whether it must be prepared again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.corpus.corpus import Corpus
from core.corpus.encoding import Part
from core.corpus.loading import is_prepared, read_record
from core.corpus.readers import Columns
from core.errors import SegueError
from core.files import restore_folder

VERSION = 1


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
    restore_folder(out)
    if out.exists() and not is_prepared(out) and (not out.is_dir() or any(out.iterdir())):
        raise SegueError(f"{out}: exists and is no prepared corpus; choose another --out")


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
