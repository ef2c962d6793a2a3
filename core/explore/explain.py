"""Why one track is suggested for another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.core.explore.neighbours import check_row
from segue.core.library import Library
from segue.core.rankers import ranker
from segue.core.rankers.sparse import Followers
from segue.core.rankers.vector import NextRanker

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

    def sentences(self) -> list[str]:
        """The explanation in words, the strongest reason first."""
        sentences = []
        if self.same_song:
            sentences.append("another version of the same song")
        if self.together:
            sentences.append(f"together in {self.together:,} playlist{'s' if self.together > 1 else ''}")
        elif self.together == 0:
            sentences.append("never together in a playlist: near because they appear beside the same tracks")
        sentences.append(
            f"similarity {self.similarity:.2f}: rank {self.rank:,}; reverse rank {self.rank_back:,}"
        )
        sentences += self._sum()
        if self.same_artist and not self.same_song:
            sentences.append("by the same artist")
        if self.track.plays is not None:
            sentences.append(
                f"played {self.track.plays:,} times, rank {self.track.popularity_rank:,} by plays"
            )
        for name, evidence in (("the seed", self.seed), ("this track", self.track)):
            if evidence.thin:
                sentences.append(
                    f"careful: {name} was learned from {evidence.training_plays} "
                    f"play{'' if evidence.training_plays == 1 else 's'} only"
                )
        return sentences

    def _sum(self) -> list[str]:
        """What `next` adds to the similarity, in words; nothing where it adds nothing."""
        if self.counts_share is None or self.followed_share is None or self.plays_share is None:
            return []
        times = f"{self.followed:,} time{'' if self.followed == 1 else 's'}"
        added = [
            (self.counts_share, "because they stand close to each other in playlists"),
            (self.followed_share, f"because it followed the seed {times}"),
            (self.plays_share, "because it is played"),
        ]
        shown = [f"+{share:.2f} {why}" for share, why in added if share >= 0.005]
        total = self.similarity + sum(share for share, _ in added)
        return [f"the ranker next: {total:.2f} = {self.similarity:.2f} {', '.join(shown)}"] if shown else []


def explain(library: Library, seed: int, row: int) -> Explanation:
    """Collect the evidence for a suggestion.

    Raises
    ------
    UsageError
        When one of the rows does not exist.
    """
    check_row(library, seed)
    check_row(library, row)
    training = None if library.corpus is None else library.corpus.counts
    met, after, plays = _counted(library, seed, row)
    catalogue = library.catalogue
    return Explanation(
        seed=_evidence(library, seed, training),
        track=_evidence(library, row, training),
        similarity=float(library.vectors[seed] @ library.vectors[row]),
        rank=_rank(library, seed, row),
        rank_back=_rank(library, row, seed),
        together=None if library.occurrences is None else library.occurrences.together(seed, row),
        meetings=None if met is None else met[0],
        counts_share=None if met is None else met[1],
        followed=None if after is None else int(after[0]),
        followed_share=None if after is None else after[1],
        plays_share=plays,
        same_artist=_same(catalogue.artist_codes, seed, row),
        same_song=_same(catalogue.song_codes, seed, row),
    )


def _evidence(library: Library, row: int, training: NDArray[np.int64] | None) -> Evidence:
    plays = int(library.counts[row])
    if training is None:
        return Evidence(row, plays=None, training_plays=None, popularity_rank=None, thin=False)
    return Evidence(
        row=row,
        plays=plays,
        training_plays=int(training[row]),
        popularity_rank=int((library.counts > plays).sum()) + 1,
        thin=bool(training[row] < THIN),
    )


def _rank(library: Library, seed: int, row: int) -> int:
    cosines = library.vectors @ library.vectors[seed]
    cosines[seed] = -np.inf
    return int((cosines > cosines[row]).sum()) + 1


_Counted = tuple[float, float]
"""A count, and what it adds to the similarity in the ranker `next`."""


def _counted(library: Library, seed: int, row: int) -> tuple[_Counted | None, _Counted | None, float | None]:
    """How often two tracks met, how often the second came directly after, and what its plays add."""
    if library.cooccurrence is None or library.corpus is None or library.occurrences is None:
        return None, None, None
    chosen = ranker(library, "next")
    weights = (
        (chosen.weight, chosen.following, chosen.popularity)
        if isinstance(chosen, NextRanker)
        else (0.0, 0.0, 0.0)
    )
    met = _count(*library.cooccurrence.row(seed), row)
    after = _count(*Followers(library.corpus, library.occurrences)(seed), row)
    logs = [float(np.log1p(count)) for count in (met, after, library.corpus.counts[row])]
    shares = [weight * log for weight, log in zip(weights, logs, strict=True)]
    return (met, shares[0]), (after, shares[1]), shares[2]


def _count(rows: NDArray[np.int32], counts: NDArray[np.float32], row: int) -> float:
    """The count of a row among some, rising."""
    at = int(np.searchsorted(rows, row))
    return float(counts[at]) if at < len(rows) and rows[at] == row else 0.0


def _same(codes: NDArray[np.int32], one: int, other: int) -> bool:
    return bool(codes[one] >= 0 and codes[one] == codes[other])
