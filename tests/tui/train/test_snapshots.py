"""The training view as it is drawn."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.library import Library
from segue.tui.panes.train.panels import BoardPanel
from segue.tui.panes.train.run import Run
from tests.tui.screen import SIZES, SameText, Scene, Snap, same_drawing
from tests.tui.support import Stage, make_stage, press, until
from tests.tui.train.test_view import EVENTS, board, fill, open_train


async def idle(pilot: Pilot[Any], stage: Stage) -> None:
    await open_train(pilot, stage)


async def training(pilot: Pilot[Any], stage: Stage) -> None:
    view = await open_train(pilot, stage)
    await fill(pilot, view, file="~/music/playlists.jsonl", name="third", epochs="8")
    await press(pilot, "escape")
    run = Run("third").after(EVENTS[0])
    for epoch in range(1, 6):
        run = run.after(
            {**EVENTS[1], "epoch": epoch, "epochs": 8, "fraction": epoch / 8, "loss": 2 + 3 / epoch,
             "hit_at_10": 0.12 - 0.1 / epoch}
        )  # fmt: skip
    view.run = run


async def complaint(pilot: Pilot[Any], stage: Stage) -> None:
    view = await open_train(pilot, stage)
    await fill(pilot, view, file="/nowhere/playlists.npy", name="third")
    await press(pilot, "ctrl+s")


async def search(pilot: Pilot[Any], stage: Stage) -> None:
    view = await open_train(pilot, stage)
    await press(pilot, "w")
    await until(pilot, lambda: view.query_one(BoardPanel).entries.empty != "")
    view._watched = None
    view.query_one(BoardPanel).board = board(0.10, 0.30, 0.22)


SCENES: dict[str, Scene] = {"training": training, "search": search}


@pytest.mark.parametrize("name", SCENES)
async def test_sizes(name: str, same_text: SameText, models: Path) -> None:
    await same_text(make_stage(Library.open(models / "first")), SCENES[name], *SIZES.values())


@pytest.mark.parametrize("scene", [idle, complaint], ids=["idle", "complaint"])
async def test_states(scene: Scene, same_text: SameText, models: Path) -> None:
    await same_text(make_stage(Library.open(models / "first")), scene, (100, 30))


@pytest.mark.usefixtures("same_textual")
def test_drawing(snap_compare: Snap, models: Path) -> None:
    stage = make_stage(Library.open(models / "first"))
    assert same_drawing(snap_compare, stage, training, (100, 30))
