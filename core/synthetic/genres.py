"""The genres of the world, in an order in which neighbours have listeners in common."""

from typing import NamedTuple


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
    return [
        GENRES[number % size]._replace(name=f"{GENRES[number % size].name} {number // size + 1}")
        if number >= size
        else GENRES[number]
        for number in range(count)
    ]


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
