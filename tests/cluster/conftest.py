"""A network with only the loopback device, for the tests that start a cluster."""

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
