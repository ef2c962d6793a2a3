"""Writers of the same playlists in every form of a corpus; they share no code with the readers."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import zstandard
from pyarrow import parquet

from tests.core.corpus.exports import Playlists
from tests.core.corpus.writers import python2_npy, write_yes

HEADER = ("playlist_id", "track_id", "title", "artist", "album")


def rows_of(playlists: Playlists) -> list[list[str]]:
    """Lists as Deezer's: each track with its artist after it."""
    return [
        [token for number, *_ in row for token in (f"track_{number}", f"artist_{number % 7}")]
        for row in playlists
    ]


def lines_of(playlists: Playlists) -> str:
    """A JSON list a line."""
    return "".join(json.dumps(row) + "\n" for row in rows_of(playlists))


def cells_of(playlists: Playlists) -> list[tuple[object, ...]]:
    """A row for each track of each playlist."""
    return [(at, f"track_{number}", *words) for at, row in enumerate(playlists) for number, *words in row]


def table(playlists: Playlists, delimiter: str = ",") -> str:
    """A table with a heading."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADER, *cells_of(playlists)])
    return out.getvalue()


def object_npy(playlists: Playlists) -> bytes:
    """What NumPy saves today."""
    rows = rows_of(playlists)
    array = np.empty(len(rows), object)
    array[:] = rows
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


def parquet_rows(playlists: Playlists) -> bytes:
    """A Parquet table with one row per track."""
    out = io.BytesIO()
    columns = zip(*cells_of(playlists), strict=True)
    parquet.write_table(pa.table(dict(zip(HEADER, map(list, columns), strict=True))), out)
    return out.getvalue()


def parquet_lists(playlists: Playlists) -> bytes:
    """A Parquet table with one row per playlist."""
    out = io.BytesIO()
    parquet.write_table(pa.table({"tracks": [[f"track_{n}" for n, *_ in row] for row in playlists]}), out)
    return out.getvalue()


def million(playlists: Playlists) -> str:
    """A slice of the million playlists."""
    found = [
        {
            "name": f"list {at}",
            "pid": at,
            "tracks": [
                {
                    "pos": place,
                    "track_uri": f"track_{number}",
                    "track_name": title,
                    "artist_name": artist,
                    "artist_uri": f"artist_{number % 7}",
                    "album_name": album,
                    "duration_ms": 200_000,
                }
                for place, (number, title, artist, album) in enumerate(row)
            ],
        }
        for at, row in enumerate(playlists)
    ]
    return json.dumps({"info": {"slice": "0-199"}, "playlists": found}, indent=4)


def file(name: str, content: Callable[[Playlists], str | bytes]) -> Callable[[Path, Playlists], Path]:
    """A writer of one file."""

    def write(folder: Path, playlists: Playlists) -> Path:
        folder.mkdir()
        text = content(playlists)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder / name

    return write


def yes(folder: Path, playlists: Playlists) -> Path:
    """The two files of Yes.com; its tracks are numbers."""
    songs: dict[int, tuple[str, str]] = {
        n: (title, artist) for row in playlists for n, title, artist, _ in row
    }
    known: Sequence[tuple[str, str]] = [songs.get(n, ("-", "-")) for n in range(max(songs) + 1)]
    return write_yes(folder, [[n for n, *_ in row] for row in playlists], known)


CORPORA: dict[str, Callable[[Path, Playlists], Path]] = {
    "npy of python 2": file("music.npy", lambda playlists: python2_npy(rows_of(playlists))),
    "npy": file("music.npy", object_npy),
    "lines": file("music.txt", lambda playlists: "".join(",".join(row) + "\n" for row in rows_of(playlists))),
    "jsonl": file("music.jsonl", lines_of),
    "json": file("music.json", lambda playlists: json.dumps(rows_of(playlists))),
    "gzip": file("music.jsonl.gz", lambda playlists: gzip.compress(lines_of(playlists).encode())),
    "csv": file("music.csv", table),
    "tsv": file("music.tsv", lambda playlists: table(playlists, "\t")),
    "semicolons": file("music.csv", lambda playlists: table(playlists, ";")),
    "utf-16": file("music.csv", lambda playlists: table(playlists).encode("utf-16")),
    "zstandard": file("music.csv.zst", lambda playlists: zstandard.compress(table(playlists).encode())),
    "parquet": file("music.parquet", parquet_rows),
    "parquet of lists": file("music.parquet", parquet_lists),
    "million": file("mpd.slice.0-199.json", million),
    "yes": yes,
}
