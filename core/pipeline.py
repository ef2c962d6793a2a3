"""From playlist files to a trained library: the steps in their order."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from segue.core import __version__
from segue.core.corpus import Corpus, Playlists, ReadReport, Split, build_corpus, split_corpus
from segue.core.corpus.loading import is_large, load_beside, load_corpus
from segue.core.corpus.readers import Columns, read_playlists
from segue.core.corpus.split import Protocol as Hold
from segue.core.explore.projection import project
from segue.core.files import beside
from segue.core.libraries import (
    checkpoint_of,
    epochs_of,
    is_complete,
    library_at,
    require_replaceable,
    set_aside,
)
from segue.core.library import Library, Manifest, write_library
from segue.core.track2vec import FastConfig, Progress, TrainConfig, train
from segue.core.track2vec.model import tensorflow
from segue.core.tracks import TrackInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from segue.core.catalogue.aside import CatalogueProcess
    from segue.core.evaluation.beside import BaselineProcess


class Fitted(Protocol):
    """What a training gives, wherever it ran."""

    @property
    def vectors(self) -> "NDArray[np.float32]":
        """Unit rows, float32 (V, d)."""

    @property
    def history(self) -> list[dict[str, Any]]:
        """A record for each finished epoch."""

    @property
    def config(self) -> dict[str, Any]:
        """The recipe's name and all its hyperparameters."""

    @property
    def seconds(self) -> float:
        """Time spent training."""

    @property
    def stopped_early(self) -> bool:
        """Whether it was stopped before its end."""

    @property
    def facts(self) -> dict[str, Any]:
        """What else the library's manifest should say of the training."""

    def save_weights(self, path: Path) -> None:
        """Write the model's weights."""

    def discard(self) -> None:
        """Remove what was kept to resume from."""


class Fit(Protocol):
    """How to train: `core.track2vec.train`, or a cluster's way of it."""

    def __call__(
        self,
        split: Split,
        config: TrainConfig,
        *,
        seed: int,
        checkpoint: Path,
        resume: bool,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> Fitted:
        """Train on a split; `checkpoint` names the file to resume from."""


@dataclass(frozen=True)
class Source:
    """A corpus and what is known of its tracks."""

    corpus: Corpus
    tracks: dict[str, TrackInfo]
    description: dict[str, Any] = field(default_factory=dict)
    """Where it came from and what was left out, for the library's manifest."""
    dropped: int = 0
    """Tracks at too few positions to be in the vocabulary."""
    catalogue: "CatalogueProcess | None" = None
    """A process that writes the catalogue and alone knows the tracks; `tracks` is empty then."""

    @property
    def titles(self) -> int:
        """Tracks with a title."""
        if self.catalogue is not None:
            return self.catalogue.titles
        return sum(1 for track in self.tracks.values() if track.title)

    def described(self, files: Sequence[Path]) -> "Source":
        """Add what metadata files know of the tracks."""
        if not files:
            return self
        from segue.core.catalogue.metadata import read_metadata

        report = read_metadata(files, self.corpus.vocabulary)
        metadata = {"files": [file.name for file in files], "skipped": report.skipped}
        return replace(
            self, tracks=self.tracks | report.tracks, description=self.description | {"metadata": metadata}
        )

    def described_by(self, catalogue: "CatalogueProcess") -> "Source":
        """Add what another process reads of the tracks; TensorFlow is imported meanwhile."""
        catalogue.describe(self.corpus.vocabulary, self.tracks)
        tensorflow()
        skipped = catalogue.skipped()
        description = dict(self.description)
        if catalogue.metadata_files:
            names = [file.name for file in catalogue.metadata_files]
            description["metadata"] = {"files": names, "skipped": skipped}
        return replace(self, tracks={}, description=description, catalogue=catalogue)


def read_source(
    path: Path,
    *,
    metadata_files: Sequence[Path] = (),
    file_format: str | None = None,
    columns: Columns | None = None,
    min_count: int = 2,
    progress: Callable[[int], None] | None = None,
    catalogue: "CatalogueProcess | None" = None,
    together_with: Path | None = None,
) -> Source:
    """Read playlists, or a corpus that `segue prepare` wrote, with the metadata of its tracks.

    `path`, `file_format`, `columns`, `min_count` and `progress` are as for `core.corpus.loading.load_corpus`.
    The metadata files, of titles and artists, complete what the playlists carry themselves. The process
    `catalogue` reads them in place of this one, and writes the catalogue for `train_library`; large files of
    playlists are then read by another one, while this one imports TensorFlow. `together_with` names other
    playlists to be added: tracks of `path` that are the same as theirs take their ids.

    Raises `SegueError` when a file can't be read.
    """
    if together_with is not None:
        own = read_playlists(path, format=file_format, columns=columns, progress=progress)
        source = _read_together(path, own, together_with, metadata_files, min_count)
    else:
        if catalogue is not None and is_large(path):
            load = partial(load_beside, folder=beside(catalogue.library), meanwhile=tensorflow)
        else:
            load = partial(load_corpus)
        loaded = load(path, min_count=min_count, format=file_format, columns=columns, progress=progress)
        description = _description(path, loaded.corpus.vocabulary.track_ids, loaded.report, loaded.min_count)
        source = Source(loaded.corpus, loaded.tracks, description | {"source": path.name}, loaded.dropped)
    return source.described(metadata_files) if catalogue is None else source.described_by(catalogue)


def _read_together(
    path: Path, own: Playlists, other: Path, metadata_files: Sequence[Path], min_count: int
) -> Source:
    from segue.core.catalogue.metadata import read_metadata
    from segue.core.explore.own_songs import put_together

    others = read_playlists(other)
    known = read_metadata(metadata_files, others).tracks if metadata_files else {}
    playlists, matched = put_together(own, others, known)
    corpus = build_corpus(playlists, min_count=min_count)
    description = _description(path, own.track_ids, playlists.report, min_count)
    description["together"] = {"playlists": len(own), "tracks": len(own.track_ids), "matched": matched}
    dropped = len(playlists.track_ids) - len(corpus.vocabulary)
    return Source(corpus, {**known, **playlists.tracks}, description, dropped)


def _description(path: Path, track_ids: Sequence[str], report: ReadReport, min_count: int) -> dict[str, Any]:
    from segue.core.own_files.index import folder_of_paths

    description = {
        "source": report.source,
        "format": report.format,
        "skipped": report.skipped,
        "min_count": min_count,
    }
    folder = folder_of_paths(track_ids, path)
    return description | ({"folder": str(folder)} if folder else {})


def source_of(playlists: Playlists, tracks: Sequence[TrackInfo], description: str) -> Source:
    """Make a source of playlists and tracks that are in memory."""
    known = {track.track_id: track for track in tracks}
    return Source(build_corpus(playlists), known, {"source": description, "format": "memory", "min_count": 2})


def train_library(
    source: Source,
    path: Path,
    config: TrainConfig,
    *,
    seed: int = 0,
    split_seed: int = 0,
    protocol: Hold = "notebook",
    leak_free: bool = False,
    map_method: str = "pca",
    resume: bool = False,
    replace: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    fit: Fit = train,
    baselines: "BaselineProcess | None" = None,
) -> Library:
    """Split, train, lay out the map and write the library.

    A checkpoint beside the library is written after each epoch. It goes when training has run to its end and
    stays when it was stopped, so that `resume` can go on. Raises `SegueError` when the library can't be
    written or should not be replaced, or when nothing can be learned.

    Parameters
    ----------
    seed
        Random seed of the training.
    split_seed
        Random seed of the choice of held-out pairs: libraries that share it can be compared.
    replace
        Replace whatever library is there. Without it one of other playlists, or one that was trained for more
        epochs, is refused before the training; and a training that is stopped before it has caught up with
        the library that is there leaves that library as it is, and returns it. With it, such a training
        keeps that library as NAME-before.
    fit
        How to train; in this process by default.
    baselines
        A process that counts, and ranks with the baselines, during the training.
    """
    split = split_corpus(source.corpus, protocol=protocol, seed=split_seed, leak_free=leak_free)
    if not replace:
        fitted = config.fitted(split.train) if isinstance(config, FastConfig) else config
        require_replaceable(path, fingerprint=source.corpus.fingerprint, epochs=fitted.epochs or 0)
    if source.catalogue is not None:
        if split.train.vocabulary is not source.corpus.vocabulary:
            raise ValueError("a catalogue of the whole vocabulary does not fit a split that has reduced it")
        on_progress = _waiting(source.catalogue.wait, on_progress)
    if baselines is not None:
        baselines.start(split)
    trained = fit(
        split,
        config,
        seed=seed,
        checkpoint=checkpoint_of(path),
        resume=resume,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    if trained.stopped_early and _is_ahead(path, len(trained.history)):
        if not replace:
            return Library.open(path)
        set_aside(path)
    vectors = trained.vectors
    parameters = dict(trained.config)
    manifest = Manifest(
        name=path.name,
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        recipe=parameters.pop("recipe"),
        parameters=parameters,
        corpus=describe(source, split),
        training={
            "seconds": round(trained.seconds, 3),
            "epochs": len(trained.history),
            "seed": seed,
            "stopped_early": trained.stopped_early,
            **trained.facts,
        },
        versions=versions(),
    )
    library = write_library(
        path,
        vectors=vectors,
        vocabulary=split.train.vocabulary,
        tracks=source.tracks,
        manifest=manifest,
        split=split,
        positions=project(vectors, method=map_method, seed=seed),
        history=trained.history,
        save_weights=trained.save_weights,
        put_catalogue=None if source.catalogue is None else source.catalogue.put,
        put_counts=None if baselines is None else baselines.put_counts,
    )
    if not trained.stopped_early:
        trained.discard()
    return library


def _waiting(
    wait: Callable[[], None], on_progress: Callable[[Progress], None] | None
) -> Callable[[Progress], None]:
    """Wait after an epoch, so that what went wrong beside the training is known after the first one."""

    def report(progress: Progress) -> None:
        if progress.fraction >= progress.epoch / progress.epochs:
            wait()
        if on_progress is not None:
            on_progress(progress)

    return report


def _is_ahead(path: Path, epochs: int) -> bool:
    """Whether the library that is there has had more training than a stopped one of so many epochs."""
    there = library_at(path)
    return there is not None and (is_complete(there) or epochs_of(there) > epochs)


def describe(source: Source, split: Split) -> dict[str, Any]:
    """Describe what was trained on: sizes and fingerprint of the whole corpus, and the facts of the split."""
    corpus = source.corpus
    return source.description | {
        "fingerprint": corpus.fingerprint,
        "n_playlists": corpus.n_playlists,
        "n_positions": corpus.n_positions,
        "n_tracks": len(split.train.vocabulary),
        "split": {"protocol": split.protocol, "seed": split.seed, **asdict(split.facts)},
    }


def versions() -> dict[str, str]:
    """Name the versions that a library's vectors depend on."""
    packages = {name: metadata.version(name) for name in ("numpy", "tensorflow", "keras")}
    return {"segue": __version__, "python": platform.python_version(), **packages}
