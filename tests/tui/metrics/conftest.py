"""Fixtures of the metrics' tests."""

import pytest

from segue.core.library import Library
from tests.tui.scored import write_scored_library


@pytest.fixture(scope="session")
def scored_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A scored library. Shared: leave its files as they are."""
    return write_scored_library(tmp_path_factory.mktemp("scored") / "scored")
