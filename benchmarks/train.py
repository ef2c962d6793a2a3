"""Training speed and quality against peers in the same run: `python -m benchmarks.train`.

Peers: the bare kernels of the same shapes; the notebook's recipe; gensim 4 at its defaults, at the optimum of
Caselles-Dupré et al. (2018) and at the best settings found (`benchmarks.gensim_search`); the count baselines.
All learn the same split and are scored on the same pairs, by cosine. The time of scoring is left out.

Parts, all by default: `kernels` (positives a second against the floor), `race` (seconds to each peer's best
hit@10, and the curves), `quality` (final scores over several seeds, beside counting).
"""

import argparse
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.training import kernels, quality, race
from benchmarks.training.data import CORPORA, load_split
from benchmarks.training.peers import gensim_peers

PARTS = ("kernels", "race", "quality")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=f"among {', '.join(PARTS)}")
    parser.add_argument("--corpus", choices=CORPORA, default="world")
    parser.add_argument("--data", type=Path, help="the folder of real playlists, for yes and deezer")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of `quality`")
    parser.add_argument(
        "--notebook-seeds", type=int, default=1, help="of them, those the notebook gets, 0 to skip it"
    )
    parser.add_argument(
        "--peers",
        nargs="+",
        choices=quality.PEERS,
        default=list(quality.PEERS),
        metavar="PEER",
        help=f"of `quality`, among {'; '.join(quality.PEERS)}",
    )
    parser.add_argument("--notebook-epochs", type=int, default=60, help="of 200 steps; less is extrapolated")
    parser.add_argument("--picture", type=Path, default=Path("training.png"))
    parser.add_argument("--quick", action="store_true", help="a small world, one seed, few epochs")
    args = parser.parse_args()
    parts = args.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no part {', '.join(unknown)}")
    epochs = 2 if args.quick else args.notebook_epochs

    print(describe_machine("tensorflow", "keras", "numpy", "gensim"))
    split = load_split(args.corpus, args.data, quick=args.quick)
    size = f"{len(split.train.vocabulary):,} tracks, {split.train.n_positions:,} training positions"
    print(f"{args.corpus}: {size}, {len(split.validation):,} validation pairs")
    if "kernels" in parts:
        kernels.run(split, quick=args.quick)
    if "race" in parts:
        race.run(
            split, gensim_peers(args.corpus), picture=args.picture, notebook_epochs=epochs, quick=args.quick
        )
    if "quality" in parts:
        quality.run(
            split,
            gensim_peers(args.corpus),
            peers=args.peers,
            seeds=1 if args.quick else args.seeds,
            notebook_seeds=1 if args.quick else args.notebook_seeds,
            notebook_epochs=epochs,
            quick=args.quick,
        )


if __name__ == "__main__":
    main()
