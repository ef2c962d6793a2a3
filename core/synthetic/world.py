"""Make a whole world: a shelf of tracks, playlists that walk along it, and names."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from segue.core.corpus.playlists import Playlists, ReadReport, offsets_of
from segue.core.synthetic.names import artist_id, name_tracks, track_id
from segue.core.synthetic.shelf import Shelf, build_shelf
from segue.core.synthetic.spec import WorldSpec, world_spec
from segue.core.synthetic.walk import walk_playlists
from segue.core.tracks import TrackInfo


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
        return name_tracks(self.shelf, self.places, self.spec.genres, _rng(self.seed, "names"))


def make_world(scale: str | float | WorldSpec = "tiny", *, seed: int = 0) -> World:
    """Make a world. The same scale and seed give the same world to the byte.

    Parameters
    ----------
    scale
        `"tiny"` (some 300 tracks, for tests), `"demo"` (some 3,000 tracks and 10,000 playlists), `"deezer"`
        (the size and the habits of the real file of 100,000 playlists), a number of times that, or a spec.
    seed
        The start of every random number.

    Raises
    ------
    UsageError
        No such scale.
    """
    spec = world_spec(scale)
    shelf = build_shelf(spec, _rng(seed, "shelf"))
    walked, lengths = walk_playlists(spec, shelf, _rng(seed, "walks"))
    places, codes = _by_first_appearance(walked, len(shelf))
    artists = [artist_id(artist) for artist in range(len(shelf.artist_starts) - 1)]
    playlists = Playlists(
        track_ids=[track_id(place) for place in places.tolist()],
        artist_ids=[artists[artist] for artist in shelf.artist[places].tolist()],
        codes=codes,
        offsets=offsets_of(lengths),
        report=ReadReport(source=f"the synthetic world {spec.name}, seed {seed}", format="synthetic"),
    )
    return World(playlists, spec, seed, shelf, places)


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
