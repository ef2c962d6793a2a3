"""Why one track is suggested for another.

What a score is made of, and where it stands between 0 and 1.

Lists show the score that orders them. Rankers score on scales of their own, so each is put on one: 1 is the
highest that the ranker could give in this library.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import SegueError, UsageError
from segue.core.explore.neighbours import check_row
from segue.core.library import Library
from segue.core.manifest import TRAIN_AGAIN
from segue.core.rankers import default_ranker
from segue.core.rankers import ranker as ranker_of
from segue.core.rankers.playlist import count_of
from segue.core.rankers.sparse import Followers
from segue.core.rankers.vector import MET, LikeRanker, NextRanker
from segue.core.text import counted

COUNTED = ("popularity", "following", "cooccurrence")
"""Rankers by counts, which are shown by their logarithms: a few tracks have nearly all of them."""
SCALED = ("next", "like", "nearest", "item-knn", "ppmi-svd", *COUNTED)
"""Rankers whose highest score is known; scores of others are shown as shares of the list's first."""

_tops: WeakKeyDictionary[Library, dict[str, float]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Term:
    """A part of a score."""

    name: str
    """What it stands for, in words."""
    value: float


def strengths(library: Library, name: str, scores: Sequence[float]) -> list[float]:
    """Put scores of a ranker on the scale from 0 to 1, in the same order; NaN where they mean nothing."""
    if name == "random":
        return [float("nan")] * len(scores)
    values = np.asarray(scores, np.float64)
    if name in COUNTED:
        values = np.log1p(np.maximum(values, 0))
    top = _top(library, name) if name in SCALED else max(float(values.max(initial=0)), 1e-9)
    return [float(value) for value in np.clip(values / top, -1, 1)]


def _top(library: Library, name: str) -> float:
    """The highest score that a ranker could give, or its logarithm."""
    tops = _tops.setdefault(library, {})
    if name not in tops:
        tops[name] = _highest(library, name) or 1.0
    return tops[name]


def _highest(library: Library, name: str) -> float:
    if library.corpus is None or library.cooccurrence is None:
        return 1.0
    met = float(library.cooccurrence.data.max(initial=0))
    plays = float(library.corpus.counts.max(initial=0))
    if name in COUNTED:
        return float(np.log1p(plays if name == "popularity" else met))
    chosen = ranker_of(library, name)
    if isinstance(chosen, NextRanker):
        counted = (chosen.weight + chosen.following) * float(np.log1p(met))
        return 1.0 + counted + chosen.popularity * float(np.log1p(plays))
    if isinstance(chosen, LikeRanker):
        return 1.0 + MET * float(np.log(max(met, 1)))
    return 1.0


def terms(library: Library, name: str, seed: int, row: int) -> list[Term]:
    """The parts that add up to a ranker's score of a track, the cosine first."""
    score = float(ranker_of(library, name).scores(seed)[row])
    cosine = float(library.vectors[seed] @ library.vectors[row])
    chosen = ranker_of(library, name)
    if isinstance(chosen, NextRanker) and library.corpus is not None:
        plays = chosen.popularity * float(np.log1p(float(library.corpus.counts[row])))
        met = 0.0 if library.cooccurrence is None else count_of(library.cooccurrence.row(seed), row)
        met = chosen.weight * float(np.log1p(met))
        followed = score - cosine - met - plays
        times = round(float(np.expm1(followed / chosen.following))) if chosen.following else 0
        name = f"followed the seed {counted(times, 'time')}"
        parts = [("meetings", met), (name, followed), ("plays", plays)]
        return [Term("similarity", cosine), *(Term(*part) for part in parts if abs(part[1]) >= 0.0005)]
    if isinstance(chosen, LikeRanker):
        popular, met = chosen.parts(seed, row)
        return [Term("similarity", cosine), Term("popularity", popular), Term("meetings beyond chance", met)]
    return [Term("similarity" if name == "nearest" else "score", score)]


def sum_in_words(terms: Sequence[Term]) -> str:
    """The terms as a sum, such as `similarity 0.61 + meetings 0.21 - popularity 0.09 = 0.73`.

    Each part is the difference of two rounded totals, within 0.01 of its value, so that they add up.
    Parts of 0.00 are left out.
    """
    totals = [round(total, 2) for total in accumulate((term.value for term in terms), initial=0.0)]
    parts = [round(after - before, 2) for before, after in pairwise(totals)]
    shown = [(term.name, part) for term, part in zip(terms, parts, strict=True) if part]
    words = "".join(f" {'-' if part < 0 else '+'} {name} {abs(part):.2f}" for name, part in shown[1:])
    first = f"{shown[0][0]} {shown[0][1]:.2f}" if shown else "nothing known"
    return f"{first}{words} = {totals[-1]:z.2f}" if words else first


MOST_READ = 200
"""Shared playlists that are looked through for examples."""
THIN = 5
"""With fewer training plays than this, a vector says little."""


@dataclass(frozen=True)
class Evidence:
    """What is known of one of the two tracks."""

    row: int
    plays: int | None
    """Positions in all playlists, held-out ones included; None where the library has no playlists."""
    training_plays: int | None
    """Positions that the vectors were learned from; None where the library has no playlists."""
    popularity_rank: int | None
    """1 for the most played track; None where the library has no playlists."""
    thin: bool
    """Whether its vector was learned from too little to be trusted."""

    def plays_in_words(self) -> list[str]:
        """How much it was played, where that is known."""
        if self.plays is None:
            return []
        return [f"played {counted(self.plays, 'time')}, rank {self.popularity_rank:,} by plays"]

    def doubt(self, name: str) -> list[str]:
        """A warning where the vector was learned from too little."""
        if not self.thin:
            return []
        return [f"careful: {name} was learned from {counted(self.training_plays or 0, 'play')} only"]


@dataclass(frozen=True)
class Explanation:
    """Why `track` is near `seed`."""

    seed: Evidence
    track: Evidence
    similarity: float
    """The cosine of the two vectors."""
    rank: int
    """The track's place in the seed's list by similarity, from 1."""
    rank_back: int
    """The seed's place in the track's list."""
    together: int | None
    """Training playlists that hold both; None where the library has no playlists."""
    meetings: float | None
    """Times they stand within 3 positions, each weighted by 1/distance."""
    counts_share: float | None
    """What those meetings add to the similarity in the ranker `next`."""
    followed: int | None
    """Times it came directly after the seed; None where the library has no playlists."""
    followed_share: float | None
    """What those times add in `next`."""
    plays_share: float | None
    """What its training plays add in `next`."""
    same_artist: bool
    same_song: bool
    ranker: str
    """The ranker of the list."""
    terms: list[Term]
    """What adds up to the score that orders the list."""
    share: float | None
    """The score as a share of the highest possible, as lists show it; None where they show another scale."""
    place: int
    """The track's place in the seed's list by that score, from 1, before anything was left out."""
    place_back: int
    """The seed's place in the track's list."""
    examples: list[list[int]]
    """Rows around the two in playlists that hold both, up to two playlists."""

    @property
    def score(self) -> float:
        """What orders the list."""
        return sum(term.value for term in self.terms)

    def sentences(self) -> list[str]:
        """The explanation in words, the strongest reason first."""
        sentences = []
        if self.same_song:
            sentences.append("another version of the same song")
        if self.together:
            sentences.append(f"together in {counted(self.together, 'playlist')}")
        elif self.together == 0:
            why = ": near because they appear beside the same tracks" if self.similarity > 0 else ""
            sentences.append(f"never together in a playlist{why}")
        sentences.append(
            f"similarity {self.similarity:.2f}: rank {self.rank:,}; reverse rank {self.rank_back:,}"
        )
        if self.ranker != "nearest":
            share = "" if self.share is None else f", {self.share:.2f} of the highest possible"
            places = f"place {self.place:,}; the other way {self.place_back:,}"
            sentences.append(f"ordered by {sum_in_words(self.terms)}{share}: {places}")
        if self.same_artist and not self.same_song:
            sentences.append("by the same artist")
        return [
            *sentences,
            *self.track.plays_in_words(),
            *self.seed.doubt("the seed"),
            *self.track.doubt("this track"),
        ]


def explain(library: Library, seed: int, row: int, *, by: str | None = None) -> Explanation:
    """Collect the evidence for a suggestion in a list that the ranker `by` orders, by default the library's.

    Raises `UsageError` when one of the rows does not exist, or both are the same.
    """
    check_row(library, seed)
    check_row(library, row)
    if seed == row:
        raise UsageError(f"{library.catalogue.info(row).label}: is the seed itself; name another track")
    by = by or default_ranker(library)
    catalogue = library.catalogue
    summed = terms(library, by, seed, row)
    score = sum(term.value for term in summed)
    return Explanation(
        seed=evidence(library, seed),
        track=evidence(library, row),
        similarity=float(library.vectors[seed] @ library.vectors[row]),
        rank=_place(library, "nearest", seed, row),
        rank_back=_place(library, "nearest", row, seed),
        together=None if library.occurrences is None else library.occurrences.together(seed, row),
        **_counted(library, seed, row),
        same_artist=_same(catalogue.artist_codes, seed, row),
        same_song=_same(catalogue.song_codes, seed, row),
        ranker=by,
        terms=summed,
        share=strengths(library, by, [score])[0] if by in SCALED and by not in COUNTED else None,
        place=_place(library, by, seed, row),
        place_back=_place(library, by, row, seed),
        examples=_examples(library, seed, row),
    )


def _place(library: Library, name: str, seed: int, row: int) -> int:
    scores = ranker_of(library, name).scores(seed)
    return int((np.delete(scores, seed) > scores[row]).sum()) + 1


def _examples(library: Library, seed: int, row: int) -> list[list[int]]:
    """The rows around a pair in the two playlists where it stands closest together."""
    if library.occurrences is None or library.corpus is None:
        return []
    shared = np.intersect1d(library.occurrences.playlists_of(seed), library.occurrences.playlists_of(row))
    found: list[tuple[int, list[int]]] = []
    for number in shared[:MOST_READ].tolist():
        items = library.corpus.playlist(number).tolist()
        if seed not in items or row not in items:
            raise SegueError(f"{library.path}: occurrences/ doesn't match corpus/; {TRAIN_AGAIN}")
        first, second = sorted((items.index(seed), items.index(row)))
        found.append((second - first, items[max(first - 1, 0) : second + 2]))
    return [rows for _, rows in sorted(found, key=lambda each: each[0])[:2]]


def evidence(library: Library, row: int) -> Evidence:
    """What is known of one track."""
    plays = int(library.counts[row])
    training = None if library.corpus is None else library.corpus.counts
    if training is None:
        return Evidence(row, plays=None, training_plays=None, popularity_rank=None, thin=False)
    return Evidence(
        row=row,
        plays=plays,
        training_plays=int(training[row]),
        popularity_rank=int((library.counts > plays).sum()) + 1,
        thin=bool(training[row] < THIN) or row in library.folded,
    )


def _counted(library: Library, seed: int, row: int) -> dict[str, Any]:
    """How often two tracks met and the second came directly after, and what these and its plays add."""
    names = ("meetings", "counts_share", "followed", "followed_share", "plays_share")
    if library.cooccurrence is None or library.corpus is None or library.occurrences is None:
        return dict.fromkeys(names)
    chosen = ranker_of(library, "next")
    weights = (
        (chosen.weight, chosen.following, chosen.popularity)
        if isinstance(chosen, NextRanker)
        else (0.0, 0.0, 0.0)
    )
    met = count_of(library.cooccurrence.row(seed), row)
    after = int(count_of(Followers(library.corpus, library.occurrences)(seed), row))
    logs = [float(np.log1p(count)) for count in (met, after, library.corpus.counts[row])]
    by_met, by_after, by_plays = (weight * log for weight, log in zip(weights, logs, strict=True))
    return dict(zip(names, (met, by_met, after, by_after, by_plays), strict=True))


def _same(codes: NDArray[np.int32], one: int, other: int) -> bool:
    return bool(codes[one] >= 0 and codes[one] == codes[other])
