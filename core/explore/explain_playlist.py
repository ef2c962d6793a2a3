"""Why a track is suggested for a whole playlist: the terms of `continue`, of `missing`, or of each track."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segue.core.errors import UsageError
from segue.core.explore.explain import Evidence, Term, evidence, sum_in_words
from segue.core.explore.neighbours import check_row
from segue.core.explore.surgeon import Ask
from segue.core.library import Library
from segue.core.rankers import default_ranker
from segue.core.rankers import ranker as ranker_of
from segue.core.rankers.playlist import (
    HALF_LIVES,
    ContinueRanker,
    combined_scores,
    continue_ranker,
    count_of,
    recency_weights,
)
from segue.core.rankers.protocol import Scores
from segue.core.text import counted

TERMS = {
    "cosine 1": "similarity to the last tracks",
    "cosine 8": "similarity to the whole playlist",
    "meetings 1": "meetings with the last tracks",
    "meetings 8": "meetings with the whole playlist",
    "following": "followed the last track",
    "v-stan": "came next in similar playlists",
    "rp3": "shares playlists with its tracks",
    "s-knn": "in similar playlists",
    "plays": "plays",
}
"""What the terms of `continue` stand for, in words."""
NAMED = 3
"""Tracks of the playlist that are named where the scores of all of them are added up."""


@dataclass(frozen=True)
class PlaylistExplanation:
    """Why `track` is in a list of suggestions for a playlist."""

    track: Evidence
    ranker: str
    """`continue`, `missing`, or the ranker whose scores for the playlist's tracks were added up."""
    terms: list[Term]
    """What adds up to the score that orders the list, the largest first."""
    score: float
    place: int
    """The track's place by that score among all tracks outside the playlist, from 1."""
    tracks: int
    """Distinct tracks of the playlist."""
    met: int | None
    """How many of them are with the track in a training playlist; None where the library has none."""

    def sentences(self) -> list[str]:
        """The explanation in words."""
        sentences = [f"place {self.place:,} by {self.ranker}: {sum_in_words(self.terms)}"]
        if self.met is not None:
            sentences.append(
                f"together in playlists with {self.met:,} of the {counted(self.tracks, 'track')}"
            )
        return [*sentences, *self.track.plays_in_words(), *self.track.doubt("this track")]


def explain_in_playlist(
    library: Library, playlist: Sequence[int], row: int, *, ask: Ask = "continue", ranker: str | None = None
) -> PlaylistExplanation:
    """Collect why `core.explore.surgeon.complete` suggests a track, asked in the same way.

    Raises `UsageError` when a row does not exist, or the track is in the playlist.
    """
    for each in (row, *playlist):
        check_row(library, each)
    if not playlist or row in playlist:
        raise UsageError("name a playlist with at least one known track, and a track that is not in it")
    whole = continue_ranker(library) if ranker is None else None
    if whole is None:
        name = ranker or default_ranker(library)
        scores, terms = _added_up(library, playlist, row, ask, name)
    else:
        name = ask
        scores, terms = _of_whole(whole, playlist, row, ask)
    score = float(scores[row])
    others = np.delete(scores, list(dict.fromkeys(playlist)))
    distinct = set(playlist)
    met = None
    if library.occurrences is not None:
        met = sum(library.occurrences.together(track, row) > 0 for track in distinct)
    return PlaylistExplanation(
        track=evidence(library, row),
        ranker=name,
        terms=sorted(terms, key=lambda term: -term.value),
        score=score,
        place=int((others > score).sum()) + 1,
        tracks=len(distinct),
        met=met,
    )


def _of_whole(
    whole: ContinueRanker, playlist: Sequence[int], row: int, ask: Ask
) -> tuple[Scores, list[Term]]:
    if ask == "continue":
        votes = whole.votes(playlist)
        terms = []
        for name, value in whole.parts(playlist, row, votes).items():
            words = TERMS[name]
            if name == "following" and value:
                times = round(float(np.expm1(value / whole.weights[name])))
                words += f" {counted(times, 'time')}"
            if value:
                terms.append(Term(words, value))
        return whole.scores(playlist, votes=votes), terms
    given = whole.members(playlist)
    vote = count_of((given.rows, given.of_largest()), row)
    scores = whole.missing(playlist, votes=given)
    faint = whole.faint * float(whole.vectors[row] @ whole.middle(playlist))
    lifted = float(scores[row]) - faint - vote
    terms = [Term(TERMS["s-knn"], vote), Term("lifted by similarity", lifted), Term("similarity", faint)]
    return scores, [term for term in terms if term.value]


def _added_up(
    library: Library, playlist: Sequence[int], row: int, ask: Ask, name: str
) -> tuple[Scores, list[Term]]:
    size = len(playlist)
    shares = recency_weights(size, HALF_LIVES[1]) if ask == "continue" else np.ones(size)
    scores = combined_scores(library, playlist, shares.tolist(), name)
    chosen = ranker_of(library, name)
    parts: dict[int, float] = {}
    for track, share in zip(playlist, shares.tolist(), strict=True):
        parts[track] = parts.get(track, 0.0) + share * float(chosen.scores(track)[row])
    first = sorted(parts, key=lambda track: -parts[track])[:NAMED]
    infos = library.catalogue.infos(first)
    terms = [
        Term(f"after {info.title or info.track_id}", parts.pop(track))
        for info, track in zip(infos, first, strict=True)
    ]
    if parts:
        terms.append(Term(f"after {counted(len(parts), 'other track')}", sum(parts.values())))
    return scores, terms
