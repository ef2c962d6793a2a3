"""What is listed at a place: the one door from the explorer to the engine's answers.

No screen here, so it can run in a thread and be tested alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.explore.neighbours import Neighbour, neighbourhood
from core.explore.variety import OFF, Guard
from tui.listing import NO_ROWS, Listing
from tui.settings import Settings
from tui.values import Dials
from tui.walk import Place

if TYPE_CHECKING:
    from core.library import Library
    from core.state import State

FAMILIARITIES = ("any", "familiar", "mixed", "deep cuts")
"""The familiarity dial, in the order in which it turns."""
_FAMILIARITY = {"any": None, "familiar": 1.0, "mixed": 0.5, "deep cuts": 0.0}


@dataclass(frozen=True)
class Question:
    """What the answer depends on besides the place."""

    library: "Library"
    state: "State"
    dials: Dials
    settings: Settings
    clock: Callable[[], float]
    """Seconds since the epoch."""

    @property
    def guard(self) -> Guard:
        """The variety guard as the dial has it."""
        return Guard() if self.dials.variety else OFF

    @property
    def familiarity(self) -> float | None:
        """The dial as the engine takes it."""
        return _FAMILIARITY[self.dials.familiarity]


def look(place: Place, question: Question) -> Listing:
    """List the tracks of a place.

    Raises
    ------
    SegueError
        When the library lacks what the place needs; its text says what to do.
    """
    return _KINDS[place.kind](place, question)


def _browse(_place: Place, question: Question) -> Listing:
    rows = np.arange(len(question.library), dtype=np.int32)
    return Listing(rows, title="All tracks, the most played first", summary="Enter goes in. / searches.")


def _track(place: Place, question: Question) -> Listing:
    library, dials = question.library, question.dials
    found = neighbourhood(
        library,
        place.rows[0],
        question.settings.neighbours,
        ranker=dials.ranker,
        guard=question.guard,
        familiarity=question.familiarity,
    )
    return Listing(
        np.array([neighbour.row for neighbour in found.rows], dtype=np.int32),
        np.array([neighbour.similarity for neighbour in found.rows], dtype=np.float32),
        {place: _versions(neighbour) for place, neighbour in enumerate(found.rows) if neighbour.versions},
        title=f"Near {library.catalogue.info(place.rows[0]).label}",
        summary=str(found.hidden),
        empty="The dials leave nothing here. U lifts unheard, F turns familiarity, V loosens the guard.",
    )


def _versions(neighbour: Neighbour) -> str:
    count = len(neighbour.versions)
    return f"+{count} version{'s' if count > 1 else ''}"


_KINDS: dict[str, Callable[[Place, Question], Listing]] = {"browse": _browse, "track": _track}
