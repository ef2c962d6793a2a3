"""`segue prepare`: turn playlist files into a corpus on disk."""

import argparse
from dataclasses import asdict
from pathlib import Path

from segue.core.cli.output import add_json, note, positive, print_json, progress, say
from segue.core.corpus.prepare import Prepared, prepare, total_size
from segue.core.corpus.readers import FORMATS, Columns
from segue.core.errors import UsageError
from segue.core.stores import StorePath, path_of

ROLES = ("playlist", "track", "position", "artist")


def add_reading(parser: argparse._ActionsContainer) -> None:
    """Add the options on how playlist files are read: `--format`, `--columns` and `--min-count`."""
    parser.add_argument(
        "--format", choices=sorted(FORMATS), help="format of the files (default: detected from their content)"
    )
    parser.add_argument(
        "--columns",
        metavar="ROLE=NAME,...",
        type=parse_columns,
        default=Columns(),
        help=f"the columns of a table; roles: {', '.join(ROLES)} (default: recognised by name)",
    )
    parser.add_argument(
        "--min-count",
        type=positive,
        default=2,
        metavar="N",
        help="drop tracks at fewer than N positions (default: 2)",
    )


def parse_columns(text: str) -> Columns:
    """The columns named in `playlist=pid,track=uri`.

    Raises
    ------
    argparse.ArgumentTypeError
        When a part is not `ROLE=NAME` of a known role.
    """
    named: dict[str, str] = {}
    for part in text.split(","):
        role, equals, name = part.partition("=")
        if role.strip() not in ROLES or not equals or not name.strip():
            raise argparse.ArgumentTypeError(f"{text!r}: write ROLE=NAME,... with roles {', '.join(ROLES)}")
        named[role.strip()] = name.strip()
    return Columns(**named)


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "files",
        nargs="+",
        type=path_of,
        metavar="FILE",
        help="playlist files or folders of them, also in a store: s3://BUCKET/PATH",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="folder for the corpus")
    add_reading(parser)
    parser.add_argument(
        "--processes", type=positive, metavar="N", help="number of processes (default: one per core)"
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="prepare on a Ray cluster: HOST:PORT, or `local` to start one on this machine",
    )
    parser.add_argument("--again", action="store_true", help="prepare again even if nothing has changed")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
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
        _describe(record, args.out, fresh=fresh)
    return 0


def _describe(record: Prepared, out: Path, *, fresh: bool) -> None:
    for reason, times in record.skipped.items():
        note(f"skipped {times:,} x {reason}")
    say(
        f"{out}: {record.playlists:,} playlists, {record.positions:,} positions of {record.tracks:,} tracks "
        f"({record.distinct - record.tracks:,} tracks with fewer than {record.min_count} plays were dropped)"
    )
    done = (
        f"prepared in {record.seconds:.1f} s"
        if fresh
        else "already prepared and unchanged; --again prepares it again"
    )
    say(f"{done}; fingerprint {record.fingerprint[:16]}; train it with: segue train {out} --name NAME")
