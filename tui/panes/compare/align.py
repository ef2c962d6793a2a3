"""Two ranked lists side by side, so that shared tracks share a line. No screen here."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest


@dataclass(frozen=True)
class Side:
    """A place of one list."""

    place: int
    """Counted from 0."""
    other: int | None
    """The track's place in the other list, None where that lacks it."""


@dataclass(frozen=True)
class Line:
    """A place of each list, or of one of them."""

    left: Side | None
    right: Side | None

    @property
    def same(self) -> bool:
        """Whether both sides hold the same track."""
        return self.left is not None and self.right is not None and self.left.other == self.right.place


def align(left: Sequence[str], right: Sequence[str]) -> list[Line]:
    """Lay two lists of ids side by side.

    The longest run of shared ids that stand in the same order is put on common lines; between them the rest
    of both lists fills up.

    Parameters
    ----------
    left, right
        Ids, best first, no id twice in a list.
    """
    at_left = {name: place for place, name in enumerate(left)}
    at_right = {name: place for place, name in enumerate(right)}
    shared = [(place, at_right[name]) for place, name in enumerate(left) if name in at_right]
    lines: list[Line] = []
    i = j = 0
    for stop_i, stop_j in [*_in_order(shared), (len(left), len(right))]:
        for a, b in zip_longest(range(i, stop_i), range(j, stop_j)):
            one = None if a is None else Side(a, at_right.get(left[a]))
            other = None if b is None else Side(b, at_left.get(right[b]))
            lines.append(Line(one, other))
        if stop_i < len(left):
            lines.append(Line(Side(stop_i, stop_j), Side(stop_j, stop_i)))
        i, j = stop_i + 1, stop_j + 1
    return lines


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of `pairs`, whose first numbers rise, in which the second numbers rise too."""
    ends: list[int] = []  # the least last number of a rising part of each length
    which: list[int] = []  # and the pair it belongs to
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(which[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        which[length : length + 1] = [number]
    found: list[tuple[int, int]] = []
    number = which[-1] if which else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]
