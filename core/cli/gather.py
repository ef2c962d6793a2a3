"""`segue gather deezer`: public playlists around what you like become a corpus."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from segue.core.cli.onward import add_train, check_train, train_on
from segue.core.cli.options import add_json
from segue.core.cli.output import note, print_json, progress, say
from segue.core.errors import SegueError, UsageError

TERMS = """\
Deezer's API is free for private, non-commercial use (https://developers.deezer.com/termsofuse). Segue asks it
without a key, at most 40 times in 5 seconds, for public playlists by search terms, artists and charts, never
for anybody's account. It keeps the playlists' names and the ids, titles, artists, albums, lengths and cover
addresses of their tracks on this machine, and neither sound nor pictures. Keep them to yourself."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("service", choices=["deezer"], help="where to gather")
    parser.add_argument(
        "--like",
        action="append",
        default=[],
        metavar="ARTIST|TRACK|GENRE|PLAYLIST",
        help="what to start from, a playlist by its link; may be given several times (default: the charts)",
    )
    parser.add_argument(
        "--playlists", type=int, default=5_000, metavar="N", help="stop at so many (default: 5000)"
    )
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", help="where they are kept (default: Segue's data folder)"
    )
    parser.add_argument("--yes", action="store_true", help="agree to the terms that are shown")
    add_train(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Show the terms, gather, and say what there is; the same command goes on after a stop."""
    from segue.core.catalogue.overlay import title_overlay
    from segue.core.deezer.client import DeezerClient
    from segue.core.explore.gather import FILE, Gathering
    from segue.core.http import HttpError
    from segue.core.places import user_folder

    if args.offline:
        raise UsageError("gathering makes network requests; leave --offline out")
    if args.playlists < 1:
        raise UsageError(f"--playlists {args.playlists}: must be at least 1")
    check_train(args)
    folder = args.to or user_folder("data") / "gathered"
    with (
        Gathering(folder) as gathering,
        closing(DeezerClient(learn=title_overlay().learn)) as deezer,
        progress("gathering playlists", args.playlists, "playlists", quiet=args.json) as advance,
    ):
        if not gathering.has_agreed:
            _agree(yes=args.yes)
            gathering.agree()
        shown = 0

        def show(playlists: int) -> None:
            nonlocal shown
            advance(playlists - shown)
            shown = playlists

        try:
            gathering.seed(deezer, args.like)
            end = gathering.run(deezer, args.playlists, lambda so_far: show(so_far.playlists))
        except HttpError as error:
            so_far = gathering.progress()
            raise SegueError(
                f"{error}; {so_far.playlists:,} playlists are kept, and the same command goes on from there"
            ) from None
    path = folder / FILE
    if args.json:
        print_json({"event": "gathered", "playlists": end.playlists, "left_out": end.gone, "path": str(path)})
    else:
        fewer = "; Deezer has no more around these" if end.playlists < args.playlists else ""
        say(f"{path}: {end.playlists:,} playlists ({end.gone:,} that are gone, too short or too long){fewer}")
    if not end.playlists:
        raise SegueError(f"{path}: no playlist was found; try another --like")
    return train_on(path, args)


def _agree(*, yes: bool) -> None:
    """Show the terms and have them agreed to.

    Raises
    ------
    UsageError
        When they are not.
    """
    note(TERMS)
    if yes:
        return
    if sys.stdin.isatty():
        note("Do you agree? [y/N]")
        if sys.stdin.readline().strip().lower() in {"y", "yes"}:
            return
    raise UsageError("nothing is gathered before you agree to these terms: answer y, or add --yes")
