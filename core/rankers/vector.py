"""Rankers over the track vectors: the model alone, with the counts, and `like`, which discounts charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Counts
from segue.core.neighbours import Bonus, ExactIndex, NeighbourIndex
from segue.core.rankers.protocol import Indices, Rows, Scores
from segue.core.rankers.sparse import SparseScores, allowed

DEFAULT_WEIGHT = 0.3
"""Weight of the counts until one is chosen; 0.2 to 0.4 was best on real playlists."""
GATHERED = 100_000
"""Pairs of tracks whose vectors are gathered at once: 50 MB at 64 dimensions."""


class NearestRanker:
    """The cosine between track vectors.

    `vectors`, float32 (V, d), are unit rows. `name` is `nearest`, or the name of whatever made the vectors.
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
    """The cosine, plus λ log(1 + meetings), φ log(1 + followed) and β log(1 + plays): the model and counts.

    The model learns with the log-q correction, which takes the frequency of the contexts out of the cosines;
    β gives some of it back where what comes next follows the charts. λ is `weight`, φ `following` and β
    `popularity`. `vectors`, float32 (V, d), are unit rows; `counts` are of meetings within a window, each
    weighted by 1/distance; `plays`, int (V,), is how often each track occurs in the training playlists.
    `after` gives how often tracks came directly after a seed; all of them are among those it has met.
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
        after: SparseScores | None = None,
        following: float = 0.0,
    ) -> None:
        self.weight = weight
        self.popularity = popularity
        self.following = following
        self._vectors = np.asarray(vectors)  # a plain view: slicing np.memmap costs 10 microseconds each time
        self._index = index
        self._counts = counts
        self._after = after
        self._log_plays = np.log1p(np.asarray(plays, np.float32))

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        near, scores = self._without_counts(seeds, k, exclude)
        return self._blend(seeds, near, scores, meetings(self._vectors, self._counts, seeds, exclude))

    def rank_with(self, others: Sequence["LikeRanker"], seeds: Rows, k: int) -> list[Indices]:
        """The answers of `nearest`, of this ranker and of others, int32 (n, k), from one matrix product."""
        mine = [Bonus(self.bonus(self.popularity))] if self.popularity else []
        bonuses = [None, *mine, *(other.bonus(seeds) for other in others)]
        nearest, *rest = ExactIndex(self._vectors).query_each(seeds, k, bonuses)
        met = meetings(self._vectors, self._counts, seeds)
        after = self._blend(seeds, *(rest.pop(0) if mine else nearest), met)
        lifted = [other.with_meetings(seeds, *found, met) for other, found in zip(others, rest, strict=True)]
        return [found[0] for found in (nearest, after, *lifted)]

    def contenders(self, seeds: Rows, near: int, popular: int) -> "Contenders":
        """The tracks that compete for the first places after each seed, and the terms of their scores.

        Those are the nearest by cosine, the most played, and all that the seed has met. `seeds`, int (n,),
        are track rows; `near` and `popular` say how many of the nearest and of the most played.
        """
        size = len(self._vectors)
        nearest, _ = self._index.query(seeds, near)
        charts = np.argsort(-self._log_plays, kind="stable")[:popular]
        met = meetings(self._vectors, self._counts, seeds)
        met_keys = met.lines * size + met.tracks
        lines = np.arange(len(seeds))[:, None] * size
        keys = np.unique(
            np.concatenate([(lines + nearest)[nearest >= 0], (lines + charts).ravel(), met_keys])
        )
        keys = keys[keys % size != np.asarray(seeds)[keys // size]]
        lines, tracks = np.divmod(keys, size)
        logs = np.zeros(len(keys), np.float32)
        logs[np.searchsorted(keys, met_keys)] = np.log1p(met.times)
        after = np.zeros(len(keys), np.float32)
        after[np.searchsorted(keys, met_keys)] = self._followed_all(seeds, met)
        cosines = np.empty(len(keys), np.float32)
        for start in range(0, len(keys), GATHERED):
            part = slice(start, start + GATHERED)
            own, other = self._vectors[seeds[lines[part]]], self._vectors[tracks[part]]
            cosines[part] = np.einsum("nd,nd->n", own, other)
        return Contenders(lines, tracks.astype(np.int32), cosines, logs, after, self._log_plays[tracks])

    def _without_counts(self, seeds: Rows, k: int, exclude: Rows | None) -> tuple[Indices, Scores]:
        """The k best by cosine + β log(1 + plays) alone, as `Ranker.rank` gives them."""
        if self.popularity == 0:
            return self._index.query(seeds, k, exclude=exclude)
        whole = ExactIndex(self._vectors)
        return whole.products(
            self._vectors[seeds],
            k,
            exclude=exclude,
            own=np.asarray(seeds),
            bonus=Bonus(self.bonus(self.popularity)),
        )

    def _blend(self, seeds: Rows, near: Indices, scores: Scores, met: "Meetings") -> tuple[Indices, Scores]:
        """The answer, from that of `_without_counts` and what the same seeds have met."""
        lifts = np.float32(self.weight) * np.log1p(met.times) + self.bonus(self.popularity)[met.tracks]
        if self.following:
            lifts += np.float32(self.following) * self._followed_all(seeds, met)
        return blend(near, scores, met, np.asarray(met.cosines + lifts, np.float32))

    def _followed_all(self, seeds: Rows, met: "Meetings") -> Scores:
        """What `_followed` gives for each of the meetings, float32 (m,)."""
        ends = np.searchsorted(met.lines, np.arange(len(seeds) + 1))
        logs = [
            self._followed(int(seed), met.tracks[start:end])
            for seed, (start, end) in zip(seeds, pairwise(ends.tolist()), strict=True)
        ]
        return np.concatenate(logs) if logs else np.empty(0, np.float32)

    def _followed(self, seed: int, met: Indices) -> Scores:
        """The log(1 + times) that each track met, rising, came directly after the seed: float32 (m,)."""
        logs = np.zeros(len(met), np.float32)
        if self._after is not None and len(met):
            tracks, times = self._after(seed)
            at = np.minimum(np.searchsorted(met, tracks), len(met) - 1)
            there = met[at] == tracks
            logs[at[there]] = np.log1p(times[there])
        return logs

    def bonus(self, popularity: float) -> Scores:
        """What β adds to the score of each track: float32 (V,)."""
        return np.float32(popularity) * self._log_plays

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        row = np.asarray(self._vectors @ self._vectors[seed])
        self.add_counts(row, [seed], np.ones(1, np.float32))
        return row

    def add_counts(self, cosines: Scores, seeds: Sequence[int], shares: Scores) -> None:
        """Add what counts say after several seeds, weighted, to their weighted cosines.

        `cosines`, float32 (V,), is changed in place; `shares`, float32 (len(seeds),), is the weight of each
        seed.
        """
        cosines += self.bonus(self.popularity * shares.sum())
        for seed, share in zip(seeds, shares, strict=True):
            met, counts = self._counts.row(seed)
            cosines[met] += share * np.float32(self.weight) * np.log1p(counts)
            if self.following:
                cosines[met] += share * np.float32(self.following) * self._followed(seed, met)


@dataclass(frozen=True)
class Meetings:
    """The tracks that each of n seeds has met in a playlist, seed after seed, and within one rising."""

    lines: npt.NDArray[np.intp]
    """intp (m,): which of the seeds, rising."""
    tracks: Indices
    """int32 (m,): the tracks they have met."""
    cosines: Scores
    """float32 (m,): the cosine of the two."""
    times: Scores
    """float32 (m,): how often."""


@dataclass(frozen=True)
class Contenders:
    """The tracks that compete for the first places after each of n seeds, and the terms of their scores.

    Seed after seed, and the tracks of one rising; the seed itself is not among them.
    """

    lines: npt.NDArray[np.intp]
    """intp (m,): which of the seeds, rising."""
    tracks: Indices
    """int32 (m,)"""
    cosines: Scores
    """float32 (m,): the cosine with the seed."""
    meetings: Scores
    """float32 (m,): log(1 + count of meetings with the seed)."""
    after: Scores
    """float32 (m,): log(1 + times it came directly after the seed)."""
    plays: Scores
    """float32 (m,): log(1 + plays)."""


def meetings(vectors: Scores, counts: Counts, seeds: Rows, exclude: Rows | None = None) -> Meetings:
    """The tracks that each of some seeds, int (n,), has met."""
    rows = [allowed(*counts.row(seed), exclude) for seed in np.asarray(seeds).tolist()]
    lines = np.repeat(np.arange(len(rows)), [len(met) for met, _ in rows])
    if not len(lines):
        return Meetings(lines, np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.float32))
    cosines = [vectors[met] @ vectors[seed] for (met, _), seed in zip(rows, seeds, strict=True)]
    tracks, times = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return Meetings(lines, tracks, np.concatenate(cosines), times)


def blend(near: Indices, scores: Scores, met: Meetings, lifted: Scores) -> tuple[Indices, Scores]:
    """The best of two lists for each seed; a track in both keeps its score in the second.

    Where counts only ever lift a track, its k best are among the k best without counts, `near`, int32 (n,
    k), with their `scores`, float32 (n, k), and those it has met, whose scores are `lifted`, float32 (m,).
    """
    n, k = near.shape
    lines, tracks = met.lines, met.tracks
    if k:  # what stays below all k of its line can't enter
        kept = lifted >= scores[lines, -1]
        lines, tracks, lifted = lines[kept], tracks[kept], lifted[kept]
    others = (near >= 0) & ~_held(near, lines, tracks)
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


def _held(near: Indices, lines: npt.NDArray[np.intp], tracks: Indices) -> npt.NDArray[np.bool_]:
    """Which entries of `near`, int32 (n, k), are among the pairs of a line and a track: bool (n, k)."""
    if not len(tracks):
        return np.zeros(near.shape, bool)
    size = max(int(tracks.max()), int(near.max(initial=0))) + 1
    pairs = lines.astype(np.int64) * size + tracks
    keys = np.arange(len(near))[:, None] * size + near
    at = np.minimum(np.searchsorted(pairs, keys), len(pairs) - 1)
    return np.asarray(pairs[at] == keys)


MET = 0.1
"""Weight of meetings beyond chance. From 0.05 to 0.3 hits rise and variety falls."""


class LikeRanker:
    """The cosine less what popularity explains of it, plus what playlists say beyond chance.

    Popular tracks are near each other because they are popular: on average, a vector moves with log(1 +
    plays), and that movement is taken out. What is left of the cosine orders the tracks, with 0.1 max(0,
    log(c / (e + 1))) for a track met c times, where e meetings would be chance. `vectors`, float32 (V, d),
    are unit rows; `counts` and `plays`, int (V,), are as for `NextRanker`.
    """

    name = "like"

    def __init__(self, vectors: Scores, counts: Counts, plays: Rows) -> None:
        self._vectors = np.asarray(vectors)
        self._counts = counts
        logs = np.log1p(np.asarray(plays, np.float64))
        self._logs = np.asarray(logs - logs.mean(), np.float32)
        spread = float(self._logs @ self._logs)
        # least squares of the vectors on log(1 + plays): how much a vector moves with its track's popularity
        self._slope = (self._logs @ self._vectors) / np.float32(spread or 1)

    def rank(self, seeds: Rows, k: int, *, exclude: Rows | None = None) -> tuple[Indices, Scores]:
        """See `Ranker.rank`."""
        seeds = np.asarray(seeds)
        near, scores = ExactIndex(self._vectors).products(
            self._vectors[seeds], k, exclude=exclude, own=seeds, bonus=self.bonus(seeds)
        )
        return self.with_meetings(seeds, near, scores, meetings(self._vectors, self._counts, seeds, exclude))

    def bonus(self, seeds: Rows) -> Bonus:
        """What is added to the cosines of some seeds, int (n,), to take popularity out of them."""
        return Bonus(self._logs, -(self._vectors[seeds] @ self._slope))

    def with_meetings(
        self, seeds: Rows, near: Indices, scores: Scores, met: Meetings
    ) -> tuple[Indices, Scores]:
        """The answer, from the k best by the cosine without popularity and what the same seeds have met."""
        popular = self._vectors[seeds] @ self._slope
        cosines = met.cosines - popular[met.lines] * self._logs[met.tracks]
        lifted = cosines + self._lifts(np.asarray(seeds)[met.lines], met.tracks, met.times)
        return blend(near, scores, met, np.asarray(lifted, np.float32))

    def scores(self, seed: int) -> Scores:
        """See `Ranker.scores`."""
        vector = self._vectors[seed]
        row = self._vectors @ vector - (self._slope @ vector) * self._logs
        met, times = self._counts.row(seed)
        row[met] += self._lifts(seed, met, times)
        return np.asarray(row, np.float32)

    def parts(self, seed: int, row: int) -> tuple[float, float]:
        """What popularity takes from the cosine of a track, and what meetings beyond chance add to it."""
        met, times = self._counts.row(seed)
        lift = float(self._lifts(seed, met, times)[met == row].sum())
        return -float(self._slope @ self._vectors[seed] * self._logs[row]), lift

    def _lifts(self, seeds: Rows | int, met: Indices, times: Scores) -> Scores:
        """What meetings add to the scores of tracks that were met so often: float32 (m,), mostly 0."""
        chance = self._meetings[seeds] * self._meetings[met] / self._all_meetings
        return np.asarray(MET * np.maximum(np.log(times / (chance + 1)), 0), np.float32)

    @cached_property
    def _meetings(self) -> Scores:
        """How often each track met others in all, float32 (V,)."""
        owners = np.repeat(np.arange(len(self._counts)), np.diff(self._counts.indptr))
        return np.bincount(owners, self._counts.data, len(self._counts)).astype(np.float32)

    @cached_property
    def _all_meetings(self) -> np.float32:
        return np.float32(max(self._meetings.sum(), 1))
