"""Vectors from and for other programs: `segue import-vectors` and `segue export-vectors`."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from segue.core.arrays import DAMAGE, one_line, require
from segue.core.cli import add
from segue.core.cli.options import add_min_count, add_reading
from segue.core.cli.output import note, print_json, say
from segue.core.errors import SegueError
from segue.core.files import open_regular
from segue.core.library import Library
from segue.core.places import new_library
from segue.core.text import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.core.corpus import Vocabulary
    from segue.core.interchange import VectorTable
    from segue.core.interchange.joining import Joined
    from segue.core.pipeline import Source
    from segue.core.tracks import TrackInfo


def configure_import_vectors(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.option(
        parser,
        "file",
        "FILE",
        "the vectors: .npy, .npz, Parquet, word2vec text or binary, gensim KeyedVectors, GloVe text, or "
        "the TensorBoard projector's TSV; detected from the content",
        of=Path,
    )
    parser.add_argument("--name", required=True, metavar="NAME|PATH", help="name of the new library")
    add.option(
        parser,
        "--tracks",
        "FILE",
        "the track id of each row: text with one per line, JSON, or the notebook's tracks_list_ordered "
        "as .npy (default: the ids in FILE, or FILE with the ending .tracks.txt)",
        of=Path,
    )
    add.several(parser, "--metadata", "FILE", "titles and artists", of=Path)
    group = parser.add_argument_group("playlists, to evaluate the vectors with (docs/vectors.md)")
    add.option(
        group,
        "--playlists",
        "FILE",
        "playlists in any format that Segue reads, or a prepared corpus: adds plays and scores",
        of=Path,
    )
    add_reading(group)
    add_min_count(group)
    add.held_out(group)
    add.flag(parser, "--replace", "replace an existing library of that name")
    add.json(parser)


def run_import_vectors(args: argparse.Namespace) -> int:
    """Read vectors, ids and playlists, and write the library."""
    from segue.core.libraries import claim

    with claim(path := new_library(args.name), new=not args.replace):
        return _run(args, path)


def _run(args: argparse.Namespace, path: Path) -> int:
    from segue.core.corpus import Vocabulary, split_corpus
    from segue.core.explore.projection import project
    from segue.core.interchange import read_vectors, unit_rows
    from segue.core.interchange.joining import join
    from segue.core.interchange.table import UNIT
    from segue.core.library import Manifest, write_library
    from segue.core.pipeline import describe, read_source

    table = read_vectors(args.file)
    source = None
    if args.playlists is not None:
        source = read_source(
            args.playlists, file_format=args.format, columns=args.columns, min_count=args.min_count
        )
    ids, origin = _track_ids(args, table, source)
    vectors, lengths = unit_rows(table.vectors)
    kept = np.flatnonzero(lengths)
    if not len(kept):
        raise SegueError(f"{args.file}: every vector is zero")
    ids = [ids[row] for row in kept.tolist()]
    joined: Joined | None = None
    corpus: dict[str, Any] = {"source": args.file.name, "n_tracks": len(ids)}
    vocabulary = Vocabulary(ids, np.zeros(len(ids), np.int64), [""] * len(ids))
    if source is not None:
        whole = split_corpus(source.corpus, protocol=args.protocol, seed=args.split_seed)
        joined = join(ids, source.corpus, whole)
        kept, vocabulary = kept[joined.rows], joined.split.train.vocabulary
        corpus = describe(source, joined.split) | {"vectors": args.file.name}
    library = write_library(
        path,
        vectors=vectors[kept],
        vocabulary=vocabulary,
        tracks=_described(args, table, source, vocabulary),
        manifest=Manifest(
            name=path.name, created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), corpus=corpus
        ),
        split=None if joined is None else joined.split,
        positions=project(vectors[kept]) if table.positions is None else _on_map(table.positions[kept]),
    )
    facts = {
        "library": str(library.path),
        "tracks": len(library),
        "dimensions": vectors.shape[1],
        "format": table.format,
        "ids": origin,
        "scaled": bool((np.abs(lengths[kept] - 1) > UNIT).any()),
        "zero_vectors": len(vectors) - len(kept),
        "playlists": None if joined is None else _facts(joined),
    }
    if args.json:
        print_json(facts)
    else:
        _tell(facts, lengths[kept], least=args.min_count)
    return 0


def _track_ids(
    args: argparse.Namespace, table: "VectorTable", source: "Source | None"
) -> tuple[Sequence[str], str]:
    """Find the track of each row, and where that was written. It is never guessed."""
    from segue.core.interchange.formats import ids_beside, read_track_ids
    from segue.core.interchange.joining import LIST, listed_rows, proven_rows
    from segue.core.interchange.table import check_ids

    rows = len(table.vectors)
    if args.tracks is None and table.track_ids is not None:
        return table.track_ids, args.file.name
    vocabulary = None if source is None else _heard_twice(source)
    candidates = (ids_beside(args.file), args.file.with_name(LIST))
    listed = args.tracks or next((file for file in candidates if file.is_file()), None)
    if listed is None:
        whole = args.file.with_name(args.file.name.removesuffix(".vectors.npy"))
        if whole != args.file and whole.is_file():
            raise SegueError(f"{args.file}: is a part of {whole.name}, which has the ids; import that")
        return proven_rows(args.file, rows, vocabulary), args.playlists.name
    ids = listed_rows(listed, read_track_ids(listed), rows, vocabulary)
    check_ids(listed, ids, rows)
    return ids, listed.name


def _heard_twice(source: "Source") -> "Vocabulary | None":
    """The tracks that the notebook gives a row; None where a larger --min-count left some out."""
    if source.description.get("min_count", 0) > 2:
        return None
    counts = source.corpus.counts
    kept = np.flatnonzero(counts > 1)
    return source.corpus.vocabulary.take(kept, counts[kept])


def _described(
    args: argparse.Namespace, table: "VectorTable", source: "Source | None", vocabulary: "Vocabulary"
) -> "dict[str, TrackInfo]":
    """What is known of the tracks: from the vectors' file, then the playlists, then metadata files."""
    tracks = dict(table.tracks)
    if source is not None:
        tracks |= source.tracks
    for track_id, artist_id in zip(vocabulary.track_ids, vocabulary.artist_ids, strict=True):
        if artist_id and track_id in tracks and not tracks[track_id].artist_id:
            tracks[track_id] = replace(tracks[track_id], artist_id=artist_id)
    if args.metadata:
        from segue.core.catalogue.metadata import read_metadata

        tracks |= read_metadata(args.metadata, vocabulary).tracks
    return tracks


def _on_map(places: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Places that came with the vectors, drawn in to the map's edges where they go beyond."""
    reach = float(np.abs(places).max(initial=0))
    return places / np.float32(max(reach, 1))


def _facts(joined: "Joined") -> dict[str, int]:
    facts = joined.split.facts
    return {
        "playlists": joined.split.train.n_playlists,
        "tracks_without_vector": joined.tracks_without_vector,
        "positions_without_vector": joined.positions_without_vector,
        "tracks_without_plays": joined.tracks_without_plays,
        "validation_pairs": facts.validation.pairs,
        "test_pairs": facts.test.pairs,
        "pairs_without_vector": facts.validation.dropped + facts.test.dropped,
    }


def _tell(facts: dict[str, Any], lengths: "NDArray[np.float64]", *, least: int) -> None:
    note(f"read as {facts['format']}, track ids from {facts['ids']}")
    if facts["zero_vectors"]:
        note(f"left out zero vectors: {facts['zero_vectors']:,}")
    if facts["scaled"]:
        note(f"scaled the vectors to length 1 (they were {lengths.min():.3g} to {lengths.max():.3g} long)")
    if facts["playlists"] is None:
        note("no playlists: plays are unknown and nothing can be scored; --playlists FILE adds them")
    else:
        _tell_playlists(facts["playlists"], least)
    size = f"{counted(facts['tracks'], 'track')}, {counted(facts['dimensions'], 'dimension')}"
    say(f"written: {facts['library']} ({size})")


def _tell_playlists(facts: dict[str, int], least: int) -> None:
    if facts["tracks_without_vector"]:
        left_out = counted(facts["tracks_without_vector"], "track")
        note(
            f"left out {left_out} of the playlists without a vector, "
            f"at {counted(facts['positions_without_vector'], 'position')}, and "
            f"{counted(facts['pairs_without_vector'], 'pair')}"
        )
    if facts["tracks_without_plays"]:
        times = f"fewer than {least} times" if least > 1 else "never"
        note(
            f"kept {counted(facts['tracks_without_plays'], 'track')} without plays: in the playlists {times}"
        )
    note(
        f"{counted(facts['playlists'], 'playlist')}, {facts['validation_pairs']:,} validation and "
        f"{counted(facts['test_pairs'], 'test pair')}; scores are fair only if the last track of each "
        "playlist was held out of the training (docs/vectors.md)"
    )


def configure_export_vectors(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    from segue.core.interchange import FORMATS, SUFFIXES

    add.library(parser)
    suffixes = ", ".join(f"{suffix} {name}" for suffix, name in SUFFIXES.items())
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("latent_positions.npy"),
        metavar="FILE",
        help=f"the file to write (default: latent_positions.npy); its suffix sets the format: {suffixes}",
    )
    parser.add_argument(
        "--format", choices=FORMATS, help="the format, regardless of the suffix (docs/vectors.md)"
    )
    add.flag(parser, "--raw", "write the vectors as trained, not scaled to length 1")
    add.flag(parser, "--replace", "overwrite existing files")
    add.json(parser)


def run_export_vectors(args: argparse.Namespace) -> int:
    """Write the vectors and the id of each row."""
    from segue.core.interchange import format_of, write_vectors

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


def _stored(file: Any, name: str, shape: tuple[int, ...]) -> Any:  # noqa: ANN401 - h5py has no types
    """Read an array that lies in the file itself, as it is.

    HDF5 itself would follow links, and unpack without a limit. Raises `ValueError` when it lies elsewhere, is
    packed, or has another shape.
    """
    import h5py

    for part in name.split("/"):
        if not isinstance(file.get(part, getlink=True), h5py.HardLink):
            raise ValueError(f"{name} is missing or a link")  # noqa: TRY004 - it is the file's fault
        file = file[part]
    if not isinstance(file, h5py.Dataset) or file.chunks or file.external or file.is_virtual:
        raise ValueError(f"{name} is not stored as an array")
    if file.shape != shape:
        raise ValueError(f"{name} has the shape {file.shape}")
    return file[...]


def _raw(library: Library) -> "NDArray[np.float32]":
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
            raw = _stored(file, EMBEDDING, library.vectors.shape)
    except DAMAGE as error:
        raise SegueError(f"{path}: is damaged ({one_line(error)}); {TRAIN_AGAIN}") from None
    return require(path, raw, FLOAT32, library.vectors.shape, hint=TRAIN_AGAIN)
