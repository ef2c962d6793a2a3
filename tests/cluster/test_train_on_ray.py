"""`segue train --cluster`: a worker and then the driver are killed, and the vectors are those of no kill."""

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from segue.core.synthetic import make_world
from segue.core.synthetic.world import write_json_lines
from tests.cluster.alone import PATIENCE, Alone

if TYPE_CHECKING:
    import subprocess

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray")]

ROUNDS = 3
TRAIN = (
    "train", "--cluster", "local", "--shards", "4", "--rounds", str(ROUNDS), "--dim", "16", "--no-evaluate",
    "--json",
)  # fmt: skip


@pytest.fixture(scope="module")
def playlists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fiftieth of the world with the habits of the real file."""
    path = tmp_path_factory.mktemp("world") / "playlists.jsonl"
    write_json_lines(make_world(0.02, seed=3).playlists, path)
    return path


def _workers(driver: psutil.Process) -> list[psutil.Process]:
    """The processes in which Ray trains a shard right now."""
    return [child for child in driver.children(recursive=True) if _title(child)[:1] == ["ray::train_shard"]]


def _title(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _kill_a_worker(driver: psutil.Process) -> None:
    """SIGKILL a worker that trains a shard, once there is one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and driver.is_running():
        for worker in _workers(driver):
            worker.kill()
            worker.wait(PATIENCE)  # until Ray has noticed
            return
        time.sleep(0.05)
    raise AssertionError("no worker was ever seen to train")


def _lines_until_round(process: "subprocess.Popen[str]", number: int) -> list[dict[str, object]]:
    """Read progress until that round is finished and its checkpoint written."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if lines[-1].get("epoch") == number and lines[-1].get("hit_at_10") is not None:
            return lines
    raise AssertionError(f"ended before round {number}: {lines[-1:]} {process.communicate()[1]}")


def _finished(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("round-*"))


def test_kills_of_a_worker_and_of_the_driver_change_no_bit(
    alone: Alone, playlists: Path, tmp_path: Path
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    undisturbed = alone.segue(*TRAIN, playlists, "--name", whole)
    assert undisturbed.returncode == 0, undisturbed.stderr

    process = alone.start(["-m", "segue", *TRAIN, playlists, "--name", broken])
    driver = psutil.Process(process.pid)
    try:
        _lines_until_round(process, 1)
        _kill_a_worker(driver)  # in the middle of round 2
        _lines_until_round(process, 2)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert not broken.exists()
    assert len(_finished(tmp_path / ".broken.rounds")) == 1

    resumed = alone.segue(*TRAIN, playlists, "--name", broken, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    began_at = next(line for line in map(json.loads, resumed.stdout.splitlines()) if "epoch" in line)["epoch"]
    assert began_at == ROUNDS  # the rounds before are not trained again
    assert not (tmp_path / ".broken.rounds").exists()
    assert np.array_equal(np.load(broken / "vectors.npy"), np.load(whole / "vectors.npy"))
    for field in ("loss", "hit_at_10", "positives"):
        assert _curve(broken, field) == _curve(whole, field)
    facts = json.loads((broken / "library.json").read_text())
    assert facts["training"]["shards"] == 4
    assert facts["training"]["rounds"] == ROUNDS
    assert set(facts["versions"]) >= {"tensorflow", "segue"}
    assert facts["training"]["ray"]


def _curve(library: Path, field: str) -> list[object]:
    return [json.loads(line)[field] for line in (library / "history.jsonl").read_text().splitlines()]


def test_an_interrupt_keeps_the_last_round(alone: Alone, playlists: Path, tmp_path: Path) -> None:
    process = alone.start(["-m", "segue", *TRAIN, playlists, "--name", tmp_path / "kept"])
    _lines_until_round(process, 1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    done = json.loads(out.splitlines()[-1])
    assert done["stopped"]
    assert 1 <= done["training"]["epochs"] < ROUNDS
    assert len(_finished(tmp_path / ".kept.rounds")) == 1
    assert "the last whole round is kept" in err
