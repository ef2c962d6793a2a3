"""`segue import-vectors`: vectors trained elsewhere, as the notebook saves them, become a library."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.core.arrays import map_array
from segue.core.cli.options import add_json, add_seed
from segue.core.cli.output import print_json, say
from segue.core.errors import SegueError, UsageError
from segue.core.places import new_library

if TYPE_CHECKING:
    from segue.core.corpus import Playlists, Split, Vocabulary
    from segue.core.tracks import TrackInfo


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="latent_positions.npy: a row for each track")
    parser.add_argument("--name", required=True, metavar="NAME|PATH", help="what the library will be called")
    order = parser.add_mutually_exclusive_group(required=True)
    order.add_argument("--tracks", type=Path, metavar="FILE", help="the track id of each row, one a line")
    order.add_argument(
        "--playlists",
        type=Path,
        metavar="FILE",
        help="the playlists of the notebook, whose order of tracks is worked out again",
    )
    parser.add_argument(
        "--metadata", type=Path, action="append", default=[], metavar="FILE", help="titles, artists"
    )
    parser.add_argument("--replace", action="store_true", help="replace a library of that name")
    add_seed(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Read vectors and ids, and write the library."""
    from segue.core.libraries import claim

    with claim(path := new_library(args.name), new=not args.replace):
        return _run(args, path)


def _run(args: argparse.Namespace, path: Path) -> int:
    from segue.core.explore.projection import project
    from segue.core.library import Manifest, write_library
    from segue.core.neighbours import unit

    vectors = read_vectors(args.file)
    split: Split | None = None
    tracks: dict[str, TrackInfo] = {}
    if args.tracks is not None:
        vocabulary = _listed(args.tracks, len(vectors))
    else:
        vocabulary, split, vectors, tracks = _from_playlists(args.playlists, vectors, args.seed)
    if args.metadata:
        from segue.core.catalogue.metadata import read_metadata

        tracks |= read_metadata(args.metadata, vocabulary).tracks
    manifest = Manifest(
        name=path.name,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        corpus={"source": args.file.name, "n_tracks": len(vocabulary)},
    )
    unit_vectors = unit(vectors)
    library = write_library(
        path,
        vectors=unit_vectors,
        vocabulary=vocabulary,
        tracks=tracks,
        manifest=manifest,
        split=split,
        positions=project(unit_vectors),
    )
    if args.json:
        print_json({"library": str(library.path), "tracks": len(library), "dimensions": vectors.shape[1]})
    else:
        say(f"written: {library.path} ({len(library):,} tracks, {vectors.shape[1]} dimensions)")
    return 0


def read_vectors(path: Path) -> NDArray[np.float32]:
    """Read a plain `.npy` of finite floating-point rows, (V, d), as float32.

    Raises
    ------
    SegueError
        When the file is anything else.
    """
    array = map_array(path, cure="save it with np.save")
    if array.ndim != 2 or array.dtype.kind != "f" or not array.size:
        raise SegueError(f"{path}: holds {array.dtype} {array.shape}, not one row of numbers for each track")
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        raise SegueError(f"{path}: row {row} holds a number that is not finite; train again")
    return array.astype(np.float32)


def notebook_order(playlists: "Playlists") -> list[str]:
    """List the track ids in the order of the notebook's rows: sorted, then by falling count.

    Ties fall as `np.argsort` leaves them, which is not stable: they are right for the same NumPy only.
    """
    ids = np.array(playlists.track_ids)
    by_name = np.argsort(ids)
    counts = np.bincount(playlists.codes, minlength=len(ids))[by_name]
    order = np.argsort(-counts)
    kept = order[counts[order] > 1]
    return [str(name) for name in ids[by_name][kept]]


def _listed(path: Path, rows: int) -> "Vocabulary":
    from segue.core.corpus import Vocabulary

    try:
        ids = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SegueError(f"{path}: can't be read ({error})") from None
    _match(path, ids, rows)
    # counts are unknown: the rows' own order, most frequent first, stands in for them
    return Vocabulary(ids, np.arange(len(ids), 0, -1), [""] * len(ids))


def _from_playlists(
    path: Path, vectors: NDArray[np.float32], seed: int
) -> tuple["Vocabulary", "Split", NDArray[np.float32], dict[str, "TrackInfo"]]:
    from segue.core.corpus import build_corpus, split_corpus
    from segue.core.corpus.readers import read_playlists

    playlists = read_playlists(path)
    ids = notebook_order(playlists)
    _match(path, ids, len(vectors))
    split = split_corpus(build_corpus(playlists), seed=seed)
    vocabulary = split.train.vocabulary
    row = {track_id: number for number, track_id in enumerate(ids)}
    return vocabulary, split, vectors[[row[track_id] for track_id in vocabulary.track_ids]], playlists.tracks


def _match(path: Path, ids: list[str], rows: int) -> None:
    if len(ids) != rows:
        raise UsageError(
            f"{path}: gives {len(ids):,} tracks for {rows:,} vectors; they must be of one training"
        )
    if len(set(ids)) != rows:
        raise UsageError(f"{path}: names a track twice; each row needs its own id")
