"""Two dimensions out of many: the places of the tracks on the map."""

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import UsageError

METHODS = ("pca", "umap")
EDGE = 99.5
"""Per cent of the tracks that lie within the map's edges; the few beyond are drawn in to them."""


def project(vectors: NDArray[np.float32], *, method: str = "pca", seed: int = 0) -> NDArray[np.float32]:
    """Lay out tracks, unit rows float32 (V, d), so that near ones lie near: float32 (V, 2) in [-1, 1].

    A map misleads: show the neighbours in the full space beside it. The method `pca` takes the two directions
    of most variance, at once; `umap` keeps neighbourhoods better, takes minutes at 100,000 tracks, needs the
    extra `map`, and starts from `seed`. Raises `UsageError` when there is no such method, or its
    package is not installed.
    """
    if method == "pca":
        places = _pca(vectors)
    elif method == "umap":
        places = _umap(vectors, seed)
    else:
        raise UsageError(f"unknown map method {method!r}; choose from {', '.join(METHODS)}")
    centred = places - np.median(places, axis=0)
    reach = np.percentile(np.abs(centred), EDGE, axis=0)
    return np.clip(centred / np.where(reach > 0, reach, 1), -1, 1).astype(np.float32)


def _pca(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    places = np.zeros((len(vectors), 2), np.float32)
    chosen = directions[:, ::-1][:, :2]
    # a direction and its opposite are equally good: take the one that most tracks lie on the plus side of
    signs = np.where(np.sum(centred @ chosen > 0, axis=0) * 2 >= len(vectors), 1, -1)
    places[:, : chosen.shape[1]] = centred @ chosen * signs
    return places


def _umap(vectors: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    try:
        from umap import UMAP  # 6 s
    except ImportError:
        raise UsageError("the map method umap needs the package umap-learn: pip install umap-learn") from None
    places: NDArray[np.float32] = UMAP(metric="cosine", random_state=seed, n_jobs=1).fit_transform(vectors)
    return places
