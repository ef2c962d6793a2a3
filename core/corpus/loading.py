"""A corpus from whatever a person points at: a playlist file, a folder of them, or a prepared corpus."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from segue.core.corpus.corpus import Corpus, build_corpus
from segue.core.corpus.playlists import ReadReport
from segue.core.corpus.readers import Columns, read_playlists
from segue.core.errors import SegueError
from segue.core.files import open_regular, read_regular, restore_folder
from segue.core.manifest import parse_json
from segue.core.tracks import TrackInfo

RECORD = "corpus.json"
"""What a prepared corpus was made from; its presence makes a folder a prepared corpus."""
METADATA = "tracks.jsonl"
"""The metadata of a prepared corpus: a JSON object a line with `track_id` and what is known."""


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
    """Open a prepared corpus, or read playlists and build one.

    Parameters
    ----------
    path
        What `segue prepare` wrote, or anything that `read_playlists` reads.
    min_count
        Tracks at fewer positions are dropped. A prepared corpus keeps the number it was prepared with.
    format, columns, progress
        As for `read_playlists`.

    Raises
    ------
    SegueError
        When there is nothing to read or it is damaged.
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
    """The record of a prepared corpus.

    Raises
    ------
    SegueError
        When it is damaged.
    """
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
    """The metadata of a prepared corpus, by track id.

    Raises
    ------
    SegueError
        When it is damaged.
    """
    path = folder / METADATA
    if not path.is_file():
        return {}
    try:
        with open_regular(path) as lines:
            return {fields["track_id"]: TrackInfo(**fields) for fields in map(msgspec.json.decode, lines)}
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise SegueError(f"{path}: is damaged ({error}); prepare the corpus again") from None
