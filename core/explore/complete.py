"""Playlist completion, the notebook's purpose: what comes next, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import UsageError
from segue.core.explore.blend import combined_scores
from segue.core.explore.neighbours import Filters, Neighbour, check_row, gather, ranking
from segue.core.explore.variety import Hidden
from segue.core.library import Library
from segue.core.neighbours import unit

Ask = Literal["continue", "missing"]

HALF_LIFE = 8.0
"""Positions back at which a track counts half. On validation pairs of real radio playlists 4, 8 and no decay
came out alike (hit@10 0.201 to 0.204), 1 lower (0.186), and the last track alone far lower (0.147)."""


@dataclass(frozen=True)
class Completion:
    """Suggestions for a playlist, best first."""

    rows: list[Neighbour]
    """Similarity is to the playlist's weighted centre."""
    hidden: Hidden


def complete(
    library: Library,
    playlist: Sequence[int],
    n: int = 20,
    *,
    ask: Ask = "continue",
    ranker: str | None = None,
    half_life: float = HALF_LIFE,
    filters: Filters | None = None,
) -> Completion:
    """Suggest tracks for a playlist, ranked by all of it.

    Parameters
    ----------
    playlist
        Rows in playing order; a repeated track counts each time.
    n
        How many rows to return at most.
    ask
        `continue`: what comes next, the last tracks counting most. `missing`: what belongs to the whole,
        every track counting alike.
    ranker
        A name in `core.rankers.RANKERS`; `next` by default, or `nearest` where there are no playlists.
    half_life
        For `continue`: the positions after which a track's weight has halved.
    filters
        The variety guard and the rest; the default guard alone if not given.

    Raises
    ------
    UsageError
        When the playlist is empty or holds a row that does not exist.
    """
    if not playlist:
        raise UsageError("a playlist of no known tracks can't be completed; name at least one")
    for row in playlist:
        check_row(library, row)
    weights = recency_weights(len(playlist), half_life) if ask == "continue" else np.ones(len(playlist))
    scores = combined_scores(library, playlist, weights.tolist(), ranker)
    centre = unit(weights @ library.vectors[list(playlist)])
    rows, hidden = gather(
        library, ranking(scores), centre, n, filters=filters or Filters(), without=dict.fromkeys(playlist)
    )
    return Completion(rows, hidden)


def recency_weights(length: int, half_life: float) -> NDArray[np.float64]:
    """Weights that halve every `half_life` positions back from the last, which has 1: float64 (length,)."""
    return 0.5 ** (np.arange(length - 1, -1, -1) / half_life)
