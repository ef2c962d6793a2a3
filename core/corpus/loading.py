"""A corpus from whatever a person points at, read here or in a process beside this one."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import BinaryIO, cast

import msgspec
import numpy as np

from segue.core.corpus.corpus import Corpus, ReadReport, Vocabulary, build_corpus
from segue.core.corpus.readers import Columns, read_playlists
from segue.core.corpus.readers.sniff import files_of
from segue.core.errors import SegueError
from segue.core.files import open_regular, read_regular, remove_folder, restore_folder
from segue.core.manifest import parse_json
from segue.core.tracks import TrackInfo
from segue.core.worker import worker

RECORD = "corpus.json"
"""What a prepared corpus was made from; its presence makes a folder a prepared corpus."""
METADATA = "tracks.jsonl"
"""The metadata of a prepared corpus: a JSON object per line with `track_id` and what is known."""


@dataclass(frozen=True)
class Loaded:
    """A corpus and the metadata of its tracks."""

    corpus: Corpus
    tracks: dict[str, TrackInfo]
    """Metadata of tracks in the vocabulary, by track id; may be empty."""
    report: ReadReport
    min_count: int
    """The fewest positions of a track in the vocabulary."""
    dropped: int
    """Tracks at fewer positions."""


def is_prepared(path: Path) -> bool:
    """Whether `segue prepare` wrote this folder."""
    return (path / RECORD).is_file()


def load_corpus(
    path: Path | str,
    *,
    min_count: int = 2,
    format: str | None = None,  # noqa: A002 - the word that users know
    columns: Columns | None = None,
    progress: Callable[[int], None] | None = None,
) -> Loaded:
    """Open a prepared corpus, or read playlists and build one of tracks at `min_count` positions or more.

    A prepared corpus keeps the number it was prepared with; all else is as for `read_playlists`. Raises
    `SegueError` when there is nothing to read or it is damaged.
    """
    path = Path(path)
    if path.name:
        restore_folder(path)
    if is_prepared(path):
        return _open_prepared(path)
    playlists = read_playlists(path, format=format, columns=columns, progress=progress)
    corpus = build_corpus(playlists, min_count=min_count)
    tracks = {
        track: playlists.tracks[track] for track in corpus.vocabulary.track_ids if track in playlists.tracks
    }
    dropped = len(playlists.track_ids) - len(corpus.vocabulary)
    return Loaded(corpus, tracks, playlists.report, min_count, dropped)


def read_record(folder: Path) -> dict[str, object]:
    """The record of a prepared corpus. Raises `SegueError` when it is damaged."""
    try:
        record = parse_json(read_regular(folder / RECORD))
    except (OSError, ValueError, RecursionError) as error:
        raise SegueError(f"{folder / RECORD}: cannot be read ({error}); prepare the corpus again") from None
    if not isinstance(record, dict):
        raise SegueError(f"{folder / RECORD}: is not a JSON object; prepare the corpus again")
    return record


def _open_prepared(folder: Path) -> Loaded:
    record = read_record(folder)
    skipped = record.get("skipped")
    report = ReadReport(str(folder), "prepared", skipped if isinstance(skipped, dict) else {})
    corpus = Corpus.open(folder)
    distinct, least = (_whole(record.get(name)) for name in ("distinct", "min_count"))
    dropped = max(distinct - len(corpus.vocabulary), 0)
    return Loaded(corpus, prepared_tracks(folder), report, least, dropped)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def prepared_tracks(folder: Path) -> dict[str, TrackInfo]:
    """The metadata of a prepared corpus, by track id. Raises `SegueError` when it is damaged."""
    path = folder / METADATA
    if not path.is_file():
        return {}
    try:
        with open_regular(path) as lines:
            return {fields["track_id"]: TrackInfo(**fields) for fields in map(msgspec.json.decode, lines)}
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise SegueError(f"{path}: is damaged ({error}); prepare the corpus again") from None


LARGE = 20_000_000
"""Bytes of files that take about as long to read as the process takes to start and TensorFlow to import."""
SUMMARY = "summary.json"


def is_large(path: Path) -> bool:
    """Whether reading the playlists of a path takes long enough for a process of its own."""
    try:
        return not is_prepared(path) and sum(file.stat().st_size for file in files_of(path)) >= LARGE
    except (OSError, SegueError):  # which reading will explain
        return False


def load_beside(
    path: Path,
    folder: Path,
    meanwhile: Callable[[], object],
    *,
    min_count: int,
    format: str | None,  # noqa: A002 - the word that users know
    columns: Columns | None,
    progress: Callable[[int], None] | None,
) -> Loaded:
    """What `load_corpus` gives, read by another process while this one does something else.

    `folder` is where the process may write; there is nothing yet, and nothing is left. Raises as
    `load_corpus`.
    """
    wanted = [min_count, format, None if columns is None else asdict(columns)]
    folder.mkdir()
    with worker(__name__, str(path), str(folder), json.dumps(wanted), quiet=True) as process:
        output = cast("BinaryIO", process.stdout)

        def follow() -> None:
            for line in output:
                if progress is not None:
                    progress(int(line))

        follower = Thread(target=follow, daemon=True)
        follower.start()
        try:
            meanwhile()
            follower.join()
            if process.wait() == 0:
                return _read(folder)
        finally:
            process.kill()
            follower.join()
            remove_folder(folder)
    return load_corpus(path, min_count=min_count, format=format, columns=columns, progress=progress)


def _read(folder: Path) -> Loaded:
    """What the process has written, in memory, since the folder goes."""
    mapped = Corpus.open(folder)
    words = mapped.vocabulary
    vocabulary = Vocabulary(words.track_ids, np.array(words.counts), words.artist_ids)
    corpus = Corpus(np.array(mapped.items), np.array(mapped.offsets), vocabulary)
    report, min_count, dropped = json.loads((folder / SUMMARY).read_text("ascii"))
    return Loaded(corpus, prepared_tracks(folder), ReadReport(**report), min_count, dropped)


def main() -> None:
    """In the process: read the playlists and write the corpus; its traceback is not shown when it fails."""
    path, folder = Path(sys.argv[1]), Path(sys.argv[2])
    min_count, format_name, columns = json.loads(sys.argv[3])
    loaded = load_corpus(
        path,
        min_count=min_count,
        format=format_name,
        columns=None if columns is None else Columns(**columns),
        progress=_say,
    )
    loaded.corpus.save(folder)
    with (folder / METADATA).open("wb") as file:
        for track in loaded.tracks.values():
            file.write(msgspec.json.encode(track) + b"\n")
    summary = asdict(loaded.report), loaded.min_count, loaded.dropped
    (folder / SUMMARY).write_text(json.dumps(summary), "ascii")


def _say(positions: int) -> None:
    sys.stdout.write(f"{positions}\n")
    sys.stdout.flush()
