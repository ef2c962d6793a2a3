"""`segue complete`: continue a playlist, say what it misses, or change it as it is."""

import argparse
import sys
from typing import TYPE_CHECKING

from segue.core.cli.exploring import add_listing, described, filters_of, matched, opened, save, show
from segue.core.cli.output import note, positive, print_json, table
from segue.core.errors import SegueError, UsageError
from segue.core.text import counted

if TYPE_CHECKING:
    from segue.core.library import Library


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
        choices=("continue", "missing", "woven", "in-flow", "outliers"),
        default="continue",
        help="what comes next (continue), what the playlist is missing (missing), the playlist with a "
        "new track after every few of its own (woven), reordered so that each track follows from the last "
        "(in-flow), or which tracks do not belong and why (outliers); default: continue",
    )
    parser.add_argument(
        "--every",
        type=positive,
        default=3,
        metavar="K",
        help="woven: own tracks between new ones (default: 3)",
    )
    add_listing(parser)


def run(args: argparse.Namespace) -> int:
    """List what to add, and say which lines of the playlist were not found."""
    from segue.core.explore.surgeon import complete

    library = opened(args)
    source = sys.stdin.buffer.read() if args.playlist == "-" else args.playlist
    matches = matched(library, source, args)
    rows = [match.row for match in matches if match.row is not None]
    unmatched = [match.entry.label for match in matches if match.row is None]
    if not rows:
        raise SegueError(
            f"none of the {len(matches)} tracks is in the library {library.name}; train one that has them"
        )
    if not args.json:
        note(f"{len(rows)} of {counted(len(matches), 'track')} found in {library.name}")
        for match in matches:
            if match.row is None:
                note(f"  not found: {match.entry.label}")
            elif match.how in {"words", "similar"}:
                label = library.catalogue.info(match.row).label
                note(f"  {match.entry.label}: matched to {label} (by {match.how})")
    if args.ask in {"woven", "in-flow", "outliers"}:
        return _changed(args, library, rows, unmatched)
    filters = filters_of(args, library)
    found = complete(library, rows, args.n, ask=args.ask, ranker=args.ranker, filters=filters)
    show(args, library, found.rows, found.hidden, matched=len(rows), unmatched=unmatched)
    return 0


def _changed(args: argparse.Namespace, library: "Library", rows: list[int], unmatched: list[str]) -> int:
    """Print the playlist woven or in flow, all of it, or what belongs to it least."""
    from segue.core.explore import surgeon

    if args.ranker:
        raise UsageError(f"--ranker does not apply to --ask {args.ask}")
    lines: list[dict[str, object]]
    if args.ask == "outliers":
        doubts = surgeon.outliers(library, rows)[: args.n]
        infos = library.catalogue.infos(doubt.row for doubt in doubts)
        columns = ("place", "title", "artist", "doubt", "why")
        cells = [
            (doubt.at + 1, info.title or info.track_id, info.artist, f"{doubt.score:.2f}", doubt.reason)
            for doubt, info in zip(doubts, infos, strict=True)
        ]
        lines = [
            {"place": doubt.at + 1, "score": round(doubt.score, 4), "reason": doubt.reason}
            for doubt in doubts
        ]
        found = [doubt.similarity for doubt in doubts]
        all_rows = [doubt.row for doubt in doubts]
    else:
        placed = (
            surgeon.in_flow(library, rows)
            if args.ask == "in-flow"
            else surgeon.woven(library, rows, every=args.every, filters=filters_of(args, library))
        )
        infos = library.catalogue.infos(track.row for track in placed)
        columns = ("", "title", "artist", "similarity", "fresh")
        cells = [
            (
                at,
                info.title or info.track_id,
                info.artist,
                f"{track.similarity:.3f}",
                "" if track.own else "+",
            )
            for at, (track, info) in enumerate(zip(placed, infos, strict=True), start=1)
        ]
        lines = [{"own": track.own} for track in placed]
        found = [track.similarity for track in placed]
        all_rows = [track.row for track in placed]
    if args.json:
        tracks = [
            described(info, row) | {"similarity": round(cosine, 4)} | line
            for info, row, cosine, line in zip(infos, all_rows, found, lines, strict=True)
        ]
        print_json({"matched": len(rows), "unmatched": unmatched, args.ask.replace("-", "_"): tracks})
    else:
        table(columns, cells, right=(0, 3))
    save(args, infos)
    return 0
