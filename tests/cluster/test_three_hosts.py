"""Training, tuning and preparing on three hosts, of which one is lost and one cut off."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from segue.core.corpus.prepare import prepare
from segue.core.synthetic import make_world
from segue.core.synthetic.world import write_json_lines
from tests.cluster import hosts
from tests.cluster.alone import why_not
from tests.cluster.test_prepare import files_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hosts"), pytest.mark.timeout(1500)]


def test_a_lost_host_killed_commands_and_a_cut_network_change_no_bit(tmp_path: Path) -> None:
    tried = subprocess.run([*hosts.THREE_HOSTS, "true"], capture_output=True, text=True, check=False)
    if (reason := why_not()) or tried.returncode:
        pytest.skip(reason or f"no namespaces can be had here: {' '.join(tried.stderr.split())}")
    write_json_lines(make_world(0.02, seed=3).playlists, tmp_path / "playlists.jsonl")
    inputs = [tmp_path / "table.csv", tmp_path / "many.jsonl"]
    inputs[1].write_bytes((tmp_path / "playlists.jsonl").read_bytes() * 20)
    rows = (f"{number % 7001},track_{number * number % 5003}\n" for number in range(100_000))  # scattered
    inputs[0].write_text("playlist_id,track_id\n" + "".join(rows))
    command = [*hosts.THREE_HOSTS, sys.executable, "-m", "tests.cluster.hosts", str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=1400, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen.pop("rounds before it was killed") < seen.pop("resumed at") <= hosts.ROUNDS, "none is lost"
    assert seen == {"asked elsewhere": [], "trials": [3, 1]}
    # the vectors are those of three shards on one host
    one, broken = (np.load(tmp_path / name / "vectors.npy") for name in ("one", "broken"))
    assert np.array_equal(one, broken)
    prepare(inputs, tmp_path / "alone")
    alone = files_of(tmp_path / "alone")
    assert files_of(tmp_path / "lost") == alone, "the files of the first host, and a lost host"
    stored = files_of(tmp_path / "corpus")
    assert json.loads(stored.pop("corpus.json"))["inputs"][1][0] == "s3://music/many.jsonl"
    alone.pop("corpus.json")
    assert stored == alone, "an object in a store, a killed command and a network cut in two"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith((".lost", ".corpus"))]
