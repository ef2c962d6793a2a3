"""`segue neighbours`: the tracks near a track."""

import argparse

from segue.core.cli.exploring import TRACK_HELP, add_listing, filters_of, ranker_of, show
from segue.core.cli.output import note


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("track", metavar="TRACK", help=TRACK_HELP)
    add_listing(parser)
    parser.add_argument(
        "--index",
        choices=("exact", "kdtree"),
        default="exact",
        help="for the ranker nearest (default: exact)",
    )
    parser.add_argument(
        "--fewer-hubs",
        type=float,
        default=0.0,
        metavar="S",
        help="0 to 1: push back what is near to everything",
    )


def run(args: argparse.Namespace) -> int:
    """List the neighbours."""
    from segue.core.explore.neighbours import neighbourhood
    from segue.core.library import Library

    library = Library.open(args.library)
    seed = library.catalogue.resolve(args.track)
    filters = filters_of(args, library)
    found = neighbourhood(
        library,
        seed,
        args.n,
        ranker=ranker_of(args, library),
        index=args.index,
        fewer_hubs=args.fewer_hubs,
        **vars(filters),
    )
    info = library.catalogue.info(seed)
    if not args.json:
        note(f"near {info.label}, by {found.ranker}")
    show(args, library, found.rows, found.hidden, seed=info.track_id, ranker=found.ranker)
    return 0
