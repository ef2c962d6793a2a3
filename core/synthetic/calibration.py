"""Is a world like the real one? The facts of Deezer's `music_2.npy`, and the same facts of any playlists."""

from dataclasses import dataclass

import numpy as np

from segue.core.corpus.playlists import Playlists

TARGETS = {
    "playlists": 100_000,
    "tracks a playlist, mean": 12.10669,
    "tracks a playlist, median": 8,
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
        "tracks a playlist, mean": float(lengths.mean()),
        "tracks a playlist, median": float(np.median(lengths)),
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
