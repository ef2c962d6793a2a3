"""Fixtures for every room."""

import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from segue.core.library import Library
from tests.libraries import make_library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.deezer_server import FakeDeezer

ROOT = Path(__file__).parent.parent

# a busy machine is slow; what a test asserts is something else
hypothesis.settings.register_profile(
    "segue", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("segue")


def pytest_configure() -> None:
    """Undo settings of the environment that a user would not have.

    That is signals that are ignored (nohup, `&`, some CI runners), output without a buffer (images of
    Docker), whose errors come at another moment, and no compiled modules (as well), without which every
    process and every worker takes twice as long to start.
    """
    os.environ.pop("PYTHONUNBUFFERED", None)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    for name, default in (
        ("SIGINT", signal.default_int_handler),
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
    ):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, default)


def pytest_collection_finish() -> None:
    """Search less often for objects that refer to one another in circles, and not among what stays anyway.

    Python's own pace takes a quarter of the explorer's tests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 5)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real playlists; the test is skipped where it is absent."""
    folder = Path(os.environ.get("SEGUE_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real playlists at {folder}; set SEGUE_REAL_DATA to their folder")
    return folder


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the user's own state, settings and libraries."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.delenv("SEGUE_MODELS", raising=False)


@pytest.fixture(scope="session")
def tiny_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of about 400 tracks with playlists, titles and a map. Shared: leave its files as they are."""
    return make_library(tmp_path_factory.mktemp("libraries") / "tiny")


@pytest.fixture
def deezer(monkeypatch: pytest.MonkeyPatch) -> "Iterator[FakeDeezer]":
    """A server on loopback that answers as Deezer does and is asked in its place; the quota is full."""
    from segue.core.deezer import transport
    from segue.core.deezer.client import OVERRIDE
    from tests.end_to_end.deezer_server import FakeDeezer

    transport.shared_bucket.cache_clear()
    with FakeDeezer() as server:
        monkeypatch.setenv(OVERRIDE, server.base_url)
        yield server
    transport.shared_bucket.cache_clear()
