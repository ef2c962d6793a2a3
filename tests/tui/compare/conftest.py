"""Fixtures of the comparison's tests."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from segue.core.library import Library
from segue.tui.model.settings import Settings
from tests.tui.scored import write_scored_library
from tests.tui.support import Stage, make_stage


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two scored libraries of the same playlists, whose vectors differ a little."""
    folder = tmp_path_factory.mktemp("both")
    write_scored_library(folder / "one")
    shutil.copytree(folder / "one", folder / "two")
    vectors = np.load(folder / "two" / "vectors.npy")
    vectors = vectors + np.random.default_rng(0).normal(0, 0.05, vectors.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.save(folder / "two" / "vectors.npy", vectors.astype(np.float32))
    (folder / "two" / "library.json").write_text(
        (folder / "two" / "library.json").read_text(encoding="utf-8").replace('"small"', '"other"'),
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def stage(both: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """An app over the first of them."""
    only(both, monkeypatch)
    return make_stage(Library.open(both / "one"), settings=Settings(neighbours=30))


def only(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these libraries be all there are."""
    monkeypatch.setenv("SEGUE_MODELS", str(models))
    monkeypatch.setattr("segue.core.places.BUNDLED", models / "none")
    monkeypatch.chdir(models)
