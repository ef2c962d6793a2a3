"""The catalogue written by a process of its own, while this one reads playlists and imports TensorFlow.

That takes longer than importing TensorFlow, and a thread would only take turns with it. The process reads the
metadata files at once, waits for the vocabulary on its standard input, says what it has found, and writes the
catalogue. It removes what it has written when its reader is gone.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from segue.core.errors import SegueError
from segue.core.files import UnwritableError, beside, sweep
from segue.core.tracks import TrackInfo
from segue.core.worker import worker

if TYPE_CHECKING:
    import subprocess

    import numpy as np
    from numpy.typing import NDArray

    from segue.core.catalogue.metadata import KnownTracks

    class CountedTracks(KnownTracks, Protocol):
        """The rows of a catalogue and how often each was played; a vocabulary is one."""

        @property
        def counts(self) -> NDArray[np.int64]:
            """Plays, int64 (V,)."""


@dataclass(frozen=True)
class Wanted:
    """The tracks of a catalogue, a row each."""

    track_ids: list[str]
    artist_ids: list[str]
    counts: list[int]
    tracks: dict[str, TrackInfo]
    """What the playlists themselves say of tracks."""


@dataclass(frozen=True)
class Summary:
    """What the process has found, or the sentence with which it failed."""

    titles: int = 0
    """Tracks with a title."""
    skipped: dict[str, int] = field(default_factory=dict)
    """Metadata rows that could not be used, by reason."""
    error: str = ""


class CatalogueProcess:
    """A process that writes one catalogue. Its methods are to be called in the order in which they stand."""

    def __init__(
        self, library: Path, path: Path, metadata_files: Sequence[Path], process: "subprocess.Popen[bytes]"
    ) -> None:
        self._path, self._process = path, process
        self.library = library
        """The library's folder, which there may not be yet."""
        self.metadata_files = metadata_files
        self.titles = 0
        """Tracks with a title."""
        self.number = process.pid
        """The process' number."""
        self._written = False
        self._input = cast("BinaryIO", process.stdin)
        self._output = cast("BinaryIO", process.stdout)

    def describe(self, vocabulary: "CountedTracks", tracks: Mapping[str, TrackInfo]) -> None:
        """Send the tracks, and what the playlists know of them; waits for the first file's end.

        Raises `SegueError` when the first metadata file can't be read.
        """
        self._answer()
        wanted = Wanted(vocabulary.track_ids, vocabulary.artist_ids, vocabulary.counts.tolist(), dict(tracks))
        with suppress(BrokenPipeError):  # `_answer` says why
            _send(self._input, wanted)

    def skipped(self) -> dict[str, int]:
        """How many metadata rows could not be used, by reason; waits until all is read. Sets `titles`.

        Raises `SegueError` when a metadata file can't be read.
        """
        found = self._answer()
        self.titles = found.titles
        return found.skipped

    def wait(self) -> None:
        """Wait until the catalogue is written; at once where it is known to be.

        Raises `SegueError` when it can't be.
        """
        if self._written:
            return
        self._answer()
        self._written = True
        self._process.kill()  # it would only clear its memory, for a second
        self._process.wait()

    def put(self, path: Path) -> None:
        """Move the written catalogue to its place, on the same disk."""
        self._path.replace(path)

    def _answer(self) -> Summary:
        answer = _receive(self._output)
        if answer is None:
            code = self._process.wait()
            raise SegueError(f"the process that writes the catalogue ended early (exit status {code})")
        found = Summary(**answer)
        if found.error:
            raise SegueError(found.error)
        return found


@contextmanager
def catalogue_process(library: Path, metadata_files: Sequence[Path]) -> Iterator[CatalogueProcess]:
    """Start the process that writes the catalogue of a library, in a file beside the library's folder."""
    path = beside(library)
    try:
        with worker(__name__, str(library), str(path), *map(str, metadata_files), quiet=False) as process:
            yield CatalogueProcess(library, path, metadata_files, process)
    finally:
        sweep(path)
        path.unlink(missing_ok=True)


class _Known:
    """The wanted tracks, which are waited for when they are first asked for."""

    @cached_property
    def wanted(self) -> Wanted:
        _send(sys.stdout.buffer, Summary())
        wanted = _receive(sys.stdin.buffer)
        if wanted is None:
            raise SystemExit
        tracks = (TrackInfo(*values) for values in wanted.pop("tracks"))
        return Wanted(**wanted, tracks={track.track_id: track for track in tracks})

    @property
    def track_ids(self) -> list[str]:
        return self.wanted.track_ids

    @property
    def artist_ids(self) -> list[str]:
        return self.wanted.artist_ids


def main() -> None:
    """In the process: write the catalogue, and remove it if the parent is gone."""
    library, path = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        for summary in _write(library, path, [Path(name) for name in sys.argv[3:]]):
            _send(sys.stdout.buffer, summary)
    except SegueError as error:
        with suppress(BrokenPipeError):
            _send(sys.stdout.buffer, Summary(error=str(error)))
    except BrokenPipeError:
        path.unlink(missing_ok=True)
    with suppress(BrokenPipeError):
        sys.stdout.close()  # what could not be sent would be tried once more at the end, and complained of


def _write(library: Path, path: Path, metadata_files: Sequence[Path]) -> Iterator[Summary]:
    from segue.core.catalogue.build import described, write_catalogue
    from segue.core.catalogue.metadata import read_metadata

    known = _Known()
    report = read_metadata(metadata_files, known)
    tracks = known.wanted.tracks | report.tracks
    yield Summary(sum(1 for track in tracks.values() if track.title), report.skipped)
    try:
        write_catalogue(path, described(known, tracks), known.wanted.counts)
    except UnwritableError as error:
        raise UnwritableError(library, error.reason) from None
    yield Summary()


_TRACK = attrgetter(*TrackInfo.__struct_fields__)


def _send(pipe: BinaryIO, message: Wanted | Summary) -> None:
    """Send a message as one line of JSON, which holds ids that are not UTF-8 too."""
    if isinstance(message, Wanted):
        content = {**vars(message), "tracks": [_TRACK(track) for track in message.tracks.values()]}
    else:
        content = asdict(message)
    pipe.write(json.dumps(content).encode("ascii") + b"\n")
    pipe.flush()


def _receive(pipe: BinaryIO) -> dict[str, Any] | None:
    """The next message, or None where the other side has ended."""
    line = pipe.readline()
    return json.loads(line) if line.endswith(b"\n") else None
