"""The rankers of a library, by name."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from segue.core.arrays import map_array
from segue.core.corpus import Corpus, Counts, Occurrences
from segue.core.errors import SegueError, UsageError
from segue.core.files import UnwritableError, atomic_file
from segue.core.library import WITHOUT_PLAYLISTS, Library
from segue.core.neighbours import build_index
from segue.core.rankers.protocol import Ranker, Scores
from segue.core.rankers.sessions import SeedVotes
from segue.core.rankers.sparse import (
    ASYMMETRY,
    MOST_TRACKS,
    EaseRanker,
    Followers,
    PlaylistCosine,
    PopularityRanker,
    RandomRanker,
    SparseRanker,
    SparseScores,
    count_ranker,
    ppmi_svd,
    tie_order,
)
from segue.core.rankers.vector import DEFAULT_WEIGHT, LikeRanker, NearestRanker, NextRanker

PPMI_SVD = "ppmi_svd.npy"
"""The file in a library of the vectors of `ppmi-svd`."""
_built: WeakKeyDictionary[Library, dict[str, Ranker]] = WeakKeyDictionary()


def ranker(library: Library, name: str) -> Ranker:
    """The ranker called `name` over an opened library. It is built once and then kept with the library.

    Raises `UsageError` when there is no such ranker, and `SegueError` when it needs playlists and the library
    holds vectors alone.
    """
    if name not in _MAKERS:
        raise UsageError(f"unknown ranker {name!r}; choose from {', '.join(RANKERS)}")
    rankers = _built.setdefault(library, {})
    if name not in rankers:
        rankers[name] = _MAKERS[name](library)
    return rankers[name]


def available_rankers(library: Library) -> tuple[str, ...]:
    """The names of the rankers that this library can give, in the order of RANKERS."""
    if library.corpus is not None and library.cooccurrence is not None and library.occurrences is not None:
        return tuple(name for name in RANKERS if name != "ease" or len(library) <= MOST_TRACKS)
    return WITHOUT_PLAYLISTS


def default_ranker(library: Library) -> str:
    """`next` where the library holds counts, else `nearest`."""
    return "nearest" if library.cooccurrence is None else "next"


def next_ranker(library: Library) -> NextRanker:
    """The ranker `next` itself, whose weights can be tried out."""
    weight, corpus = library.manifest.next_weight, _corpus(library, "next")
    return NextRanker(
        library.vectors,
        library.index(),
        _counts(library, "next"),
        corpus.counts,
        weight=DEFAULT_WEIGHT if weight is None else weight,
        popularity=library.manifest.next_popularity,
        after=None if library.occurrences is None else Followers(corpus, library.occurrences),
        following=library.manifest.next_following,
    )


def like_ranker(library: Library) -> LikeRanker:
    """The ranker `like` itself, which ranks beside `next`."""
    return LikeRanker(library.vectors, _counts(library, "like"), _corpus(library, "like").counts)


def set_next_weights(library: Library, weight: float, popularity: float, following: float) -> None:
    """Set the weights of the ranker `next` of an opened library, in memory."""
    library.manifest.next_weight = weight
    library.manifest.next_popularity = popularity
    library.manifest.next_following = following
    _built.get(library, {}).pop("next", None)


def save_ppmi_svd(library: Library) -> None:
    """Keep the vectors of `ppmi-svd` in the library's folder, where it can be written to: computed once."""
    path = library.path / PPMI_SVD
    if not path.exists():
        vectors = ppmi_svd(_counts(library, "ppmi-svd"))
        with suppress(UnwritableError), atomic_file(path) as temporary, temporary.open("wb") as file:
            np.save(file, vectors, allow_pickle=False)


def _sparse(name: str, terms: Callable[[Corpus, Occurrences], SparseScores]) -> Callable[[Library], Ranker]:
    """How to make a ranker of the few tracks that `terms` scores from the playlists that hold the seed."""

    def made(library: Library) -> Ranker:
        corpus = _corpus(library, name)
        summed = terms(corpus, library.occurrences or Occurrences.of(corpus))
        return SparseRanker(name, summed, tie_order(corpus.counts))

    return made


def _cooccurrence(library: Library) -> Ranker:
    corpus = _corpus(library, "cooccurrence")
    return count_ranker("cooccurrence", _counts(library, "cooccurrence"), corpus.counts)


def _ease(library: Library) -> Ranker:
    if len(library) > MOST_TRACKS:
        raise SegueError(
            f"{library.path}: the ranker ease takes at most {MOST_TRACKS:,} tracks, not {len(library):,}; "
            "use rp3 or s-knn"
        )
    return EaseRanker(_corpus(library, "ease"))


def _ppmi_svd(library: Library) -> Ranker:
    path = library.path / PPMI_SVD
    vectors = _kept(path, len(library)) if path.exists() else ppmi_svd(_counts(library, "ppmi-svd"))
    return NearestRanker(vectors, build_index(vectors), name="ppmi-svd")


_MAKERS: dict[str, Callable[[Library], Ranker]] = {
    "nearest": lambda library: NearestRanker(library.vectors, library.index()),
    "next": next_ranker,
    "like": like_ranker,
    "popularity": lambda library: PopularityRanker(_corpus(library, "popularity").counts),
    "following": _sparse("following", Followers),
    "cooccurrence": _cooccurrence,
    "item-knn": _sparse("item-knn", PlaylistCosine),
    "item-knn-asym": _sparse("item-knn-asym", partial(PlaylistCosine, alpha=ASYMMETRY)),
    "s-knn": _sparse("s-knn", partial(SeedVotes, "s-knn")),
    "v-stan": _sparse("v-stan", partial(SeedVotes, "v-stan")),
    "rp3": _sparse("rp3", partial(SeedVotes, "rp3")),
    "ease": _ease,
    "ppmi-svd": _ppmi_svd,
    "random": lambda library: RandomRanker(len(library)),
}

RANKERS = tuple(_MAKERS)
"""The names of all rankers: the model alone, with counts, and away from the charts; then the baselines."""


def _corpus(library: Library, name: str) -> Corpus:
    if library.corpus is None:
        raise _no_playlists(library, name)
    return library.corpus


def _counts(library: Library, name: str) -> Counts:
    if library.cooccurrence is None:
        raise _no_playlists(library, name)
    return library.cooccurrence


def _no_playlists(library: Library, name: str) -> SegueError:
    return SegueError(
        f"{library.path}: holds vectors but no playlists, which the ranker {name} needs; "
        "use nearest, or import the vectors with --playlists"
    )


def _kept(path: Path, n_tracks: int) -> Scores:
    vectors: Scores = map_array(path, hint="remove it, it is computed again")
    if vectors.ndim != 2 or len(vectors) != n_tracks or vectors.dtype != np.float32:
        raise SegueError(f"{path}: does not match the library; remove it, and it is computed again")
    return vectors
