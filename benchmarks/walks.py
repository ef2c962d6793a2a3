"""Where the lists lead: `python -m benchmarks.walks LIBRARY ...`, libraries that were trained already.

From each of the twenty most played tracks five hops, each to the first track of the list that the walk has
not met. What comes next leads into the charts and stays there; what is like a track must not.
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from segue.core.evaluation import hit_at_k, ndcg_at_k, pair_ranks
from segue.core.evaluation.report import held_out_pairs
from segue.core.library import Library
from segue.core.rankers import ranker

STARTS, HOPS, CHARTS = 20, 5, 10
RANKERS = ("next", "nearest", "like", "item-knn", "random")


class Walks(NamedTuple):
    """What the hops of all walks reach, of at most `STARTS * HOPS`."""

    distinct: int
    quantile: float
    """Mean place of a track among all tracks by plays, 0 for the least played and 1 for the most."""
    in_charts: float
    """Share of hops to one of the `CHARTS` most played tracks."""
    same_artist: float
    """Share of hops between tracks of one artist."""


def walk(library: Library, name: str) -> Walks:
    """Walk from the most played tracks along a ranker's lists."""
    by_plays = np.argsort(-library.counts, kind="stable")
    places = np.empty(len(library))
    places[by_plays] = 1 - np.arange(len(library)) / max(len(library) - 1, 1)
    artists = library.catalogue.artist_codes
    walks = [_hops(library, name, start) for start in by_plays[:STARTS].tolist()]
    hops = np.array([(before, after) for one in walks for before, after in pairwise(one)])
    before, after = hops.T
    return Walks(
        len(np.unique(after)),
        float(places[after].mean()),
        float(np.isin(after, by_plays[:CHARTS]).mean()),
        float(((artists[before] == artists[after]) & (artists[before] >= 0)).mean()),
    )


def _hops(library: Library, name: str, start: int) -> Sequence[int]:
    met = [start]
    for _ in range(HOPS):
        listed, _ = ranker(library, name).rank(np.array([met[-1]]), HOPS + 1)
        met += [row for row in listed[0].tolist() if row >= 0 and row not in met][:1]
    return met


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", nargs="*", default=["demo"])
    parser.add_argument("--quick", action="store_true", help="the first library only")
    args = parser.parse_args()
    for path in args.library[: 1 if args.quick else None]:
        library = Library.open(path)
        pairs = held_out_pairs(library, "test")
        print(f"\n{library.name}: {len(library):,} tracks, {len(pairs):,} test pairs\n")
        print(
            "| ranker | distinct tracks | mean popularity quantile | in the top ten | same artist "
            "| hit@10 | NDCG@10 |\n|---|--:|--:|--:|--:|--:|--:|"
        )
        for name in RANKERS:
            found, ranks = walk(library, name), pair_ranks(ranker(library, name), pairs, 10)
            print(
                f"| {name} | {found.distinct} | {found.quantile:.3f} | {found.in_charts:.0%} "
                f"| {found.same_artist:.0%} | {hit_at_k(ranks, 10).mean():.4f} "
                f"| {ndcg_at_k(ranks, 10).mean():.4f} |"
            )


if __name__ == "__main__":
    main()
