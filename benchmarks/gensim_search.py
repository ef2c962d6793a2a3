"""Search gensim's settings, so that the peer is a strong one: `python -m benchmarks.gensim_search`.

One change at a time around the best so far, scored on validation pairs. The winner goes into
`benchmarks.training.peers.BEST_GENSIM`.
"""

import argparse
from pathlib import Path
from typing import Any

from benchmarks.training.data import CORPORA, load_split
from benchmarks.training.peers import BEST_FOUND, gensim_peers, train_gensim
from segue.core.corpus import build_corpus, split_corpus
from segue.core.synthetic import make_world

CHANGES: dict[str, tuple[Any, ...]] = {
    "sg": (0, 1),
    "ns_exponent": (0.75, 0.0, -0.5),
    "sample": (1e-3, 1e-4),
    "alpha": (0.025, 0.1),
    "negative": (5, 50),
    "window": (2, 5, 10),
    "vector_size": (50, 100),
    "epochs": (20, 100),
}


def main() -> None:
    """Run the search, one axis after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", choices=CORPORA, default="yes")
    parser.add_argument("--data", type=Path, help="the folder of real playlists")
    parser.add_argument("--scale", type=float, help="search on a world of so many times 100,000 playlists")
    parser.add_argument("--quick", action="store_true", help="a small world, two epochs, one axis")
    args = parser.parse_args()
    if args.scale:
        split = split_corpus(build_corpus(make_world(args.scale).playlists))
    else:
        split = load_split(args.corpus, args.data, quick=args.quick)
    best = dict(gensim_peers(args.corpus)[BEST_FOUND])
    axes = dict(CHANGES)
    if args.quick:
        best["epochs"], axes = 2, {"sg": CHANGES["sg"]}
    print("| setting | epochs | hit@10 at the end | best hit@10, epoch | seconds |\n|---|--:|--:|--:|--:|")

    def tried(name: str, settings: dict[str, Any]) -> float:
        curve = train_gensim(name, split, settings)
        hits = [score.hit for score in curve.scores]
        top = max(hits)
        cells = (name, len(hits), f"{hits[-1]:.4f}", f"{top:.4f}, {hits.index(top) + 1}")
        print("|", *(f"{cell} |" for cell in cells), f"{curve.seconds[-1]:.0f} |", flush=True)
        return hits[-1]

    reached = tried("start", best)
    for axis, values in axes.items():
        for value in values:
            if value == best[axis]:
                continue
            hit = tried(f"{axis} {value}", {**best, axis: value})
            if hit > reached:
                best[axis], reached = value, hit
    print(f"\nBest: {best}, hit@10 {reached:.4f}")


if __name__ == "__main__":
    main()
