"""Tracks that no playlist of a library had, folded in: each gets a vector from its companions.

The library stays as it is. What comes out is a library of the listener's own: the old tracks with the old
vectors, and the new ones, which are named in its manifest and marked wherever they are listed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec.structs import asdict, replace

from segue.core.corpus import Corpus, Split, Vocabulary
from segue.core.corpus.corpus import offsets_of
from segue.core.corpus.split import PairFacts, SplitFacts, reduce_split
from segue.core.errors import SegueError
from segue.core.library import Library, write_library
from segue.core.neighbours import unit
from segue.core.tracks import TrackInfo

WINDOW = 3
"""Tracks at most this many positions apart are companions, at a weight of 1/distance, as in training."""
TEMPERATURE = 12.0
"""Cosines are multiplied by this before the softmax, as in training."""
PULL = 20.0
"""Strength of the pull to 0 at a single companion. With less, a track of few plays lies so far out that it is
in nobody's list; with more, it is in everybody's."""
STEPS = 50
SAMPLED = 5_000
"""Tracks that stand for all others in the softmax, where there are more."""
TOGETHER = 256
"""Tracks that are folded in at once: 10 MB at 5,000 sampled tracks."""
NEAREST = 5
"""Tracks whose places on the map a new one is placed between."""

Vectors = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


def fold_in(vectors: Vectors, corpus: Corpus) -> Vectors:
    """The vectors of the tracks beyond the known ones, float32 (n, d): unit rows, or 0 without a companion.

    Each is the vector that the training's own objective asks for while all others stay: with m the mean of
    its companions' vectors, of weight w in all, v maximises T v·m - log mean_j exp(T v·v_j) - λ/2 |v|² over
    all tracks j, where λ = 20 / w. `vectors`, float32 (V, d), are the unit rows of the known tracks; `corpus`
    has playlists over V + n tracks, the known ones first.
    """
    known, size = len(vectors), len(corpus.vocabulary)
    means, weights = companions(vectors, corpus, len(vectors))
    pulls = (PULL / np.maximum(weights, 1e-9))[:, None]
    others = vectors
    if known > SAMPLED:
        others = vectors[np.sort(np.random.default_rng(0).choice(known, SAMPLED, replace=False))]
    wide = others.astype(np.float64)
    scales, axes = np.linalg.eigh(np.cov(wide.T).reshape(wide.shape[1], -1))
    found = np.zeros((size - known, vectors.shape[1]))
    for start in range(0, len(found), TOGETHER):
        part = slice(start, start + TOGETHER)
        goals, pull, place = means[part], pulls[part], found[part]
        for _ in range(STEPS):
            chances = TEMPERATURE * place @ wide.T
            chances = np.exp(chances - chances.max(axis=1, keepdims=True))
            chances /= chances.sum(axis=1, keepdims=True)
            slopes = TEMPERATURE * (goals - chances @ wide) - pull * place
            # half a step of Newton's with the curvature at 0
            place += 0.5 * ((slopes @ axes) / (TEMPERATURE**2 * scales + pull)) @ axes.T
    found[~means.any(axis=1)] = 0
    return unit(found.astype(np.float32))


def companions(vectors: Vectors, corpus: Corpus, first: int = 0) -> tuple[Floats, Floats]:
    """The mean vector of the known companions of each track from row `first` on, and their weight.

    float64 (n, d) and (n,). One at a distance of k positions has the weight 1/k each time.
    """
    known = len(vectors)
    sums = np.zeros((len(corpus.vocabulary) - first, vectors.shape[1]))
    weights = np.zeros(len(sums))
    items, playlist = corpus.items, np.repeat(np.arange(corpus.n_playlists), corpus.lengths)
    for distance in range(1, WINDOW + 1):
        together = playlist[distance:] == playlist[:-distance]
        for one, other in ((items[:-distance], items[distance:]), (items[distance:], items[:-distance])):
            taken = together & (one >= first) & (other < known) & (one != other)
            new = one[taken] - first
            np.add.at(sums, new, vectors[other[taken]] / distance)
            np.add.at(weights, new, 1 / distance)
    return sums / np.maximum(weights, 1e-9)[:, None], weights


def fold_into_library(
    library: Library, playlists: Sequence[Sequence[str]], tracks: Mapping[str, TrackInfo], path: Path
) -> Library:
    """Write a library of a library's tracks and the listener's, with the playlists of both.

    `playlists` are the listener's, by track id; those of the library's tracks are the library's own ids.
    `tracks` has metadata of the new tracks, by id. A library that is at `path` is replaced. Raises
    `SegueError` when the library holds no playlists, or nothing can be folded in.
    """
    corpus, held = library.corpus, library.held_out
    if corpus is None or held is None:
        raise SegueError(f"{library.path}: holds vectors but no playlists, so nothing can be folded into it")
    numbers = {track_id: row for row, track_id in enumerate(library.track_ids)}
    lists = [[numbers.setdefault(track_id, len(numbers)) for track_id in playlist] for playlist in playlists]
    added = np.array([row for each in lists for row in each], np.int32)
    plays = np.bincount(added, minlength=len(numbers))
    plays[: len(library)] += library.counts
    vocabulary = Vocabulary(list(numbers), plays, [""] * len(numbers))
    lengths = np.array([len(each) for each in lists], np.int64)
    mine = Corpus(added, offsets_of(lengths), vocabulary)
    new = fold_in(np.asarray(library.vectors), mine)
    folded = np.flatnonzero(new.any(axis=1)) + len(library)
    if not len(folded):
        raise SegueError(
            f"none of the tracks that {library.name} lacks stands beside one that it has; "
            "train yours together with its playlists: segue train --with"
        )
    kept = np.concatenate([np.arange(len(library)), folded])
    order = kept[np.argsort(-plays[kept], kind="stable")]
    renumbered = np.full(len(numbers), -1, np.int32)
    renumbered[order] = np.arange(len(order), dtype=np.int32)
    whole = Split(
        train=Corpus(
            np.concatenate([corpus.items, added]),
            np.concatenate([corpus.offsets, corpus.offsets[-1] + mine.offsets[1:]]),
            vocabulary,
        ),
        **asdict(held),
        protocol="notebook",
        seed=0,
        facts=SplitFacts(PairFacts(0, 0.0, 0.0, 0), PairFacts(0, 0.0, 0.0, 0)),
    )
    split = reduce_split(whole, renumbered, vocabulary.take(order, plays[order]))
    vectors = np.concatenate([library.vectors, new])
    positions = library.positions
    if positions is not None:
        near, _ = library.index().query_vectors(new, min(NEAREST, len(library)))
        positions = np.concatenate([positions, positions[near].mean(axis=1)])[order]
    infos = dict(zip(library.track_ids, library.catalogue.infos(range(len(library))), strict=True))
    return write_library(
        path,
        vectors=vectors[order],
        vocabulary=split.train.vocabulary,
        tracks={**tracks, **infos},
        manifest=replace(
            library.manifest,
            name=path.name,
            created=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            scores={},
            folded=[vocabulary.track_ids[row] for row in folded.tolist()],
        ),
        split=split,
        positions=positions,
    )
