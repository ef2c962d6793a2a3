"""Playlist completion, the notebook's purpose: what comes next, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from segue.core.errors import UsageError
from segue.core.explore.neighbours import Filters, Neighbour, check_row, gather, ranking
from segue.core.explore.variety import Hidden
from segue.core.library import Library
from segue.core.neighbours import unit
from segue.core.rankers.playlist import (
    HALF_LIVES,
    combined_scores,
    continue_ranker,
    recency_weights,
)

Ask = Literal["continue", "missing"]

HALF_LIFE = HALF_LIVES[1]
"""Positions back at which a track counts half, where a ranker of single seeds is asked for."""


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
        A name in `core.rankers.RANKERS`, whose scores for the tracks are added up. By default the playlist is
        ranked as a whole (see `core.rankers.playlist`), or by `nearest` where the library has no playlists.
    half_life
        For `continue` with such a ranker: the positions after which a track's weight has halved.
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
    whole = continue_ranker(library) if ranker is None else None
    if whole is None:
        scores = combined_scores(library, playlist, weights.tolist(), ranker)
    elif ask == "continue":
        scores = whole.scores(playlist)
    else:
        scores = whole.missing(playlist)
    centre = unit(weights @ library.vectors[list(playlist)])
    rows, hidden = gather(
        library, ranking(scores), centre, n, filters=filters or Filters(), without=dict.fromkeys(playlist)
    )
    return Completion(rows, hidden)
