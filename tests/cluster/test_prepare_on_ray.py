"""`segue prepare --cluster`: Ray runs the tasks, workers and drivers die, and the bytes are the same."""

import json
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from segue.core.corpus.prepare import prepare
from tests.cluster.alone import Alone
from tests.cluster.test_prepare import files_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray")]

KILLED_ONCE = """
import gzip, os, signal, sys
from pathlib import Path
from segue.core.cluster import connect
from segue.core.cluster.session import run_with
from segue.core.corpus.counting import count_stretch
from segue.core.corpus.prepare import prepare
from segue.core.errors import SegueError

path, out, marker = map(Path, sys.argv[1:])

def count_and_die_once(spool, number, pieces):
    from segue.core.corpus import counting

    def die(shards, n_shards):  # when some files are half written and others aren't there
        os.kill(os.getpid(), signal.SIGKILL)

    if number == 3 and not marker.exists():
        marker.touch()
        counting.starts_of = die
    return count_stretch(spool, number, pieces)

with connect("local", processes=2) as ray:
    plain = run_with(ray)

    def run(function, calls, _progress=None):
        return plain(count_and_die_once if function is count_stretch else function, calls)

    prepare([path], out, run=run, processes=2, stretch=100_000)
    damaged = path.with_name("damaged.jsonl.gz")
    damaged.write_bytes(gzip.compress(path.read_bytes()[:1_000_000])[:-9])
    try:
        prepare([path, damaged, path], out, run=run, processes=2, stretch=100_000)
    except SegueError as error:
        print(error)
"""


@pytest.fixture
def playlists(tmp_path: Path) -> Path:
    """8 MB of playlists with unicode, ids that are left out, and ties in the counts."""
    rng = np.random.default_rng(8)
    path = tmp_path / "rows.jsonl"
    with path.open("w") as file:
        for length in rng.integers(0, 30, 30_000).tolist():
            tracks = (20_000 * rng.random(length) ** 2).astype(int).tolist()
            row = [f"spotify:track:é{track}" for track in tracks]
            file.write(json.dumps([*row, "", "bad\nid"], ensure_ascii=False) + "\n")
    return path


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_worker_killed_in_mid_count_changes_no_byte(alone: Alone, playlists: Path, tmp_path: Path) -> None:
    program, marker = tmp_path / "program.py", tmp_path / "killed"
    program.write_text(KILLED_ONCE)
    done = alone.run([program, playlists, tmp_path / "tasks", marker])
    assert (done.returncode, done.stderr) == (0, "")
    assert marker.exists()
    prepare([playlists], tmp_path / "one")
    assert files_of(tmp_path / "tasks") == files_of(tmp_path / "one")
    # a file that one task could not read is reported as on one machine, and the corpus stays what it was
    assert done.stdout.startswith(f"{tmp_path / 'damaged.jsonl.gz'}: is damaged or cut short")
    assert done.stdout.count("\n") == 1
    assert hidden(tmp_path) == []


def test_a_killed_driver_leaves_nothing_and_a_rerun_completes(
    alone: Alone, playlists: Path, tmp_path: Path, ray_folder: Path
) -> None:
    out = tmp_path / "out"
    command: list[str | Path] = ["-m", "segue", "prepare", playlists, "--out", out, "--json"]
    command += ["--cluster", "local"]
    driver = alone.start(command)
    while not list(tmp_path.glob(".out.*.tmp/spool/stretch-*")):
        assert driver.poll() is None
        time.sleep(0.01)
    workers = [
        process
        for process in psutil.Process(driver.pid).children(recursive=True)
        if process.name().startswith("ray::count")
    ]
    driver.send_signal(signal.SIGKILL)
    driver.communicate()
    assert workers
    # those that watch over a node take a minute longer to notice; nobody writes any more
    assert psutil.wait_procs(workers, timeout=60)[1] == []
    assert not out.exists()

    done = alone.run([*command, "--processes", "2"])
    assert (done.returncode, done.stderr) == (0, "")
    prepare([playlists], tmp_path / "one")
    assert files_of(out) == files_of(tmp_path / "one")
    assert json.loads(done.stdout)["fresh"]
    assert hidden(tmp_path) == []
