"""`segue titles`: ask Deezer for the titles that a library lacks."""

import argparse

from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import print_json, progress, say
from segue.core.errors import SegueError, UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_library(parser)
    parser.add_argument(
        "--top", type=int, metavar="N", help="only among the N most played tracks (default: all)"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Ask by plays, within Deezer's rate limit; what was asked before is not asked again."""
    from segue.core.catalogue.overlay import title_overlay
    from segue.core.explore.titles import DeezerTitles, ask_all, is_deezers, untitled
    from segue.core.http import HttpError
    from segue.core.library import Library

    if args.top is not None and args.top < 1:
        raise UsageError(f"--top {args.top}: must be at least 1")
    library = Library.open(args.library)
    without = untitled(library, args.top)
    titles = DeezerTitles(offline=args.offline)
    wanted = titles.to_ask(without)
    if wanted and args.offline:
        raise UsageError("asking for titles makes network requests; leave --offline out")
    learned = unknown = 0
    with progress("asking Deezer for titles", len(wanted), "tracks", quiet=args.json) as advance:
        try:
            for has_title in ask_all(titles, wanted, advance):
                learned += has_title
                unknown += not has_title
        except HttpError as error:
            raise SegueError(
                f"{error}; {learned:,} of {len(wanted):,} titles are kept, and the same command asks for "
                "the others"
            ) from None
    overlay = title_overlay()
    others = sum(not is_deezers(track_id) for track_id in without)
    known_unknown = len(without) - len(wanted) - others
    if args.json:
        print_json(
            {
                "learned": learned,
                "unknown": unknown + known_unknown,
                "not_deezers": others,
                "path": str(overlay.path),
            }
        )
        return 0
    if not without:
        say(f"every track of {library.name} has a title" if args.top is None else "these have their titles")
        return 0
    parts = [f"{learned:,} titles learned"]
    if unknown + known_unknown:
        parts.append(f"{unknown + known_unknown:,} that Deezer does not know")
    if others:
        parts.append(f"{others:,} whose ids are not Deezer's")
    say(f"{library.name}: {', '.join(parts)}; kept in {overlay.path}")
    return 0
