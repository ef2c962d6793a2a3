"""All rankers on the test pairs of a corpus, beside the default: `python -m benchmarks.rankers yes deezer`.

Each draw of the pairs is trained with the fast recipe, and the weights of `next` and `continue` are fitted on
its choosing pairs. `next` is also given weights as they were once chosen, those of 42 with the best hit@10
and none for what came directly after: on the validation pairs (`grid`) and on the choosing pairs. Intervals
are by playlist: the draws of one playlist are averaged first.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.kinds import KINDS
from benchmarks.machine import describe_machine
from benchmarks.training.data import CORPORA, load_corpus_by_name
from segue.core.corpus import Corpus, Playlists, build_corpus, split_corpus
from segue.core.evaluation import evaluate, hit_at_k, ndcg_at_k, pair_ranks
from segue.core.evaluation.completion import PEERS, continued_ranks, first_rows
from segue.core.evaluation.metrics import Measure, bootstrap, ranks_of
from segue.core.evaluation.report import held_out
from segue.core.library import HeldOut, Library, Manifest, write_library
from segue.core.neighbours import unit
from segue.core.rankers import available_rankers, next_ranker, ranker, set_next_weights
from segue.core.rankers.playlist import ContinueRanker, combined_scores, continue_ranker
from segue.core.synthetic import make_world

WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5)
POPULARITIES = (0.0, 0.01, 0.02, 0.04, 0.08, 0.16)
SUMMED = ("nearest", "next", "cooccurrence", "item-knn-asym", "like")
K = 10

Ranks = npt.NDArray[np.int32]
Found = dict[str, list[Ranks]]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", nargs="*", default=["yes"], help=f"of {', '.join((*CORPORA, *KINDS))}, 0.1")
    parser.add_argument("--data", type=Path, help="the folder of real playlists, for yes and deezer")
    parser.add_argument("--seeds", type=int, default=3, help="draws and trainings")
    parser.add_argument("--keep", type=Path, help="where libraries are kept, to be used again")
    parser.add_argument("--quick", action="store_true", help="one seed, one small world")
    args = parser.parse_args()
    print(describe_machine("numpy"))
    for name in ["few"] if args.quick else args.corpus:
        corpus = corpus_of(name, args.data)
        with tempfile.TemporaryDirectory(prefix="segue-rankers-") as folder:
            compare(name, corpus, 1 if args.quick else args.seeds, args.keep or Path(folder))


def corpus_of(name: str, data: Path | None) -> Corpus:
    """A corpus by name: of `CORPORA`, of `KINDS`, or so many times the world."""
    if name in KINDS:
        return build_corpus(Playlists.from_lists(KINDS[name](np.random.default_rng(0))))
    if name in CORPORA:
        return load_corpus_by_name(name, data, quick=False)
    return build_corpus(make_world(float(name)).playlists)


def compare(name: str, corpus: Corpus, seeds: int, folder: Path) -> None:
    """Train, rank and print both tables."""
    playlists, one, whole = list[npt.NDArray[np.int64]](), Found(), Found()
    for seed in range(seeds):
        library = trained(folder / f"{name}{seed}", corpus, seed)
        held, numbers = held_out(library, "test")
        playlists.append(numbers)
        for ranks, found in (
            (single_seeds(library, held), one),
            (whole_playlists(library, held, numbers), whole),
        ):
            for label, each in ranks:
                found.setdefault(label, []).append(each)
    numbers = np.concatenate(playlists)
    print(f"\n{name}: {len(corpus.vocabulary):,} tracks, {seeds} draws, {len(numbers):,} test playlists")
    for title, default, table in (("one seed", "next", one), ("a whole playlist", "continue", whole)):
        print(
            f"\n| {title} | hit@10 | NDCG@10 | {default} less it, hit@10 | NDCG@10 |\n|---|--:|--:|--:|--:|"
        )
        joined = {label: np.concatenate(each) for label, each in table.items()}
        best = joined[default]
        for label, each in sorted(joined.items(), key=lambda item: -hit_at_k(item[1], K).mean()):
            scores = [metric(each, K).mean() for metric in (hit_at_k, ndcg_at_k)]
            less = [
                by_playlist(metric(best, K) - metric(each, K), numbers) for metric in (hit_at_k, ndcg_at_k)
            ]
            cells = [f"{value:.4f}" for value in scores]
            cells += ["" if label == default else in_words(difference) for difference in less]
            print(f"| {label} | {' | '.join(cells)} |")


def trained(path: Path, corpus: Corpus, seed: int) -> Library:
    """A library of one draw with fitted weights; one that is there already is fitted again."""
    from segue.core.track2vec import train

    if not path.exists():
        split = split_corpus(corpus, seed=seed)
        vectors = unit(train(split, seed=seed).vectors)
        write_library(
            path,
            vectors=vectors,
            vocabulary=split.train.vocabulary,
            tracks={},
            manifest=Manifest(
                name=path.name,
                created="2026-01-02T03:04:05Z",
                corpus={"source": "benchmark", "n_playlists": split.train.n_playlists},
            ),
            split=split,
            positions=np.zeros((len(vectors), 2), np.float32),
        )
    library = Library.open(path)
    evaluate(library)
    return library


def parts_of(library: Library) -> tuple[HeldOut, Corpus, ContinueRanker]:
    """What every library of `trained` has."""
    drawn, corpus, whole = library.held_out, library.corpus, continue_ranker(library)
    if drawn is None or corpus is None or whole is None:
        raise SystemExit(f"{library.path}: has no playlists")
    return drawn, corpus, whole


def single_seeds(library: Library, held: npt.NDArray[np.int32]) -> Iterator[tuple[str, Ranks]]:
    """The ranks of the targets of held-out pairs, by ranker."""
    for name in available_rankers(library):
        yield name, pair_ranks(ranker(library, name), held, K)
    drawn, _, _ = parts_of(library)
    manifest = library.manifest
    fitted = manifest.next_weight or 0.0, manifest.next_popularity, manifest.next_following
    for label, pairs in (
        ("grid", drawn.validation),
        ("grid, choosing", drawn.choosing),
    ):
        set_next_weights(library, *best_of_grid(library, pairs))
        yield f"next by {label}", pair_ranks(ranker(library, "next"), held, K)
    set_next_weights(library, *fitted)


def best_of_grid(library: Library, pairs: npt.NDArray[np.int32]) -> tuple[float, float, float]:
    """λ and β of `next` with the most hits; of equals the better NDCG, then the smaller; φ is 0."""
    one = next_ranker(library)
    one.following = 0.0
    trials = []
    for one.popularity in POPULARITIES:
        for one.weight in WEIGHTS:
            ranks = pair_ranks(one, pairs, K)
            scores = [float(metric(ranks, K).mean()) for metric in (hit_at_k, ndcg_at_k)]
            trials.append((*scores, -one.popularity, -one.weight))
    _, _, popularity, weight = max(trials)
    return -weight, -popularity, 0.0


def whole_playlists(
    library: Library, held: npt.NDArray[np.int32], numbers: npt.NDArray[np.int64]
) -> Iterator[tuple[str, Ranks]]:
    """The ranks of each playlist's last track given all others, by ranker."""
    for name in ("continue", *SUMMED):
        label = name if name == "continue" else f"{name}, scores added up"
        yield label, continued_ranks(library, name, held, numbers, K)
    _, corpus, whole = parts_of(library)
    playlists = [corpus.playlist(int(number)).tolist() for number in numbers]
    alone: dict[str, list[npt.NDArray[np.int32]]] = {}
    for playlist in playlists:
        votes = whole.votes(playlist)
        scores = {
            f"{name} alone": getattr(votes, name.replace("-", "_")).every(len(library)) for name in PEERS
        }
        scores["next, by the last track"] = combined_scores(library, playlist[-1:], [1.0], "next")
        for label, each in scores.items():
            alone.setdefault(label, []).append(first_rows(each[None].astype(np.float32), [playlist], K))
    for label, rows in alone.items():
        yield label, ranks_of(np.concatenate(rows), held[:, 1])


def by_playlist(values: npt.NDArray[np.float64], numbers: npt.NDArray[np.int64]) -> Measure:
    """The mean of some values over pairs, and its interval by the playlists they are of."""
    _, place, times = np.unique(numbers, return_inverse=True, return_counts=True)
    return bootstrap(np.bincount(place, values) * len(times) / len(numbers))


def in_words(difference: Measure) -> str:
    """A difference with its interval."""
    return f"{difference.mean:+.4f} ({difference.low:+.4f} to {difference.high:+.4f})"


if __name__ == "__main__":
    main()
