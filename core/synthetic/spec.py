"""How large a world is, what its listeners are like, and its genres."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from segue.core.errors import UsageError


class Genre(NamedTuple):
    """What a genre sounds like, as far as metadata can say."""

    name: str
    languages: tuple[str, ...]
    """Languages of its artists; one named twice is twice as likely."""
    bpm: tuple[int, int]
    seconds: tuple[int, int]
    years: tuple[int, int]
    gain: tuple[float, float]
    """Loudness in decibels, from quiet to loud."""


def genres_of(count: int) -> list[Genre]:
    """`count` genres spread evenly over the table; beyond its length the names are numbered."""
    size = len(GENRES)
    if count <= size:
        return [GENRES[round(number * (size - 1) / max(count - 1, 1))] for number in range(count)]
    more = [(GENRES[number % size], number // size + 1) for number in range(size, count)]
    return [*GENRES, *(genre._replace(name=f"{genre.name} {time}") for genre, time in more)]


GENRES = (
    Genre("ambient", ("machine", "northern", "japanese"), (60, 90), (240, 540), (1985, 2024), (-18, -11)),
    Genre("post-rock", ("northern", "english", "japanese"), (80, 130), (300, 600), (1998, 2024), (-13, -8)),
    Genre("shoegaze", ("english", "english", "japanese"), (90, 130), (210, 330), (1988, 2024), (-10, -6)),
    Genre("indie rock", ("english", "english", "greek"), (100, 150), (170, 260), (1994, 2024), (-10, -5)),
    Genre("indie folk", ("english", "english", "northern"), (80, 120), (170, 280), (2000, 2024), (-13, -8)),
    Genre("chanson", ("french",), (80, 130), (150, 260), (1960, 2024), (-14, -8)),
    Genre(
        "singer-songwriter", ("english", "french", "german"), (70, 120), (170, 280), (1968, 2024), (-14, -8)
    ),
    Genre("country", ("english",), (90, 140), (160, 240), (1965, 2024), (-11, -6)),
    Genre("blues", ("english",), (70, 120), (180, 360), (1955, 2020), (-14, -8)),
    Genre("classic rock", ("english", "english", "german"), (100, 140), (190, 380), (1966, 1990), (-13, -8)),
    Genre("hard rock", ("english", "german"), (110, 150), (200, 320), (1972, 2020), (-10, -5)),
    Genre("black metal", ("arcane", "arcane", "northern"), (120, 200), (240, 560), (1990, 2024), (-8, -4)),
    Genre("punk", ("english", "german", "spanish"), (150, 200), (90, 190), (1977, 2024), (-8, -4)),
    Genre("synth-pop", ("english", "machine", "german"), (105, 135), (190, 280), (1980, 2024), (-11, -6)),
    Genre("synthwave", ("machine", "english"), (85, 120), (200, 320), (2010, 2024), (-9, -5)),
    Genre("techno", ("machine",), (124, 140), (320, 520), (1990, 2024), (-9, -5)),
    Genre("deep house", ("machine", "english", "french"), (118, 126), (260, 460), (1992, 2024), (-9, -5)),
    Genre("disco", ("english", "french"), (112, 126), (200, 400), (1975, 2022), (-12, -7)),
    Genre("soul", ("english",), (80, 120), (150, 260), (1962, 2024), (-13, -7)),
    Genre("jazz", ("english", "english", "french"), (90, 200), (240, 560), (1955, 2024), (-19, -11)),
    Genre("bossa nova", ("spanish",), (110, 140), (130, 220), (1960, 2020), (-17, -10)),
    Genre("latin pop", ("spanish",), (95, 130), (170, 250), (1995, 2024), (-7, -4)),
    Genre("reggaeton", ("spanish",), (86, 100), (170, 240), (2004, 2024), (-6, -3)),
    Genre("reggae", ("english", "african"), (65, 95), (180, 270), (1970, 2022), (-12, -7)),
    Genre("afrobeat", ("african",), (100, 130), (200, 620), (1970, 2024), (-12, -6)),
    Genre("hip hop", ("english",), (80, 105), (170, 280), (1990, 2024), (-9, -5)),
    Genre("raï", ("arabic", "french"), (95, 125), (200, 330), (1988, 2022), (-11, -6)),
    Genre("rap français", ("french",), (80, 150), (160, 260), (1995, 2024), (-8, -4)),
    Genre("k-pop", ("korean", "korean", "chinese"), (95, 135), (170, 230), (2005, 2024), (-6, -3)),
    Genre("j-pop", ("japanese", "japanese", "chinese"), (100, 160), (200, 300), (1995, 2024), (-7, -4)),
)
"""The table; the last genre is a neighbour of the one before it only, not of the first."""


@dataclass(frozen=True)
class Habits:
    """How playlists are made. Each number is a share of playlists or of steps unless noted otherwise.

    The defaults were fitted to the facts in `core.synthetic.world`.
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
        "tiny", playlists=800, artists=30, genres=4, scenes=8, moods=2, tracks_per_artist=6, depth=0.3,
        fame=1.5, hits=0.7,
    ),
    "demo": WorldSpec(
        "demo", playlists=10_000, artists=280, genres=20, scenes=50, moods=3, tracks_per_artist=7, depth=0.35,
        fame=1.4, hits=0.8, habits=Habits(breadth=(0.8, 2.4)),
    ),
    "deezer": WorldSpec("deezer", playlists=100_000, artists=83_000, genres=30, scenes=900),
}  # fmt: skip


def world_spec(scale: "str | float | WorldSpec") -> WorldSpec:
    """The spec of a scale: a name, or a number of times the size of `deezer`; else raises `UsageError`."""
    if isinstance(scale, WorldSpec):
        return scale
    if isinstance(scale, str):
        if scale not in SPECS:
            raise UsageError(f"unknown scale {scale!r}; choose from {', '.join(SPECS)}")
        return SPECS[scale]
    if not 0 < scale <= 100:
        raise UsageError(f"a world cannot be {scale:g} times as large: choose a number above 0, at most 100")
    return SPECS["deezer"].grown(scale)
