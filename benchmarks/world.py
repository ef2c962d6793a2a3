"""The synthetic world beside the real file it stands in for: `python -m benchmarks.world`.

Prints the calibration table, the time and the memory that making the world takes, and how well the last track
of a playlist is predicted: by popularity, by co-occurrence counts, and with `--recipe` by trained vectors.
"""

import argparse
import resource
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.machine import describe_machine
from segue.core.corpus import Split, build_corpus, cooccurrence, split_corpus
from segue.core.evaluation.metrics import hit_at_k, ndcg_at_k, ranks_of
from segue.core.neighbours import ExactIndex
from segue.core.rankers.protocol import Ranker
from segue.core.rankers.sparse import PopularityRanker, count_ranker
from segue.core.rankers.vector import NearestRanker
from segue.core.synthetic import World, make_world
from segue.core.synthetic.world import calibrate

if TYPE_CHECKING:
    from segue.core.track2vec import Progress, TrainConfig

QUICK = 0.05
REAL = {"notebook": "0.134 (0.0758)"}
"""hit@10 (NDCG@10) on the real file, from the notebook's author."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:g} times the size; targets do not hold")
    parser.add_argument("--factor", type=float, default=1.0, help="times the size of the real file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--recipe", action="append", choices=("notebook", "fast"), default=[])
    args = parser.parse_args()
    factor = QUICK if args.quick else args.factor

    start = time.perf_counter()
    world = make_world("deezer" if factor == 1 else factor, seed=args.seed)
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(describe_machine("numpy"))
    print(f"{len(world.playlists):,} playlists, {len(world.playlists.codes):,} positions, seed {args.seed}")
    print(f"made in {seconds:.1f} s; the process peaked at {memory:.2f} GB\n")
    print_facts(world)

    split = split_corpus(build_corpus(world.playlists), seed=args.seed)
    print(f"\n{len(split.validation):,} validation pairs, {len(split.train.vocabulary):,} tracks\n")
    print("| ranker | seconds | hit@10 (NDCG@10) here | on the real file |\n|---|--:|--:|--:|")
    print_score("popularity", PopularityRanker(split.train.vocabulary.counts), split, 0.0)
    start = time.perf_counter()
    counted = count_ranker("cooccurrence", cooccurrence(split.train), split.train.counts)
    print_score("cooccurrence", counted, split, time.perf_counter() - start)
    for recipe in args.recipe:
        print_score(recipe, *trained(recipe, split, quick=args.quick))


def print_facts(world: World) -> None:
    """Print the calibration table."""
    print("| fact | real file | this world | ratio |\n|---|--:|--:|--:|")
    for fact in calibrate(world.playlists):
        digits = 0 if float(fact.target).is_integer() else 2
        print(f"| {fact.name} | {fact.target:,.{digits}f} | {fact.measured:,.{digits}f} | {fact.ratio:.2f} |")


def print_score(name: str, ranker: Ranker, split: Split, seconds: float) -> None:
    """Print a row on how well a ranker predicts the validation pairs."""
    seeds, targets = split.validation.T
    ranks = ranks_of(ranker.rank(seeds, 10)[0], targets)
    score = f"{hit_at_k(ranks, 10).mean():.4f} ({ndcg_at_k(ranks, 10).mean():.4f})"
    print(f"| {name} | {seconds:.1f} | {score} | {REAL.get(name, '')} |")


def trained(recipe: str, split: Split, *, quick: bool) -> tuple[Ranker, Split, float]:
    """Train with a recipe: the ranker by its vectors, the split, and the seconds it took."""
    from segue.core.track2vec import FastConfig, NotebookConfig, train  # tensorflow: 6 s

    config: TrainConfig = NotebookConfig() if recipe == "notebook" else FastConfig()
    done = train(split, replace(config, epochs=2) if quick else config, on_progress=_tell)
    return NearestRanker(done.vectors, ExactIndex(done.vectors)), split, done.seconds


def _tell(now: "Progress") -> None:
    print(f"\repoch {now.epoch} of {now.epochs}, {now.seconds_left:,.0f} s left   ", end="", file=sys.stderr)


if __name__ == "__main__":
    main()
