"""`segue tune --cluster`: trainings as Ray's tasks, of which some are killed."""

import json
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from segue.core.cli import main
from segue.core.evaluation.report import held_out_pairs
from segue.core.library import Library
from segue.core.tuning.render import Leaderboard, read_leaderboard
from segue.core.tuning.search import Tuner, split_without_test
from segue.core.tuning.space import preset_of
from tests.cluster.alone import Alone

KILLED_ONCE = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from segue.core.cluster import connect, tuning
from segue.core.cluster.tuning import ClusterTuner
from segue.core.cluster.tuning import train_and_score
from segue.core.evaluation.report import held_out_pairs
from segue.core.library import Library
from segue.core.tuning.search import split_without_test
from segue.core.tuning.space import preset_of

library, folder, marker = Library.open(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])

def train_and_die_once(split, config, seed, *, keeps_vectors):
    for shown in train_and_score(split, config, seed, keeps_vectors=keeps_vectors):
        yield shown
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)

tuning.train_and_score = train_and_die_once
preset = preset_of("notebook")
preset = replace(preset, grid=dict(list(preset.grid.items())[:2]))
with connect("local", processes=2) as ray:
    fixed = {"epochs": 2, "steps_per_epoch": 2}
    tuner = ClusterTuner(ray, split_without_test(library), folder, preset, fixed=fixed)
    assert tuner.search()
    assert tuner.finish(lambda: held_out_pairs(library, "test"), seeds=2)
"""
QUICK = {"epochs": 2, "steps_per_epoch": 2}


def board_of(folder: Path) -> Leaderboard:
    board = read_leaderboard(folder)
    assert board is not None
    return board


@pytest.mark.slow
@pytest.mark.xdist_group("ray")
def test_a_killed_trial_is_trained_again_and_the_leaderboard_is_that_of_one_process(
    alone: Alone, tiny_library: Library, tmp_path: Path
) -> None:
    program, marker = tmp_path / "program.py", tmp_path / "killed"
    program.write_text(KILLED_ONCE)
    done = alone.run([program, tiny_library.path, tmp_path / "tasks", marker])
    assert (done.returncode, done.stderr) == (0, "")
    assert marker.exists()

    preset = preset_of("notebook")
    preset = replace(preset, grid=dict(list(preset.grid.items())[:2]))
    plain = Tuner(split_without_test(tiny_library), tmp_path / "one", preset, fixed=QUICK)
    assert plain.search()
    assert plain.finish(lambda: held_out_pairs(tiny_library, "test"), seeds=2)
    found, expected = board_of(tmp_path / "tasks"), board_of(tmp_path / "one")
    assert found.state == "finished"
    assert [entry.state for entry in found.entries] == ["done", "done"]
    for entry, other in zip(found.entries, expected.entries, strict=True):
        assert (entry.name, entry.params) == (other.name, other.params)
        assert entry.hit == pytest.approx(other.hit)
        assert entry.epochs == pytest.approx(other.epochs)
    assert [one.seed for one in found.retrained] == [one.seed for one in expected.retrained] == [1, 2]
    assert found.n_test == expected.n_test
    assert not list((tmp_path / "tasks").glob("*.npy"))


@pytest.mark.slow
@pytest.mark.xdist_group("ray")
def test_a_killed_driver_leaves_a_search_that_goes_on(
    alone: Alone, tiny_library: Library, tmp_path: Path, ray_folder: Path
) -> None:
    study = tmp_path / "study"
    command: list[str | Path] = ["tune", "-l", tiny_library.path, "--study", study, "--search-only", "--json"]
    command += ["--trials", "2", "--epochs", "100", "--set", "pool=32", "--set", "batch=128"]
    driver = alone.start(["-m", "segue", *command, "--cluster", "local"])
    assert driver.stdout is not None
    reported = json.loads(driver.stdout.readline())
    driver.send_signal(signal.SIGKILL)
    driver.communicate()
    assert (reported["event"], reported["state"]) == ("epoch", "running")

    assert main(list(map(str, command))) == 0
    entries = board_of(study).entries
    states = [entry.state for entry in entries]
    assert states.count("done") + states.count("pruned") == 2
    assert "stopped" in states
    assert "running" not in states
    # what the killed driver had under way is there again, with the same parameters, and tried to its end
    for dead in (entry for entry in entries if entry.state == "stopped"):
        again = [one for one in entries if one.params == dead.params and one.number > dead.number]
        assert [one.state for one in again] in (["done"], ["pruned"])


@pytest.mark.usefixtures("_without_ray")
def test_without_ray_the_command_says_in_one_line_what_to_install(
    tiny_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["tune", "-l", str(tiny_library.path), "--study", str(tmp_path / "study"), "--cluster", "local"]
    assert main(command) == 1
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "pip install ray" in shown
