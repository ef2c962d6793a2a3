"""Tracks taken out of a corpus and folded in again: `python -m benchmarks.fold_in`.

500 tracks are taken out of the training playlists, the rest is trained, and each gets a vector from its
companions in those playlists, in all of them or in a few. Its list of ten is scored by what came next in the
test pairs, and compared with the list that its trained vector gives. `lists` says how many of the ten nearest
of the tracks that stayed were folded in: more than their share means that a vector is near everything.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.machine import describe_machine
from benchmarks.training.data import CORPORA, load_corpus_by_name
from segue.core.corpus import Corpus, Split, split_corpus
from segue.core.corpus.split import reduce_split
from segue.core.evaluation import hit_at_k, ndcg_at_k
from segue.core.evaluation.metrics import ranks_of
from segue.core.explore.fold_in import companions, fold_in
from segue.core.neighbours import ExactIndex, unit

TAKEN, PLAYS, K = 500, (3, 1), 10
RIDGES = (0.001, 0.1)

Vectors = npt.NDArray[np.float32]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", choices=CORPORA, default="yes")
    parser.add_argument("--data", type=Path, help="the folder of real playlists, for yes and deezer")
    parser.add_argument("--seeds", type=int, default=3, help="draws and trainings")
    parser.add_argument("--quick", action="store_true", help="the demo's world, one seed")
    args = parser.parse_args()
    print(describe_machine("numpy"))
    corpus = load_corpus_by_name("demo" if args.quick else args.corpus, args.data, quick=args.quick)
    scores: dict[str, list[list[float]]] = {}
    for seed in range(1 if args.quick else args.seeds):
        for label, found in folded(split_corpus(corpus, seed=seed), seed):
            scores.setdefault(label, []).append(found)
    print(
        f"\n{len(corpus.vocabulary):,} tracks, {TAKEN} taken out, {len(next(iter(scores.values())))} draws\n"
    )
    print("| vectors | hit@10 | NDCG@10 | same of ten | lists |\n|---|--:|--:|--:|--:|")
    for label, each in scores.items():
        hit, ndcg, same, lists = np.mean(each, axis=0)
        print(f"| {label} | {hit:.4f} | {ndcg:.4f} | {same:.2f} | {lists:.0%} |")


def folded(split: Split, seed: int) -> Iterator[tuple[str, list[float]]]:
    """The scores of each kind of vector, by its name."""
    from segue.core.track2vec import train

    counts, rng = split.train.counts, np.random.default_rng([seed, TAKEN])
    out = np.sort(rng.choice(np.flatnonzero(counts), TAKEN, replace=False))
    order = np.concatenate([np.setdiff1d(np.arange(len(counts)), out), out])
    known = len(order) - TAKEN
    new = np.empty(len(order), np.int32)
    new[order] = np.arange(len(order), dtype=np.int32)
    stayed = np.where(new < known, new, -1).astype(np.int32)
    rest = reduce_split(split, stayed, split.train.vocabulary.take(order[:known], counts[order[:known]]))
    trained = unit(train(split, seed=seed).vectors)[order]
    vectors = unit(train(rest, seed=seed).vectors)
    whole = Corpus(new[split.train.items], split.train.offsets, split.train.vocabulary)
    pairs = new[split.test[np.unique(split.test_playlists, return_index=True)[1]]]
    pairs = pairs[(pairs[:, 0] >= known) & (pairs[:, 0] != pairs[:, 1])]
    lists = ExactIndex(trained).query(np.arange(known, len(order)), K)[0]

    def scored(rows: Vectors) -> list[float]:
        index = ExactIndex(np.concatenate([vectors, rows]) if len(rows) < len(order) else rows)
        ranks = ranks_of(index.query(pairs[:, 0], K)[0], pairs[:, 1])
        own = index.query(np.arange(known, len(order)), K)[0]
        same = [len(np.intersect1d(*each)) / K for each in zip(own, lists, strict=True)]
        others = index.query(np.arange(0, known, 7), K)[0]
        return [
            hit_at_k(ranks, K).mean(),
            ndcg_at_k(ranks, K).mean(),
            np.mean(same),
            np.mean(others >= known),
        ]

    yield "trained with them", scored(trained)
    yield "folded in", scored(fold_in(vectors, whole))
    every, _ = companions(vectors, whole)
    own, means = every[:known], every[known:]
    yield "mean of companions", scored(unit(means.astype(np.float32)))
    for pull in RIDGES:
        table = np.column_stack([own, np.ones(known)])
        asked = np.column_stack([means, np.ones(TAKEN)])
        fitted = np.linalg.solve(table.T @ table + pull * np.eye(table.shape[1]), table.T @ vectors)
        yield f"ridge {pull:g} from the mean to the vector", scored(unit((asked @ fitted).astype(np.float32)))
    for most in PLAYS:
        plays = f"at most {most} play{'s' if most > 1 else ''}"
        yield f"folded in, from {plays}", scored(fold_in(vectors, thinned(whole, known, most, rng)))
    charts = np.argsort(-counts[order], kind="stable")[:K]
    ranks = ranks_of(np.broadcast_to(charts, (len(pairs), K)), pairs[:, 1])
    same = [len(np.intersect1d(charts, each)) / K for each in lists]
    yield (
        "the most played",
        [hit_at_k(ranks, K).mean(), ndcg_at_k(ranks, K).mean(), float(np.mean(same)), 0.0],
    )


def thinned(corpus: Corpus, known: int, most: int, rng: np.random.Generator) -> Corpus:
    """The playlists with at most so many plays, drawn, of each track beyond the known ones."""
    order = rng.permutation(corpus.n_positions)
    order = order[np.argsort(corpus.items[order], kind="stable")]
    tracks = corpus.items[order]
    place = np.arange(len(order)) - np.searchsorted(tracks, tracks)
    kept = np.ones(len(order), bool)
    kept[order[(tracks >= known) & (place >= most)]] = False
    before = np.concatenate([[0], np.cumsum(kept)])
    return Corpus(corpus.items[kept], before[corpus.offsets].astype(np.int64), corpus.vocabulary)


if __name__ == "__main__":
    main()
