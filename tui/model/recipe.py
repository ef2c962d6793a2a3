"""A place as a line of plain text, to send to somebody: `track:(Salt — Oda):2 -track:(Sand — Oda) deep`.

Tracks are named by title and artist where these find the track, else by id. A word in front names the kind of
place, unless it is a track or a blend; words at the end set the dials. An artist can stand in a blend,
`track:(Salt) -artist:(Oda)`: it means their most played tracks.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from segue.core.errors import SegueError
from segue.core.explore.variety import FAMILIARITY
from segue.tui.model.places import KINDS, BlendPlace, Place, TrackPlace
from segue.tui.model.values import Dials

NAMED = frozenset(
    name for name, kind in KINDS.items() if kind.has_recipe and kind not in {TrackPlace, BlendPlace}
)
"""The kinds of places that a recipe names in front."""
OF_ARTIST = 3
"""How many tracks stand for an artist in a blend."""
_INGREDIENT = re.compile(r"(-?)(track|artist):\(")
_WEIGHT = re.compile(r":([1-3])(?!\S)")


def is_recipe(text: str) -> bool:
    """Whether a text is a recipe rather than a title or a file."""
    return bool(re.match(rf"\s*(({'|'.join(sorted(NAMED))})\s+)?{_INGREDIENT.pattern}", text))


def write(place: Place, dials: Dials, name: Callable[[int], str]) -> str:
    """Write a place and the dials as a recipe; `name(row)` names a track.

    Raises
    ------
    SegueError
        When the place has no recipe, such as the journal.
    """
    if not place.has_recipe:
        raise SegueError("this place has no recipe: open a track, a blend, a path or a playlist first")
    words = [place.kind] if place.kind in NAMED else []
    weights = place.weights if isinstance(place, BlendPlace) else (1,) * len(place.rows)
    for row, weight in zip(place.rows, weights, strict=True):
        times = f":{abs(weight)}" if abs(weight) > 1 else ""
        words.append(f"{'-' if weight < 0 else ''}track:({name(row)}){times}")
    words += [] if dials.familiarity == "any" else [dials.familiarity]
    words += ["unheard"] if dials.unheard else []
    words += [] if dials.variety else ["unguarded"]
    return " ".join(words)


def read(
    text: str,
    row_of: Callable[[str], int],
    dials: Dials,
    *,
    steps: int,
    rows_of_artist: Callable[[str], Sequence[int]] = lambda _name: (),
) -> tuple[Place, Dials]:
    """Read a recipe, whether `write` made it or a person did.

    Parameters
    ----------
    row_of
        Finds a track by its name.
    steps
        The length of a path in tracks.
    rows_of_artist
        Finds an artist's tracks, the most played first; none for an unknown artist.

    Raises
    ------
    SegueError
        When the text is not a recipe, or names a track or artist that is not found.
    """

    def rows_of(what: str, name: str) -> Sequence[int]:
        if what == "track":
            return (row_of(name),)
        if not (found := rows_of_artist(name)):
            raise SegueError(f"unknown artist {name!r}; a: searches for artists")
        return found[:OF_ARTIST]

    rows, weights, others = _ingredients(text, rows_of)
    kind = others.pop(0) if others and others[0] in NAMED else ""
    unknown = next((word for word in others if word not in {*FAMILIARITY, "unheard", "unguarded"}), None)
    if unknown is not None or not rows:
        wrong = unknown or text
        raise SegueError(f"{wrong!r} is not part of a recipe; write it like track:(Salt — Oda):2 deep")
    familiarity = next((word for word in others if word in FAMILIARITY), "any")
    turned = Dials(dials.ranker, familiarity, "unheard" in others, "unguarded" not in others)
    if kind:
        own: dict[str, dict[str, Any]] = {"path": {"steps": steps}, "playlist": {"name": "a recipe"}}
        return KINDS[kind](rows, **own.get(kind, {})), turned
    blended = len(rows) > 1 or weights[0] != 1
    return (BlendPlace(rows, weights) if blended else TrackPlace(rows)), turned


def _ingredients(
    text: str, rows_of: Callable[[str, str], Sequence[int]]
) -> tuple[tuple[int, ...], tuple[int, ...], list[str]]:
    """Return the rows, their weights, and the other words."""
    weights: dict[int, int] = {}
    rest, at = "", 0
    while found := _INGREDIENT.search(text, at):
        end = _closing(text, found.end())
        weight = _WEIGHT.match(text, end + 1)
        times = int(weight[1]) if weight else 1
        for row in rows_of(found[2], text[found.end() : end]):
            weights[row] = -times if found[1] else times
        rest += text[at : found.start()] + " "
        at = weight.end() if weight else end + 1
    return tuple(weights), tuple(weights.values()), (rest + text[at:]).split()


def _closing(text: str, start: int) -> int:
    """Find the bracket that closes the one before `start`; titles have brackets too."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise SegueError("a bracket of the recipe is not closed; add the missing )")
