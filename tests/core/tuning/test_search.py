"""A search is run for real on a tiny library: small trainings, killed processes, one test score."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from segue.core.errors import SegueError, UsageError
from segue.core.library import Library
from segue.core.tuning.render import Leaderboard, read_leaderboard
from segue.core.tuning.search import Event, Tuner, score_vectors, split_without_test
from segue.core.tuning.space import NOTEBOOK_GRID, Preset, config_of, preset_of, rounded
from segue.core.tuning.study import revive

QUICK = {"epochs": 1, "steps_per_epoch": 2}
"""Trainings of a second; what they learn does not matter here."""

HOLD_THE_LOCK = """
import pathlib, sys
from segue.core.tuning.study import JournalLock
JournalLock(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
sys.stdin.read()
"""


def _small(name: str = "notebook", configurations: int = 2) -> Preset:
    preset = preset_of(name)
    grid = dict(list(preset.grid.items())[:configurations])
    return replace(preset, grid=grid)


@pytest.fixture(scope="module")
def finished(
    tiny_library: Library, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Event], list[int]]:
    """A search of two configurations with its end, and at which event the test pairs were asked for."""
    folder = tmp_path_factory.mktemp("study")
    events: list[Event] = []
    opened: list[int] = []

    def test_pairs() -> NDArray[np.int32]:
        opened.append(len(events))
        assert tiny_library.held_out is not None
        return tiny_library.held_out.test

    tuner = Tuner(
        split_without_test(tiny_library),
        folder,
        _small(),
        library="tiny",
        fixed=QUICK,
        on_event=events.append,
    )
    assert tuner.search()
    assert tuner.finish(test_pairs, seeds=2)
    return folder, events, opened


def _board(folder: Path) -> Leaderboard:
    board = read_leaderboard(folder)
    assert board is not None
    return board


def test_every_configuration_of_the_grid_is_scored_on_validation_pairs(
    finished: tuple[Path, list[Event], list[int]], tiny_library: Library
) -> None:
    board = _board(finished[0])
    assert [(entry.name, entry.state) for entry in board.entries] == [
        ("the notebook's", "done"),
        ("50 dimensions", "done"),
    ]
    for entry in board.entries:
        assert entry.params == NOTEBOOK_GRID[entry.name]
        assert entry.hit is not None
        assert len(entry.epochs) == 1
        # the tiny library's validation pairs are fewer than those looked at after an epoch
        assert entry.epochs[-1] == pytest.approx(entry.hit)
    assert tiny_library.held_out is not None
    assert board.n_validation == len(tiny_library.held_out.validation)


def test_the_test_pairs_are_opened_once_and_only_after_the_last_training(
    finished: tuple[Path, list[Event], list[int]], tiny_library: Library
) -> None:
    folder, events, opened = finished
    assert len(opened) == 1
    before = [event.what for event in events[: opened[0]]]
    after = [event.what for event in events[opened[0] :]]
    assert before.count("retrained") == 2
    assert after == ["scored"]
    assert all(event.board.result is None for event in events[: opened[0]])
    board = _board(folder)
    assert board.state == "finished"
    assert board.result is not None
    assert [one.seed for one in board.retrained] == [1, 2]
    hits = [one.test_hit for one in board.retrained if one.test_hit is not None]
    assert board.result.test_hit.mean == pytest.approx(np.mean(hits))
    assert board.result.test_hit.deviation == pytest.approx(np.std(hits, ddof=1))
    assert tiny_library.held_out is not None
    assert board.n_test == len(tiny_library.held_out.test)
    best = board.best()
    assert best is not None
    assert board.result.winner == best.number
    assert not list(folder.glob("*.npy"))


def test_a_closed_search_takes_no_more_trials(
    finished: tuple[Path, list[Event], list[int]], tiny_library: Library
) -> None:
    before = read_leaderboard(finished[0])
    tuner = Tuner(split_without_test(tiny_library), finished[0], _small(), fixed=QUICK)
    assert tuner.closed
    assert tuner.search(trials=5)
    assert tuner.board == before

    def never() -> NDArray[np.int32]:
        raise AssertionError("the test pairs were scored already")

    assert tuner.finish(never)


def test_an_end_that_was_cut_short_goes_on_where_it_stopped(tiny_library: Library, tmp_path: Path) -> None:
    split = split_without_test(tiny_library)
    seen: list[Event] = []

    def never() -> NDArray[np.int32]:
        raise AssertionError("not every training is done")

    first = Tuner(
        split,
        tmp_path,
        _small(configurations=1),
        fixed=QUICK,
        on_event=seen.append,
        should_stop=lambda: any(event.what == "retrained" for event in seen),
    )
    assert first.search()
    assert not first.finish(never, seeds=2)
    half = _board(tmp_path)
    assert (half.state, len(half.retrained), half.result) == ("retraining", 1, None)
    later: list[Event] = []
    second = Tuner(split, tmp_path, _small(configurations=1), fixed=QUICK, on_event=later.append)
    assert second.search()
    assert second.finish(lambda: split.validation, seeds=2)
    assert [event.number for event in later if event.what == "retrained"] == [2]
    whole = _board(tmp_path)
    assert whole.state == "finished"
    # these test pairs are the validation pairs, so both scores are the same
    assert [one.test_hit for one in whole.retrained] == [one.validation_hit for one in whole.retrained]


def test_a_search_refuses_a_split_with_test_pairs(tiny_library: Library, tmp_path: Path) -> None:
    split = split_without_test(tiny_library)
    assert len(split.test) == len(split.test_playlists) == 0
    with pytest.raises(SegueError, match="must not see test pairs"):
        Tuner(replace(split, test=split.validation), tmp_path, _small())


def test_another_search_in_the_same_folder_is_refused(
    finished: tuple[Path, list[Event], list[int]], tiny_library: Library
) -> None:
    with pytest.raises(SegueError, match="a search of another settings"):
        Tuner(split_without_test(tiny_library), finished[0], _small(), fixed={"epochs": 2})
    with pytest.raises(SegueError, match="another preset"):
        Tuner(split_without_test(tiny_library), finished[0], preset_of("fast"), fixed=QUICK)


def test_a_trial_that_is_stopped_goes_back_into_the_queue(tiny_library: Library, tmp_path: Path) -> None:
    stop = False

    def stop_soon(event: Event) -> None:
        nonlocal stop
        stop = stop or event.what == "epoch"

    split = split_without_test(tiny_library)
    settings = {"epochs": 50, "steps_per_epoch": 1}
    tuner = Tuner(split, tmp_path, _small(), fixed=settings, on_event=stop_soon, should_stop=lambda: stop)
    assert not tuner.search()
    assert [entry.state for entry in tuner.board.entries] == ["stopped", "waiting", "waiting"]
    assert tuner.board.entries[2].name == "the notebook's"
    with pytest.raises(SegueError, match="no trial is done"):
        tuner.finish(lambda: split.validation)


def test_time_that_is_over_ends_the_search(tiny_library: Library, tmp_path: Path) -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 1
        return now[0]

    tuner = Tuner(split_without_test(tiny_library), tmp_path, _small(), fixed=QUICK, clock=clock)
    assert not tuner.search(seconds=0.5)
    assert [entry.state for entry in tuner.board.entries] == ["waiting", "waiting"]


def test_a_trial_whose_process_died_before_signing_for_it_is_run_again(
    tiny_library: Library, tmp_path: Path
) -> None:
    tuner = Tuner(split_without_test(tiny_library), tmp_path, _small(), fixed=QUICK)
    tuner.study.ask()
    assert tuner.search()
    assert [entry.state for entry in tuner.board.entries] == ["stopped", "done", "done"]


def test_the_trial_of_a_dead_process_is_run_again(tiny_library: Library, tmp_path: Path) -> None:
    tuner = Tuner(split_without_test(tiny_library), tmp_path, _small(), fixed=QUICK)
    alive, dead = tuner.study.ask(), tuner.study.ask()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    now = time.time()
    here = os.uname().nodename
    alive.set_user_attr("worker", {"host": here, "process": os.getpid(), "seen": now})
    dead.set_user_attr("worker", {"host": here, "process": gone.pid, "seen": now})
    assert revive(tuner.study, tmp_path, now) == 1
    assert [entry.state for entry in tuner.board.entries] == ["running", "stopped", "waiting"]
    assert tuner.board.entries[2].name == "50 dimensions"
    # the other one falls silent
    assert revive(tuner.study, tmp_path, now + 3600) == 1
    assert [entry.name for entry in tuner.board.entries if entry.state == "waiting"] == [
        "50 dimensions",
        "the notebook's",
    ]


def test_a_lock_dies_with_its_holder_and_torn_lines_are_repaired(
    tiny_library: Library, tmp_path: Path
) -> None:
    split = split_without_test(tiny_library)
    Tuner(split, tmp_path, _small(), fixed=QUICK).study.set_user_attr("kept", 1)
    journal = tmp_path / "journal.log"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, str(journal)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == b"held\n"
    with journal.open("ab") as file:
        file.write(b'{"op_code": 4, "torn')
    holder.kill()
    holder.wait()
    holder.stdout.close()
    holder.stdin.close()
    # this would wait for ever were the lock still held
    study = Tuner(split, tmp_path, _small(), fixed=QUICK).study
    assert study.user_attrs["kept"] == 1
    study.set_user_attr("after", 2)
    assert Tuner(split, tmp_path, _small(), fixed=QUICK).study.user_attrs["after"] == 2


def test_an_unreadable_journal_is_named(tiny_library: Library, tmp_path: Path) -> None:
    (tmp_path / "journal.log").write_text("no journal\nat all\n")
    with pytest.raises(SegueError, match=r"journal\.log: can't be read"):
        Tuner(split_without_test(tiny_library), tmp_path, _small())


def test_a_free_search_prunes_and_suggests_something_new_after_a_restart(
    tiny_library: Library, tmp_path: Path
) -> None:
    settings = {"epochs": 2, "dim": 16, "pool": 64, "batch": 256}
    for trials in (2, 3):
        # each round is what a new process would do
        tuner = Tuner(split_without_test(tiny_library), tmp_path, preset_of("fast"), fixed=settings)
        assert tuner.search(trials=trials)
    board = _board(tmp_path)
    assert len(board.entries) == 3
    assert len({str(entry.params) for entry in board.entries}) == 3
    assert {entry.state for entry in board.entries} <= {"done", "pruned"}
    assert all(len(entry.epochs) == 2 for entry in board.entries if entry.state == "done")


def test_settings_have_three_digits_and_presets_have_names() -> None:
    assert rounded({"temperature": 9.8876, "dim": 48, "name": "flat", "rate": 1e-5}) == {
        "temperature": 9.89,
        "dim": 48,
        "name": "flat",
        "rate": 1e-5,
    }
    assert len(NOTEBOOK_GRID) == 10
    for params in NOTEBOOK_GRID.values():
        assert config_of(preset_of("notebook"), params, {}).dim == params["vector_dim"]
    with pytest.raises(UsageError, match="choose from notebook, fast"):
        preset_of("slow")


def test_scores_are_those_of_the_nearest(tiny_library: Library) -> None:
    from segue.core.evaluation import evaluate

    nearest = evaluate(tiny_library, rankers=("nearest",)).ranker("nearest")
    assert tiny_library.held_out is not None
    hit, ndcg = score_vectors(tiny_library.vectors, tiny_library.held_out.validation)
    assert (hit, ndcg) == pytest.approx((nearest.all.hit.mean, nearest.all.ndcg.mean))


@pytest.mark.slow
def test_a_killed_search_goes_on_and_ends_with_a_test_score(tiny_library: Library, tmp_path: Path) -> None:
    library = shutil.copytree(tiny_library.path, tmp_path / "tiny")
    start = "import sys; from segue.core.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "tune", "-l", str(library), "--preset", "notebook"]
    command += ["--epochs", "1", "--set", "steps_per_epoch=3", "--seeds", "2"]
    killed = subprocess.Popen(command)
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        board = read_leaderboard(library / "tuning")
        if board is not None and sum(entry.state == "done" for entry in board.entries) >= 3:
            break
        time.sleep(0.1)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    half = _board(library / "tuning")
    assert half.result is None
    done = {entry.number: entry.hit for entry in half.entries if entry.state == "done"}
    assert 3 <= len(done) < 10
    subprocess.run(command, check=True, timeout=200)
    whole = _board(library / "tuning")
    assert {number: whole.entries[number].hit for number in done} == done
    assert sorted(entry.name for entry in whole.entries if entry.state == "done") == sorted(NOTEBOOK_GRID)
    assert whole.result is not None
    assert len(whole.retrained) == 2
