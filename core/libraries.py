"""Libraries as folders: who may write one, what it would replace, and how one is renamed or removed."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from segue.core.errors import SegueError, UsageError
from segue.core.files import UnwritableError, explained, locked, remove_folder
from segue.core.manifest import Manifest
from segue.core.places import OTHER_NAME, RECORD, all_libraries, new_library, refuse_shipped, require_writable

PARTS = frozenset(
    {
        "catalogue.sqlite", "cooccurrence", "corpus", "counts.npy", "heldout.npz", "history.jsonl", RECORD,
        "occurrences", "positions.npy", "ppmi_svd.npy", "report.json", ".scoring", "track2vec.weights.h5",
        "tracks.txt", "tuning", "vectors.npy",
    }
)  # fmt: skip
"""All files and folders of a library."""


def is_resumable(path: Path) -> bool:
    """Whether an unfinished training of the library at `path` waits to be resumed."""
    checkpoint = checkpoint_of(path)
    return checkpoint.exists() or rounds_of(checkpoint).exists()


@contextmanager
def claim(path: Path, *, new: bool = False) -> Iterator[None]:
    """Have a library's folder to oneself while it is made, renamed or removed.

    `path` is the folder, which need not exist; one that does is refused where it is to be `new`. Raises
    `SegueError` when it comes with Segue, when another process trains, searches or changes it, and as
    `require_writable`.
    """
    refuse_shipped(path)
    require_writable(path)
    made = _make_parents(path)
    try:
        with _locked(path, f"another process trains, tunes or changes it; wait for it, or {OTHER_NAME}"):
            if new and path.exists() and any(path.iterdir()):
                raise SegueError(f"{path}: already exists; add --replace to overwrite it, or {OTHER_NAME}")
            yield
    finally:
        for folder in made:
            with suppress(OSError):  # not empty: something was written
                folder.rmdir()


@contextmanager
def searched(path: Path) -> Iterator[None]:
    """Keep others from replacing a library while hyperparameters are searched in its folder.

    Several may search at once. Raises `SegueError` when another process is writing the library.
    """
    with _locked(path, "another process trains or changes it; wait for it", shared=True):
        yield


def require_replaceable(path: Path, *, fingerprint: str, epochs: int) -> None:
    """Refuse to replace a library by one of other playlists, or a complete one by a shorter training.

    `path` is the library's folder, which need not exist. Raises `SegueError` when the library should stay.
    """
    if not (path / RECORD).exists():
        return
    hint = f"add --replace to lose it, or {OTHER_NAME}"
    try:
        old = Manifest.read(path / RECORD)
    except SegueError as error:
        raise SegueError(f"{path}: holds a library that can't be read ({error}); {hint}") from error
    if old.recipe == "imported":
        raise SegueError(f"{path}: holds imported vectors; {hint}")
    if old.corpus.get("fingerprint") != fingerprint:
        source, playlists = old.corpus.get("source", "unknown"), old.corpus.get("n_playlists", "?")
        raise SegueError(
            f"{path}: was trained on other playlists, or with another --min-count "
            f"({source}, {playlists} playlists); {hint}"
        )
    if is_complete(old) and epochs_of(old) > epochs:
        raise SegueError(f"{path}: was trained for {epochs_of(old)} epochs, more than {epochs}; {hint}")


def library_at(path: Path) -> Manifest | None:
    """What the library at a place says of itself; None where there is none, or one that can't be read."""
    try:
        return Manifest.read(path / RECORD) if (path / RECORD).exists() else None
    except SegueError:
        return None


def is_complete(manifest: Manifest) -> bool:
    """Whether the library was trained to its end."""
    return manifest.training.get("stopped_early") is False


def epochs_of(manifest: Manifest) -> int:
    """How many epochs the library was trained for; 0 where that is unknown."""
    epochs = manifest.training.get("epochs")
    return epochs if isinstance(epochs, int) else 0


def aside_of(path: Path) -> Path:
    """Name the place where a library is kept that a shorter training replaced."""
    return path.with_name(f"{path.name}-before")


def set_aside(path: Path) -> None:
    """Keep a library as NAME-before, which takes the place of the one kept there before."""
    target = aside_of(path)
    with _explained(path):
        if target.is_dir() and not target.is_symlink():
            remove_library(target)
        path.rename(target)
        manifest = Manifest.read(target / RECORD)
        manifest.name = target.name
        manifest.write(target / RECORD)


def remove_library(path: Path) -> None:
    """Remove a library for good, and what an unfinished training of it has left. Of a link the link alone.

    Raises `SegueError` when it is not a library, holds files of something else, comes with Segue, or is in
    use by a training or a search.
    """
    _require_library(path)
    strange = sorted(file.name for file in path.iterdir() if file.name not in PARTS)
    if strange and not path.is_symlink():
        raise SegueError(f"{path}: holds {strange[0]}, which is not part of a library; move it away first")
    with claim(path), _explained(path):
        if path.is_symlink():
            path.unlink()
            return
        remove_folder(path)
        checkpoint_of(path).unlink(missing_ok=True)
        shutil.rmtree(rounds_of(checkpoint_of(path)), ignore_errors=True)


def rename_library(path: Path, name: str) -> Path:
    """Rename a library in its folder; returns its new path.

    Raises `SegueError` when it is not a library, comes with Segue, is in use by a training or a search, or
    the name is taken.
    """
    _require_library(path)
    if name in {"", ".", ".."} or name != Path(name).name:
        raise UsageError(f"{name!r} is not a valid name; a renamed library stays in its folder")
    new_library(name)  # refuses other letters, and the name of the library that comes with Segue
    taken = next((other for other in all_libraries() if other.name == name), None)
    if taken is not None:
        raise SegueError(f"{taken}: a library of that name already exists; choose another")
    target = path.with_name(name)
    with claim(path), claim(target, new=True), _explained(path):
        manifest = Manifest.read(path / RECORD)
        path.rename(target)
        manifest.name = name
        manifest.write(target / RECORD)
        old, new = checkpoint_of(path), checkpoint_of(target)
        for source, goal in ((old, new), (rounds_of(old), rounds_of(new))):
            if source.exists():
                source.rename(goal)
    return target


def _require_library(path: Path) -> None:
    refuse_shipped(path)
    if not ((path / RECORD).is_file() and (path / "vectors.npy").is_file()):
        raise SegueError(f"{path}: is not a library")


def checkpoint_of(path: Path) -> Path:
    """Name the file beside a library that holds its unfinished training."""
    return path.parent / f".{path.name}.training"


def rounds_of(checkpoint: Path) -> Path:
    """Name the folder that takes the checkpoint's place where a training runs in rounds on a cluster."""
    return checkpoint.with_suffix(".rounds")


@contextmanager
def _locked(path: Path, refusal: str, *, shared: bool = False) -> Iterator[None]:
    with ExitStack() as stack:
        with _explained(path):
            mine = stack.enter_context(locked(path.parent / f".{path.name}.lock", shared=shared))
        if not mine:
            raise SegueError(f"{path}: {refusal}")
        yield


def _make_parents(path: Path) -> list[Path]:
    """Make the folders above a path; returns those that were made, the innermost first."""
    made: list[Path] = []
    with _explained(path):
        for folder in reversed([folder for folder in path.parents if not folder.exists()]):
            folder.mkdir(exist_ok=True)
            made.insert(0, folder)
    return made


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Name the library where its folder can't be used, whatever the reason."""
    try:
        with explained(path):
            yield
    except OSError as error:  # such as that nothing can be made in /proc
        raise UnwritableError(path, f"{error.strerror}; {OTHER_NAME}") from error
