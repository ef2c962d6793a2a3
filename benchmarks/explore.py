"""What exploring costs and what it is worth: `python -m benchmarks.explore`.

Latency of every way to explore, on a library of the real file's size, beside the bare matrix product of the
same run; completion by the whole playlist against completion by its last track; and what a hubness correction
gives and takes. The last two train a library from the real radio playlists and are left out where these are
absent.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import describe_machine
from segue.core.corpus import build_corpus, cooccurrence, split_corpus
from segue.core.evaluation.metrics import bootstrap, coverage, hit_at_k, hubness, paired_bootstrap, ranks_of
from segue.core.explore.artists import artist_page
from segue.core.explore.explain import explain
from segue.core.explore.neighbours import Filters, crowding, neighbourhood
from segue.core.explore.path import blend, find_path, surprise
from segue.core.explore.radio import RadioDials, RadioPlanner
from segue.core.explore.surgeon import HALF_LIFE, complete
from segue.core.library import Library, Manifest, write_library
from segue.core.neighbours import top_k, unit
from segue.core.pipeline import read_source, train_library
from segue.core.rankers.playlist import combined_scores, recency_weights
from segue.core.synthetic import make_world
from segue.core.track2vec import FastConfig

DIMENSIONS = 64
BUDGET = 15.0
"""Milliseconds for 95 % of neighbour queries with the variety guard."""
PLAYLISTS = Path(os.environ.get("SEGUE_REAL_DATA", "../shared/data")) / "yes_small" / "train.txt"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a twentieth of the size, few queries and epochs"
    )
    parser.add_argument("--library", help="measure latency on this one instead of a made one")
    parser.add_argument("--playlists", type=Path, default=PLAYLISTS, help="for completion and hubness")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(describe_machine("numpy"))
    with tempfile.TemporaryDirectory() as folder:
        if args.library:
            library = Library.open(args.library)
        else:
            library = made_library(Path(folder) / "made", 0.05 if args.quick else 1.0, args.seed)
        print_latency(library, 20 if args.quick else 300, args.seed)
        if args.playlists.exists():
            trained = trained_library(Path(folder) / "radio", args.playlists, quick=args.quick)
            print_completion(trained)
            print_hubness(trained)


def made_library(path: Path, factor: float, seed: int) -> Library:
    """A library of the synthetic world: not trained, its vectors are counts in a random basis."""
    world = make_world("deezer" if factor == 1 else factor, seed=seed)
    split = split_corpus(build_corpus(world.playlists), seed=seed)
    counts = cooccurrence(split.train)
    basis = np.random.default_rng(seed).standard_normal((len(counts), DIMENSIONS)).astype(np.float32)
    sums = basis.copy()
    rows = np.repeat(np.arange(len(counts)), np.diff(counts.indptr))
    for start in range(0, len(rows), 1_000_000):
        part = slice(start, start + 1_000_000)
        np.add.at(sums, rows[part], np.log1p(counts.data[part])[:, None] * basis[counts.indices[part]])
    tracks = {track.track_id: track for track in world.tracks}
    manifest = Manifest("made", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return write_library(
        path,
        vectors=unit(sums),
        vocabulary=split.train.vocabulary,
        tracks=tracks,
        manifest=manifest,
        split=split,
    )


def trained_library(path: Path, playlists: Path, *, quick: bool) -> Library:
    """A library trained from the real radio playlists with the fast recipe."""
    config = FastConfig(epochs=1) if quick else FastConfig()
    return train_library(read_source(playlists), path, config)


def print_latency(library: Library, n: int, seed: int) -> None:
    """Print how long each way to explore takes, and how many bare queries that is."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(library), size=(n, 30))
    vectors = np.asarray(library.vectors)
    planner = RadioPlanner(library, 0, rng=rng)
    artists = [library.catalogue.info(int(row)).artist for row in rows[:, 0]]

    def bare(at: int) -> object:
        return top_k((vectors @ vectors[rows[at, 0]])[None], 300)

    ways: list[tuple[str, Callable[[int], object]]] = [
        ("bare product and top 300", bare),
        ("neighbours, next, variety guard", lambda at: neighbourhood(library, int(rows[at, 0]))),
        ("the same, nearest", lambda at: neighbourhood(library, int(rows[at, 0]), ranker="nearest")),
        (
            "the same, deep cuts",
            lambda at: neighbourhood(library, int(rows[at, 0]), filters=Filters(familiarity=0.0)),
        ),
        (
            "titles of its 50 rows",
            lambda at: library.catalogue.infos(rows[at].tolist() + rows[at - 1, :20].tolist()),
        ),
        ("path of 10", lambda at: find_path(library, [int(rows[at, 0]), int(rows[at, 1])])),
        (
            "blend of 3 plus, 1 minus",
            lambda at: blend(library, dict.fromkeys(rows[at, :3].tolist(), 1.0), {int(rows[at, 3]): 1.0}),
        ),
        ("completion of 30", lambda at: complete(library, rows[at].tolist())),
        ("explain", lambda at: explain(library, int(rows[at, 0]), int(rows[at, 1]))),
        ("artist page", lambda at: artist_page(library, artists[at])),
        ("surprise", lambda at: surprise(library, int(rows[at, 0]), rng=rng)),
        ("radio: five planned again", lambda at: planner.turn(RadioDials(drift=at / n))),
    ]
    print(f"\n## Latency: {len(library):,} tracks x {vectors.shape[1]}, {n} queries each\n")
    print("| what | median, ms | 95 %, ms | worst, ms | times the bare one |\n|---|--:|--:|--:|--:|")
    medians: list[float] = []
    for name, way in ways:
        way(0)
        times = np.array([milliseconds(way, at) for at in range(n)])
        medians.append(float(np.median(times)))
        print(
            f"| {name} | {medians[-1]:.1f} | {np.percentile(times, 95):.1f} | {times.max():.1f} "
            f"| {medians[-1] / medians[0]:.1f} |"
        )
    print(f"\nBudget: 95 % of neighbour queries with the guard within {BUDGET:g} ms.")


def milliseconds(way: Callable[[int], object], at: int) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    way(at)
    return (time.perf_counter() - start) * 1e3


def print_completion(library: Library) -> None:
    """Print how often the held-out last track is among the ten suggested, by what the ranking looks at."""
    corpus, held_out = library.corpus, library.held_out
    if corpus is None or held_out is None:
        return
    playlists = [corpus.playlist(int(number)).tolist() for number in held_out.test_playlists]
    targets = held_out.test[:, 1]
    print(f"\n## Completion: {len(targets):,} test playlists of {library.manifest.corpus.get('source')}\n")
    print("Every track of the playlist is left out of the suggestions, in both columns.\n")
    print("| hit@10 | by the last track | by the whole playlist | difference (95 %) |\n|---|--:|--:|--:|")
    for ranker in ("nearest", "next", "cooccurrence", "item-knn"):
        last = completion_hits(library, playlists, targets, ranker, 0.01)
        whole = completion_hits(library, playlists, targets, ranker, HALF_LIFE)
        one, other, gain = bootstrap(last), bootstrap(whole), paired_bootstrap(whole, last)
        print(
            f"| {ranker} | {one.mean:.4f} ({one.low:.4f} to {one.high:.4f}) "
            f"| {other.mean:.4f} ({other.low:.4f} to {other.high:.4f}) "
            f"| {gain.mean:+.4f} ({gain.low:+.4f} to {gain.high:+.4f}) |"
        )


def completion_hits(
    library: Library,
    playlists: Sequence[list[int]],
    targets: NDArray[np.int32],
    ranker: str,
    half_life: float,
) -> NDArray[np.float64]:
    """1 for each playlist whose held-out track is among the ten best that are not in it, float64 (n,)."""
    found = np.empty((len(playlists), 10), np.int32)
    for at, playlist in enumerate(playlists):
        weights = recency_weights(len(playlist), half_life)
        scores = combined_scores(library, playlist, weights.tolist(), ranker)
        scores[playlist] = -np.inf
        found[at] = top_k(scores[None], 10)[0][0]
    return hit_at_k(ranks_of(found, targets), 10)


def print_hubness(library: Library) -> None:
    """Print what pushing back hubs gives in evenness and takes in hits."""
    held_out = library.held_out
    if held_out is None:
        return
    cosines = np.asarray(library.vectors @ library.vectors.T)
    np.fill_diagonal(cosines, -np.inf)
    seeds, targets = held_out.validation.T
    print("\n## Hubness: nearest, ten listed for every track\n")
    print("| scores | hit@10 | skew of how often listed | listed at all |\n|---|--:|--:|--:|")
    variants = [
        (f"cosine, fewer hubs {strength:g}", cosines - strength * crowding(library))
        for strength in (0, 0.25, 0.5, 1)
    ]
    for name, scores in [*variants, ("mutual proximity", mutual_proximity(cosines))]:
        lists, _ = top_k(scores.astype(np.float32), 10)
        hits = hit_at_k(ranks_of(lists[seeds], targets), 10)
        measure = bootstrap(hits)
        evenness = f"{hubness(lists, len(library)):.2f} | {coverage(lists, len(library)):.1%}"
        print(f"| {name} | {measure.mean:.4f} ({measure.low:.4f} to {measure.high:.4f}) | {evenness} |")


def mutual_proximity(cosines: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logarithm of the Gaussian mutual proximity (Schnitzer et al., JMLR 13, 2012), float64 (V, V)."""
    from scipy.stats import norm

    others = np.where(np.isfinite(cosines), cosines, np.nan)
    mean, spread = np.nanmean(others, axis=1), np.nanstd(others, axis=1)
    both = norm.logcdf((others - mean[:, None]) / spread[:, None]) + norm.logcdf((others - mean) / spread)
    return np.where(np.isfinite(cosines), both, -np.inf)


if __name__ == "__main__":
    main()
