"""Small libraries for tests, made in well under a second and without training."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from segue.core.corpus import Playlists, build_corpus, cooccurrence, split_corpus
from segue.core.library import Library, Manifest, write_library
from segue.core.neighbours import unit
from segue.core.synthetic import World, make_world

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def make_library(
    path: Path, world: World | Playlists | None = None, *, dim: int = 16, seed: int = 0, min_count: int = 2
) -> Library:
    """Write a library whose vectors are the leading singular vectors of the damped co-occurrence matrix."""
    world = world or make_world("tiny", seed=seed)
    playlists = world if isinstance(world, Playlists) else world.playlists
    split = split_corpus(build_corpus(playlists, min_count=min_count), seed=seed)
    counts = cooccurrence(split.train)
    dense = np.zeros((len(counts), len(counts)))
    for row in range(len(counts)):
        columns, values = counts.row(row)
        dense[row, columns] = np.log1p(values)
    left, scale, _ = np.linalg.svd(dense)
    vectors = unit((left[:, :dim] * np.sqrt(scale[:dim])).astype(np.float32))
    manifest = Manifest(
        name=path.name,
        created=CREATED.strftime("%Y-%m-%dT%H:%M:%SZ"),
        corpus={"source": "tiny world", "n_playlists": split.train.n_playlists},
    )
    positions = vectors[:, :2] / np.abs(vectors[:, :2]).max()
    tracks = {track.track_id: track for track in ([] if isinstance(world, Playlists) else world.tracks)}
    return write_library(
        path,
        vectors=vectors,
        vocabulary=split.train.vocabulary,
        tracks=tracks,
        manifest=manifest,
        split=split,
        positions=positions,
    )


def write_untitled_library(path: Path) -> Library:
    """Write a library of about 90 Deezer tracks of which only ids are known, as the public array has them."""
    rng = np.random.default_rng(0)
    numbers = rng.choice(9_000_000, 90, replace=False) + 3_000_000
    playlists = [[f"track_{numbers[n]}" for n in rng.choice(90, 12, replace=False)] for _ in range(120)]
    return make_library(path, Playlists.from_lists(playlists))
