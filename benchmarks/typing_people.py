"""People who type titles into a search box: with typos, without accents, and with the artist where needed."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from segue.core.tracks import TrackInfo

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    key: (row[at - 1] if at else "") + (row[at + 1] if at + 1 < len(row) else "")
    for row in _KEYS
    for at, key in enumerate(row)
}
_ACCENTED = {"a": "á", "e": "é", "i": "í", "o": "ö", "u": "ü", "c": "ç", "n": "ñ"}
HABITS = ("clean", "typo", "accent", "artist first")


@dataclass(frozen=True)
class Typing:
    """What one person types to find one track."""

    row: int
    habit: str
    title: str
    """The title as they type it."""
    whole: str
    """Title and artist, in the order they type them."""

    def key_presses(self) -> Iterator[str]:
        """The query after each key."""
        for end in range(1, len(self.whole) + 1):
            yield self.whole[:end]


def people(tracks: Sequence[TrackInfo], rows: Sequence[int], rng: np.random.Generator) -> list[Typing]:
    """One person for each wanted row: a third type cleanly, a third make a typo, the rest differ."""
    habits = rng.choice(len(HABITS), size=len(rows), p=(0.34, 0.33, 0.15, 0.18))
    return [_person(tracks[row], row, HABITS[habit], rng) for row, habit in zip(rows, habits, strict=True)]


def _person(track: TrackInfo, row: int, habit: str, rng: np.random.Generator) -> Typing:
    title, artist = track.title.lower(), track.artist.lower()
    if habit == "typo":
        title = mistyped(title, rng)
    elif habit == "accent":
        title = _accents_changed(title, rng)
    elif habit == "artist first":
        return Typing(row, habit, title, f"{artist} {title}")
    return Typing(row, habit, title, f"{title} {artist}")


def mistyped(text: str, rng: np.random.Generator) -> str:
    """The text with one letter dropped, doubled, swapped with the next, or hit beside its key."""
    letters = [at for at, letter in enumerate(text) if letter.isalpha()]
    if len(letters) < 4:
        return text
    at = letters[int(rng.integers(1, len(letters)))]
    letter = text[at]
    match int(rng.integers(4)):
        case 0:
            return text[:at] + text[at + 1 :]
        case 1:
            return text[:at] + letter + text[at:]
        case 2:
            return text[: at - 1] + letter + text[at - 1] + text[at + 1 :]
        case _:
            beside = _BESIDE.get(letter, "e")
            return text[:at] + beside[int(rng.integers(len(beside)))] + text[at + 1 :]


def _accents_changed(text: str, rng: np.random.Generator) -> str:
    """The text without its accents, or with a wrong one where it has none."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)
    )
    places = [at for at, letter in enumerate(plain) if letter in _ACCENTED]
    if plain != text or not places:
        return plain
    at = places[int(rng.integers(len(places)))]
    return plain[:at] + _ACCENTED[plain[at]] + plain[at + 1 :]
