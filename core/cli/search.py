"""`segue search`: find tracks by title, artist, album or id."""

import argparse

from segue.core.cli.exploring import described
from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import note, print_json, table


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "words",
        nargs="+",
        metavar="WORD",
        help="beginnings of words in any order; `a:`, `t:` and `al:` look in artist, title and album only",
    )
    add_library(parser)
    parser.add_argument("-n", type=int, default=20, metavar="N", help="how many tracks (default: 20)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print what was found; exit code 1 when nothing was."""
    from segue.core.library import Library

    library = Library.open(args.library)
    catalogue = library.catalogue
    hits = catalogue.search(" ".join(args.words), limit=args.n)
    infos = catalogue.infos(hit.row for hit in hits)
    plays = catalogue.counts(hit.row for hit in hits).tolist() if library.knows_plays else [None] * len(hits)
    if args.json:
        found = zip(hits, infos, plays, strict=True)
        print_json(
            [described(info, hit.row) | {"why": hit.why, "plays": count} for hit, info, count in found]
        )
    elif hits:
        columns = ("title", "artist", "album", "id", "plays")[: None if library.knows_plays else -1]
        rows = [
            (info.title, info.artist, info.album, info.track_id, count)[: len(columns)]
            for info, count in zip(infos, plays, strict=True)
        ]
        table(columns, rows, right=(4,))
    else:
        note("nothing found; try fewer words or only their beginnings")
    return 0 if hits else 1
