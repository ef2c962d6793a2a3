"""An artist's tracks, the corners of the space they lie in, and the artists nearby."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from segue.core.catalogue import Artist
from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.neighbours import unit

MOST_CLUSTERS = 4
_SMALLEST = 3
_ROUNDS = 25


@dataclass(frozen=True)
class Cluster:
    """Tracks of one artist that lie together."""

    rows: list[int]
    """The most typical first."""
    tightness: float
    """The mean cosine to their centre."""


@dataclass(frozen=True)
class NearArtist:
    """An artist near another."""

    artist: Artist
    similarity: float
    """The cosine between the artist's centre and the nearest corner of the other's."""
    tracks: int


@dataclass(frozen=True)
class ArtistPage:
    """What there is to see of an artist."""

    artist: Artist
    rows: list[int]
    """All tracks, the most played first."""
    clusters: list[Cluster]
    """The corners of the space that the tracks lie in, the largest first."""
    nearest: list[NearArtist]


@dataclass(frozen=True)
class _Centres:
    """The mean direction of every artist, float32 (A, d), and their numbers of tracks, int64 (A,)."""

    vectors: NDArray[np.float32]
    sizes: NDArray[np.int64]


_centres: WeakKeyDictionary[Library, _Centres] = WeakKeyDictionary()


def artist_page(library: Library, artist: str, *, n: int = 20, seed: int = 0) -> ArtistPage:
    """Look at an artist, given by name or id.

    An artist is more than one point: the tracks are split where they fall apart, and artists are near when
    they are near one of the corners, not the mean of all. `n` is how many near artists to give. Raises
    `SegueError` when no artist is meant by the text.
    """
    found = library.catalogue.artists(artist, limit=1)
    if not found:
        raise SegueError(
            f'no artist found for "{artist}"; `segue search "a: {artist}"` looks for similar names'
        )
    return page_of(library, found[0].code, n=n, seed=seed)


def page_of(library: Library, code: int, *, n: int = 20, seed: int = 0) -> ArtistPage:
    """Look at the artist numbered `code` in the catalogue; see `artist_page`."""
    artist = library.catalogue.artist(code)
    rows = library.catalogue.rows_of_code(code)
    clusters = _clusters(rows, np.asarray(library.vectors[rows]), np.random.default_rng(seed))
    return ArtistPage(artist, rows.tolist(), clusters, _near_artists(library, code, clusters, n))


def _near_artists(library: Library, code: int, clusters: list[Cluster], n: int) -> list[NearArtist]:
    centres = _centres.get(library) or _measure_centres(library)
    corners = unit(np.array([library.vectors[cluster.rows].mean(axis=0) for cluster in clusters], np.float32))
    similarities = (centres.vectors @ corners.T).max(axis=1)
    similarities[code] = -np.inf
    best = np.argsort(-similarities, kind="stable")[: min(n, len(similarities) - 1)]
    return [
        NearArtist(
            library.catalogue.artist(int(other)), float(similarities[other]), int(centres.sizes[other])
        )
        for other in best
    ]


def _measure_centres(library: Library) -> _Centres:
    codes = library.catalogue.artist_codes
    rows = np.flatnonzero(codes >= 0)
    rows = rows[np.argsort(codes[rows], kind="stable")]
    sizes = np.bincount(codes[rows])
    starts = np.cumsum(sizes) - sizes
    centres = _Centres(unit(np.add.reduceat(library.vectors[rows], starts, axis=0)), sizes)
    _centres[library] = centres
    return centres


def _clusters(
    rows: NDArray[np.int32], vectors: NDArray[np.float32], rng: np.random.Generator
) -> list[Cluster]:
    """Split tracks where it pays: the number of clusters with the best mean silhouette (Rousseeuw 1987)."""
    best, labels = 0.25, np.zeros(len(rows), dtype=np.int64)  # a weaker split than 0.25 shows no structure
    for k in range(2, min(MOST_CLUSTERS, len(rows) // _SMALLEST) + 1):
        tried = _spherical_k_means(vectors, k, rng)
        score = _silhouette(vectors, tried)
        if score > best:
            best, labels = score, tried
    clusters = [_cluster(rows[labels == label], vectors[labels == label]) for label in np.unique(labels)]
    return sorted(clusters, key=lambda cluster: -len(cluster.rows))


def _cluster(rows: NDArray[np.int32], vectors: NDArray[np.float32]) -> Cluster:
    cosines = vectors @ unit(vectors.mean(axis=0))
    return Cluster(rows[np.argsort(-cosines, kind="stable")].tolist(), float(cosines.mean()))


def _spherical_k_means(vectors: NDArray[np.float32], k: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Cluster numbers int64 (n,) by cosine (Dhillon and Modha 2001), starting far apart."""
    chosen = [int(rng.integers(len(vectors)))]
    while len(chosen) < k:
        chosen.append(int((vectors @ vectors[chosen].T).max(axis=1).argmin()))
    centres = vectors[chosen]
    labels = np.full(len(vectors), -1)
    for _ in range(_ROUNDS):
        moved = (vectors @ centres.T).argmax(axis=1)
        if np.array_equal(moved, labels):
            break
        labels = moved
        sums = [
            vectors[labels == label].sum(axis=0) if (labels == label).any() else centres[label]
            for label in range(k)
        ]
        centres = unit(np.array(sums, np.float32))
    return labels


def _silhouette(vectors: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The mean of (b - a) / max(a, b): a is the distance to the own cluster, b to the nearest other."""
    distances = 1 - vectors @ vectors.T
    names, sizes = np.unique(labels, return_counts=True)
    if len(names) < 2 or sizes.min() < _SMALLEST:
        return -1.0
    to_cluster = np.array([distances[:, labels == name].sum(axis=1) for name in names]).T
    own = np.searchsorted(names, labels)
    at = np.arange(len(labels))
    within = to_cluster[at, own] / np.maximum(sizes[own] - 1, 1)
    between = to_cluster / sizes
    between[at, own] = np.inf
    nearest = between.min(axis=1)
    return float(np.mean((nearest - within) / np.maximum(np.maximum(nearest, within), 1e-9)))
