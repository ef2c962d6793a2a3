"""What can be played and what a radio can start from: the options of `segue play` and `segue radio`."""

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from segue.core.cli.exploring import TRACK_HELP, open_state, weighted
from segue.core.cli.output import note
from segue.core.errors import SegueError, UsageError

if TYPE_CHECKING:
    from segue.core.library import Library

WAYS = ("what", "path", "blend", "artist", "loves", "crate")
LISTED = 20
"""Tracks of a blend."""


def add_starting_points(parser: argparse.ArgumentParser) -> None:
    """Add the options that name tracks; exactly one is given."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="TRACK",
        help=f"tracks, each {TRACK_HELP}; or one playlist: a file, a Deezer link, `-` for standard input",
    )
    parser.add_argument(
        "--path", nargs="+", metavar="TRACK", help="a path through two or more tracks, 8 more between two"
    )
    parser.add_argument(
        "--blend", nargs="+", metavar="TRACK", help="what is near all of these; `TRACK*2` counts twice"
    )
    parser.add_argument("--artist", metavar="ARTIST", help="the tracks of an artist, by name or id")
    parser.add_argument("--crate", metavar="NAME", help="a crate of yours, in its order")
    parser.add_argument("--loves", action="store_true", help="the tracks you love, the latest first")


def rows_of(args: argparse.Namespace, library: "Library") -> tuple[list[int], str]:
    """Find the tracks, as rows of the library, and what they are, for the listener.

    Raises
    ------
    UsageError
        When not exactly one option names tracks.
    SegueError
        When none of them is in the library.
    """
    given = [name for name in WAYS if getattr(args, name)]
    if len(given) != 1:
        raise UsageError("name tracks, a playlist, or one of --path, --blend, --artist, --crate and --loves")
    find = {
        "path": _path,
        "blend": _blend,
        "artist": _artist,
        "loves": _loves,
        "crate": _crate,
        "what": _named,
    }[given[0]]
    rows, source = find(args, library)
    if not rows:
        raise SegueError(f"{source} has no tracks in the library {library.name}")
    return rows, source


def _named(args: argparse.Namespace, library: "Library") -> tuple[list[int], str]:
    from segue.core.explore.matching import match_playlist
    from segue.core.explore.playlist_in import read_playlist

    first = args.what[0]
    if len(args.what) > 1 or not (first == "-" or Path(first).is_file() or "/playlist/" in first):
        rows = [library.catalogue.resolve(track) for track in args.what]
        return rows, library.catalogue.info(rows[0]).label if len(rows) == 1 else f"{len(rows)} tracks"
    source = sys.stdin.buffer.read() if first == "-" else first
    matches = match_playlist(library.catalogue, read_playlist(source, offline=args.offline))
    for match in matches:
        if match.row is None:
            note(f"not found: {match.entry.label}")
    name = "standard input" if first == "-" else Path(first).name
    return [match.row for match in matches if match.row is not None], name


def _path(args: argparse.Namespace, library: "Library") -> tuple[list[int], str]:
    import numpy as np

    from segue.core.explore.path import find_path

    if len(args.path) < 2:
        raise UsageError("--path needs two tracks or more")
    stops = [library.catalogue.resolve(track) for track in args.path]
    found = find_path(library, stops, between=8, rng=np.random.default_rng(args.seed))
    ends = (library.catalogue.info(row).label for row in (stops[0], stops[-1]))
    return [step.row for step in found.steps], "Path from {} to {}".format(*ends)


def _blend(args: argparse.Namespace, library: "Library") -> tuple[list[int], str]:
    from segue.core.explore.blend import blend

    plus = {library.catalogue.resolve(name): weight for name, weight in map(weighted, args.blend)}
    found = blend(library, plus, {}, LISTED)
    return [neighbour.row for neighbour in found.rows], f"Blend of {len(plus)}"


def _artist(args: argparse.Namespace, library: "Library") -> tuple[list[int], str]:
    from segue.core.explore.artists import artist_page

    page = artist_page(library, args.artist, n=1)
    return [int(row) for row in page.rows], page.artist.label


def _loves(args: argparse.Namespace, library: "Library") -> tuple[list[int], str]:  # noqa: ARG001 - as the others
    with closing(open_state()) as state:
        loves = state.loves()
    return [row for track_id in loves for row in library.catalogue.rows_of_ids([track_id])], "Loved"


def _crate(args: argparse.Namespace, library: "Library") -> tuple[list[int], str]:
    with closing(open_state()) as state:
        crates = state.crates()
    if args.crate not in crates:
        known = f"; there are {', '.join(crates)}" if crates else "; Q in the explorer makes one"
        raise SegueError(f"no crate is called {args.crate!r}{known}")
    return [
        row for track_id in crates[args.crate] for row in library.catalogue.rows_of_ids([track_id])
    ], args.crate
