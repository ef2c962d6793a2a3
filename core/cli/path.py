"""`segue path`: a way from one track to another, or past several."""

import argparse

from segue.core.cli.exploring import TRACK_HELP, add_filters, described, filters_of, save
from segue.core.cli.options import add_json, add_library, add_seed
from segue.core.cli.output import note, print_json, table


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "tracks", nargs="+", metavar="TRACK", help=f"two or more, in order; each {TRACK_HELP}"
    )
    add_library(parser)
    parser.add_argument("--between", type=int, default=8, metavar="N", help="tracks on each leg (default: 8)")
    parser.add_argument(
        "--variance",
        type=float,
        default=0.0,
        metavar="V",
        help="0: the nearest; up to 1: another path for each seed",
    )
    add_filters(parser)
    add_seed(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the steps."""
    import numpy as np

    from segue.core.explore.path import find_path
    from segue.core.library import Library

    library = Library.open(args.library)
    stops = [library.catalogue.resolve(track) for track in args.tracks]
    found = find_path(
        library,
        stops,
        between=args.between,
        filters=filters_of(args, library),
        variance=args.variance,
        rng=np.random.default_rng(args.seed),
    )
    infos = library.catalogue.infos(step.row for step in found.steps)
    pairs = list(zip(found.steps, infos, strict=True))
    if args.json:
        steps = [
            described(info, step.row) | {"similarity": round(step.similarity, 4), "stop": step.stop}
            for step, info in pairs
        ]
        print_json({"steps": steps, "missing": found.missing})
    else:
        rows = [
            [
                at,
                "●" if step.stop else "",
                info.title or info.track_id,
                info.artist,
                f"{step.similarity:.3f}" if at else "",
            ]
            for at, (step, info) in enumerate(pairs)
        ]
        table(("", "", "title", "artist", "step"), rows, right=(0, 4))
        if found.missing:
            note(f"{found.missing} of the tracks between were not found under these rules")
    save(args, infos)
    return 0
