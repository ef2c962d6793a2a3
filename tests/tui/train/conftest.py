"""Fixtures of the training view's tests."""

from pathlib import Path

import pytest

from segue.tui import child
from tests.tui.support import write_small_library


@pytest.fixture(autouse=True)
def _nobody_else_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_started", {})


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two libraries, the only ones there are."""
    for name in ("first", "second"):
        write_small_library(tmp_path / "models" / name, evaluated=False)
    monkeypatch.setenv("SEGUE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("segue.core.places.BUNDLED", tmp_path / "none")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "models"
