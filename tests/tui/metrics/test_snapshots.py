"""The metrics as they are drawn."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.library import Library
from segue.tui.panes.metrics.heads import MetricsHead, Scoring
from segue.tui.settings import Settings
from tests.tui.metrics.test_view import open_metrics, to_bucket, to_case, view_of
from tests.tui.screen import SIZES, Scene, Snap, same_drawing
from tests.tui.support import Stage, make_stage

pytestmark = pytest.mark.usefixtures("same_textual")


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
    view_of(stage).query_one(MetricsHead).scoring = Scoring(83.0, 0.62)


SCENES: dict[str, Scene] = {"scores": scores, "bucket": bucket, "case": case}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCENES)
def test_sizes(name: str, size: str, snap_compare: Snap, scored_library: Library) -> None:
    assert same_drawing(snap_compare, make_stage(scored_library), SCENES[name], SIZES[size])


@pytest.mark.parametrize("theme", ["segue-light", "segue-contrast", "segue-ansi"])
def test_themes(theme: str, snap_compare: Snap, scored_library: Library) -> None:
    stage = make_stage(scored_library, settings=Settings(theme=theme))
    assert same_drawing(snap_compare, stage, scores, (100, 30))


def test_no_colour_and_ascii(
    snap_compare: Snap, scored_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = make_stage(scored_library, settings=Settings(glyphs="ascii"))
    assert same_drawing(snap_compare, stage, scores, SIZES["80x24"])


def test_scoring(snap_compare: Snap, scored_library: Library) -> None:
    assert same_drawing(snap_compare, make_stage(scored_library), scoring, (100, 30))


def test_not_scored(snap_compare: Snap, folder_of_library: Path) -> None:
    assert same_drawing(snap_compare, make_stage(Library.open(folder_of_library)), none_yet, SIZES["80x24"])
