"""`segue export-vectors`: a library's vectors as the notebook saves them."""

import argparse
from pathlib import Path

import numpy as np

from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import print_json, say
from segue.core.files import atomic_file


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_library(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("latent_positions.npy"),
        metavar="FILE",
        help="where to write them (default: latent_positions.npy); the track ids go beside it as .tracks.txt",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the float32 (V, d) unit vectors and the id of each row."""
    from segue.core.library import Library

    library = Library.open(args.library)
    names = args.out.with_suffix(".tracks.txt")
    with atomic_file(args.out) as temporary, temporary.open("wb") as file:
        np.save(file, np.asarray(library.vectors), allow_pickle=False)
    with atomic_file(names) as temporary:
        temporary.write_text("".join(f"{track_id}\n" for track_id in library.track_ids), encoding="utf-8")
    rows, dimensions = library.vectors.shape
    if args.json:
        print_json({"vectors": str(args.out), "tracks": str(names), "rows": rows, "dimensions": dimensions})
    else:
        say(f"written: {args.out} ({rows:,} x {dimensions}) and {names}")
    return 0
