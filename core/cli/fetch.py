"""`segue fetch deezer`."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path

from segue.core.cli.options import add_json
from segue.core.cli.output import print_json, progress, say
from segue.core.corpus.fetch import DEEZER_FILES, DEEZER_HOME, NEEDED, Fetched, fetch
from segue.core.errors import UsageError
from segue.core.places import user_folder


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("collection", choices=["deezer"], help="what to fetch: the playlists of the notebook")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"files (default: {', '.join(NEEDED)}; all: {', '.join(file.name for file in DEEZER_FILES)})",
    )
    parser.add_argument("--all", action="store_true", help="every file")
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", help="where they go (default: Segue's data folder)"
    )
    parser.add_argument(
        "--from",
        dest="origin",
        default=DEEZER_HOME,
        metavar="URL|FOLDER",
        help="a mirror of the same files (default: the project that publishes them)",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Fetch the files and say where they are."""
    if args.offline and "://" in args.origin:
        raise UsageError("fetching makes network requests; leave --offline out, or name a folder with --from")
    known = {file.name: file for file in DEEZER_FILES}
    names = list(known) if args.all else args.names or list(NEEDED)
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"no file {unknown[0]!r} there; there are {', '.join(known)}")
    folder = args.to or user_folder("data") / "deezer"
    fetched: list[Fetched] = []
    wanted = [known[name] for name in names]
    for file in fetch(wanted, folder, origin=args.origin, show=_show(quiet=args.json)):
        fetched.append(file)
        if not args.json:
            already = "" if file.downloaded else " (was here already)"
            say(f"{file.path}: {file.size:,} bytes, verified{already}")
    if args.json:
        print_json([{**asdict(file), "path": str(file.path)} for file in fetched])
    elif {"music_2.npy", "TracksArtists.csv"} <= set(names):
        titles = folder / "TracksArtists.csv"
        say(f"train it with: segue train {folder / 'music_2.npy'} --metadata {titles} --name deezer")
    return 0


def _show(*, quiet: bool) -> Callable[[str, int | None], AbstractContextManager[Callable[[float], None]]]:
    @contextmanager
    def show(name: str, total: int | None) -> Iterator[Callable[[float], None]]:
        with progress(name, None if total is None else total / 1e6, "MB", quiet=quiet) as advance:
            yield lambda amount: advance(amount / 1e6)

    return show
