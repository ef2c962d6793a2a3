"""An explorer whose terminal is pulled about, and one whose library is taken from under it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from segue.core.library import Library
from segue.core.synthetic.world import make_world
from segue.tui.controllers.views import VIEWS
from tests.libraries import make_library
from tests.tui.support import opened, press, settle, write_small_library

SIZES = [(1, 1), (5, 3), (20, 5), (100, 30), (2, 40), (200, 1), (40, 2), (3, 3), (100, 30)]
OVERLAYS = [["f1"], ["slash", "s"], ["colon"], ["question_mark"], ["s"], ["S"], ["o"], ["m"]]


@pytest.mark.slow
@pytest.mark.parametrize("view", list(VIEWS))
async def test_no_size_of_the_terminal_ends_the_explorer(view: str, tmp_path: Path) -> None:
    async with opened(write_small_library(tmp_path / "small", evaluated=True)) as (stage, pilot):
        stage.app.controllers.views.show(view)
        await settle(pilot)
        # what opens over a view is the same over each; help and the explanation are about the view
        for keys in ([], *(OVERLAYS if view == "explore" else [["f1"], ["question_mark"]])):
            await press(pilot, *keys)
            for width, height in SIZES:
                await pilot.resize_terminal(width, height)
                await press(pilot, "down")
            await settle(pilot)
            await press(pilot, "escape", "escape")
        assert stage.app.is_running
        assert stage.app.broken_by is None


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (20, 5)])
async def test_an_explorer_opens_in_any_terminal(size: tuple[int, int], tmp_path: Path) -> None:
    async with opened(write_small_library(tmp_path / "small"), greeted=False, size=size) as (stage, pilot):
        await press(pilot, "escape", "j", "enter", "r", "h", "M", "question_mark", "escape")
        assert stage.app.is_running
    assert stage.app.broken_by is None


def delete(path: Path) -> None:
    shutil.rmtree(path)


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def train_again(path: Path) -> None:
    make_library(path, make_world("tiny", seed=7), seed=7)


@pytest.mark.slow
@pytest.mark.parametrize("harm", [delete, move, train_again])
async def test_a_library_may_go_while_it_is_open(
    harm: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # there is no demo here that Enter in Train could open
    monkeypatch.setattr("segue.core.places.BUNDLED", tmp_path / "none")
    monkeypatch.chdir(tmp_path)
    path = make_library(tmp_path / "library").path
    async with opened(Library.open(path)) as (stage, pilot):
        harm(path)
        for name in VIEWS:
            stage.app.controllers.views.show(name)
            await press(
                pilot, "down", "enter", "question_mark", "escape", "f", "x", "x", "plus", "n", "escape"
            )
        stage.app.controllers.views.show("explore")
        await press(pilot, "slash", *"a b", "escape", "r", "S", "escape", "u")
        assert stage.app.is_running
        reported = [shown for shown in stage.toasts if "library" in shown]
        assert all("\n" not in shown for shown in reported)
    assert stage.app.broken_by is None
