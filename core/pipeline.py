"""From playlist files to a trained library: the steps of the rooms, in their order."""

import platform
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, TypedDict

from segue.core import __version__
from segue.core.cluster.rounds import Cluster, TrainedInRounds, train_in_rounds
from segue.core.corpus import Corpus, Playlists, Split, build_corpus, split_corpus
from segue.core.corpus.loading import load_corpus
from segue.core.corpus.readers import Columns
from segue.core.corpus.split import Protocol
from segue.core.errors import UsageError
from segue.core.explore.projection import project
from segue.core.libraries import (
    checkpoint_of,
    epochs_of,
    is_complete,
    require_replaceable,
    rounds_of,
)
from segue.core.library import Library, Manifest, write_library
from segue.core.places import RECORD
from segue.core.track2vec import FastConfig, Progress, TrainConfig, Trained, train
from segue.core.tracks import TrackInfo


class _Told(TypedDict):
    """What both ways of training are told alike."""

    seed: int
    resume: bool
    on_progress: Callable[[Progress], None] | None
    should_stop: Callable[[], bool] | None


@dataclass(frozen=True)
class Source:
    """A corpus and what is known of its tracks."""

    corpus: Corpus
    tracks: dict[str, TrackInfo]
    description: dict[str, Any] = field(default_factory=dict)
    """Where it came from and what was left out, for the library's manifest."""
    dropped: int = 0
    """Tracks at too few positions to be in the vocabulary."""

    def described(self, files: Sequence[Path]) -> "Source":
        """Add what metadata files know of the tracks."""
        if not files:
            return self
        from segue.core.catalogue.metadata import read_metadata

        report = read_metadata(files, self.corpus.vocabulary)
        told = {"files": [file.name for file in files], "skipped": report.skipped}
        return replace(
            self, tracks=self.tracks | report.tracks, description=self.description | {"metadata": told}
        )


def read_source(
    path: Path,
    *,
    metadata_files: Sequence[Path] = (),
    file_format: str | None = None,
    columns: Columns | None = None,
    min_count: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Source:
    """Read playlists, or a corpus that `segue prepare` wrote, with the metadata of its tracks.

    Parameters
    ----------
    path, file_format, columns, min_count, progress
        As for `core.corpus.loading.load_corpus`.
    metadata_files
        Files with titles and artists; they complete what the playlists carry themselves.

    Raises
    ------
    SegueError
        When a file can't be read.
    """
    loaded = load_corpus(path, min_count=min_count, format=file_format, columns=columns, progress=progress)
    description = {
        "source": path.name,
        "format": loaded.report.format,
        "skipped": loaded.report.skipped,
        "min_count": loaded.min_count,
    }
    return Source(loaded.corpus, loaded.tracks, description, loaded.dropped).described(metadata_files)


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
    protocol: Protocol = "notebook",
    leak_free: bool = False,
    map_method: str = "pca",
    resume: bool = False,
    replace: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    cluster: Cluster | None = None,
) -> Library:
    """Split, train, lay out the map and write the library.

    A checkpoint beside the library is written after each epoch. It goes when training has run to its end and
    stays when it was stopped, so that `resume` can go on.

    Parameters
    ----------
    replace
        Replace whatever library is there. Without it one of other playlists, or one that was trained for more
        epochs, is refused before the training; and a training that is stopped before it has caught up with
        the library that is there leaves that library as it is, and returns it.
    cluster
        Where to train, if not in this process: an epoch is then a round there.

    Raises
    ------
    SegueError
        When the library can't be written or should not be replaced, or when nothing can be learned.
    """
    split = split_corpus(source.corpus, protocol=protocol, seed=seed, leak_free=leak_free)
    if not replace:
        fitted = config.fitted(split.train) if isinstance(config, FastConfig) else config
        require_replaceable(path, fingerprint=source.corpus.fingerprint, epochs=fitted.epochs or 0)
    told = _Told(seed=seed, resume=resume, on_progress=on_progress, should_stop=should_stop)
    trained: Trained | TrainedInRounds
    if cluster is None:
        trained = train(split, config, checkpoint=checkpoint_of(path), **told)
    else:
        trained = train_in_rounds(
            cluster.ray, split, _fast(config), shards=cluster.shards, folder=rounds_of(path), **told
        )
    if trained.stopped_early and not replace and _is_ahead(path, len(trained.history)):
        return Library.open(path)
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
            **({} if cluster is None else {"shards": cluster.shards, "rounds": len(trained.history)}),
        },
        versions=versions() | ({} if cluster is None else cluster.versions),
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
    )
    if not trained.stopped_early:
        checkpoint_of(path).unlink(missing_ok=True)
        shutil.rmtree(rounds_of(path), ignore_errors=True)
    return library


def _is_ahead(path: Path, epochs: int) -> bool:
    """Whether the library that is there has had more training than a stopped one of so many epochs."""
    if not (path / RECORD).exists():
        return False
    there = Manifest.read(path / RECORD)
    return is_complete(there) or epochs_of(there) > epochs


def _fast(config: TrainConfig) -> FastConfig:
    if not isinstance(config, FastConfig):
        raise UsageError(
            f"--cluster trains the recipe fast alone, not {config.recipe}; leave one of them out"
        )
    return config


def describe(source: Source, split: Split) -> dict[str, Any]:
    """Say what was trained on: sizes and fingerprint of the whole corpus, and the facts of the split."""
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
