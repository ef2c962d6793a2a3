"""`segue fetch deezer` and `segue fetch listenbrainz`."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path

from segue.core.cli.onward import add_train, check_train, train_on
from segue.core.cli.options import add_json
from segue.core.cli.output import print_json, progress, say
from segue.core.corpus.fetch import DEEZER_FILES, DEEZER_HOME, NEEDED, Fetched, fetch
from segue.core.errors import UsageError
from segue.core.places import user_folder


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "collection",
        choices=["deezer", "listenbrainz"],
        help="the playlists of the notebook, or the sessions in ListenBrainz' daily dumps (CC0)",
    )
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
        metavar="URL|FOLDER",
        help="a mirror of the same files (default: the project that publishes them)",
    )
    parser.add_argument(
        "--days", type=int, metavar="N", help="of listenbrainz: the dumps of the last N days (default: 7)"
    )
    add_train(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Fetch the files and say where they are."""
    if args.collection == "listenbrainz":
        return _run_listenbrainz(args)
    if args.days is not None or args.train is not None:
        raise UsageError("--days and --train are for `segue fetch listenbrainz`")
    args.origin = args.origin or DEEZER_HOME
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


def _run_listenbrainz(args: argparse.Namespace) -> int:
    from segue.core.corpus.dumps import HOME, fetch_listens

    if args.names or args.all:
        raise UsageError("listenbrainz has no files to choose; name the days with --days N")
    days = 7 if args.days is None else args.days
    if days < 1:
        raise UsageError(f"--days {days}: must be at least 1")
    if args.offline:
        raise UsageError("fetching makes network requests; leave --offline out")
    if args.origin and "://" not in args.origin:
        raise UsageError("--from takes an address for listenbrainz, not a folder")
    check_train(args)
    folder = args.to or user_folder("data") / "listenbrainz"
    facts, skipped = Counter[str](), Counter[str]()
    with progress("streaming listens", None, "MB", quiet=args.json) as advance:
        for dump in fetch_listens(
            days, folder, origin=args.origin or HOME, advance=lambda read: advance(read / 1e6)
        ):
            facts.update(dumps=1, sessions=dump.sessions, listens=dump.listens)
            skipped.update(dump.skipped)
            if not args.json:
                what = (
                    f"{dump.sessions:,} sessions, {dump.listens:,} listens"
                    if dump.fresh
                    else "was here already"
                )
                say(f"{dump.path}: {what}")
    if args.json:
        print_json({"event": "streamed", **facts, "skipped": dict(skipped), "path": str(folder)})
    return train_on(folder, args)


def _show(*, quiet: bool) -> Callable[[str, int | None], AbstractContextManager[Callable[[float], None]]]:
    @contextmanager
    def show(name: str, total: int | None) -> Iterator[Callable[[float], None]]:
        with progress(name, None if total is None else total / 1e6, "MB", quiet=quiet) as advance:
            yield lambda amount: advance(amount / 1e6)

    return show
