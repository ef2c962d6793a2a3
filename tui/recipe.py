"""A place as a line of plain text, to send to somebody: `track:(Salt — Oda):2 -track:(Sand — Oda) deep`.

Tracks stand in it by title and artist where these mean the track, else by id. A word before them says the
kind of place, where it is no track and no blend; words after them turn the dials. Whoever writes a recipe by
hand can put an artist into a blend, `track:(Salt) -artist:(Oda)`: their most played tracks stand for them.
"""

import re
from collections.abc import Callable, Sequence

from segue.core.errors import SegueError
from segue.core.explore.dials import FAMILIARITY
from segue.tui.values import Dials
from segue.tui.walk import Place

KINDS = frozenset({"artist", "album", "path", "playlist"})
"""The kinds of places that a recipe names by a word."""
OF_ARTIST = 3
"""How many tracks stand for an artist in a blend."""
_INGREDIENT = re.compile(r"(-?)(track|artist):\(")
_WEIGHT = re.compile(r":([1-3])(?!\S)")


def is_recipe(text: str) -> bool:
    """Whether a text is a recipe rather than a title or a file."""
    return bool(re.match(rf"\s*(({'|'.join(sorted(KINDS))})\s+)?{_INGREDIENT.pattern}", text))


def write(place: Place, dials: Dials, name: Callable[[int], str]) -> str:
    """Write a place and the dials; `name(row)` names a track.

    Raises
    ------
    SegueError
        When the place is not one of tracks, such as the journal.
    """
    if place.kind not in KINDS | {"track", "blend"}:
        raise SegueError(
            "only a place of tracks has a recipe: go into a track, a blend, a path or a playlist"
        )
    words = [place.kind] if place.kind in KINDS else []
    weights = place.weights if place.kind == "blend" else (1,) * len(place.rows)
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
    """Read what `write` gave, or somebody wrote.

    Parameters
    ----------
    row_of
        Finds a track by its name.
    steps
        The length of a path.
    rows_of_artist
        Finds an artist's tracks, the most played first; none where the artist is not known.

    Raises
    ------
    SegueError
        When the text is no recipe, or names what is not found.
    """

    def rows_of(what: str, name: str) -> Sequence[int]:
        if what == "track":
            return (row_of(name),)
        if not (found := rows_of_artist(name)):
            raise SegueError(f"no artist is called {name!r}; a: searches for artists")
        return found[:OF_ARTIST]

    rows, weights, others = _ingredients(text, rows_of)
    kind = others.pop(0) if others and others[0] in KINDS else ""
    unknown = next((word for word in others if word not in {*FAMILIARITY, "unheard", "unguarded"}), None)
    if unknown is not None or not rows:
        raise SegueError(f"{unknown or text!r} is no part of a recipe such as track:(Salt — Oda):2 deep")
    familiarity = next((word for word in others if word in FAMILIARITY), "any")
    turned = Dials(dials.ranker, familiarity, "unheard" in others, "unguarded" not in others)
    if kind == "path":
        return Place(kind, rows, (steps,)), turned
    if kind:
        return Place(kind, rows, name="a recipe" if kind == "playlist" else ""), turned
    blended = len(rows) > 1 or weights[0] != 1
    return (Place("blend", rows, weights) if blended else Place("track", rows)), turned


def _ingredients(
    text: str, rows_of: Callable[[str, str], Sequence[int]]
) -> tuple[tuple[int, ...], tuple[int, ...], list[str]]:
    """Give the rows, their weights, and the other words."""
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
    """Find the bracket that closes the one before `start`; titles hold brackets too."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise SegueError("a bracket of the recipe is not closed")
