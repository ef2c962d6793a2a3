"""`segue surprise`: jump to a far track that still belongs."""

import argparse

from segue.core.cli.exploring import TRACK_HELP, described, open_state
from segue.core.cli.options import add_json, add_library, seed_number
from segue.core.cli.output import note, print_json, say


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("track", nargs="?", metavar="TRACK", help=f"{TRACK_HELP}; any track if left out")
    add_library(parser)
    parser.add_argument(
        "--farther",
        type=int,
        default=0,
        choices=range(6),
        metavar="N",
        help="0 to 5: how much farther (default: 0)",
    )
    parser.add_argument(
        "--seed", type=seed_number, metavar="N", help="random seed; another jump each time if left out"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print where the jump leads; exit code 1 when nothing qualifies."""
    from contextlib import closing

    import numpy as np

    from segue.core.explore.path import surprise
    from segue.core.explore.taste import Taste
    from segue.core.library import Library

    library = Library.open(args.library)
    rng = np.random.default_rng(args.seed)
    seed = int(rng.integers(len(library))) if args.track is None else library.catalogue.resolve(args.track)
    with closing(open_state()) as state:
        banned = Taste.of(library, state).banned
    jump = surprise(library, seed, farther=args.farther, rng=rng, without=banned)
    if jump is None:
        note("no track however far has this one among its own; try another")
        return 1
    start, end = library.catalogue.infos([seed, jump.row])
    if args.json:
        about = {"similarity": round(jump.similarity, 4), "rank": jump.rank, "rank_back": jump.rank_back}
        print_json({"seed": start.track_id} | described(end, jump.row) | about)
        return 0
    say(f"{start.label} -> {end.label}")
    say(f"  similarity {jump.similarity:.2f}: rank {jump.rank}, reverse rank {jump.rank_back}")
    return 0
