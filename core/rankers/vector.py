"""Rankers over the track vectors: the model alone, and the model with the counts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Counts
from segue.core.neighbours import ExactIndex, NeighbourIndex
from segue.core.rankers.protocol import Indices, Rows, Scores
from segue.core.rankers.sparse import allowed

DEFAULT_WEIGHT = 0.3
"""Weight of the counts until one is chosen on validation pairs; 0.2 to 0.4 was best on real playlists."""


class NearestRanker:
    """The cosine between track vectors.

    Parameters
    ----------
    vectors : float32 (V, d)
        Unit rows.
    index
        An index over them.
    name
        `nearest`, or the name of whatever made the vectors.
    """

    def __init__(self, vectors: Scores, index: NeighbourIndex, *, name: str = "nearest") -> None:
        self.name = name
        self._vectors = vectors
        self._index = index

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        return self._index.query(seeds, k, exclude=exclude)

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        return np.asarray(self._vectors @ self._vectors[seed])


class NextRanker:
    """The cosine, plus λ log(1 + meetings) and β log(1 + plays): the model, and what playlists say plainly.

    The model learns with the log-q correction, which takes the frequency of the contexts out of the cosines;
    β gives some of it back where what comes next follows the charts.

    Parameters
    ----------
    vectors : float32 (V, d)
        Unit rows.
    index
        An index over them.
    counts
        Co-occurrence within a window, each meeting weighted by 1/distance.
    plays : int (V,)
        How often each track occurs in the training playlists.
    weight
        λ.
    popularity
        β.
    """

    name = "next"

    def __init__(
        self,
        vectors: Scores,
        index: NeighbourIndex,
        counts: Counts,
        plays: Rows,
        *,
        weight: float = DEFAULT_WEIGHT,
        popularity: float = 0.0,
    ) -> None:
        self.weight = weight
        self.popularity = popularity
        self._vectors = np.asarray(vectors)  # a plain view: slicing np.memmap costs 10 microseconds each time
        self._index = index
        self._counts = counts
        self._log_plays = np.log1p(np.asarray(plays, np.float32))

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        near, scores = self.without_counts(seeds, k, self.popularity, exclude=exclude)
        met = self.meetings(seeds, exclude=exclude)
        return self.blend(near, scores, met, self.weight, self.popularity)

    def without_counts(
        self, seeds: Rows, k: int, popularity: float, *, exclude: Rows | None = None
    ) -> tuple[Indices, Scores]:
        """The k best by cosine + β log(1 + plays) alone, as `Ranker.rank` gives them."""
        if popularity == 0:
            return self._index.query(seeds, k, exclude=exclude)
        whole = ExactIndex(self._vectors)
        return whole.products(
            self._vectors[seeds], k, exclude=exclude, own=np.asarray(seeds), bonus=self.bonus(popularity)
        )

    def meetings(self, seeds: Rows, *, exclude: Rows | None = None) -> "Meetings":
        """The tracks that each of some seeds, int (n,), has met."""
        rows = [allowed(*self._counts.row(seed), exclude) for seed in np.asarray(seeds).tolist()]
        tracks = np.concatenate([met for met, _ in rows]) if rows else np.empty(0, np.int32)
        cosines = [
            self._vectors[met] @ self._vectors[seed] for (met, _), seed in zip(rows, seeds, strict=True)
        ]
        return Meetings(
            np.repeat(np.arange(len(rows)), [len(met) for met, _ in rows]),
            tracks,
            np.concatenate(cosines) if rows else np.empty(0, np.float32),
            np.log1p(np.concatenate([times for _, times in rows])) if rows else np.empty(0, np.float32),
        )

    def blend(
        self, near: Indices, scores: Scores, met: "Meetings", weight: float, popularity: float
    ) -> tuple[Indices, Scores]:
        """Give the answer under some λ and β, from the k best without counts and what the seeds have met.

        A count only ever lifts a track, so the k best are among those k and the tracks that were met.

        Parameters
        ----------
        near, scores
            Of `without_counts` under the same β: int32 (n, k), float32 (n, k).
        met
            The meetings of the same seeds.
        weight
            λ, at least 0.
        popularity
            β, at least 0.
        """
        n, k = near.shape
        lifted = met.cosines + np.float32(weight) * met.logs + self.bonus(popularity)[met.tracks]
        lines, tracks = met.lines, met.tracks
        if k:  # what stays below all k of its line can't enter
            kept = lifted >= scores[lines, -1]
            lines, tracks, lifted = lines[kept], tracks[kept], lifted[kept]
        others = (near >= 0) & ~_held(near, lines, tracks, len(self._vectors))
        lines = np.concatenate([lines, np.repeat(np.arange(n), k)[others.ravel()]])
        tracks = np.concatenate([tracks, near[others]])
        values = np.concatenate([lifted, scores[others]])
        order = np.lexsort((tracks, -values, lines))
        lines, tracks, values = lines[order], tracks[order], values[order]
        place = np.arange(len(lines)) - np.searchsorted(lines, lines)
        first = place < k
        indices, best_scores = np.full_like(near, -1), np.full_like(scores, -np.inf)
        indices[lines[first], place[first]] = tracks[first]
        best_scores[lines[first], place[first]] = values[first]
        return indices, best_scores

    def bonus(self, popularity: float) -> Scores:
        """What β adds to the score of each track: float32 (V,)."""
        return np.float32(popularity) * self._log_plays

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        row = self._vectors @ self._vectors[seed] + self.bonus(self.popularity)
        met, counts = self._counts.row(seed)
        row[met] += np.float32(self.weight) * np.log1p(counts)
        return np.asarray(row)


@dataclass(frozen=True)
class Meetings:
    """The tracks that each of n seeds has met in a playlist, seed after seed, and within one rising."""

    lines: npt.NDArray[np.intp]
    """intp (m,): which of the seeds, rising."""
    tracks: Indices
    """int32 (m,): whom it has met."""
    cosines: Scores
    """float32 (m,): the cosine of the two."""
    logs: Scores
    """float32 (m,): log(1 + count)."""


def _held(near: Indices, lines: npt.NDArray[np.intp], tracks: Indices, size: int) -> npt.NDArray[np.bool_]:
    """Which entries of `near`, int32 (n, k), are among the pairs of a line and a track: bool (n, k)."""
    if not len(tracks):
        return np.zeros(near.shape, bool)
    pairs = lines.astype(np.int64) * size + tracks
    keys = np.arange(len(near))[:, None] * size + near
    at = np.minimum(np.searchsorted(pairs, keys), len(pairs) - 1)
    return np.asarray(pairs[at] == keys)
