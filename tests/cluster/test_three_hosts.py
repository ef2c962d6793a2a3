"""Training on three hosts that share nothing but a network, one of which is lost."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from segue.core.synthetic import make_world
from segue.core.synthetic.world import write_json_lines
from tests.cluster import hosts
from tests.cluster.alone import Alone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hosts"), pytest.mark.timeout(1500)]


def test_a_lost_host_and_a_killed_driver_change_no_bit(alone: Alone, tmp_path: Path) -> None:
    tried = subprocess.run([*hosts.THREE_HOSTS, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no namespaces can be had here: {' '.join(tried.stderr.split())}")
    write_json_lines(make_world(0.02, seed=3).playlists, tmp_path / "playlists.jsonl")
    command = [*hosts.THREE_HOSTS, sys.executable, "-m", "tests.cluster.hosts", str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=1400, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "resumed at": hosts.ROUNDS,  # the rounds before are not trained again
        "hosts at the end": 2,
        "asked elsewhere": [],
    }
    whole, broken = (np.load(tmp_path / name / "vectors.npy") for name in ("whole", "broken"))
    assert np.array_equal(whole, broken)
    # with three hosts, the vectors are those of three shards on one
    one = alone.segue("train", tmp_path / "playlists.jsonl", "--name", tmp_path / "one", *hosts.ON_ONE_HOST)
    assert one.returncode == 0, one.stderr
    assert np.array_equal(np.load(tmp_path / "one" / "vectors.npy"), whole)
