"""Make a whole world: artists, tracks and playlists."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.corpus.playlists import Playlists, ReadReport
from core.tracks import TrackInfo

_FIRST_ID = 10**12  # beyond every real Deezer number, so that no invented track is ever asked of Deezer


@dataclass(frozen=True)
class WorldSpec:
    """How large a world is."""

    name: str
    playlists: int
    artists: int
    genres: int


SPECS = {
    "tiny": WorldSpec("tiny", playlists=800, artists=40, genres=4),
    "demo": WorldSpec("demo", playlists=10_000, artists=300, genres=12),
}


@dataclass(frozen=True)
class World:
    """Playlists and what is known of their tracks."""

    playlists: Playlists
    tracks: list[TrackInfo]
    spec: WorldSpec


def make_world(scale: str | WorldSpec, *, seed: int = 0) -> World:
    """Make the world of a scale; the same seed gives the same world."""
    spec = SPECS[scale] if isinstance(scale, str) else scale
    rng = np.random.default_rng(seed)
    tracks, albums = _catalogue(spec, rng)
    rows = _playlists(spec, albums, rng)
    used = list(dict.fromkeys(int(row) for playlist in rows for row in playlist))
    code = {row: number for number, row in enumerate(used)}
    playlists = Playlists(
        track_ids=[tracks[row].track_id for row in used],
        artist_ids=[tracks[row].artist_id for row in used],
        codes=np.array([code[row] for playlist in rows for row in playlist], dtype=np.int32),
        offsets=np.cumsum([0, *map(len, rows)], dtype=np.int64),
        tracks={},
        report=ReadReport(source=f"synthetic world {spec.name}, seed {seed}", format="synthetic", skipped={}),
    )
    return World(playlists, [tracks[row] for row in used], spec)


_ONSETS = ["b", "br", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "sh", "t", "v", "z"]
_VOWELS = ["a", "e", "i", "o", "u", "é", "ö", "ai", "ou"]
_GENRES = [
    "indie folk", "synthwave", "deep house", "trap", "shoegaze", "bossa nova", "black metal", "chanson",
    "afrobeat", "reggaeton", "ambient", "bebop",
]  # fmt: skip


def _word(rng: np.random.Generator, syllables: int) -> str:
    return "".join(str(rng.choice(_ONSETS)) + str(rng.choice(_VOWELS)) for _ in range(syllables)).capitalize()


def _catalogue(spec: WorldSpec, rng: np.random.Generator) -> tuple[list[TrackInfo], list[list[list[int]]]]:
    """Tracks, and for each artist the rows of each album; artist `a` plays genre `a % genres`."""
    tracks: list[TrackInfo] = []
    artists: list[list[list[int]]] = []
    for artist in range(spec.artists):
        name = f"{_word(rng, 2)} {_word(rng, 3)}"
        artists.append([])
        for _ in range(1 + int(rng.integers(2))):
            album = f"{_word(rng, 2)} {_word(rng, 2)}"
            size = int(rng.integers(4, 10))
            artists[-1].append(list(range(len(tracks), len(tracks) + size)))
            for _ in range(size):
                title = f"{_word(rng, 2)} {_word(rng, 3)}"
                tracks.append(
                    TrackInfo(
                        track_id=f"track_{_FIRST_ID + len(tracks)}",
                        title=title,
                        artist=name,
                        album=album,
                        artist_id=f"artist_{_FIRST_ID + artist}",
                        genre=_GENRES[artist % spec.genres],
                        release_date=f"{rng.integers(1965, 2024)}-{rng.integers(1, 13):02}-01",
                        duration=float(rng.integers(150, 330)),
                        bpm=float(rng.integers(70, 170)),
                        gain=-float(rng.integers(60, 120)) / 10,
                    )
                )
    return tracks, artists


def _playlists(
    spec: WorldSpec, artists: Sequence[Sequence[Sequence[int]]], rng: np.random.Generator
) -> list[list[int]]:
    """Rows of each playlist: runs of an artist, jumps within a genre, sometimes to the next one."""
    lengths = np.clip(np.rint(rng.lognormal(2.1, 0.8, spec.playlists)), 3, 50).astype(int)
    playlists: list[list[int]] = []
    for length in lengths:
        genre = int(rng.integers(spec.genres))
        rows: list[int] = []
        while len(rows) < length:
            if rng.random() < 0.1:
                genre = (genre + int(rng.choice([-1, 1]))) % spec.genres
            members = range(genre, spec.artists, spec.genres)
            artist = artists[members[int(len(members) * rng.random() ** 2)]]
            album = artist[int(len(artist) * rng.random())]
            start = int(rng.integers(len(album)))
            rows += album[start : start + int(rng.geometric(0.4))]
        playlists.append(rows[:length])
    return playlists
