"""A network with only the loopback device, for the tests that start a cluster."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.alone import Alone, why_not


@pytest.fixture(scope="session")
def _cluster_reason() -> str | None:
    return why_not()


@pytest.fixture
def alone(tmp_path: Path, _cluster_reason: str | None) -> Alone:
    """Run programs where a cluster can be started; skipped, with the reason, where none can."""
    if _cluster_reason is not None:
        pytest.skip(_cluster_reason)
    home = tmp_path / "home"
    home.mkdir()
    return Alone(home)


@pytest.fixture
def ray_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where Ray's own files are, which a killed driver leaves behind."""
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as folder:
        monkeypatch.setenv("RAY_TMPDIR", folder)
        yield Path(folder)


@pytest.fixture
def _without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it as if Ray were not installed."""
    monkeypatch.setitem(sys.modules, "ray", None)
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
        monkeypatch.setenv(name, "")
