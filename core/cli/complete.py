"""`segue complete`: continue a playlist, or say what it misses."""

import argparse
import sys

from segue.core.cli.exploring import add_listing, filters_of, show
from segue.core.cli.output import note
from segue.core.errors import SegueError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "playlist",
        metavar="PLAYLIST",
        help="a playlist file, folder or zip archive (docs/playlists.md), a Deezer playlist or "
        "album link, or `-` for standard input",
    )
    parser.add_argument(
        "--ask",
        choices=("continue", "missing"),
        default="continue",
        help="what comes next, or what the whole playlist misses (default: continue)",
    )
    add_listing(parser)


def run(args: argparse.Namespace) -> int:
    """List what to add, and say which lines of the playlist were not found."""
    from segue.core.explore.complete import complete
    from segue.core.explore.matching import match_playlist
    from segue.core.explore.playlist_in import read_playlist
    from segue.core.library import Library

    library = Library.open(args.library)
    source = sys.stdin.buffer.read() if args.playlist == "-" else args.playlist
    matches = match_playlist(library.catalogue, read_playlist(source, offline=args.offline))
    rows = [match.row for match in matches if match.row is not None]
    unmatched = [match.entry.label for match in matches if match.row is None]
    if not rows:
        raise SegueError(
            f"none of the {len(matches)} tracks is in the library {library.name}; train one that has them"
        )
    filters = filters_of(args, library)
    found = complete(library, rows, args.n, ask=args.ask, ranker=args.ranker, filters=filters)
    if not args.json:
        note(f"{len(rows)} of {len(matches)} tracks found in {library.name}")
        for match in matches:
            if match.row is None:
                note(f"  not found: {match.entry.label}")
            elif match.how in {"words", "similar"}:
                label = library.catalogue.info(match.row).label
                note(f"  {match.entry.label}: taken for {label} (by {match.how})")
    show(args, library, found.rows, found.hidden, matched=len(rows), unmatched=unmatched)
    return 0
