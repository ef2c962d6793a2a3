"""Make a whole world, write it as files in Deezer's formats, and compare it with the real playlists."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from segue.core.corpus.corpus import Playlists, ReadReport, offsets_of
from segue.core.files import atomic_file
from segue.core.synthetic.names import FIRST_ID, artist_id, name_tracks, track_id
from segue.core.synthetic.spec import WorldSpec, world_spec
from segue.core.synthetic.walk import Shelf, build_shelf, walk_playlists
from segue.core.tracks import TrackInfo

TARGETS = {
    "playlists": 100_000,
    "tracks per playlist, mean": 12.10669,
    "tracks per playlist, median": 8,
    "shortest playlist": 3,
    "longest playlist": 50,
    "distinct tracks": 338_509,
    "tracks played more than once": 123_241,
    "tracks played more than 5 times": 31_426,
    "tracks played more than 7 times": 22_733,
    "distinct artists": 54_089,
    "neighbours by the same artist": 0.42,
    "playlists that repeat a track": 0.28,
    "playlists of one artist": 0.26,
}
"""What the file holds. The last three were counted on its first 1,000 playlists."""


@dataclass(frozen=True)
class Fact:
    """One fact of some playlists beside its target."""

    name: str
    target: float
    measured: float

    @property
    def ratio(self) -> float:
        """Measured over target."""
        return self.measured / self.target


def calibrate(playlists: Playlists) -> list[Fact]:
    """Every target beside what these playlists have."""
    facts = measure(playlists)
    return [Fact(name, target, facts[name]) for name, target in TARGETS.items()]


def measure(playlists: Playlists) -> dict[str, float]:
    """The facts named in `TARGETS`, of playlists of which none is empty."""
    codes, offsets = playlists.codes, playlists.offsets
    lengths = np.diff(offsets)
    plays = np.bincount(codes, minlength=len(playlists.track_ids))
    artist_codes = {artist: code for code, artist in enumerate(dict.fromkeys(playlists.artist_ids))}
    artists = np.fromiter(map(artist_codes.__getitem__, playlists.artist_ids), np.int64)[codes]

    starts = np.zeros(len(codes), np.bool_)
    starts[offsets[:-1]] = True
    same = np.diff(artists, prepend=-1) == 0
    strangers = np.add.reduceat((~same & ~starts).astype(np.int64), offsets[:-1])

    owner = np.repeat(np.arange(len(playlists)), lengths)
    keys = np.sort(owner * len(plays) + codes)  # a third of the time of np.unique
    keys = keys[np.diff(keys, prepend=-1) > 0]
    distinct = np.bincount(keys // len(plays), minlength=len(playlists))
    return {
        "playlists": len(playlists),
        "tracks per playlist, mean": float(lengths.mean()),
        "tracks per playlist, median": float(np.median(lengths)),
        "shortest playlist": int(lengths.min()),
        "longest playlist": int(lengths.max()),
        "distinct tracks": int((plays > 0).sum()),
        "tracks played more than once": int((plays > 1).sum()),
        "tracks played more than 5 times": int((plays > 5).sum()),
        "tracks played more than 7 times": int((plays > 7).sum()),
        "distinct artists": len(artist_codes),
        "neighbours by the same artist": float(same[~starts].mean()),
        "playlists that repeat a track": float((distinct < lengths).mean()),
        "playlists of one artist": float((strangers == 0).mean()),
    }


_COLUMNS = (
    "track_id", "title", "name", "artist_id", "album_title", "genre", "release_date", "duration", "bpm",
    "gain", "preview",
)  # fmt: skip
_LINES_AT_ONCE = 1000


def write_json_lines(playlists: Playlists, path: Path) -> None:
    """Write one playlist per line, as `["track_1", "artist_1", "track_2", ...]`."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="ascii", newline="\n") as file:
        for playlist in _rows(playlists):
            file.write(json.dumps(playlist) + "\n")


def write_npy(playlists: Playlists, path: Path) -> None:
    """Write the same rows as `music_2.npy` has them: an object array of lists.

    The whole array is held in memory (100 bytes per track of a playlist).
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


@dataclass(frozen=True)
class World:
    """Invented playlists, and what is known of their tracks."""

    playlists: Playlists
    spec: WorldSpec
    seed: int
    shelf: Shelf
    """The catalogue behind them: the truth that a model may be compared with."""
    places: npt.NDArray[np.int32]
    """int32 (n_tracks,): the place on the shelf of each of `playlists.track_ids`."""

    @cached_property
    def tracks(self) -> list[TrackInfo]:
        """The metadata of each of `playlists.track_ids`, made when first asked for."""
        first = _first_id(self.spec, self.seed)
        return name_tracks(self.shelf, self.places, self.spec.genres, _rng(self.seed, "names"), first)


def make_world(scale: str | float | WorldSpec = "tiny", *, seed: int = 0) -> World:
    """Make a world. The same scale and seed give the same world to the byte.

    A scale is `"tiny"` (some 300 tracks, for tests), `"demo"` (some 3,000 tracks and 10,000 playlists),
    `"deezer"` (the size and the habits of the real file of 100,000 playlists), a number of times that, or a
    spec. Raises `UsageError` for any other.
    """
    spec = world_spec(scale)
    shelf = build_shelf(spec, _rng(seed, "shelf"))
    walked, lengths = walk_playlists(spec, shelf, _rng(seed, "walks"))
    places, codes = _by_first_appearance(walked, len(shelf))
    first = _first_id(spec, seed)
    artists = [artist_id(artist, first) for artist in range(len(shelf.artist_starts) - 1)]
    playlists = Playlists(
        track_ids=[track_id(place, first) for place in places.tolist()],
        artist_ids=[artists[artist] for artist in shelf.artist[places].tolist()],
        codes=codes,
        offsets=offsets_of(lengths),
        report=ReadReport(source=f"the synthetic world {spec.name}, seed {seed}", format="synthetic"),
    )
    return World(playlists, spec, seed, shelf, places)


DEMO = ("demo", 7)
"""Spec and seed of the world of the demo."""


def _first_id(spec: WorldSpec, seed: int) -> int:
    """The number of place 0: a world's own, so that a love or a play in one is none in another."""
    if (spec.name, seed) == DEMO:
        return FIRST_ID
    return FIRST_ID + 10**9 * (1 + crc32(f"{spec.name} {seed}".encode()) % 10**6)


def _by_first_appearance(
    walked: npt.NDArray[np.int32], size: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The distinct places in order of first appearance, and the index into them of each position."""
    first = np.full(size, len(walked))
    np.minimum.at(first, walked, np.arange(len(walked)))
    heard = np.flatnonzero(first < len(walked))
    places = heard[np.argsort(first[heard])].astype(np.int32)
    code = np.zeros(size, np.int32)
    code[places] = np.arange(len(places), dtype=np.int32)
    return places, code[walked]


def _rng(seed: int, purpose: str) -> np.random.Generator:
    """A stream of its own for each purpose, so that more names never change the playlists."""
    return np.random.default_rng([seed, *purpose.encode()])
