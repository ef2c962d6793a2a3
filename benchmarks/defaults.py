"""The table that decides the fast recipe's defaults: `python -m benchmarks.defaults`.

One change at a time around the defaults, on corpora of very different size, each with several seeds. A seed
draws the split as well as the training, and every row meets the same ones, so rows can be compared. Scores
are hit@10 on validation pairs, in percent, with the standard deviation over the seeds.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.training.data import CORPORA, load_corpus_by_name, score_vectors
from segue.core.corpus import Corpus, split_corpus
from segue.core.track2vec import FastConfig, train

Number = TypeVar("Number", int, float)

Change = Callable[[FastConfig], FastConfig]
"""From the defaults, fitted to the corpus, to a variant."""

CHANGES: dict[str, Change] = {
    "defaults": lambda c: c,
    "dim 32": lambda c: replace(c, dim=32),
    "dim 128": lambda c: replace(c, dim=128),
    "window 1": lambda c: replace(c, window=1),
    "window 2": lambda c: replace(c, window=2),
    "window 5": lambda c: replace(c, window=5),
    "flat distance weight": lambda c: replace(c, distance_weight="flat"),
    "temperature 7": lambda c: replace(c, temperature=7.0),
    "temperature 10": lambda c: replace(c, temperature=10.0),
    "temperature 16": lambda c: replace(c, temperature=16.0),
    "no log-q": lambda c: replace(c, log_q=0.0),
    "half log-q": lambda c: replace(c, log_q=0.5),
    "log-q 1.25": lambda c: replace(c, log_q=1.25),
    "exponent 0": lambda c: replace(c, exponent=0.0),
    "exponent 0.5": lambda c: replace(c, exponent=0.5),
    "exponent 1": lambda c: replace(c, exponent=1.0),
    "learning rate / 3": lambda c: replace(c, learning_rate=_given(c.learning_rate) / 3),
    "learning rate x 3": lambda c: replace(c, learning_rate=_given(c.learning_rate) * 3),
    "no decay": lambda c: replace(c, final_rate=1.0),
    "batch / 4": lambda c: replace(c, batch=_given(c.batch) // 4),
    "batch x 4": lambda c: replace(c, batch=_given(c.batch) * 4),
    "pool / 4": lambda c: replace(c, pool=_given(c.pool) // 4),
    "pool x 4": lambda c: replace(c, pool=_given(c.pool) * 4),
    "epochs / 2": lambda c: replace(c, epochs=_given(c.epochs) // 2),
    "epochs x 2": lambda c: replace(c, epochs=_given(c.epochs) * 2),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", nargs="+", choices=CORPORA, default=["yes", "deezer", "demo"])
    parser.add_argument("--data", type=Path, help="the folder of real playlists, for yes and deezer")
    parser.add_argument("--only", nargs="+", choices=CHANGES, default=list(CHANGES), metavar="CHANGE")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="the demo world, one seed, three rows")
    args = parser.parse_args()
    names, seeds, changes = (
        (["demo"], 1, args.only[:3]) if args.quick else (args.corpora, args.seeds, args.only)
    )
    corpora = {name: load_corpus_by_name(name, args.data, quick=args.quick) for name in names}
    print(f"{describe_machine('tensorflow', 'keras', 'numpy')}; {seeds} seeds\n")
    for name, corpus in corpora.items():
        split = split_corpus(corpus)
        fitted = FastConfig().fitted(split.train)
        size = f"{len(corpus.vocabulary):,} tracks, {split.train.n_positions:,} positions"
        print(f"- {name}: {size}, {len(split.validation):,} pairs; {fitted}")
    print(f"\n| change | {' | '.join(f'{name} | s' for name in corpora)} |")
    print(f"|---|{'--:|--:|' * len(corpora)}")
    for change in changes:
        cells = [_measured(corpus, CHANGES[change], seeds) for corpus in corpora.values()]
        print(f"| {change} | {' | '.join(cells)} |", flush=True)


def _measured(corpus: Corpus, change: Change, seeds: int) -> str:
    hits, seconds = [], []
    for seed in range(seeds):
        split = split_corpus(corpus, seed=seed)
        config = change(FastConfig().fitted(split.train))
        begun = time.perf_counter()
        vectors = train(replace(split, validation=split.validation[:0]), config, seed=seed).vectors
        seconds.append(time.perf_counter() - begun)
        hits.append(100 * score_vectors(vectors, split.validation).hit)
    return f"{np.mean(hits):.2f} ± {np.std(hits):.2f} | {np.mean(seconds):.1f}"


def _given(value: Number | None) -> Number:
    assert value is not None  # noqa: S101 - `fitted` has filled it in
    return value


if __name__ == "__main__":
    main()
