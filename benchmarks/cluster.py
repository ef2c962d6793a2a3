"""Training in rounds against one process: `python -m benchmarks.cluster [quality|size]`.

`quality`: hit@10 on validation pairs at equal epochs, the learning rate of every row searched for on a seed
that is scored nowhere else. `size`: bytes that move in a round, memory and processor seconds of a task,
beside what docs/scale.md's model says of them; smaller tables say in the same run how fast the machine is.
The tasks run one after another in this process, or in a fresh one where memory is measured: what is counted
does not depend on who runs them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from benchmarks.machine import describe_machine
from benchmarks.training.data import load_corpus_by_name, score_vectors
from segue.core.cluster.rounds import fitted, train_in_rounds
from segue.core.cluster.shards import deal
from segue.core.corpus import Corpus, build_corpus, split_corpus
from segue.core.corpus.corpus import encode
from segue.core.synthetic import make_world
from segue.core.track2vec import FastConfig, train
from tests.cluster import inline

SEARCHED = 100
"""The seed of the searches; scores are of seeds 0, 1, 2, ..."""
FIRST_RATE, STEP = 0.1, 2.0

SMALLER, SMALLER_RUNS = 50_000, [(32, 1), (64, 1), (128, 1), (64, 128)]
"""Tracks, then dimensions and shards, of the tables that say how fast the machine is."""

TRACKS_OF_A_WORLD = 120_000
"""About what a world of 100,000 playlists has."""

Score = Callable[[float, int], float]
"""From learning rate and seed to hit@10."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=("quality", "size", "all"), default="all")
    parser.add_argument("--scale", type=float, default=0.2, help="quality: times 100,000 playlists")
    parser.add_argument("--corpus", choices=("yes", "deezer"), help="quality: real playlists, for the world")
    parser.add_argument("--shards", type=int, nargs="*", help="how many parts; none: one process alone")
    parser.add_argument("--tracks", type=int, nargs="+", default=[100_000, 1_000_000], help="size: V")
    parser.add_argument("--dim", type=int, nargs="+", default=[64], help="size: d")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--batch", type=int, help="quality: positions a step, for the rule's")
    parser.add_argument("--quick", action="store_true", help="a small world, one seed, two shards")
    args = parser.parse_args()
    if args.quick:
        args.scale, args.seeds, args.tracks, args.shards = 0.02, 1, [5_000], [2]
    print(f"{describe_machine('tensorflow', 'keras', 'numpy')}\n")
    if args.what in {"quality", "all"}:
        if args.corpus:
            name, corpus = args.corpus, load_corpus_by_name(args.corpus, None, quick=False)
        else:
            name, corpus = f"world x {args.scale:g}", build_corpus(make_world(args.scale).playlists)
        _quality(name, corpus, [2, 8, 32] if args.shards is None else args.shards, args.seeds, args.batch)
    if args.what in {"size", "all"}:
        _sizes(args.tracks, args.dim, args.shards or [8, 32, 128])


def _quality(name: str, corpus: Corpus, shards: list[int], seeds: int, batch: int | None) -> None:
    training = split_corpus(corpus).train
    config = fitted(FastConfig(), training, 1)
    print(
        f"{name}: {corpus.n_playlists:,} playlists, {corpus.n_positions:,} positions, "
        f"{len(corpus.vocabulary):,} tracks; {config.epochs} epochs, {config.dim} dimensions; {seeds} seeds\n"
    )
    print(
        "| | positions a step | learning rate | tried (another seed) | hit@10 of each seed | mean "
        "| against one process |"
    )
    print("|---|--:|--:|---|---|--:|--:|", flush=True)
    alone: list[float] = []
    start = FIRST_RATE
    for parts in [0, *shards]:
        score = _scorer(corpus, parts, batch)
        tried = _climb(score, start)
        start = max(tried, key=lambda rate: tried[rate])
        hits = [score(start, seed) for seed in range(seeds)]
        alone = alone or hits
        gaps = np.array(hits) - alone
        tried_rates = ", ".join(f"{rate:.3g}: {hit:.3f}" for rate, hit in sorted(tried.items()))
        row = f"{parts} shards" if parts else "one process"
        gap = f"{gaps.mean():+.4f} ± {gaps.std(ddof=1) / seeds**0.5:.4f}" if parts and seeds > 1 else ""
        scores = " ".join(f"{hit:.4f}" for hit in hits)
        step = fitted(FastConfig(batch=batch), training, parts or 1).batch
        print(
            f"| {row} | {step:,} | {start:.3g} | {tried_rates} | {scores} | {np.mean(hits):.4f} | {gap} |",
            flush=True,
        )


def _scorer(corpus: Corpus, shards: int, batch: int | None) -> Score:
    """How good a training is: of one process for 0 shards, else in rounds."""

    def score(rate: float, seed: int) -> float:
        split = split_corpus(corpus, seed=seed)
        config = FastConfig(learning_rate=rate, batch=batch)
        silent = replace(split, validation=split.validation[:0])
        if not shards:
            vectors = train(silent, config, seed=seed).vectors
        else:
            with tempfile.TemporaryDirectory() as folder:
                trained = train_in_rounds(
                    inline, silent, config, shards=shards, checkpoint=Path(folder) / "training", seed=seed
                )
                vectors = np.array(trained.vectors)
        return score_vectors(vectors, split.validation).hit

    return score


def _climb(score: Score, start: float) -> dict[float, float]:
    """Try rates twice as high or half as high until the best has a worse one on either side."""
    tried = {start: score(start, SEARCHED)}
    while True:
        best = max(tried, key=lambda rate: tried[rate])
        around = [best * STEP, best / STEP]
        missing = [rate for rate in around if not any(np.isclose(rate, known) for known in tried)]
        if not missing:
            return tried
        tried[missing[0]] = score(missing[0], SEARCHED)


def _sizes(tracks: list[int], dims: list[int], shards: list[int]) -> None:
    speed = start, pair, product = _speed()
    print(f"Fitted to {SMALLER:,} tracks: {start:.2f} s, {pair * 1e9:.2f} ns and {product * 1e9:.3f} d ns")
    print(
        "\n| V | d | positions | shards | rows of a shard | moved a round, to all shards and back "
        "| peak memory of a task | of it before training | processor seconds of a task |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    for n_tracks in tracks:
        corpus = _corpus_of(n_tracks)
        for dim in dims:
            for parts in shards:
                found = _first_round(corpus, dim, parts)
                said = predicted(corpus, dim, parts, found["before"], speed)
                print(
                    f"| {n_tracks:,} | {dim} | {corpus.n_positions:,} | {parts} "
                    f"| {found['rows']:,} ({found['rows'] / n_tracks:.0%}) {_ratio(said, found, 'rows')} "
                    f"| {_bytes(found['moved'] * parts)} {_ratio(said, found, 'moved')} "
                    f"| {_bytes(found['peak'])} {_ratio(said, found, 'peak')} | {_bytes(found['before'])} "
                    f"| {found['seconds']:.1f} {_ratio(said, found, 'seconds')} |",
                    flush=True,
                )


def predicted(
    corpus: Corpus, dim: int, shards: int, before: float, speed: tuple[float, float, float]
) -> dict[str, float]:
    """What docs/scale.md says of a shard's round.

    `before` are the bytes of a process that has TensorFlow, `speed` the processor seconds to trace the
    loop, of a position with a negative, and of each of their dimensions.
    """
    config = fitted(FastConfig(dim=dim), corpus, shards)
    positions, batch, pool = corpus.n_positions / shards, config.batch or 0, config.pool or 0
    draws = -(-positions // batch) * pool
    heard, drawn = corpus.counts / corpus.counts.sum(), corpus.counts**config.exponent
    missed = np.exp(-positions * heard - draws * drawn / drawn.sum())
    rows = float(np.sum(1 - missed))
    return {
        "rows": rows,
        "moved": rows * (16 * dim + 16),
        "peak": before + 4 * rows * 8 * dim + 40 * positions + 36 * len(corpus.counts),
        "seconds": float(np.dot(speed, _work(corpus, dim, shards))),
    }


def _work(corpus: Corpus, dim: int, shards: int) -> list[float]:
    """What a shard's first round does: a start, pairs of position and negative, their dimensions."""
    pairs = corpus.n_positions / shards * (fitted(FastConfig(dim=dim), corpus, shards).pool or 0)
    return [1, pairs, pairs * dim]


def _speed() -> tuple[float, float, float]:
    """Processor seconds of each kind of work on this machine, by least squares of relative errors."""
    corpus = _corpus_of(SMALLER)
    seconds = np.array([min(_first_round(corpus, *run)["seconds"] for _ in range(2)) for run in SMALLER_RUNS])
    work = np.array([_work(corpus, *run) for run in SMALLER_RUNS])
    start, pair, product = nnls(work / seconds[:, None], np.ones(len(seconds)))[0]
    return float(start), float(pair), float(product)


def _ratio(said: dict[str, float], found: dict[str, float], name: str) -> str:
    return f"({said[name] / found[name]:.2f})"


def _corpus_of(n_tracks: int) -> Corpus:
    """The training playlists of a world of so many tracks: of a larger one, the most frequent."""
    scale = n_tracks / TRACKS_OF_A_WORLD
    while len((corpus := build_corpus(make_world(scale).playlists)).vocabulary) < n_tracks:
        scale *= 1.25  # larger worlds have fewer tracks for their playlists
    kept = np.arange(len(corpus.vocabulary), dtype=np.int32)
    items, offsets = encode(corpus.items, corpus.offsets, np.where(kept < n_tracks, kept, -1))
    vocabulary = corpus.vocabulary.take(kept[:n_tracks], corpus.vocabulary.counts[:n_tracks])
    return split_corpus(Corpus(items, offsets, vocabulary)).train


def _first_round(corpus: Corpus, dim: int, shards: int) -> dict[str, float]:
    """What a fresh process says of the first shard."""
    shard = deal(corpus, shards, 0)
    config = fitted(FastConfig(dim=dim), corpus, shards)
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/counts.npy", corpus.counts)
        np.save(f"{folder}/items.npy", shard.items)
        np.save(f"{folder}/offsets.npy", shard.offsets)
        Path(folder, "task.json").write_text(json.dumps({"config": asdict(config), "shards": shards}))
        command = [sys.executable, "-m", "benchmarks.training.cluster_task", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _bytes(number: float) -> str:
    return f"{number / 1e9:,.2f} GB" if number >= 1e9 else f"{number / 1e6:,.0f} MB"


if __name__ == "__main__":
    main()
