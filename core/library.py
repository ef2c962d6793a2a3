"""A trained model on disk: written whole or not at all, opened in milliseconds, never unpickled.

A library is a folder. Its arrays are plain `.npy` files that open as memory maps, so that a large library
costs only the pages that are read. Opening and writing share the files' names and checks, and this file.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import asdict

from segue.core.arrays import array_form, map_array, read_archive, require
from segue.core.catalogue import Catalogue
from segue.core.errors import SegueError
from segue.core.files import LARGEST_TEXT, atomic_folder, copy_files, read_regular, restore_folder
from segue.core.lazy import Lazy
from segue.core.manifest import TRAIN_AGAIN, Json, Manifest, finite, read_history, read_json, write_json
from segue.core.places import RECORD, find_library, require_writable
from segue.core.tracks import TrackInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from segue.core.corpus import Corpus, Counts, Occurrences, Split, Vocabulary
    from segue.core.neighbours import NeighbourIndex
else:
    np = Lazy("numpy")  # 45 ms, which the explorer's first frame need not wait

__all__ = ["HeldOut", "Library", "Manifest", "write_library"]

CATALOGUE = "catalogue.sqlite"
WEIGHTS, EMBEDDING = "track2vec.weights.h5", "layers/embedding/vars/0"
"""The file of the model's weights, and where in it Keras keeps those of the tracks."""
FLOAT32, INT32, INT64 = "<f4", "<i4", "<i8"
LONGEST_LINE = 4 * 1024 + 1
"""Bytes of a track id of 1,024 letters, the longest that is read, and its line end."""
MOST_DIMENSIONS = 4096
"""No track vectors have more; a file that claims to would fill the memory."""
UNIT = 0.01
"""How far the square of a unit vector's length may be from 1: less than a thousandth by rounding."""
WITHOUT_PLAYLISTS = ("nearest", "random")
"""The rankers that a library of vectors alone can give."""
KEPT = "tuning"
"""Hours of search, which training the library again must not throw away."""


class HeldOut(Struct, frozen=True):
    """The pairs kept from training, and the playlist each came from.

    `validation`, `test` and `choosing` are int32 (n, 2) with columns seed and target; the others are int64
    (n,), rows of the library's training corpus. `choosing` holds pairs to choose the weights of a ranker on,
    which are never scored; it is empty in libraries that older versions wrote.
    """

    validation: "NDArray[np.int32]"
    test: "NDArray[np.int32]"
    validation_playlists: "NDArray[np.int64]"
    test_playlists: "NDArray[np.int64]"
    choosing: "NDArray[np.int32]"
    choosing_playlists: "NDArray[np.int64]"


class Library:
    """An opened library. Everything but the manifest is read when it is first asked for."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest
        self._indexes: dict[str, NeighbourIndex] = {}
        self._written = _written(path)

    @classmethod
    def open(cls, name_or_path: str | Path) -> Self:
        """Open a library by its name or folder.

        Raises `SegueError` when there is none, or when its files are damaged or disagree.
        """
        path = find_library(name_or_path)
        restore_folder(path)
        written = _written(path)
        library = cls(path, Manifest.read(path / RECORD))
        library._written = written
        library._check()
        return library

    def _check(self) -> None:
        kind, shape = self._form
        if kind != FLOAT32 or len(shape) != 2:
            found = f"{np.dtype(kind)} {shape}"
            raise SegueError(
                f"{self.path / 'vectors.npy'}: expected float32 (tracks, dimensions), found {found}"
            )
        if not 0 < shape[1] <= MOST_DIMENSIONS:
            allowed = f"1 to {MOST_DIMENSIONS:,}"
            raise SegueError(
                f"{self.path / 'vectors.npy'}: has {shape[1]:,} dimensions, not {allowed}; {TRAIN_AGAIN}"
            )
        sizes = {"vectors.npy": shape[0], "counts.npy": len(self)}
        sizes[CATALOGUE] = len(self.catalogue)
        if len(set(sizes.values())) != 1:
            listed = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise SegueError(
                f"{self.path}: its files disagree on the number of tracks ({listed}); train it again"
            )
        self._part("library.json")

    def _part(self, name: str) -> Path:
        """The path of a file or folder of this library, unless another one has taken its place meanwhile."""
        if _written(self.path) != self._written:
            raise SegueError(f"{self.path}: changed on disk; reopen it")
        return self.path / name

    @property
    def stamp(self) -> tuple[object, ...]:
        """What tells this writing of the library from all others."""
        record = (self.path / RECORD).stat()
        return str(self.path.resolve()), self._written, record.st_ino, record.st_mtime_ns

    @property
    def name(self) -> str:
        """The library's own name."""
        return self.manifest.name

    @property
    def folder(self) -> Path | None:
        """The folder from which paths of tracks start that are not absolute; None where none was found."""
        folder = self.manifest.corpus.get("folder")
        return Path(folder) if folder and isinstance(folder, str) else None

    def __len__(self) -> int:
        return self._n_tracks

    @cached_property
    def _n_tracks(self) -> int:
        _, shape = array_form(self.path / "counts.npy", hint=TRAIN_AGAIN)
        return shape[0] if shape else 0

    @cached_property
    def _form(self) -> tuple[str, tuple[int, ...]]:
        """The type and shape of `vectors`, read without NumPy."""
        return array_form(self.path / "vectors.npy", hint=TRAIN_AGAIN)

    @cached_property
    def vectors(self) -> "NDArray[np.float32]":
        """Unit vectors, float32 (V, d), memory-mapped; the row is the track's number everywhere.

        A row of zeros stands for a track of which nothing is known.
        """
        path = self.path / "vectors.npy"
        vectors = map_array(path, hint=TRAIN_AGAIN)
        with np.errstate(over="ignore", invalid="ignore"):
            squares = np.einsum("ij,ij->i", vectors, vectors)
        if not ((np.abs(squares - 1) < UNIT) | (squares == 0)).all():
            raise SegueError(f"{path}: holds rows whose length is not 1; {TRAIN_AGAIN}")
        return vectors

    @property
    def dimensions(self) -> int:
        """The length of the vectors, d."""
        return self._form[1][1]

    @cached_property
    def knows_plays(self) -> bool:
        """Whether it holds playlists, and so knows how often each track is played."""
        return self._part("corpus").is_dir()

    @cached_property
    def counts(self) -> "NDArray[np.int64]":
        """How often each track occurs in the corpus, int64 (V,), falling; zeros where only vectors came."""
        if not self.knows_plays:
            return np.zeros(len(self), np.int64)
        path = self.path / "counts.npy"
        return require(path, map_array(path, hint=TRAIN_AGAIN), INT64, (len(self),), hint=TRAIN_AGAIN)

    @cached_property
    def track_ids(self) -> Sequence[str]:
        """The corpus id of each row."""
        path = self._part("tracks.txt")
        try:
            ids = read_regular(path, LARGEST_TEXT + LONGEST_LINE * len(self)).decode().split("\n")[:-1]
        except (OSError, UnicodeDecodeError) as error:
            raise SegueError(f"{path}: can't be read ({error}); train the library again") from error
        if len(ids) != len(self):
            raise SegueError(f"{path}: {len(ids)} ids for {len(self)} vectors; train the library again")
        return ids

    @cached_property
    def catalogue(self) -> Catalogue:
        """Titles, artists and the search over them."""
        return Catalogue(self.path / CATALOGUE)

    @cached_property
    def folded(self) -> frozenset[int]:
        """The rows that no training has seen; see `core.explore.fold_in`."""
        return (
            frozenset(self.catalogue.rows_of_ids(self.manifest.folded))
            if self.manifest.folded
            else frozenset()
        )

    @cached_property
    def corpus(self) -> "Corpus | None":
        """The playlists it was trained on, without the held-out last tracks; None where only vectors came."""
        if not self.knows_plays:
            return None
        from segue.core.corpus import (  # 20 ms, which the explorer's first frame need not wait
            Corpus,
            Vocabulary,
        )

        vocabulary = Vocabulary(list(self.track_ids), np.asarray(self.counts), [""] * len(self))
        return Corpus.open(self._part("corpus"), vocabulary)

    @cached_property
    def occurrences(self) -> "Occurrences | None":
        """Where each track occurs in `corpus`."""
        from segue.core.corpus import Occurrences

        folder = self._part("occurrences")
        return Occurrences.open(folder) if folder.is_dir() else None

    @cached_property
    def cooccurrence(self) -> "Counts | None":
        """Symmetric counts within 3 positions of a training playlist, each weighted by 1/distance."""
        from segue.core.corpus import Counts

        folder = self._part("cooccurrence")
        return Counts.open(folder) if folder.is_dir() else None

    @cached_property
    def held_out(self) -> HeldOut | None:
        """The pairs kept from training; None where only vectors came."""
        path = self._part("heldout.npz")
        if not path.exists():
            return None
        arrays = read_archive(path, hint=TRAIN_AGAIN)
        arrays.setdefault("choosing", np.empty((0, 2), np.int32))
        arrays.setdefault("choosing_playlists", np.empty(0, np.int64))
        names = HeldOut.__struct_fields__
        if missing := set(names) - set(arrays):
            raise SegueError(f"{path}: lacks {', '.join(sorted(missing))}; {TRAIN_AGAIN}")
        held = HeldOut(**{name: arrays[name] for name in names})
        for pairs, playlists in (
            (held.validation, held.validation_playlists),
            (held.test, held.test_playlists),
            (held.choosing, held.choosing_playlists),
        ):
            require(path, pairs, INT32, (None, 2), hint=TRAIN_AGAIN)
            require(path, playlists, INT64, (len(pairs),), hint=TRAIN_AGAIN)
            if len(pairs) and not 0 <= pairs.min() <= pairs.max() < len(self):
                raise SegueError(f"{path}: names tracks that this library lacks; {TRAIN_AGAIN}")
        return held

    @cached_property
    def positions(self) -> "NDArray[np.float32] | None":
        """Places on the map, float32 (V, 2) within [-1, 1]; None where no map was made."""
        path = self._part("positions.npy")
        if not path.exists():
            return None
        return require(path, map_array(path, hint=TRAIN_AGAIN), FLOAT32, (len(self), 2), hint=TRAIN_AGAIN)

    @property
    def report(self) -> Json | None:
        """The evaluation report, or None before `segue evaluate`."""
        path = self.path / "report.json"
        return read_json(path) if path.exists() else None

    @property
    def history(self) -> list[Json]:
        """Training's curve, a record an epoch."""
        path = self.path / "history.jsonl"
        return read_history(path) if path.exists() else []

    def index(self, kind: str = "exact") -> "NeighbourIndex":
        """The nearest-neighbour index of that kind (`exact` or `kdtree`), built once."""
        if kind not in self._indexes:
            from segue.core.neighbours import build_index

            self._indexes[kind] = build_index(self.vectors, kind)
        return self._indexes[kind]

    def save_report(self, report: Json, *, scores: Json) -> None:
        """Write the evaluation report, its headline figures and the weights it has fitted."""
        self.manifest.scores = scores
        write_json(self._part("report.json"), report)
        self.save_manifest()

    def save_manifest(self) -> None:
        """Write the manifest as it is in memory."""
        self.manifest.write(self._part(RECORD))


def write_library(
    path: Path,
    *,
    vectors: "NDArray[np.float32]",
    vocabulary: "Vocabulary",
    tracks: Mapping[str, TrackInfo],
    manifest: Manifest,
    split: "Split | None" = None,
    positions: "NDArray[np.float32] | None" = None,
    history: Iterable[Json] = (),
    save_weights: Callable[[Path], None] | None = None,
    put_catalogue: Callable[[Path], None] | None = None,
    put_counts: Callable[[Path], bool] | None = None,
) -> Library:
    """Write a library folder whole or not at all, and open it. A library that is at `path` is replaced.

    `vectors`, float32 (V, d), are rows of length 1, in the vocabulary's order. `tracks` has metadata by track
    id; tracks without any are kept under their id. `split` is the corpus that was trained on and the pairs
    held out, None for vectors that came alone.

    `save_weights` writes the model's weights to the path it is given, to resume training from.
    `put_catalogue` puts a catalogue that is written already to the path it is given; `tracks` play no part
    then. `put_counts` puts what `write_counts` would write into the folder it is given, and tells whether it
    could.
    """
    from segue.core.catalogue.build import described, write_catalogue  # 5 ms, which a reader does not need

    require_writable(path)
    if len(vectors) != len(vocabulary.track_ids):
        raise SegueError(f"{path}: {len(vectors)} vectors for {len(vocabulary.track_ids)} tracks")
    with atomic_folder(path) as folder:
        np.save(folder / "vectors.npy", np.ascontiguousarray(vectors, dtype=np.float32))
        write_vocabulary(folder, vocabulary)
        if put_catalogue is None:
            write_catalogue(folder / CATALOGUE, described(vocabulary, tracks), vocabulary.counts)
        else:
            put_catalogue(folder / CATALOGUE)
        if split is not None:
            write_split(folder, split)
            if put_counts is None or not put_counts(folder):
                write_counts(folder, split.train)
        if positions is not None:
            np.save(folder / "positions.npy", positions.astype(np.float32))
        if save_weights is not None:
            save_weights(folder / WEIGHTS)
        copy_files(path / KEPT, folder / KEPT)
        lines = "".join(json.dumps(finite(record)) + "\n" for record in history)
        (folder / "history.jsonl").write_text(lines, encoding="utf-8")
        (folder / "library.json").write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    return Library.open(path)


def write_vocabulary(folder: Path, vocabulary: "Vocabulary") -> None:
    """Write the tracks' ids and plays into a library's folder."""
    broken = next((track_id for track_id in vocabulary.track_ids if "\n" in track_id), None)
    if broken is not None:
        raise SegueError(f"track id {broken!r} holds a line break; clean the playlists")
    lines = "".join(f"{track_id}\n" for track_id in vocabulary.track_ids)
    (folder / "tracks.txt").write_text(lines, encoding="utf-8")
    np.save(folder / "counts.npy", vocabulary.counts)


def write_split(folder: Path, split: "Split") -> None:
    """Write the training playlists and the held-out pairs into a library's folder."""
    (folder / "corpus").mkdir()
    split.train.save(folder / "corpus", with_vocabulary=False)
    held = HeldOut(**{name: getattr(split, name) for name in HeldOut.__struct_fields__})
    np.savez_compressed(folder / "heldout.npz", allow_pickle=False, **asdict(held))


COUNTED = "cooccurrence", "occurrences"
"""The folders of a library that `write_counts` makes."""


def write_counts(folder: Path, corpus: "Corpus") -> None:
    """Count the meetings of tracks in the training playlists, index where each occurs, and write both."""
    from segue.core.corpus import Occurrences, cooccurrence

    for name in COUNTED:
        (folder / name).mkdir()
    cooccurrence(corpus).save(folder / "cooccurrence")
    Occurrences.of(corpus).save(folder / "occurrences")


def _written(path: Path) -> tuple[int, int] | None:
    """What tells one writing of a library from another: its vectors are never written in place."""
    try:
        found = path.joinpath("vectors.npy").stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
