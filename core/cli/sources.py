"""Where playlists come from: `segue fetch`, `segue gather`, `segue world`, and `segue prepare`."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from segue.core.cli import add
from segue.core.cli.options import add_min_count, add_reading
from segue.core.cli.output import note, print_json, progress, say
from segue.core.corpus.fetch import DEEZER_FILES, DEEZER_HOME, NEEDED, Fetched, fetch
from segue.core.corpus.prepare import Prepared, prepare, total_size
from segue.core.errors import SegueError, UsageError
from segue.core.places import user_folder
from segue.core.stores import StorePath, path_of
from segue.core.synthetic.spec import SPECS
from segue.core.synthetic.world import make_world, measure, write_json_lines, write_metadata, write_npy
from segue.core.text import counted


def add_train(parser: argparse.ArgumentParser) -> None:
    """Add `--train NAME` and `--replace`."""
    add.option(parser, "--train", "NAME|PATH", "then train a library of that name, as segue train does")
    add.flag(parser, "--replace", "replace an existing library of that name")


def check_train(args: argparse.Namespace) -> None:
    """Refuse a name that no library can have, or that one has, before the work that it is for."""
    if args.train is not None:
        from segue.core.places import RECORD, new_library, require_writable

        require_writable(path := new_library(args.train))
        if (path / RECORD).exists() and not args.replace:
            raise SegueError(f"{path}: already exists; add --replace to train it again, or take another name")


def train_on(path: Path, args: argparse.Namespace) -> int:
    """Train the library that `--train` names, or say how to; returns the exit code."""
    if args.train is None:
        if not args.json:
            note(f"train it with: segue train {path} --name NAME")
        return 0
    from segue.core.cli import train
    from segue.core.places import RECORD, new_library

    parser = argparse.ArgumentParser(prog="segue train")
    train.configure(parser)
    options = ["--json"] if args.json else []
    if args.replace or not (new_library(args.train) / RECORD).exists():
        options.append("--replace")  # at most an unfinished training, of what was gathered by then
    return train.run(parser.parse_args([str(path), "--name", args.train, *options]))


def configure_fetch(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "collection",
        choices=["deezer", "listenbrainz"],
        help="the notebook's playlists, or listening sessions from ListenBrainz' daily dumps (CC0)",
    )
    add.option(
        parser,
        "names",
        "NAME",
        f"files (default: {', '.join(NEEDED)}; all: {', '.join(file.name for file in DEEZER_FILES)})",
        nargs="*",
    )
    add.flag(parser, "--all", "download every file")
    add.option(parser, "--to", "FOLDER", "folder for the files (default: Segue's data folder)", of=Path)
    parser.add_argument(
        "--from",
        dest="origin",
        metavar="URL|FOLDER",
        help="download from a mirror (default: the project that publishes the files)",
    )
    add.number(parser, "--days", "listenbrainz: the dumps of the last N days (default: 7)")
    add_train(parser)
    add.json(parser)


def run_fetch(args: argparse.Namespace) -> int:
    """Fetch the files and say where they are."""
    if args.collection == "listenbrainz":
        return _run_listenbrainz(args)
    if args.days is not None or args.train is not None:
        raise UsageError("--days and --train are for `segue fetch listenbrainz`")
    args.origin = args.origin or DEEZER_HOME
    if args.offline and "://" in args.origin:
        raise UsageError("segue fetch needs the network; run without --offline, or name a folder with --from")
    known = {file.name: file for file in DEEZER_FILES}
    names = list(known) if args.all else args.names or list(NEEDED)
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"no file {unknown[0]!r} there; choose from {', '.join(known)}")
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
        raise UsageError("listenbrainz has no single files; choose the days with --days N")
    if args.offline:
        raise UsageError("segue fetch needs the network; run without --offline")
    if args.origin and "://" not in args.origin:
        raise UsageError("--from takes an address for listenbrainz, not a folder")
    check_train(args)
    folder = args.to or user_folder("data") / "listenbrainz"
    facts, skipped = Counter[str](), Counter[str]()
    with progress("streaming listens", None, "MB", quiet=args.json) as advance:
        for dump in fetch_listens(
            args.days or 7, folder, origin=args.origin or HOME, advance=lambda read: advance(read / 1e6)
        ):
            facts.update(dumps=1, sessions=dump.sessions, listens=dump.listens)
            skipped.update(dump.skipped)
            if not args.json:
                what = (
                    f"{counted(dump.sessions, 'session')}, {counted(dump.listens, 'listen')}"
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


TERMS = """\
Deezer's API is free for private, non-commercial use (https://developers.deezer.com/termsofuse). Segue asks it
without a key, at most 40 times in 5 seconds, for public playlists by search terms, artists and charts, never
for anybody's account. It keeps the playlists' names and the ids, titles, artists, albums, lengths and cover
addresses of their tracks on this machine, and neither sound nor pictures. Keep them to yourself."""


def configure_gather(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("service", choices=["deezer"], help="the service")
    add.several(
        parser,
        "--like",
        "ARTIST|TRACK|GENRE|PLAYLIST",
        "what to start from: by default the charts; a playlist by its link",
    )
    add.number(parser, "--playlists", "number of playlists to collect", default=5_000)
    add.option(parser, "--to", "FOLDER", "folder for the playlists (default: Segue's data folder)", of=Path)
    add.flag(parser, "--yes", "accept the terms without asking")
    add_train(parser)
    add.json(parser)


def run_gather(args: argparse.Namespace) -> int:
    """Show the terms, gather, and say what there is; the same command goes on after a stop."""
    from segue.core.catalogue.overlay import title_overlay
    from segue.core.deezer.client import DeezerClient
    from segue.core.explore.gather import FILE, Gathering
    from segue.core.http import HttpError
    from segue.core.places import user_folder

    if args.offline:
        raise UsageError("segue gather needs the network; run without --offline")
    check_train(args)
    folder = args.to or user_folder("data") / "gathered"
    with Gathering(folder) as gathering:
        if not gathering.has_agreed:
            _agree(yes=args.yes)
            gathering.agree()
        with (
            closing(DeezerClient(learn=title_overlay().learn)) as deezer,
            progress("gathering playlists", args.playlists, "playlists", quiet=args.json) as advance,
        ):
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
                    f"{error}; kept {counted(so_far.playlists, 'playlist')}; run the same command to continue"
                ) from None
    path = folder / FILE
    if args.json:
        print_json({"event": "gathered", "playlists": end.playlists, "left_out": end.gone, "path": str(path)})
    else:
        fewer = "; Deezer has no more around these" if end.playlists < args.playlists else ""
        say(f"{path}: {counted(end.playlists, 'playlist')} ({end.gone:,} gone, too short or too long){fewer}")
    if not end.playlists:
        raise SegueError(f"{path}: no playlist was found; try another --like")
    return train_on(path, args)


def _agree(*, yes: bool) -> None:
    """Show the terms and have them agreed to. Raises `UsageError` when they are not."""
    for line in TERMS.splitlines():
        note(line)
    if yes:
        return
    if sys.stdin.isatty():
        note("Do you agree? [y/N]")
        if sys.stdin.readline().strip().lower() in {"y", "yes"}:
            return
    raise UsageError("nothing is gathered before you agree to these terms: answer y, or add --yes")


PLAYLISTS, ARRAY, METADATA = "playlists.jsonl", "playlists.npy", "TracksArtists.csv"


def configure_world(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "--scale",
        default="demo",
        metavar="|".join((*SPECS, "NUMBER")),
        help="size: tiny, demo (3,000 tracks), deezer (like the real file of 100,000 playlists), or a "
        "number that multiplies the size of deezer (default: demo)",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="folder for the files")
    add.flag(parser, "--npy", f"also write {ARRAY}, in the format of music_2.npy")
    add.seed(parser)
    add.json(parser)


def run_world(args: argparse.Namespace) -> int:
    """Make the world, write it, and say what it holds."""
    with progress("making a world", 3 + args.npy, "steps", quiet=args.json) as advance:
        world = make_world(_scale(args.scale), seed=args.seed)
        advance(1)
        write_json_lines(world.playlists, args.out / PLAYLISTS)
        advance(1)
        if args.npy:
            write_npy(world.playlists, args.out / ARRAY)
            advance(1)
        write_metadata(world.tracks, args.out / METADATA)
        advance(1)
    facts = measure(world.playlists)
    files = [PLAYLISTS, *[ARRAY] * args.npy, METADATA]
    if args.json:
        print_json({"folder": str(args.out), "files": files, "seed": args.seed, "facts": facts})
        return 0
    say(f"{args.out}: {', '.join(files)}")
    for name, value in facts.items():
        say(f"{name:<34}{value:>12,.{0 if float(value).is_integer() else 2}f}")
    return 0


def _scale(text: str) -> str | float:
    if text in SPECS:
        return text
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--scale {text}: choose {', '.join(SPECS)} or a number") from None


def configure_prepare(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.option(
        parser,
        "files",
        "FILE",
        "playlist files or folders of them, also in a store: s3://BUCKET/PATH",
        of=path_of,
        nargs="+",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="folder for the corpus")
    add_reading(parser)
    add_min_count(parser)
    add.number(parser, "--processes", "number of processes (default: one per core)")
    add.option(
        parser,
        "--cluster",
        "ADDRESS",
        "prepare on a Ray cluster: HOST:PORT, or `local` to start one on this machine",
    )
    add.flag(parser, "--again", "prepare again even if nothing has changed")
    add.json(parser)


def run_prepare(args: argparse.Namespace) -> int:
    """Prepare the corpus and say what it holds."""
    if args.cluster is not None and args.cluster != "local" and args.processes is not None:
        raise UsageError("--processes is for this machine only; a cluster has its own number")
    if args.offline and any(isinstance(path, StorePath) for path in args.files):
        raise UsageError("a store needs the network; run without --offline, or name local files")
    with progress("reading playlists", total_size(args.files) / 1e6, "MB", quiet=args.json) as advance:
        options = {
            "min_count": args.min_count,
            "format": args.format,
            "columns": args.columns,
            "processes": args.processes,
            "again": args.again,
            "progress": lambda read: advance(read / 1e6),
        }
        if args.cluster is None:
            record, fresh = prepare(args.files, args.out, **options)
        else:
            from segue.core.cluster.session import LOCAL, CommandNode, connect, run_with, workers_of

            with connect(args.cluster, processes=args.processes) as ray:
                options |= {"run": run_with(ray), "processes": workers_of(ray), "remark": note}
                options["ask"] = None if args.cluster == LOCAL else CommandNode(ray)
                record, fresh = prepare(args.files, args.out, **options)
    if args.json:
        print_json({**asdict(record), "path": str(args.out), "fresh": fresh})
    else:
        _tell_prepared(record, args.out, fresh=fresh)
    return 0


def _tell_prepared(record: Prepared, out: Path, *, fresh: bool) -> None:
    for reason, times in record.skipped.items():
        note(f"skipped {times:,} x {reason}")
    say(
        f"{out}: {counted(record.playlists, 'playlist')}, {counted(record.positions, 'position')} of "
        f"{counted(record.tracks, 'track')} ({counted(record.distinct - record.tracks, 'track')} with fewer "
        f"than {counted(record.min_count, 'play')} dropped)"
    )
    done = (
        f"prepared in {record.seconds:.1f} s"
        if fresh
        else "already prepared and unchanged; --again prepares it again"
    )
    say(f"{done}; fingerprint {record.fingerprint[:16]}; train it with: segue train {out} --name NAME")
