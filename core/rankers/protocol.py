"""What every ranker answers."""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.integer[Any]]
Indices = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]


class Ranker(Protocol):
    """Puts tracks in order for a seed track: the likeliest to come next first."""

    name: str

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """The k best tracks for each seed, best first.

        Equal scores put the lower row first, or with rankers that count, whose scores are often equal, the
        track that is played more in training (see `sparse.tie_order`).

        Parameters
        ----------
        seeds : int (n,)
            Track rows. A seed is never in its own answer.
        k
            How many to return. A ranker that knows fewer pads.
        exclude : int (m,), optional
            Rows that no answer may hold.

        Returns
        -------
        indices : int32 (n, k)
            Track rows, padded with -1.
        scores : float32 (n, k)
            Falling, padded with -inf. What a score means is the ranker's own affair.
        """

    def scores(self, seed: int) -> Scores:
        """The score of every track for one seed, float32 (V,). The seed's own entry has no meaning."""
