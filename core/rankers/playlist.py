"""Rankers of what goes on from a playlist, and of what it lacks: they look at all of it, not at one seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Corpus, Counts, Occurrences
from segue.core.library import Library
from segue.core.neighbours import ExactIndex
from segue.core.rankers.protocol import Scores
from segue.core.rankers.registry import default_ranker
from segue.core.rankers.registry import ranker as find_ranker
from segue.core.rankers.sparse import best, number_ranges
from segue.core.rankers.vector import NextRanker

HALF_LIVES = (1.0, 8.0)
"""Positions back at which a track counts half: close to the end, and over the whole playlist."""
SESSIONS = 100
"""Most similar playlists whose tracks are suggested; 50 to 500 score alike on real playlists."""
REACH = 3.0
"""Positions over which V-STAN's weight of a later track falls by e; 1.5 to 8 score alike."""
DAMPING = 0.7
"""Exponent of the popularity that RP3 divides by, β in the paper; 0.5 to 1 score alike."""

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

Weights = npt.NDArray[Any]
"""Floats of 8 bytes."""
_built: WeakKeyDictionary[Library, "ContinueRanker"] = WeakKeyDictionary()


def first_largest(values: Weights, k: int) -> npt.NDArray[np.intp]:
    """The places, rising, of the k largest values, of equal ones the first; there are at least k."""
    least = np.partition(values, -k)[-k]
    above = values > least
    equal = np.flatnonzero(values == least)[: k - int(np.count_nonzero(above))]
    return np.sort(np.concatenate([np.flatnonzero(above), equal]))


def recency_weights(length: int, half_life: float) -> Weights:
    """Weights that halve every `half_life` positions back from the last, which has 1: float64 (length,)."""
    return 0.5 ** (np.arange(length - 1, -1, -1) / half_life)


@dataclass(frozen=True)
class SessionScores:
    """What similar playlists suggest: float64 (V,) each, 0 for the playlist's own tracks."""

    s_knn: Weights
    v_stan: Weights
    rp3: Weights


class Sessions:
    """Suggestions out of the training playlists that share tracks with a given one.

    Parameters
    ----------
    corpus
        The training playlists.
    occurrences
        Their inverted index.
    """

    def __init__(self, corpus: Corpus, occurrences: Occurrences) -> None:
        self._items = np.asarray(corpus.items)
        self._offsets = np.asarray(corpus.offsets)
        self._lengths = corpus.lengths
        self._playlist_of = corpus.playlist_of
        self._occurrences = occurrences
        self._degrees = np.maximum(corpus.counts, 1).astype(np.float64)
        self._damped = self._degrees**-DAMPING
        self._size = len(corpus.vocabulary)

    def scores(
        self, playlist: Sequence[int], weights: Weights, *, without: int | None = None
    ) -> SessionScores:
        """Score every track by three rankers that share most of their work.

        - S-KNN: the `SESSIONS` playlists with the largest Σ weight / √length over the shared tracks vote with
          that similarity (Jannach and Ludewig, RecSys 2017).
        - V-STAN, directed: the same vote, but only for what comes after the latest shared track, less the
          farther it is (after Ludewig et al., "Empirical analysis of session-based recommendation
          algorithms", 2021).
        - RP3: a random walk from track to playlist to track, divided by popularity to the power `DAMPING`
          (Paudel et al., TiiS 2017).

        Parameters
        ----------
        playlist
            Track rows in playing order. A track that is repeated counts where it was last.
        weights : float64 (len(playlist),)
            How much each position counts.
        without
            A training playlist to leave out, as if it had never been seen.
        """
        tracks, back = np.unique(np.asarray(playlist)[::-1], return_index=True)
        shares = weights[::-1][back]
        spans = [self._occurrences.positions_of(track) for track in tracks.tolist()]
        owners = np.repeat(np.arange(len(tracks)), [len(span) for span in spans])
        positions = np.concatenate(spans)
        sessions = self._playlist_of[positions]
        # of a track that is repeated in a session the last position
        kept = np.ones(len(positions), bool)
        kept[:-1] = (np.diff(sessions) != 0) | (np.diff(owners) != 0)
        if without is not None:
            kept &= sessions != without
        owners, positions, sessions = owners[kept], positions[kept], sessions[kept]
        n_sessions = len(self._lengths)
        shared = np.bincount(sessions, shares[owners], n_sessions)
        walk = np.bincount(sessions, (shares / self._degrees[tracks])[owners], n_sessions)
        found = np.flatnonzero(shared > 0)
        similarity = shared[found] / np.sqrt(self._lengths[found])
        rp3 = self._votes(found, walk[found] / self._lengths[found])[0] * self._damped
        if len(found) > SESSIONS:
            nearest = first_largest(similarity, SESSIONS)
            found, similarity = found[nearest], similarity[nearest]
        s_knn, at, session = self._votes(found, similarity)
        v_stan: Weights = np.zeros(self._size)
        if len(found):
            near = np.isin(sessions, found)
            owners, positions, sessions = owners[near], positions[near], sessions[near]
            order = np.lexsort((back[owners], sessions))
            latest = order[np.diff(sessions[order], prepend=-1) > 0]
            after = at - positions[latest][session]
            votes = similarity[session] * np.where(after > 0, np.exp(-(after - 1) / REACH), 0)
            v_stan = np.bincount(self._items[at], votes, self._size)
        for values in (s_knn, v_stan, rp3):
            values[tracks] = 0
        return SessionScores(s_knn, v_stan, rp3)

    def _votes(
        self, sessions: npt.NDArray[np.intp], votes: Weights
    ) -> tuple[Weights, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The sum of the votes for each track, and the positions of the sessions with whose each is."""
        at = number_ranges(self._offsets[sessions], self._offsets[sessions + 1])
        session = np.repeat(np.arange(len(sessions)), self._lengths[sessions])
        return np.bincount(self._items[at], votes[session], self._size), at, session


class ContinueRanker:
    """What comes after a playlist: a linear blend of what its vectors, counts and similar playlists say.

    Parameters
    ----------
    vectors : float32 (V, d)
        Unit rows.
    counts
        Co-occurrence within a window, each meeting weighted by 1/distance.
    corpus, occurrences
        The training playlists and their inverted index.
    weights
        By name of the term; see `DEFAULT_WEIGHTS`.
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
        self.weights = {name: float(weights.get(name, 0)) for name in DEFAULT_WEIGHTS}
        self.sessions = Sessions(corpus, occurrences)
        self._vectors = np.asarray(vectors)
        self._counts = counts
        self._items = np.asarray(corpus.items)
        self._playlist_of = corpus.playlist_of
        self._occurrences = occurrences
        self._log_plays = np.log1p(corpus.counts.astype(np.float32))

    def scores(self, playlist: Sequence[int], *, cosines: Scores | None = None) -> Scores:
        """The score of every track after a playlist, float32 (V,); its own tracks' have no meaning.

        Parameters
        ----------
        playlist
            Track rows in playing order.
        cosines : float32 (V,), optional
            The products of the vectors with `query`, where they are computed for many playlists at once; the
            scores are written into it.
        """
        weights = self.weights
        scores = self._vectors @ self.query(playlist) if cosines is None else cosines
        if weights["plays"]:
            scores += np.float32(weights["plays"]) * self._log_plays
        for name, values in self._counted(playlist):
            if weights[name]:
                scores += np.float32(weights[name]) * values.astype(np.float32)
        return scores

    def query(self, playlist: Sequence[int]) -> Scores:
        """The vector whose products are the weighted terms of the cosines, float32 (d,)."""
        weights = np.array([self.weights[f"cosine {half_life:g}"] for half_life in HALF_LIVES], np.float32)
        return np.asarray(weights @ self._centres(playlist))

    def contenders(
        self, playlists: Sequence[Sequence[int]], leading: int
    ) -> Iterator[tuple[npt.NDArray[np.int64], Scores]]:
        """The tracks that lead after each playlist by any one of the terms, and all terms of these.

        Parameters
        ----------
        playlists
            Track rows in playing order, at least one each.
        leading
            How many tracks lead by a term. Those scored 0 and the playlist's own are left out.

        Yields
        ------
        rows : int64 (n,)
            Rising.
        terms : float32 (n, 9)
            In the order of `DEFAULT_WEIGHTS`.
        """
        if not playlists:
            return
        most = leading + max(map(len, playlists))
        centres = [self._centres(playlist) for playlist in playlists]
        near, cosines = ExactIndex(self._vectors).products(np.concatenate(centres), most)
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
            for half_life, cosine in zip(HALF_LIVES, directions @ self._vectors[rows].T, strict=True):
                lines[f"cosine {half_life:g}"] = cosine
            terms = np.stack([lines[name] for name in DEFAULT_WEIGHTS], axis=1)
            yield rows, terms.astype(np.float32)

    def _centres(self, playlist: Sequence[int]) -> Scores:
        """The playlist's mean vectors at both half-lives, float32 (2, d)."""
        shares = [_shares(len(playlist), half_life) for half_life in HALF_LIVES]
        return np.stack(shares).astype(np.float32) @ self._vectors[list(playlist)]

    def _counted(self, playlist: Sequence[int]) -> Iterator[tuple[str, Weights]]:
        """The terms that come from counts, by name: float64 (V,), 0 for most tracks."""
        size = len(self._vectors)
        met = [self._counts.row(row) for row in playlist]
        rows = np.concatenate([tracks for tracks, _ in met])
        logs = np.log1p(np.concatenate([times for _, times in met]))
        lengths = [len(tracks) for tracks, _ in met]
        for half_life in HALF_LIVES:
            shares = np.repeat(_shares(len(playlist), half_life), lengths)
            yield f"meetings {half_life:g}", np.bincount(rows, shares * logs, size)
        yield "following", np.log1p(self._following(playlist[-1]))
        found = self.sessions.scores(playlist, _shares(len(playlist), HALF_LIVES[1]))
        for name, values in (("v-stan", found.v_stan), ("rp3", found.rp3), ("s-knn", found.s_knn)):
            yield name, _of_largest(values)

    def _following(self, row: int) -> npt.NDArray[np.int64]:
        """How often each track came directly after another one, int64 (V,)."""
        at = self._occurrences.positions_of(row)
        at = at[at + 1 < len(self._items)]
        at = at[self._playlist_of[at] == self._playlist_of[at + 1]] + 1
        times = np.bincount(self._items[at], minlength=len(self._vectors))
        times[row] = 0
        return times


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
    kept.weights = {name: float(weights.get(name, 0)) for name in DEFAULT_WEIGHTS}
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


def missing_scores(sessions: Sessions, playlist: Sequence[int], *, without: int | None = None) -> Scores:
    """What belongs to a playlist as a whole: S-KNN + RP3, each divided by its maximum, float32 (V,).

    0 for the tracks that no similar playlist holds. Nothing is fitted.
    """
    found = sessions.scores(playlist, np.ones(len(playlist)), without=without)
    return np.asarray(_of_largest(found.s_knn) + _of_largest(found.rp3), np.float32)


def _shares(length: int, half_life: float) -> Weights:
    weights = recency_weights(length, half_life)
    return np.asarray(weights / weights.sum(), np.float64)


def _of_largest(values: Weights) -> Weights:
    largest = values.max(initial=0)
    return values * (1 / largest) if largest > 0 else values
