"""Final scores of every trainer and of counting, on test pairs, over several seeds."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.training.data import Score, score, score_vectors
from benchmarks.training.peers import BEST_FOUND, GENSIM, Curve, Vectors, train_gensim, train_ours
from segue.core.corpus import Occurrences, Split, cooccurrence, following
from segue.core.evaluation.weight import choose_weights
from segue.core.neighbours import ExactIndex, unit
from segue.core.rankers.sparse import (
    Followers,
    PlaylistCosine,
    PopularityRanker,
    SparseRanker,
    count_ranker,
    ppmi_svd,
    tie_order,
)
from segue.core.rankers.vector import NextRanker
from segue.core.track2vec import FastConfig, NotebookConfig

PEERS = ("fast", "notebook", *GENSIM, BEST_FOUND, "counting")


def run(
    split: Split,
    gensim: dict[str, dict[str, Any]],
    *,
    peers: Collection[str] = PEERS,
    seeds: int,
    notebook_seeds: int,
    notebook_epochs: int,
    quick: bool,
) -> None:
    """Train the peers with each seed and print means, standard deviations and the count baselines."""
    print(f"\n{len(split.test):,} test pairs\n\n| ranker | seeds | hit@10 | NDCG@10 |\n|---|--:|--:|--:|")
    if "fast" in peers:
        vectors = [
            _vectors(train_ours("fast", split, FastConfig(), seed=seed, watched=False))
            for seed in range(seeds)
        ]
        _print("fast, nearest", [score_vectors(one, split.test) for one in vectors])
        _print("fast, next (cosine, counts and plays)", [_next(split, one) for one in vectors])
    notebook = replace(NotebookConfig(), epochs=notebook_epochs)
    if "notebook" in peers and notebook_seeds:
        theirs = [
            _vectors(train_ours("notebook", split, notebook, seed=seed, watched=False))
            for seed in range(notebook_seeds)
        ]
        _print(f"notebook, {notebook_epochs} epochs", [score_vectors(one, split.test) for one in theirs])
    for name, settings in ((name, gensim[name]) for name in peers if name in gensim):
        few = {**settings, "epochs": 3} if quick else settings
        theirs = [_vectors(train_gensim(name, split, few, seed=seed, watched=False)) for seed in range(seeds)]
        _print(name, [score_vectors(one, split.test) for one in theirs])
    for name, baseline in _baselines(split).items() if "counting" in peers else ():
        _print(name, [baseline()])
    print()


def _vectors(curve: Curve) -> Vectors:
    assert curve.vectors is not None  # noqa: S101 - training has ended
    return curve.vectors


def _next(split: Split, vectors: Vectors) -> Score:
    """The model with counts and plays, its weights chosen on other pairs."""
    rows = unit(vectors)
    after = Followers(split.train, Occurrences.of(split.train))
    one = NextRanker(rows, ExactIndex(rows), cooccurrence(split.train), split.train.counts, after=after)
    one.weight, one.popularity, one.following = choose_weights(one, split.choosing)
    return score(one, split.test)


def _baselines(split: Split) -> dict[str, Callable[[], Score]]:
    train, test = split.train, split.test
    counts = cooccurrence(train)
    cosine = PlaylistCosine(train, Occurrences.of(train))
    return {
        "popularity": lambda: score(PopularityRanker(train.counts), test),
        "following": lambda: score(count_ranker("following", following(train), train.counts), test),
        "cooccurrence": lambda: score(count_ranker("cooccurrence", counts, train.counts), test),
        "item-knn": lambda: score(SparseRanker("item-knn", cosine, tie_order(train.counts)), test),
        "ppmi-svd, 64": lambda: score_vectors(ppmi_svd(counts), test),
    }


def _print(name: str, scores: list[Score]) -> None:
    hits, ndcgs = ([getattr(one, part) for one in scores] for part in ("hit", "ndcg"))
    cells = [f"{np.mean(values):.4f} ± {np.std(values):.4f}" for values in (hits, ndcgs)]
    print(f"| {name} | {len(scores)} | {cells[0]} | {cells[1]} |", flush=True)
