"""Completing playlists: `python -m benchmarks.completion`, beside a bare product with the vectors.

Parts, both by default: `query` (processor time of one query of `continue` and of `missing` after 30 tracks,
with random vectors over the world's playlists) and `missing` (recall@10 and R-precision of the last 20 to
50 % of the test and of the choosing playlists, trained without them; choose on the latter only; with what
`missing` is ahead of each by, and its interval by playlist).
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.evaluate import clustered
from benchmarks.kinds import KINDS
from benchmarks.machine import describe_machine
from benchmarks.rankers import by_playlist, corpus_of, in_words
from benchmarks.training.data import CORPORA, load_corpus_by_name
from segue.core.corpus import Corpus, Occurrences, Split, cooccurrence, split_corpus
from segue.core.evaluation.completion import HIDDEN, Ends, first_rows, hide_end, recall_and_precision
from segue.core.evaluation.weight import MISSING, choose_missing_weights
from segue.core.neighbours import unit
from segue.core.rankers.playlist import ContinueRanker
from segue.core.rankers.protocol import Scores

PARTS = ("query", "missing")
LENGTH, QUERIES, ROUNDS = 30, 150, 5


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=f"among {', '.join(PARTS)}")
    parser.add_argument(
        "--corpus", default="yes", help=f"of `missing`: of {', '.join((*CORPORA, *KINDS))}, 0.1"
    )
    parser.add_argument("--data", type=Path, help="the folder of real playlists, for yes and deezer")
    parser.add_argument("--seeds", type=int, default=3, help="draws and trainings of `missing`")
    parser.add_argument("--quick", action="store_true", help="a small world, one seed")
    args = parser.parse_args()
    parts = args.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no part {', '.join(unknown)}")
    print(describe_machine("numpy"))
    if "query" in parts:
        time_queries(load_corpus_by_name("world", None, quick=args.quick))
    if "missing" in parts:
        corpus = corpus_of("few" if args.quick else args.corpus, args.data)
        find_missing(corpus, 1 if args.quick else args.seeds)


def time_queries(corpus: Corpus) -> None:
    """Print the median and the 95th percentile of the processor time of one query."""
    one = ranker_over(clustered(len(corpus.vocabulary), 64), corpus)
    long = np.flatnonzero(corpus.lengths >= LENGTH)[:QUERIES]
    playlists = [corpus.playlist(int(number))[:LENGTH].tolist() for number in long]
    vectors = one.vectors
    asked: dict[str, Callable[[Sequence[int]], Scores]] = {
        "bare product": lambda playlist: vectors @ one.query(playlist),
        "continue": one.scores,
        "missing": one.missing,
    }
    print(f"\n{len(corpus.vocabulary):,} tracks, {len(playlists)} queries of {LENGTH} tracks\n")
    print("| query | median ms | 95 % below |\n|---|--:|--:|")
    for name, ask in asked.items():
        taken = [min(seconds(ask, playlist) for _ in range(ROUNDS)) for playlist in playlists]
        print(f"| {name} | {1e3 * np.median(taken):.2f} | {1e3 * np.percentile(taken, 95):.2f} |")


def seconds(ask: Callable[[Sequence[int]], Scores], playlist: Sequence[int]) -> float:
    """Processor time of this thread for one query."""
    begun = time.thread_time()
    ask(playlist)
    return time.thread_time() - begun


def ranker_over(vectors: npt.NDArray[np.float32], corpus: Corpus) -> ContinueRanker:
    """The rankers of whole playlists over some vectors."""
    return ContinueRanker(vectors, cooccurrence(corpus), corpus, Occurrences.of(corpus))


def find_missing(corpus: Corpus, seeds: int) -> None:
    """Print how much of the hidden ends is found, mean over the draws."""
    from segue.core.track2vec import train

    found: dict[tuple[str, str], list[npt.NDArray[np.float64]]] = {}
    numbers: dict[str, list[int]] = {}
    for seed in range(seeds):
        split = split_corpus(corpus, seed=seed)
        shorter, ends = hide(split, corpus, np.random.default_rng([seed, 77]))
        one = ranker_over(unit(train(shorter, seed=seed).vectors), shorter.train)
        one.use(choose_missing_weights(one, ends["choosing"][:MISSING]))
        for kind, cases in ends.items():
            numbers.setdefault(kind, []).extend(number for _, number, _ in cases)
            for name, shares in score(one, cases).items():
                found.setdefault((kind, name), []).append(shares)
    print(f"\n{len(corpus.vocabulary):,} tracks, {seeds} draws\n")
    print("| playlists | ranker | recall@10 | R-precision | missing less it, recall@10 | R-precision |")
    print("|---|---|--:|--:|--:|--:|")
    for (kind, name), draws in found.items():
        shares = np.concatenate(draws)
        ahead = np.concatenate(found[kind, "missing"]) - shares
        cells = [f"{value:.4f}" for value in shares.mean(axis=0)]
        of = np.array(numbers[kind])
        cells += ["" if name == "missing" else in_words(by_playlist(each, of)) for each in ahead.T]
        print(f"| {kind}, {len(of):,} | {name} | {' | '.join(cells)} |")


def hide(split: Split, corpus: Corpus, rng: np.random.Generator) -> tuple[Split, dict[str, Ends]]:
    """The split without the ends of its test and choosing playlists, and these ends."""
    kept = np.ones(corpus.n_positions, bool)
    kept[corpus.offsets[1:][corpus.lengths > 0] - 1] = False
    ends: dict[str, Ends] = {}
    for kind, numbers in (("test", np.unique(split.test_playlists)), ("choosing", split.choosing_playlists)):
        cases: Ends = []
        for number in numbers.tolist():
            whole = corpus.playlist(number).tolist()
            share = float(rng.uniform(*HIDDEN))
            known, hidden = hide_end(whole, share)
            end = int(corpus.offsets[number + 1])
            kept[end - len(whole) + len(known) : end] = False
            if known and hidden:
                cases.append((known, number, hidden))
        ends[kind] = cases
    before = np.concatenate([[0], np.cumsum(kept)])
    train = Corpus(corpus.items[kept], before[corpus.offsets].astype(np.int64), corpus.vocabulary)
    return replace(split, train=train), ends


def score(one: ContinueRanker, cases: Ends) -> dict[str, npt.NDArray[np.float64]]:
    """Recall@10 and R-precision of each case, float64 (n, 2), by ranker."""
    size, found = len(one.vectors), dict[str, list[tuple[float, float]]]()
    for known, _, hidden in cases:
        votes = one.votes_on_the_whole(known)
        scores = {
            "missing": one.missing(known),
            "s-knn": votes["s-knn"].every(size).astype(np.float32),
            "rp3": votes["rp3"].every(size).astype(np.float32),
            "cosine": one.vectors @ one.middle(known),
        }
        for name, values in scores.items():
            rows = first_rows(values[None], [known], max(10, len(hidden)))[0]
            found.setdefault(name, []).append(recall_and_precision(rows, hidden, 10))
    return {name: np.array(shares) for name, shares in found.items()}


if __name__ == "__main__":
    main()
