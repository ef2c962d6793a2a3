"""`segue blend`: tracks near some and far from others."""

import argparse

from segue.core.cli.exploring import TRACK_HELP, add_listing, filters_of, ranker_of, show, weighted
from segue.core.cli.output import note


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("plus", nargs="+", metavar="TRACK", help=f"{TRACK_HELP}; `TRACK*2` counts twice")
    parser.add_argument(
        "--minus",
        action="append",
        default=[],
        metavar="TRACK",
        help="a track to stay away from; may be repeated",
    )
    add_listing(parser)


def run(args: argparse.Namespace) -> int:
    """List the blend; exit code 1 when the rules left nothing."""
    from segue.core.explore.blend import blend
    from segue.core.library import Library

    library = Library.open(args.library)
    plus, minus = (
        {library.catalogue.resolve(name): weight for name, weight in map(weighted, side)}
        for side in (args.plus, args.minus)
    )
    filters = filters_of(args, library)
    found = blend(library, plus, minus, args.n, ranker=ranker_of(args, library), filters=filters)
    removed = library.catalogue.infos(removed.row for removed in found.removed)
    more = {"removed": [info.track_id for info in removed], "emptied_by": found.emptied_by}
    show(args, library, found.rows, found.hidden, **more)
    if removed and not args.json:
        note("the minus took: " + " · ".join(info.label for info in removed[:10]))
    if not found.rows:
        note(f"nothing is left; most was left out by the rule: {found.emptied_by}")
    return 0 if found.rows else 1
