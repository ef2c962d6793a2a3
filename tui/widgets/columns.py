"""How a line's width is shared among its columns."""

from dataclasses import dataclass
from functools import lru_cache

NARROWEST = 18
"""Cells that title and artist need at least to stand beside each other."""


@dataclass(frozen=True)
class Columns:
    """Widths in cells, 0 for a column that has no room."""

    number: int
    bar: int
    title: int
    artist: int
    note: int

    @staticmethod
    @lru_cache(maxsize=256)
    def within(
        width: int, *, numbered: bool, valued: bool, noted: int, long_notes: bool = False
    ) -> "Columns":
        """Share `width` cells: the title gets one and a half times the artist's part.

        `noted` is the longest note's width, 0 for a list without. `long_notes` gives the notes two fifths of
        a line that is wide, and nothing of another.
        """
        number = 4 if numbered else 0
        bar = 0 if not valued or width < 44 else 6 if width < 90 else 10
        note = 0 if not noted or width < 50 else min(noted, 16 if width < 90 else 20)
        if long_notes:
            note = width * 2 // 5 if noted and width >= 70 else 0
        left = (
            width
            - 3
            - number
            - (5 if valued else 0)
            - (bar + 1 if bar else 0)
            - (note + 2 if note else 0)
            - 3
        )
        if left < NARROWEST:
            return Columns(number, bar, max(left, 4), 0, note)
        title = left * 3 // 5
        return Columns(number, bar, title, left - title, note)
