"""Rankers of what goes on from a playlist, and of what it lacks: they look at all of it, not at one seed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Corpus, Counts, Occurrences
from segue.core.library import Library
from segue.core.neighbours import ExactIndex, unit
from segue.core.rankers.protocol import Scores
from segue.core.rankers.registry import default_ranker
from segue.core.rankers.registry import ranker as find_ranker
from segue.core.rankers.sessions import Sessions, SessionScores, Votes
from segue.core.rankers.sparse import Followers, best
from segue.core.rankers.vector import NextRanker

HALF_LIVES = (1.0, 8.0)
"""Positions back at which a track counts half: close to the end, and over the whole playlist."""
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "cosine 1": 1.9,
    "cosine 8": 4.0,
    "meetings 1": 0.05,
    "meetings 8": 0.15,
    "following": 0.1,
    "v-stan": 0.7,
    "rp3": 1.0,
    "s-knn": 1.0,
    "plays": 0.0,
}
"""The terms of `continue`, with the weights they have until they are fitted."""
LIFT, FAINT = 1.5, 0.1
"""How much the cosine lifts what similar playlists vote for, and what it counts alone where it does."""
FAINTEST = 1e-6
"""What it counts alone where it lifts nothing: the order of tracks without a vote."""
MISSING_WEIGHTS: Mapping[str, float] = {"missing rp3": 0.0, "missing lift": LIFT}
"""How much RP3's votes count in `missing`, and how much the cosine lifts, until they are chosen."""

Weights = npt.NDArray[Any]
"""Floats of 8 bytes."""
_built: WeakKeyDictionary[Library, "ContinueRanker"] = WeakKeyDictionary()


def recency_weights(length: int, half_life: float) -> Weights:
    """Weights that halve every `half_life` positions back from the last, which has 1: float64 (length,)."""
    return 0.5 ** (np.arange(length - 1, -1, -1) / half_life)


class ContinueRanker:
    """What comes after a playlist: a linear blend of what its vectors, counts and similar playlists say.

    `vectors`, float32 (V, d), are unit rows; `counts` are of meetings within a window, each weighted by
    1/distance; `corpus` and `occurrences` the training playlists and their inverted index; `weights` are by
    name of the term, as `DEFAULT_WEIGHTS`.
    """

    name = "continue"

    def __init__(
        self,
        vectors: Scores,
        counts: Counts,
        corpus: Corpus,
        occurrences: Occurrences,
        weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    ) -> None:
        self.use(weights)
        self.sessions = Sessions(corpus, occurrences)
        self.vectors = np.asarray(vectors)
        self._counts = counts
        self._after = Followers(corpus, occurrences)
        self._log_plays = np.log1p(corpus.counts.astype(np.float32))

    def use(self, weights: Mapping[str, float]) -> None:
        """Take other weights, by the names of `DEFAULT_WEIGHTS` and `MISSING_WEIGHTS`."""
        self.weights = {name: float(weights.get(name, 0)) for name in DEFAULT_WEIGHTS}
        self._rp3, self._lift = (float(weights.get(name, value)) for name, value in MISSING_WEIGHTS.items())

    @property
    def faint(self) -> float:
        """What the cosine counts alone in `missing`."""
        return FAINT if self._lift else FAINTEST

    def scores(
        self, playlist: Sequence[int], *, cosines: Scores | None = None, votes: SessionScores | None = None
    ) -> Scores:
        """The score of every track after a playlist, float32 (V,); its own tracks' have no meaning.

        `cosines`, float32 (V,), are the products of the vectors with `query`, where they are computed for
        many playlists at once; the scores are written into it. `votes` is what `votes` gives, where it is
        known.
        """
        weights, size = self.weights, len(self.vectors)
        scores = self.vectors @ self.query(playlist) if cosines is None else cosines
        if weights["plays"]:
            scores += np.float32(weights["plays"]) * self._log_plays
        shares = sum(
            weights[f"meetings {half_life:g}"] * _shares(len(playlist), half_life) for half_life in HALF_LIVES
        )
        rows, logs, lengths = self._meetings(playlist)
        scores += np.bincount(rows, np.repeat(shares, lengths) * logs, size).astype(np.float32)
        rows, times = self._after(playlist[-1])
        scores[rows] += np.float32(weights["following"]) * np.log1p(times)
        for name, each in (votes or self.votes(playlist)).items():
            scores[each.rows] += np.asarray(weights[name] * each.of_largest(), np.float32)
        return scores

    def parts(self, playlist: Sequence[int], row: int, votes: SessionScores) -> dict[str, float]:
        """What each term adds to the score of a track outside the playlist, by name.

        Their sum is the track's entry in `scores`. The votes are those of `votes`.
        """
        names = {half_life: f"{half_life:g}" for half_life in HALF_LIVES}
        values = {"plays": float(self._log_plays[row])}
        met = np.log1p([count_of(self._counts.row(track), row) for track in playlist])
        for half_life, cosine in zip(HALF_LIVES, self._centres(playlist) @ self.vectors[row], strict=True):
            values[f"cosine {names[half_life]}"] = float(cosine)
            values[f"meetings {names[half_life]}"] = float(_shares(len(playlist), half_life) @ met)
        values["following"] = float(np.log1p(count_of(self._after(playlist[-1]), row)))
        for name, each in votes.items():
            values[name] = count_of((each.rows, each.of_largest()), row)
        return {name: weight * values[name] for name, weight in self.weights.items()}

    def missing(
        self, playlist: Sequence[int], *, cosines: Scores | None = None, votes: Votes | None = None
    ) -> Scores:
        """What belongs to a playlist as a whole, float32 (V,): v exp(l c) + 0.1 c.

        v is a track's vote (`members`) as a share of the largest and c its cosine with the playlist's middle;
        l is 1.5, or 0 and the cosine next to nothing, where that was chosen. `cosines`, float32 (V,), are the
        products of the vectors with `middle`, where they are computed for many playlists at once; the scores
        are written into it. `votes` is what `members` gives, where it is known.
        """
        scores = self.vectors @ self.middle(playlist) if cosines is None else cosines
        given = self.members(playlist) if votes is None else votes
        voted = given.of_largest() * np.exp(np.float32(self._lift) * scores[given.rows])
        scores *= np.float32(self.faint)
        scores[given.rows] += voted.astype(np.float32)
        return scores

    def members(self, playlist: Sequence[int], *, without: int | None = None) -> Votes:
        """What similar playlists say of a playlist as a whole (`Sessions.members`), with RP3's share."""
        votes = self.sessions.members(playlist, without=without)
        if not self._rp3:
            return votes
        return votes.plus(self.votes_on_the_whole(playlist, without=without)["rp3"], self._rp3)

    def votes(self, playlist: Sequence[int]) -> SessionScores:
        """What similar playlists suggest after a playlist, its last tracks counting most."""
        return self.sessions.scores(playlist, _shares(len(playlist), HALF_LIVES[1]))

    def votes_on_the_whole(self, playlist: Sequence[int], *, without: int | None = None) -> SessionScores:
        """What similar playlists suggest for a playlist, all its tracks counting alike.

        `without` is a training playlist to leave out, as if it had never been seen.
        """
        return self.sessions.scores(playlist, np.ones(len(playlist)), without=without)

    def middle(self, playlist: Sequence[int]) -> Scores:
        """The unit mean vector of the tracks of a playlist, float32 (d,); 0 where they cancel out."""
        return unit(self.vectors[list(dict.fromkeys(playlist))].sum(axis=0))

    def query(self, playlist: Sequence[int]) -> Scores:
        """The vector whose products are the weighted terms of the cosines, float32 (d,)."""
        weights = np.array([self.weights[f"cosine {half_life:g}"] for half_life in HALF_LIVES], np.float32)
        return np.asarray(weights @ self._centres(playlist))

    def contenders(
        self, playlists: Sequence[Sequence[int]], leading: int
    ) -> Iterator[tuple[npt.NDArray[np.int64], Scores]]:
        """The tracks that lead after each playlist by any one of the terms, and all terms of these.

        `playlists` are track rows in playing order, at least one each. `leading` is how many tracks lead by a
        term; those scored 0 and the playlist's own are left out. Yields the rows, int64 (n,), rising, and the
        terms, float32 (n, 9), in the order of `DEFAULT_WEIGHTS`.
        """
        if not playlists:
            return
        most = leading + max(map(len, playlists))
        centres = [self._centres(playlist) for playlist in playlists]
        near, cosines = ExactIndex(self.vectors).products(np.concatenate(centres), most)
        near = np.where(cosines > 0, near, -1).reshape(len(playlists), len(HALF_LIVES), most)
        charts = np.argsort(-self._log_plays, kind="stable")[:most]
        charts = charts[self._log_plays[charts] > 0]
        for playlist, both, directions in zip(playlists, near, centres, strict=True):
            own = np.array([*playlist, -1])
            lists = [track[~np.isin(track, own)][:leading] for track in (*both, charts)]
            counted = dict(self._counted(playlist))
            for values in counted.values():
                values[own[:-1]] = 0
                rows = np.flatnonzero(values > 0)
                lists.append(best(rows.astype(np.int32), values[rows].astype(np.float32), leading)[0])
            rows = np.unique(np.concatenate(lists)).astype(np.int64)
            lines = {name: values[rows] for name, values in counted.items()}
            lines["plays"] = self._log_plays[rows]
            for half_life, cosine in zip(HALF_LIVES, directions @ self.vectors[rows].T, strict=True):
                lines[f"cosine {half_life:g}"] = cosine
            terms = np.stack([lines[name] for name in DEFAULT_WEIGHTS], axis=1)
            yield rows, terms.astype(np.float32)

    def _centres(self, playlist: Sequence[int]) -> Scores:
        """The playlist's mean vectors at both half-lives, float32 (2, d)."""
        shares = [_shares(len(playlist), half_life) for half_life in HALF_LIVES]
        return np.stack(shares).astype(np.float32) @ self.vectors[list(playlist)]

    def _counted(self, playlist: Sequence[int]) -> Iterator[tuple[str, Weights]]:
        """The terms that come from counts, by name: float64 (V,), 0 for most tracks."""
        size = len(self.vectors)
        rows, logs, lengths = self._meetings(playlist)
        for half_life in HALF_LIVES:
            shares = np.repeat(_shares(len(playlist), half_life), lengths)
            yield f"meetings {half_life:g}", np.bincount(rows, shares * logs, size)
        followed: Weights = np.zeros(size)
        rows, times = self._after(playlist[-1])
        followed[rows] = np.log1p(times)
        yield "following", followed
        for name, votes in self.votes(playlist).items():
            yield name, Votes(votes.rows, votes.of_largest()).every(size)

    def _meetings(self, playlist: Sequence[int]) -> tuple[npt.NDArray[np.int32], Scores, list[int]]:
        """Whom each track of a playlist has met, log(1 + count), and how many those are for each."""
        met = [self._counts.row(row) for row in playlist]
        logs = np.log1p(np.concatenate([times for _, times in met]))
        return np.concatenate([tracks for tracks, _ in met]), logs, [len(tracks) for tracks, _ in met]


def count_of(counted: tuple[npt.NDArray[Any], npt.NDArray[Any]], row: int) -> float:
    """The value of a track among some tracks, rising, and their values; 0 where it is not one of them."""
    rows, values = counted
    at = int(np.searchsorted(rows, row))
    return float(values[at]) if at < len(rows) and rows[at] == row else 0.0


def continue_ranker(library: Library) -> ContinueRanker | None:
    """The ranker `continue` of an opened library with its fitted weights; None where it has no playlists."""
    if library.corpus is None or library.cooccurrence is None or library.occurrences is None:
        return None
    weights = library.manifest.continue_weights or DEFAULT_WEIGHTS
    kept = _built.get(library)
    if kept is None:
        kept = _built[library] = ContinueRanker(
            library.vectors, library.cooccurrence, library.corpus, library.occurrences
        )
    kept.use(weights)
    return kept


def combined_scores(
    library: Library, rows: Sequence[int], weights: Sequence[float], ranker: str | None = None
) -> Scores:
    """The weighted sum of a ranker's scores for several seeds: float32 (V,), 0 where it knows nothing.

    By default the ranker is `next`, or `nearest` where there are no playlists. For `nearest` and `next` one
    product with the weighted sum of the vectors gives it, however many seeds.
    """
    name = ranker or default_ranker(library)
    chosen = find_ranker(library, name)
    shares = np.asarray(weights, dtype=np.float32)
    total = np.zeros(len(library), np.float32)
    if name not in {"nearest", "next"}:
        for row, share in zip(rows, shares, strict=True):
            total += share * chosen.scores(row)
        return total
    np.matmul(library.vectors, shares @ library.vectors[list(rows)], out=total)
    if isinstance(chosen, NextRanker):
        chosen.add_counts(total, rows, shares)
    return total


def _shares(length: int, half_life: float) -> Weights:
    weights = recency_weights(length, half_life)
    return np.asarray(weights / weights.sum(), np.float64)
