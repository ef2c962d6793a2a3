"""Fixtures of the explorer's tests."""

import asyncio
import inspect
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from segue.core.library import Library
from tests.tui.screen import SameText, text_keeper
from tests.tui.support import Stage, make_stage, owed, write_small_library

SNAPSHOTS_OF = "8.2.8"
"""The Textual whose drawings are kept. Another one draws a little differently."""


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to renew the drawings on another Python than the one they are checked on."""
    if config.getoption("--snapshot-update", default=False) and sys.version_info[:2] != (3, 11):
        raise pytest.UsageError("snapshots are renewed on Python 3.11 only")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run tests that are coroutines, each in a loop of its own."""
    test = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    names = inspect.signature(test).parameters
    asyncio.run(test(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test depend on the terminal it is run from."""
    for name in ("NO_COLOR", "SSH_CONNECTION", "SSH_TTY", "TEXTUAL_ANIMATIONS", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(autouse=True)
def _cursors_rest_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing come of a cursor's rest by itself, at no moment a test could know."""
    monkeypatch.setattr("segue.tui.panes.explore.view.RESTED", 3600.0)


@pytest.fixture(autouse=True)
def _no_waiting_for_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a key press not wait for an idle processor, a second on a busy machine: `settle` waits better."""

    async def wait_for_idle(*_: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr("textual.app.wait_for_idle", wait_for_idle)


@pytest.fixture(autouse=True)
def _few_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw a screen where `settle` leaves it at rest and at its end: nobody sees what is between.

    Textual draws every change for a terminal that these tests don't have, which takes it half of their time.
    `text_of` and the scenes draw for themselves, and the tests of real terminals see every change.
    """
    render_update = Compositor.render_update

    def overlook(compositor: Compositor, *, full: bool = False, **how: Any) -> object:  # noqa: ANN401 - Textual's
        if full:
            return render_update(compositor, full=full, **how)
        if compositor.size.region in compositor._dirty_regions:
            owed.add(compositor)
        compositor._dirty_regions.clear()
        return None

    shutdown = App._shutdown

    async def draw_once_more(app: App[object]) -> None:
        if app._exception is None and app.screen_stack:
            visible_screen_stack.set(app._background_screens)
            app.screen._compositor.render_strips()
        await shutdown(app)

    monkeypatch.setattr(Compositor, "render_update", overlook)
    monkeypatch.setattr(App, "_shutdown", draw_once_more)


@pytest.fixture(autouse=True, scope="session")
def _styles_read_once() -> Iterator[None]:
    """Let every app take the styles that another has read from the same text with the same colours."""
    read: dict[object, list[RuleSet]] = {}
    parse_rules = Stylesheet._parse_rules

    def once(sheet: Stylesheet, css: str, *origin: Any, **how: Any) -> list[RuleSet]:  # noqa: ANN401 - Textual's
        colours = tuple(sorted(sheet._variables.items()))
        key = (css, origin, tuple(sorted(how.items())), colours)
        if key not in read:
            read[key] = parse_rules(sheet, css, *origin, **how)
        return read[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", once)
        yield


@pytest.fixture
def same_textual() -> None:
    """Skip where Textual is another one than the drawings were made with."""
    if version("textual") != SNAPSHOTS_OF:
        pytest.skip(f"the drawings were made with Textual {SNAPSHOTS_OF}")


@pytest.fixture
def same_text(request: pytest.FixtureRequest) -> SameText:
    """Plays a scene and compares the screen with the text that is kept for this test."""
    name = re.sub(r"\W+", "_", request.node.name.removeprefix("test_")).strip("_")
    kept = request.path.parent / "__scenes__" / f"{name}.txt"
    return text_keeper(kept, renew=bool(request.config.getoption("--snapshot-update")))


@pytest.fixture(scope="session")
def small_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of sixty tracks with round similarities. Shared: leave its files as they are."""
    return write_small_library(tmp_path_factory.mktemp("small") / "small", evaluated=True)


@pytest.fixture
def stage(small_library: Library) -> Stage:
    """An app over the small library, for a listener who knows it."""
    return make_stage(small_library)


@pytest.fixture
def folder_of_library(tmp_path: Path) -> Path:
    """A library of the test's own, to break."""
    return write_small_library(tmp_path / "own", copies=2).path
