"""Why one track is suggested for another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.core.explore.neighbours import check_row
from segue.core.library import Library
from segue.core.rankers import ranker
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
    meetings, share = _meetings(library, seed, row)
    catalogue = library.catalogue
    return Explanation(
        seed=_evidence(library, seed, training),
        track=_evidence(library, row, training),
        similarity=float(library.vectors[seed] @ library.vectors[row]),
        rank=_rank(library, seed, row),
        rank_back=_rank(library, row, seed),
        together=None if library.occurrences is None else library.occurrences.together(seed, row),
        meetings=meetings,
        counts_share=share,
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


def _meetings(library: Library, seed: int, row: int) -> tuple[float | None, float | None]:
    if library.cooccurrence is None:
        return None, None
    met, counts = library.cooccurrence.row(seed)
    at = int(np.searchsorted(met, row))
    count = float(counts[at]) if at < len(met) and met[at] == row else 0.0
    chosen = ranker(library, "next")
    weight = chosen.weight if isinstance(chosen, NextRanker) else 0.0
    return count, weight * float(np.log1p(count))


def _same(codes: NDArray[np.int32], one: int, other: int) -> bool:
    return bool(codes[one] >= 0 and codes[one] == codes[other])
