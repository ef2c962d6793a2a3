"""How large a world is, and what its listeners are like."""

from dataclasses import dataclass, field, replace

from segue.core.errors import UsageError


@dataclass(frozen=True)
class Habits:
    """How playlists are made. Each number is a share of playlists or of steps unless said otherwise.

    The defaults were fitted to the facts in `core.synthetic.calibration`.
    """

    length_mean: float = 1.94
    """Mean of the logarithm of a playlist's tracks above the shortest; it is cut at 3 and at 50 tracks."""
    length_spread: float = 1.07
    """Standard deviation of the same logarithm."""
    devoted: float = 0.44
    """Playlists meant for one artist. Those that outlast its tracks go on to others, so fewer stay."""
    obscure: float = 0.48
    """Devoted playlists whose artist is drawn from the whole catalogue alike, and not by popularity."""
    loyalty: tuple[float, float] = (0.11, 1.4)
    """Beta distribution of the share of steps that stay with the artist, over the other playlists."""
    in_order: float = 0.52
    """Steps with the same artist that go to the next track of the album."""
    skipping: float = 0.17
    """Steps with the same artist that go a few places up or down the album."""
    returning: float = 0.04
    """Steps to another artist that return to an artist met before in the playlist."""
    breadth: tuple[float, float] = (0.6, 2.6)
    """Beta distribution over playlists of the chance to reach further, tried four times at each jump: from
    the mood to the scene, the genre, the neighbouring genres, everything."""
    repeating: float = 0.42
    """Playlists that repeat tracks here and there."""
    repeats: tuple[float, float] = (0.7, 4.0)
    """Beta distribution of the share of repeating steps in those."""
    looping: float = 0.1
    """Playlists that start over again after some tracks."""


@dataclass(frozen=True)
class WorldSpec:
    """The size of a world and the shape of its catalogue."""

    name: str
    playlists: int
    artists: int
    genres: int
    scenes: int
    """Groups of artists within a genre that share listeners."""
    moods: int = 6
    """Groups of tracks within a scene, across its artists."""
    tracks_per_artist: float = 10.2
    """Tracks of an artist of the least popularity."""
    depth: float = 0.44
    """An artist's number of tracks grows with popularity to this power."""
    fame: float = 0.76
    """Tail index of the Pareto distribution of artists' popularity; smaller is more unequal."""
    fame_limit: float = 0.2
    """Most popularity of an artist, times the least popular one's times the number of artists."""
    hits: float = 3.1
    """Spread (of the logarithm) of popularity among the tracks of one artist."""
    habits: Habits = field(default_factory=Habits)

    def grown(self, factor: float) -> "WorldSpec":
        """The world with `factor` times the playlists, artists and scenes."""
        return replace(
            self,
            name=f"{self.name} x {factor:g}",
            playlists=max(round(self.playlists * factor), 1),
            artists=max(round(self.artists * factor), 1),
            scenes=max(round(self.scenes * factor), self.genres),
        )


SPECS = {
    "tiny": WorldSpec(
        "tiny",
        playlists=800,
        artists=30,
        genres=4,
        scenes=8,
        moods=2,
        tracks_per_artist=6,
        depth=0.3,
        fame=1.5,
        hits=0.7,
    ),
    "demo": WorldSpec(
        "demo",
        playlists=10_000,
        artists=280,
        genres=20,
        scenes=50,
        moods=3,
        tracks_per_artist=7,
        depth=0.35,
        fame=1.4,
        hits=0.8,
        habits=Habits(breadth=(0.8, 2.4)),
    ),
    "deezer": WorldSpec("deezer", playlists=100_000, artists=83_000, genres=30, scenes=900),
}


def world_spec(scale: "str | float | WorldSpec") -> WorldSpec:
    """The spec of a scale: a name, or a number of times the size of `deezer`.

    Raises
    ------
    UsageError
        No such scale.
    """
    if isinstance(scale, WorldSpec):
        return scale
    if isinstance(scale, str):
        if scale not in SPECS:
            raise UsageError(f"no scale {scale!r}: choose {', '.join(SPECS)}")
        return SPECS[scale]
    if not 0 < scale <= 100:
        raise UsageError(f"a world cannot be {scale:g} times as large: give a number above 0, at most 100")
    return SPECS["deezer"].grown(scale)
