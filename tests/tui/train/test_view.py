"""Training under the fingers: the form, a training from start to library, and a search that is watched."""

import json
import shutil
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from segue.core.libraries import checkpoint_of
from segue.core.library import Library
from segue.core.synthetic import make_world
from segue.core.tuning.render import STUDY, Entry, Leaderboard, write_leaderboard
from segue.tui import child
from segue.tui.panes.train.panels import BoardPanel
from segue.tui.panes.train.run import Run, Toggle
from segue.tui.panes.train.view import TrainView
from segue.tui.screens.ask import ChoiceScreen
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, opened, press, settle, soon, until

SIZE = (120, 40)
DONE = {
    "train.start", "train.stop", "train.resume", "train.open_new", "train.open", "train.tune", "train.watch",
    "train.form", "train.leave_form",
}  # fmt: skip
EVENTS = [
    {"event": "corpus", "playlists": 60, "positions": 480, "tracks": 60, "described": 57, "skipped": {}},
    {"event": "progress", "epoch": 1, "epochs": 2, "fraction": 0.5, "pairs_per_second": 512000.0,
     "loss": 4.0, "hit_at_10": 0.1, "seconds": 1.0, "seconds_left": 1.0},
    {"event": "progress", "epoch": 2, "epochs": 2, "fraction": 0.75, "pairs_per_second": 512000.0,
     "loss": 3.5, "hit_at_10": None, "seconds": 1.5, "seconds_left": 0.5},
]  # fmt: skip
"""What a training of two epochs tells before its end."""


def plays(monkeypatch: pytest.MonkeyPatch, reported: list[dict[str, Any]], then: str = "") -> None:
    """Let a script that tells these events stand for `segue`."""
    lines = "".join(f"print({json.dumps(line)!r}, flush=True)\n" for line in reported)
    monkeypatch.setattr(child, "COMMAND", (sys.executable, "-c", f"import sys, time, signal\n{lines}{then}"))


def run_of(stage: Stage) -> Run:
    run = stage.view(TrainView).run
    assert run is not None
    return run


async def open_train(pilot: Pilot[Any], stage: Stage) -> TrainView:
    await settle(pilot)
    await press(pilot, "f6")
    await until(pilot, lambda: stage.view(TrainView).is_mounted and len(stage.view(TrainView).libraries) > 0)
    return stage.view(TrainView)


async def fill(pilot: Pilot[Any], view: TrainView, **values: str) -> None:
    """Fill in fields of the form."""
    await press(pilot, "i")
    for name, value in values.items():
        view.query_one(f"#field-{name}", Input).value = value


async def seen(pilot: Pilot[Any], stage: Stage, phase: str) -> None:
    """Wait for a phase of the training."""
    await soon(pilot, lambda: stage.view(TrainView).run is not None and run_of(stage).phase == phase)


def test_every_command_is_done_here() -> None:
    assert {command.id for command in TrainView.OWN_COMMANDS} == DONE


async def test_a_training_from_the_form_to_the_new_library(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = {
        "event": "done",
        "library": str(models / "second"),
        "stopped": False,
        "training": {},
        "scores": {},
    }
    go = models.parent / "go"
    wait = f"import os\nwhile not os.path.exists({str(go)!r}): time.sleep(0.02)\nprint({json.dumps(done)!r})"
    plays(monkeypatch, EVENTS, wait)
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        assert "Nothing is being trained" in text_of(stage)
        await fill(pilot, view, file=str(models), name="third")
        await pilot.press("ctrl+s")
        await seen(pilot, stage, "training")
        await soon(pilot, lambda: "75%" in text_of(stage) and "by epoch  0.100" in text_of(stage))
        shown = text_of(stage)
        assert "third  training" in shown
        assert "60 playlists, 60 tracks, 57 with a title" in shown
        assert "epoch 2 of 2   512,000 positives/s" in shown
        assert "75%" in shown
        await pilot.press("ctrl+s")
        assert list(child._started) == ["train"]
        go.touch()
        await seen(pilot, stage, "done")
        await settle(pilot)
        assert "third is ready. o in Train (F6) opens it." in stage.toasts
        assert "o opens it" in text_of(stage)
        await press(pilot, "o")
        assert stage.app.return_value == models / "second"


async def test_stopping_keeps_the_best_and_resuming_goes_on(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = {"event": "done", "library": str(models / "second"), "stopped": True, "training": {}, "scores": {}}
    script = f"""
def stop(*_):
    print({json.dumps(done)!r})
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print('{{"event": "ready"}}', flush=True)
print(sys.argv, flush=True)
time.sleep(60)
"""
    plays(monkeypatch, EVENTS, script)
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        await fill(pilot, view, file=str(models), name="third")
        await pilot.press("ctrl+s")
        await seen(pilot, stage, "training")
        await soon(pilot, lambda: bool(run_of(stage).remark))
        assert "--resume" not in run_of(stage).remark
        await pilot.press("E")
        await seen(pilot, stage, "stopped")
        await settle(pilot)
        assert "the best so far is kept" in text_of(stage)
        assert "R resumes it" in text_of(stage)
        await pilot.press("R")
        await soon(pilot, lambda: "--resume" in run_of(stage).remark)
        await pilot.press("E")
        await seen(pilot, stage, "stopped")


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_leaving_during_a_training_asks_first(
    models: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    plays(monkeypatch, EVENTS, "time.sleep(60)")
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        await fill(pilot, view, file=str(models), name="third")
        await pilot.press("ctrl+s")
        await seen(pilot, stage, "training")
        await pilot.press(key)
        await soon(pilot, lambda: "A training is still running" in text_of(stage))
        await pilot.press("enter")
        await soon(pilot, lambda: not isinstance(stage.app.screen, ChoiceScreen))
        assert stage.app.is_running
        await pilot.press(key)
        await soon(pilot, lambda: isinstance(stage.app.screen, ChoiceScreen))
        await pilot.press("down", "enter")
        await soon(pilot, lambda: not stage.app.is_running)


async def test_a_training_goes_on_while_another_library_is_opened(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plays(monkeypatch, EVENTS, "time.sleep(60)")
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        await fill(pilot, view, file=str(models), name="third")
        await pilot.press("ctrl+s")
        await seen(pilot, stage, "training")
        view.libraries.cursor = 1
        await pilot.press("enter")
        await soon(pilot, lambda: stage.app.return_value is not None)
    assert stage.app.return_value == models / "second"
    again = make_stage(Library.open(models / "second"))
    async with again.app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.1)
        await pilot.press("f6")
        await seen(pilot, again, "training")
        await soon(pilot, lambda: bool(run_of(again).loss))
        assert run_of(again).name == "third"
        await pilot.press("E", "E")
        await seen(pilot, again, "failed")


async def test_a_failed_training_says_why(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plays(monkeypatch, EVENTS[:1], "sys.exit('segue: x.npy: record 7 is not a list')")
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        await fill(pilot, view, file=str(models), name="third")
        await pilot.press("ctrl+s")
        await seen(pilot, stage, "failed")
        await settle(pilot)
        assert "x.npy: record 7 is not a list" in text_of(stage)
        assert "record 7" in stage.toasts[-1]
    again = make_stage(Library.open(models / "second"))
    async with again.app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.1)
        await pilot.press("f6")
        await seen(pilot, again, "failed")
        await settle(pilot)
        assert "x.npy: record 7 is not a list" in text_of(again)
        assert again.toasts == [], "the end of a training is announced once"


async def test_the_form_complains_where_it_is_wrong_and_moves_on_with_enter(models: Path) -> None:
    async with opened(Library.open(models / "first"), size=(80, 24)) as (stage, pilot):
        view = await open_train(pilot, stage)
        await press(pilot, "i", "ctrl+s")
        await until(pilot, lambda: "Enter a playlist file" in text_of(stage))
        await fill(pilot, view, file=str(models))
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: stage.app.focused is view.query_one("#field-name"))
        await until(pilot, lambda: "Enter a name for the library" in text_of(stage))
        await press(pilot, "up")
        assert view.query_one("#field-file").has_focus
        await press(pilot, "down", "down", "down")
        toggle = view.query_one(Toggle)
        assert toggle.has_focus
        await press(pilot, "up", "up", "enter", "enter")
        assert toggle.has_focus
        await press(pilot, "right")
        assert toggle.value == "notebook"
        await press(pilot, "left", "escape")
        assert view.libraries.has_focus


async def test_a_path_is_completed(models: Path) -> None:
    async with opened(Library.open(models / "first"), size=(80, 24)) as (stage, pilot):
        view = await open_train(pilot, stage)
        await press(pilot, "i")
        box = view.query_one("#field-file", Input)
        box.insert_text_at_cursor(f"{models}/s")
        await press(pilot, "e", "c")
        await until(pilot, lambda: box._suggestion.endswith("second"))
        await press(pilot, "right")
        assert box.value == f"{models}/second"


@pytest.mark.parametrize("name", ["second", "unfinished"])
async def test_neither_a_library_nor_an_unfinished_training_is_replaced_without_asking(
    models: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    checkpoint_of(models / "unfinished").touch()
    plays(monkeypatch, [], "sys.exit('segue: never')")
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        await fill(pilot, view, file=str(models), name=name)
        await press(pilot, "ctrl+s")
        assert isinstance(stage.app.screen, ChoiceScreen)
        await press(pilot, "enter")
        assert view.run is None
        await press(pilot, "ctrl+s", "j", "enter")
        await seen(pilot, stage, "failed")
        started = child.Child.last("train")
        assert started is not None
        assert started.arguments[-1] == "--replace"


async def test_a_library_opened_from_elsewhere_is_listed_too(models: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(models / "first", tmp_path / "elsewhere")
    async with opened(Library.open(elsewhere), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        assert [item.path.name for item in view.libraries.items] == ["elsewhere", "first", "second"]
        assert view.libraries.cursor == 0
        assert "● elsewhere" in text_of(stage)


async def test_the_libraries_are_listed_and_opened(models: Path) -> None:
    (models / "broken").mkdir()
    (models / "broken" / "library.json").write_text("{", encoding="utf-8")
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        assert [item.path.name for item in view.libraries.items] == ["broken", "first", "second"]
        assert view.libraries.cursor == 1, "the open one"
        assert "● first" in text_of(stage)
        await press(pilot, "enter")
        assert "This library is open already; F2 explores it." in stage.toasts
        await press(pilot, "k", "enter")
        assert stage.toasts[-1].startswith("…/broken/library.json: can't be read"), "only the path is cut"
        assert stage.toasts[-1].endswith("train the library again")
        await press(pilot, "j", "j", "enter")
        assert stage.app.return_value == models / "second"


def board(*hits: float) -> Leaderboard:
    entries = tuple(
        Entry(number, "", "done", {"dim": 32 * (number + 1), "window": 3}, hit, hit / 2, (hit / 2, hit), 4.0)
        for number, hit in enumerate(hits)
    )
    running = Entry(len(hits), "", "running", {"dim": 8, "window": 3}, None, None, (0.05,), 1.0)
    return Leaderboard("second", "fast", "fast", "searching", 100, 0, (*entries, running))


async def test_a_search_is_watched_wherever_it_was_started(models: Path) -> None:
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        await press(pilot, "w")
        await until(pilot, lambda: "No search yet." in text_of(stage))
        (models / "second" / STUDY).mkdir()
        write_leaderboard(models / "second" / STUDY, board(0.10, 0.30))
        await press(pilot, "j")
        await until(pilot, lambda: "2 tried" in text_of(stage))
        shown = text_of(stage)
        assert shown.index(".3000") < shown.index(".1000"), "the best stands first"
        assert "dim 64" in shown
        assert "window 3" not in shown, "what is the same everywhere is left out"
        assert "running" in shown
        write_leaderboard(models / "second" / STUDY, board(0.10, 0.30, 0.42))
        await until(pilot, lambda: "3 tried" in text_of(stage))
        assert ".4200" in text_of(stage)
        assert "searching" in text_of(stage)
        at_work = board(0.10, 0.30, 0.42)
        write_leaderboard(models / "second" / STUDY, replace(at_work, entries=at_work.entries[:3]))
        await until(pilot, lambda: "stopped, T resumes it" in text_of(stage))
        (models / "second" / STUDY / "leaderboard.json").write_text("{}", encoding="utf-8")
        # where the words are cut depends on the length of the path in them
        await until(pilot, lambda: view.query_one(BoardPanel).board is None)
        await until(pilot, lambda: "tried" not in text_of(stage))
        await press(pilot, "w")
        assert "Nothing is being trained" in text_of(stage)
        assert view._watched is None


async def test_a_search_is_started_and_stopped(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plays(monkeypatch, [], "print(sys.argv, flush=True)\ntime.sleep(60)")
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        await open_train(pilot, stage)
        await press(pilot, "T")
        assert "Search settings for first" in text_of(stage)
        await press(pilot, "j", "enter")
        assert "How long should it search?" in text_of(stage)
        await pilot.press("enter")
        await soon(pilot, lambda: child.Child.last("tune") is not None)
        await soon(pilot, lambda: "The search is starting." in text_of(stage))
        tuner = child.Child.last("tune")
        assert tuner is not None
        assert tuner.arguments == (
            "tune", "--library", str(models / "first"), "--preset", "notebook", "--budget", "10m", "--json",
        )  # fmt: skip
        await pilot.press("T")
        await soon(pilot, lambda: "A search is already running" in " ".join(stage.toasts))
        await pilot.press("E")
        await soon(pilot, lambda: not tuner.running)
        await settle(pilot)
        assert "The search was stopped." in stage.toasts


@pytest.mark.slow
async def test_a_real_training_makes_a_library_that_opens(models: Path) -> None:
    world = make_world("tiny", seed=0)
    lists = models.parent / "lists.txt"
    ids, offsets = world.playlists.track_ids, world.playlists.offsets.tolist()
    lines = [
        " ".join(ids[code] for code in world.playlists.codes[begin:end]) for begin, end in pairwise(offsets)
    ]
    lists.write_text("\n".join(lines) + "\n", encoding="utf-8")
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        view = await open_train(pilot, stage)
        await fill(pilot, view, file=str(lists), name="third", epochs="3")
        await pilot.press("ctrl+s")
        await soon(pilot, lambda: view.run is not None and view.run.over)
        assert run_of(stage).phase == "done", run_of(stage)
        assert [point[0] for point in run_of(stage).hit] == [1.0, 2.0, 3.0]
        await settle(pilot)
        await press(pilot, "o")
    trained = Library.open(stage.app.return_value or Path())
    assert trained.name == "third"
    assert trained.report is not None


async def test_the_library_under_the_cursor_is_described_while_nothing_is_trained(models: Path) -> None:
    async with opened(Library.open(models / "first"), size=SIZE) as (stage, pilot):
        await open_train(pilot, stage)
        await until(pilot, lambda: "Nothing is being trained" in text_of(stage))
        for name in ("first", "second"):
            await until(pilot, lambda: sum(name in line for line in text_of(stage).splitlines()[1:]) > 1)  # noqa: B023
            assert "imported" in text_of(stage)
            await press(pilot, "j")
