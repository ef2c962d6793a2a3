"""Evaluation against a bare matrix product and the notebook's k-d tree: `python -m benchmarks.evaluate`.

Random unit vectors in clusters stand for a trained model; their size is that of the real data. Three things
rank the same seeds against all tracks in the same run: one matrix product and nothing else, `score_ranker` as
`segue evaluate` calls it (ranking, metrics, intervals, buckets), and the notebook's k-d tree over them.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from benchmarks.machine import describe_machine
from segue.core.evaluation.evaluate import score_ranker
from segue.core.neighbours import ExactIndex, predict_batch, unit
from segue.core.rankers.vector import NearestRanker

BUDGET_SGEMM = 1.5
BUDGET_TREE = 20
K = 10
BLOCKS = (64, 256, 1000)
"""Rows of the bare product at once; the fastest counts."""

Vectors = npt.NDArray[np.float32]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the seeds, one round")
    parser.add_argument("--tracks", type=int, default=123_000)
    parser.add_argument("--dimensions", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--tree-seeds", type=int, default=300, help="seeds timed on the tree, then scaled up")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    n_seeds, rounds = (args.seeds // 5, 1) if args.quick else (args.seeds, args.rounds)
    vectors = clustered(args.tracks, args.dimensions)
    pairs = np.random.default_rng(1).choice(args.tracks, (n_seeds, 2), replace=False).astype(np.int32)
    print(describe_machine("numpy"))
    size = f"{n_seeds:,} distinct seeds, {args.tracks:,} tracks, {args.dimensions} dimensions"
    print(f"{size}, top {K}, median of {rounds} rounds\n")
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(min(timed(partial(multiply, vectors, pairs[:, 0], block)) for block in BLOCKS))
        ours.append(timed(partial(evaluate, vectors, pairs)))
    ratio = float(np.median(np.array(ours) / np.array(bare)))
    tree, building = notebook_tree(vectors, pairs[: args.tree_seeds, 0])
    tree *= n_seeds / min(args.tree_seeds, n_seeds)
    mine = float(np.median(ours))
    print("| what | seconds | against ours | budget |")
    print("|---|--:|--:|--:|")
    print(f"| bare sgemm, blocks of {BLOCKS}, the fastest | {np.median(bare):.2f} | {1 / ratio:.2f} | |")
    print(f"| evaluate: rank, score, bootstrap | {mine:.2f} | 1 | {ratio:.2f} of {BUDGET_SGEMM} x sgemm |")
    print(
        f"| the notebook's KDTree loop, {min(args.tree_seeds, n_seeds)} seeds timed and scaled up "
        f"| {tree:.0f} | {tree / mine:.0f} | at least {BUDGET_TREE} |"
    )
    print(f"\nBuilding the tree took {building:.1f} s more; the exact index has nothing to build.")


def clustered(n_tracks: int, dimensions: int) -> Vectors:
    """Unit vectors float32 (n_tracks, dimensions) around a few hundred directions, as genres are."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((400, dimensions))
    spread = rng.standard_normal((n_tracks, dimensions))
    return unit(centres[rng.integers(0, 400, n_tracks)] + 0.7 * spread)


def timed(work: Callable[[], object]) -> float:
    """Seconds that something takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def multiply(vectors: Vectors, seeds: npt.NDArray[np.int32], block: int) -> None:
    """Every cosine of every seed, computed and thrown away."""
    scores = np.empty((block, len(vectors)), np.float32)
    for start in range(0, len(seeds), block):
        queries = vectors[seeds[start : start + block]]
        np.matmul(queries, vectors.T, out=scores[: len(queries)])


def evaluate(vectors: Vectors, pairs: npt.NDArray[np.int32]) -> None:
    """What `segue evaluate` does for the ranker `nearest`."""
    score_ranker(
        NearestRanker(vectors, ExactIndex(vectors)),
        pairs,
        counts=np.arange(len(vectors), 0, -1),
        artists=(np.arange(len(vectors)) % 30_000).astype(np.int32),
        k=K,
    )


def notebook_tree(vectors: Vectors, seeds: npt.NDArray[np.int32]) -> tuple[float, float]:
    """Seconds of the notebook's `predict_batch` for these seeds, and of building its tree."""
    from sklearn.neighbors import KDTree

    begun = time.perf_counter()
    tree = KDTree(vectors, leaf_size=10, metric="euclidean")
    built = time.perf_counter()
    predict_batch(seeds, K, vectors, tree)
    return time.perf_counter() - built, built - begun


if __name__ == "__main__":
    main()
