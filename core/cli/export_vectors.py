"""`segue export-vectors`: a library's vectors in the format of another program."""

import argparse
from pathlib import Path

from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import print_json, say


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    from segue.core.interchange import FORMATS, SUFFIXES

    add_library(parser)
    suffixes = ", ".join(f"{suffix} {name}" for suffix, name in SUFFIXES.items())
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("latent_positions.npy"),
        metavar="FILE",
        help=f"where to write them (default: latent_positions.npy); the suffix tells the format: {suffixes}",
    )
    parser.add_argument("--format", choices=FORMATS, help="the format, whatever the suffix (docs/vectors.md)")
    parser.add_argument("--replace", action="store_true", help="replace files that exist")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the unit vectors and the id of each row."""
    from segue.core.interchange import format_of, write_vectors
    from segue.core.library import Library

    name = format_of(args.out, args.format)
    library = Library.open(args.library)
    files = write_vectors(
        args.out,
        name,
        vectors=library.vectors,
        track_ids=library.track_ids,
        tracks=library.catalogue.infos(range(len(library))),
        positions=library.positions,
        replace_files=args.replace,
    )
    rows, dimensions = library.vectors.shape
    if args.json:
        beside = str(files[1]) if len(files) > 1 else None
        print_json(
            {
                "vectors": str(args.out),
                "tracks": beside,
                "format": name,
                "rows": rows,
                "dimensions": dimensions,
            }
        )
    else:
        say(f"written: {' and '.join(map(str, files))} ({name}, {rows:,} x {dimensions})")
    return 0
