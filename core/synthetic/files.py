"""Write a world as the files that Deezer's real playlists come in."""

import csv
import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from segue.core.corpus.playlists import Playlists
from segue.core.files import atomic_file
from segue.core.tracks import TrackInfo

_COLUMNS = (
    "track_id", "title", "name", "artist_id", "album_title", "genre", "release_date", "duration", "bpm",
    "gain", "preview",
)  # fmt: skip
_LINES_AT_ONCE = 1000


def write_json_lines(playlists: Playlists, path: Path) -> None:
    """Write a playlist a line, as `["track_1", "artist_1", "track_2", ...]`."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="ascii", newline="\n") as file:
        for playlist in _rows(playlists):
            file.write(json.dumps(playlist) + "\n")


def write_npy(playlists: Playlists, path: Path) -> None:
    """Write the same rows as `music_2.npy` has them: an object array of lists.

    The whole array is held in memory (100 bytes a track of a playlist).
    """
    rows = np.empty(len(playlists), object)
    rows[:] = list(_rows(playlists))
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        np.save(file, rows, allow_pickle=True)


def write_metadata(tracks: Iterable[TrackInfo], path: Path) -> None:
    """Write a `TracksArtists.csv`: the real one's columns (`name` is the artist) and some more, in UTF-8."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(_COLUMNS)
        rows.writerows(
            (
                track.track_id, track.title, track.artist, track.artist_id, track.album, track.genre,
                track.release_date, track.duration, track.bpm, track.gain, "",
            )
            for track in tracks
        )  # fmt: skip


def _rows(playlists: Playlists) -> Iterator[list[str]]:
    """Each playlist as a list in which tracks and their artists take turns."""
    tracks, artists = playlists.track_ids, playlists.artist_ids
    for first, last in pairwise([*range(0, len(playlists), _LINES_AT_ONCE), len(playlists)]):
        bounds = playlists.offsets[first : last + 1] - playlists.offsets[first]
        codes = playlists.codes[playlists.offsets[first] : playlists.offsets[last]].tolist()
        for start, end in pairwise(bounds.tolist()):
            yield [text for code in codes[start:end] for text in (tracks[code], artists[code])]
