"""The metrics as they are drawn."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.library import Library
from segue.tui.model.settings import Settings
from segue.tui.panes.metrics.scores import MetricsHeader, Scoring
from segue.tui.panes.metrics.view import MetricsView
from tests.tui.metrics.test_view import open_metrics, to_bucket, to_case
from tests.tui.screen import SIZES, SameText, Scene, Snap, same_drawing
from tests.tui.support import Stage, make_stage


async def scores(pilot: Pilot[Any], stage: Stage) -> None:
    await open_metrics(pilot, stage)


async def bucket(pilot: Pilot[Any], stage: Stage) -> None:
    await to_bucket(pilot, stage)


async def case(pilot: Pilot[Any], stage: Stage) -> None:
    await to_case(pilot, stage)


async def none_yet(pilot: Pilot[Any], stage: Stage) -> None:
    await open_metrics(pilot, stage, "no-report")


async def scoring(pilot: Pilot[Any], stage: Stage) -> None:
    await open_metrics(pilot, stage)
    stage.view(MetricsView).query_one(MetricsHeader).scoring = Scoring(83.0, 0.62)


SCENES: dict[str, Scene] = {"scores": scores, "bucket": bucket, "case": case}


@pytest.mark.parametrize("name", SCENES)
async def test_sizes(name: str, same_text: SameText, scored_library: Library) -> None:
    await same_text(make_stage(scored_library), SCENES[name], SIZES["80x24"], SIZES["200x50"])


@pytest.mark.usefixtures("same_textual")
def test_drawing(snap_compare: Snap, scored_library: Library) -> None:
    assert same_drawing(snap_compare, make_stage(scored_library), scores, (100, 30))


async def test_no_colour_and_ascii(
    same_text: SameText, scored_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = make_stage(scored_library, settings=Settings(glyphs="ascii"))
    await same_text(stage, scores, SIZES["80x24"])


async def test_scoring(same_text: SameText, scored_library: Library) -> None:
    await same_text(make_stage(scored_library), scoring, (100, 30))


async def test_not_scored(
    same_text: SameText, folder_of_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGUE_MODELS", str(folder_of_library.parent))
    await same_text(make_stage(Library.open(folder_of_library)), none_yet, SIZES["80x24"])
