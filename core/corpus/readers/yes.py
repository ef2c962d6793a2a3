"""The Yes.com radio playlists (Chen et al., KDD 2012): `train.txt` with `song_hash.txt` beside it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from segue.core.corpus.readers.batch import POSITIONS, Batch, Entry, Source
from segue.core.corpus.readers.streams import lines_of
from segue.core.errors import SegueError


def read_yes(source: Source) -> Iterator[Batch]:
    """Read songs as `yes_<number>`, so that nobody takes a number for a Deezer id.

    Raises
    ------
    SegueError
        When the two header lines are missing, or most lines are not lists of song numbers.
    """
    lines = source.lines(heading=2)
    n_songs = len(next(lines, b"").split())
    if not n_songs or len(next(lines, b"").split()) != n_songs:
        raise SegueError(
            f"{source.place}: lacks the two header lines of a Yes.com file (song ids and counts)"
        )
    ids = [f"yes_{number}" for number in range(n_songs)]
    songs = read_song_hash(source.path.parent / "song_hash.txt", None if source.start else source)
    tracks: list[str] = []
    lengths: list[int] = []
    good = bad = 0
    for line in lines:
        fields = line.split()
        if not fields:
            continue
        try:
            numbers = np.array(fields, dtype=np.int64)
        except (ValueError, OverflowError):
            numbers = np.array([-1])
        if numbers.min() < 0 or numbers.max() >= n_songs:
            bad += 1
            source.skipped[f"line that is not a list of song numbers below {n_songs:,}"] += 1
            continue
        good += 1
        tracks += [ids[number] for number in numbers.tolist()]
        lengths.append(len(numbers))
        if len(tracks) >= POSITIONS:
            yield _batch(tracks, lengths, songs)
            tracks, lengths = [], []
    source.refuse_if_mostly_bad(bad, good, "lists of song numbers")
    if lengths:
        yield _batch(tracks, lengths, songs)


def _batch(tracks: list[str], lengths: list[int], songs: dict[str, Entry]) -> Batch:
    return Batch(tracks, lengths, describe=lambda at: songs.get(tracks[at]) or Entry(tracks[at]))


def read_song_hash(path: Path, source: Source | None = None) -> dict[str, Entry]:
    """Titles and artists by track id, from lines of `number<tab>title<tab>artist`; empty without the file.

    The artist's name serves as its id, since the file has no other.
    """
    songs: dict[str, Entry] = {}
    if not path.is_file():
        return songs
    for line in lines_of(path):
        fields = line.decode(errors="replace").split("\t")
        number = fields[0].strip()
        if len(fields) == 3 and number.isascii() and number.isdigit():
            title, artist = (field.strip().replace("\\/", "/") for field in fields[1:])
            songs[f"yes_{number}"] = Entry(f"yes_{number}", title=title, artist=artist, artist_id=artist)
        elif line.strip() and source is not None:
            source.skipped["line of song_hash.txt that is not: number, title, artist"] += 1
    return songs
