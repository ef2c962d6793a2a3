"""The metrics under the fingers: from the scores down to one playlist, and what stands there without."""

import json
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.evaluation import (
    Case,
    Report,
    evaluate,
    list_pairs,
    open_case,
    read_report,
    save_report,
    scoring,
)
from segue.core.evaluation.report import FORMAT, PairSet
from segue.core.library import Library
from segue.core.rankers import RANKERS
from segue.tui.model.places import TrackPlace
from segue.tui.panes.metrics.pairs import CasePane, PairsPane
from segue.tui.panes.metrics.scores import MetricsHeader, ScoresPane, ranked
from segue.tui.panes.metrics.view import MetricsView
from segue.tui.widgets.track_list import TrackList
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, opened, press, settle, soon, until

SIZE = (120, 40)
DONE = {
    "metrics.open", "metrics.up", "metrics.evaluate", "metrics.stop", "metrics.pairs", "metrics.counting",
    "metrics.filter", "metrics.next_case", "metrics.previous_case", "metrics.ranker",
}  # fmt: skip


def shown_case(view: MetricsView) -> Case:
    case = view.query_one(CasePane).case
    assert case is not None
    return case


async def open_metrics(pilot: Pilot[Any], stage: Stage, level: str = "scores") -> MetricsView:
    await settle(pilot)
    await press(pilot, "f4")
    await until(pilot, lambda: stage.view(MetricsView).is_mounted and stage.view(MetricsView).level == level)
    return stage.view(MetricsView)


async def to_bucket(pilot: Pilot[Any], stage: Stage) -> PairsPane:
    """Go into the last bucket of the first ranker."""
    view = await open_metrics(pilot, stage)
    await press(pilot, "enter", "G", "enter")
    pane = view.query_one(PairsPane)
    await until(pilot, lambda: pane.lines.has_focus and len(pane.lines) > 0)
    return pane


async def to_case(pilot: Pilot[Any], stage: Stage) -> PairsPane:
    """Go into the first playlist of that bucket."""
    pane = await to_bucket(pilot, stage)
    await press(pilot, "enter")
    view = stage.view(MetricsView)
    await until(pilot, lambda: view.level == "case" and isinstance(stage.app.focused, TrackList))
    return pane


def test_every_command_is_done_here() -> None:
    assert {command.id for command in MetricsView.OWN_COMMANDS} == DONE


async def test_the_scores_are_those_of_the_report(scored_library: Library) -> None:
    async with opened(scored_library, size=SIZE) as (stage, pilot):
        view = await open_metrics(pilot, stage)
        report = read_report(scored_library)
        assert report is not None
        shown = text_of(stage)
        names = [scores.ranker for scores in ranked(report, "all")]
        first = [line[1:].split(" ")[0] for line in shown.splitlines()]
        listed = [word for word in first if word in names]
        assert listed[:10] == names[:10], "the best stands first; the last are a scroll away"
        assert f"{report.n_pairs} pairs" in shown
        assert "hit@10  0.250  at 4" in shown, "the training curve"
        await press(pilot, "j")
        assert f"{names[1]}, by how often the target occurs" in text_of(stage)
        await press(pilot, "c")
        assert "without repeats" in text_of(stage)
        await press(pilot, "c")
        assert view.query_one(ScoresPane).counting == "paper"
        assert [line.ranker for line in view.query_one(ScoresPane).rankers.items] == [
            scores.ranker for scores in ranked(report, "paper")
        ]


async def test_a_bucket_lists_its_playlists_and_whether_they_were_hit(scored_library: Library) -> None:
    stage = make_stage(scored_library)
    async with stage.app.run_test(size=SIZE) as pilot:
        pane = await to_bucket(pilot, stage)
        report = read_report(scored_library)
        assert report is not None
        best = ranked(report, "all")[0]
        bucket = best.buckets[-1]
        assert [pair for pair, _ in pane.lines.items] == list_pairs(scored_library, bucket=bucket)
        hits = sum(rank > 0 for _, rank in pane.lines.items)
        assert hits == round(bucket.scores.hit.mean * bucket.scores.pairs), "the list adds up to the score"
        assert f"{best.ranker} finds {hits} of them" in text_of(stage)
        await press(pilot, "i")
        assert len(pane.lines) == hits
        await press(pilot, "i")
        assert all(rank == 0 for _, rank in pane.lines.items)
        await press(pilot, "i")
        assert len(pane.lines) == bucket.scores.pairs
        await press(pilot, "escape")
        assert stage.view(MetricsView).level == "scores"


async def test_a_playlist_shows_what_was_played_what_came_and_two_predictions(
    scored_library: Library,
) -> None:
    stage = make_stage(scored_library)
    async with stage.app.run_test(size=SIZE) as pilot:
        pane = await to_case(pilot, stage)
        pair = pane.lines.items[0][0]
        view = stage.view(MetricsView)
        case = open_case(scored_library, pair)
        lists = {tracks.id: tracks for tracks in view.query(CasePane).first().query(TrackList)}
        assert tuple(lists["case-tracks"].listing.rows) == (*case.tracks, pair.target)
        for name, prediction in zip(("case-first", "case-second"), case.predictions, strict=True):
            assert tuple(lists[name].listing.rows) == prediction.rows
            rank = prediction.rank_of_target
            assert rank is None or f"{prediction.ranker}: the target has rank {rank:,}" in text_of(stage)
        shown = text_of(stage)
        assert f"Playlist {pair.playlist:,}: after {len(case.tracks)} tracks came ◆" in shown
        await press(pilot, "K")
        assert shown_case(view).predictions[0].ranker == "like", "next is in the other column"
        await press(pilot, "n")
        assert shown_case(view).pair == pane.lines.items[1][0]
        await press(pilot, "N")
        assert shown_case(view).pair == pair
        await press(pilot, "N")
        assert "That was the first one." in stage.toasts
        await press(pilot, "shift+tab", "K")
        assert "Press Tab to go to a column of predictions first." in stage.toasts
        await press(pilot, "h")
        assert view.level == "bucket"


async def test_any_track_opens_where_its_neighbours_are_listed(scored_library: Library) -> None:
    stage = make_stage(scored_library)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await to_case(pilot, stage)
        await press(pilot, "j")
        row = stage.app.current_row()
        assert row is not None
        await press(pilot, "enter")
        assert stage.app.controllers.views.shown == "explore"
        assert stage.app.walk.here == TrackPlace((row,))
        await press(pilot, "f4")
        await until(pilot, lambda: stage.view(MetricsView).display)
        assert stage.view(MetricsView).level == "case", "the view is as it was left"


async def test_before_the_report_is_read_it_does_not_say_there_is_none(
    scored_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_read = threading.Event()

    def slow(library: Library, pairs: PairSet = "validation") -> Report | None:
        may_read.wait(60)
        return read_report(library, pairs)

    monkeypatch.setattr("segue.core.evaluation.read_report", slow)
    stage = make_stage(scored_library)
    async with stage.app.run_test(size=SIZE) as pilot:
        try:
            await settle(pilot)
            await pilot.press("f4")
            await soon(pilot, lambda: "Reading the scores" in text_of(stage))
            assert "Not scored" not in text_of(stage)
        finally:
            may_read.set()
        await until(pilot, lambda: stage.view(MetricsView).level == "scores")


async def test_without_scores_it_says_how_to_come_by_them_and_scores(
    folder_of_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder_of_library.parent)  # it is opened by its path, and called small inside
    async with opened(Library.open(folder_of_library), size=SIZE) as (stage, pilot):
        view = await open_metrics(pilot, stage, "no-report")
        await until(pilot, lambda: "Reading the scores" not in text_of(stage))
        shown = text_of(stage)
        assert "Not scored on validation pairs yet" in shown
        assert "segue evaluate --library ./own" in shown
        await pilot.press("e")
        await until(
            pilot,
            lambda: view.level == "scores" and len(view.query_one(ScoresPane).rankers) == len(RANKERS),
            seconds=90,
        )
        assert "Scoring has finished." in stage.toasts
        assert read_report(Library.open(folder_of_library)) is not None
        assert stage.library.manifest.scores["validation"]["next"]["hit@10"] > 0, (
            "the open library knows them too"
        )
        await press(pilot, "t")
        await until(pilot, lambda: view.level == "no-report")
        assert "Not scored on test pairs yet" in text_of(stage)
        assert "--pairs test" in text_of(stage)
        await press(pilot, "t")
        await until(pilot, lambda: view.level == "scores")


async def test_scores_that_another_process_computes_are_waited_for(
    folder_of_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = make_stage(Library.open(folder_of_library))
    theirs = Library.open(folder_of_library)
    begun, may_end, report_seen = threading.Event(), threading.Event(), threading.Event()
    save = theirs.save_manifest
    monkeypatch.setattr(theirs, "save_manifest", lambda: (report_seen.wait(), save()))

    def score() -> None:
        with scoring(theirs):
            begun.set()
            may_end.wait()
            save_report(theirs, evaluate(theirs, rankers=("nearest", "next")))

    thread = threading.Thread(target=score)
    thread.start()
    try:
        begun.wait()
        async with stage.app.run_test(size=SIZE) as pilot:
            view = await open_metrics(pilot, stage, "no-report")
            await until(pilot, lambda: "The scores are being computed" in text_of(stage))
            await press(pilot, "e")
            assert view.query_one(MetricsHeader).scoring is None
            may_end.set()
            await until(pilot, lambda: view.level == "scores")
            report_seen.set()
            await until(pilot, lambda: stage.library.manifest.next_weight == theirs.manifest.next_weight)
            assert len(view.query_one(ScoresPane).rankers) == 2
    finally:
        may_end.set()
        report_seen.set()
        thread.join()


@pytest.mark.parametrize(("script", "printed"), [
    ("import time; time.sleep(60)", "Scoring was stopped; e starts it again."),
    ("import sys; sys.exit('segue: the disk is full')", "Scoring failed: the disk is full"),
])  # fmt: skip
async def test_scoring_that_ends_badly_is_reported(
    script: str, printed: str, folder_of_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.tui.child.COMMAND", (sys.executable, "-c", script))
    async with opened(Library.open(folder_of_library), size=SIZE) as (stage, pilot):
        view = await open_metrics(pilot, stage, "no-report")
        await pilot.press("e")
        if "stopped" in printed:
            await soon(pilot, lambda: "scoring" in text_of(stage))
            await pilot.press("E")
        await until(pilot, lambda: bool(stage.toasts), seconds=60)
        assert stage.toasts == [printed]
        assert view.level == "no-report"


async def test_the_shipped_library_is_not_scored_again(
    folder_of_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.core.places.BUNDLED", folder_of_library.parent)
    monkeypatch.setattr("segue.core.places.SHIPPED", folder_of_library.name)
    async with opened(Library.open(folder_of_library), size=SIZE) as (stage, pilot):
        view = await open_metrics(pilot, stage, "no-report")
        await pilot.press("e")
        await until(pilot, lambda: bool(stage.toasts))
        assert "can't be changed" in stage.toasts[0]
        assert view.query_one(MetricsHeader).scoring is None
    assert not (folder_of_library / "report.json").exists()


async def test_a_library_of_vectors_alone_says_so(folder_of_library: Path) -> None:
    for name in ("corpus", "cooccurrence", "occurrences"):
        shutil.rmtree(folder_of_library / name)
    (folder_of_library / "heldout.npz").unlink()
    async with opened(Library.open(folder_of_library), size=SIZE) as (stage, pilot):
        await open_metrics(pilot, stage, "no-report")
        await pilot.press("e")
        await until(pilot, lambda: bool(stage.toasts), seconds=60)
        assert stage.toasts[0].endswith("there are no pairs to score; import the vectors with --playlists")


async def test_a_damaged_report_is_named_with_its_cure(scored_library: Library, tmp_path: Path) -> None:
    shutil.copytree(scored_library.path, tmp_path / "broken")
    (tmp_path / "broken" / "report.json").write_text(
        json.dumps({"format": FORMAT, "validation": {"rankers": 3}}), encoding="utf-8"
    )
    async with opened(Library.open(tmp_path / "broken"), size=SIZE) as (stage, pilot):
        await open_metrics(pilot, stage, "no-report")
        # the path before it may be of any length, and breaks the lines anywhere
        await until(pilot, lambda: "report.json:damaged" in "".join(text_of(stage).split()))
        shown = text_of(stage)
        assert "scores the library" in shown
