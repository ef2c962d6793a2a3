"""`segue export-vectors`: a library's vectors in the format of another program."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from segue.core.arrays import DAMAGE, one_line, require
from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import print_json, say
from segue.core.errors import SegueError
from segue.core.files import open_regular

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from segue.core.library import Library


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
        help=f"the file (default: latent_positions.npy); its suffix determines the format: {suffixes}",
    )
    parser.add_argument("--format", choices=FORMATS, help="the format, whatever the suffix (docs/vectors.md)")
    parser.add_argument(
        "--raw", action="store_true", help="the vectors as trained, before they were scaled to length 1"
    )
    parser.add_argument("--replace", action="store_true", help="replace files that exist")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the vectors and the id of each row."""
    from segue.core.interchange import format_of, write_vectors
    from segue.core.library import Library

    name = format_of(args.out, args.format)
    library = Library.open(args.library)
    files = write_vectors(
        args.out,
        name,
        vectors=_raw(library) if args.raw else library.vectors,
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


def _raw(library: "Library") -> "NDArray[np.float32]":
    """Read the embedding as trained, float32 (V, d), from the library's weights."""
    from segue.core.library import EMBEDDING, FLOAT32, WEIGHTS
    from segue.core.manifest import TRAIN_AGAIN

    path = library.path / WEIGHTS
    if not path.exists():
        raise SegueError(f"{path}: is missing; only a library that was trained here has raw vectors")
    try:
        import h5py  # 0.1 s; comes with keras
    except ImportError:
        raise SegueError(f"{path}: reading weights needs h5py, which comes with TensorFlow") from None
    try:
        with open_regular(path) as opened, h5py.File(opened, "r") as file:
            raw = file[EMBEDDING][...]
    except DAMAGE as error:
        raise SegueError(f"{path}: is damaged ({one_line(error)}); {TRAIN_AGAIN}") from None
    return require(path, raw, FLOAT32, library.vectors.shape, hint=TRAIN_AGAIN)
