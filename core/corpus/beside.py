"""Playlists read by a process of its own, while this one does something else that takes as long.

A thread would only take turns with it. The process writes a corpus into a folder, and a line for every so
many positions on its standard output. Whatever goes wrong in it goes wrong here again, with the same words:
then this process reads the playlists itself.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import BinaryIO, cast

import msgspec
import numpy as np

from segue.core.corpus.corpus import Corpus, Vocabulary
from segue.core.corpus.loading import METADATA, Loaded, is_prepared, load_corpus, prepared_tracks
from segue.core.corpus.playlists import ReadReport
from segue.core.corpus.readers import Columns
from segue.core.corpus.readers.sniff import files_of
from segue.core.errors import SegueError
from segue.core.files import remove_folder

LARGE = 20_000_000
"""Bytes of files that take about as long to read as the process takes to start and TensorFlow to import."""
SUMMARY = "summary.json"
_START = "import sys; sys.path.append(sys.argv[1]); from segue.core.corpus.beside import main; main()"
_ROOT = Path(__file__).absolute().parents[3]
"""The folder that holds the package, for a checkout that is not installed."""


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

    Parameters
    ----------
    path, min_count, format, columns, progress
        As for `load_corpus`.
    folder
        Where the process may write; there is nothing yet, and nothing is left.
    meanwhile
        What to do here.

    Raises
    ------
    SegueError
        When there is nothing to read or it is damaged.
    """
    wanted = [min_count, format, None if columns is None else asdict(columns)]
    folder.mkdir()
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-P", "-c", _START, str(_ROOT), str(path), str(folder), json.dumps(wanted)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C ends this process, which then ends that one
    )
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
        process.wait()
        follower.join()
        output.close()
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
    """In the process: read the playlists and write the corpus; a traceback that nobody sees when it fails."""
    path, folder = Path(sys.argv[2]), Path(sys.argv[3])
    min_count, format_name, columns = json.loads(sys.argv[4])
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
            file.write(msgspec.json.encode(asdict(track)) + b"\n")
    summary = asdict(loaded.report), loaded.min_count, loaded.dropped
    (folder / SUMMARY).write_text(json.dumps(summary), "ascii")


def _say(positions: int) -> None:
    sys.stdout.write(f"{positions}\n")
    sys.stdout.flush()
