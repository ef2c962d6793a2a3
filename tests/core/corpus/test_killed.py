"""SIGKILL at random moments: afterwards there is nothing or the finished thing, and a rerun completes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from segue.core.corpus import Corpus
from segue.core.corpus.fetch import RemoteFile, blob_hash, fetch
from segue.core.corpus.prepare import prepare
from tests.core.corpus.server import Behaviour, serving
from tests.core.corpus.test_fetch import git_hash
from tests.core.corpus.test_prepare import write_slices

ROOT = Path(__file__).parents[3]
MOMENTS = 20

PREPARE = """
import sys
from pathlib import Path
from segue.core.corpus.prepare import prepare

if __name__ == "__main__":
    print("ready", flush=True)
    prepare([Path(sys.argv[1])], Path(sys.argv[2]), processes=2, stretch=1 << 20)
    print("done", flush=True)
"""

FETCH = """
import sys
from pathlib import Path
from segue.core.corpus.fetch import RemoteFile, fetch

print("ready", flush=True)
list(fetch([RemoteFile("music.npy", sys.argv[3])], Path(sys.argv[2]), origin=sys.argv[1]))
print("done", flush=True)
"""


def run_and_kill(script: Path, arguments: list[str], after: float) -> bool:
    """Start the script, kill it so many seconds after it began its work; tells whether it had finished."""
    process = subprocess.Popen(
        [sys.executable, str(script), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=script.parent,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    out, err = process.communicate()
    assert process.returncode in {0, -signal.SIGKILL}, err.decode()
    return b"done" in out


def seconds_of_a_run(script: Path, arguments: list[str]) -> float:
    import time

    started = time.monotonic()
    assert run_and_kill(script, arguments, 120)
    return time.monotonic() - started


@pytest.mark.slow
def test_a_killed_prepare_leaves_nothing_or_the_finished_corpus(tmp_path: Path) -> None:
    script = tmp_path / "run_prepare.py"
    script.write_text(PREPARE)
    old, new, out = tmp_path / "old", tmp_path / "new", tmp_path / "corpus"
    write_slices(old, 2)
    write_slices(new, 40)
    before = prepare([old], tmp_path / "expected old", processes=1)[0].fingerprint
    after = prepare([new], tmp_path / "expected new", processes=1)[0].fingerprint
    whole = seconds_of_a_run(script, [str(new), str(tmp_path / "timed")])
    rng = np.random.default_rng(7)
    outcomes = []
    for moment in range(MOMENTS):
        # in half of the runs an older corpus stands in the way
        if moment % 2:
            prepare([old], out, processes=1, again=True)
        finished = run_and_kill(script, [str(new), str(out)], whole * rng.uniform(0, 1.1))
        found = out if out.exists() else tmp_path / ".corpus.old"
        outcomes.append(Corpus.open(found).fingerprint if found.exists() else "nothing")
        assert outcomes[-1] in ({before, after} if moment % 2 else {"nothing", after})
        assert not finished or outcomes[-1] == after
        record, _ = prepare([new], out, processes=1)
        assert record.fingerprint == Corpus.open(out).fingerprint == after
        left = {path.name for path in tmp_path.iterdir() if path.name.startswith(".")}
        assert left == set(), "the rerun clears away what the killed run left"
        subprocess.run(["rm", "-rf", str(out)], check=True)
    assert "nothing" in outcomes


@pytest.mark.slow
def test_a_killed_fetch_leaves_nothing_or_the_finished_file(tmp_path: Path) -> None:
    script = tmp_path / "run_fetch.py"
    script.write_text(FETCH)
    content = np.random.default_rng(1).bytes(400_000)
    file = RemoteFile("music.npy", git_hash(content))
    behaviour = Behaviour(content)
    behaviour.pause = 0.005
    rng = np.random.default_rng(8)
    with serving(behaviour) as address:
        whole = seconds_of_a_run(script, [address, str(tmp_path / "timed"), file.blob])
        resumed = 0
        for moment in range(MOMENTS):
            folder = tmp_path / f"run {moment}"
            target = folder / "music.npy"
            finished = run_and_kill(script, [address, str(folder), file.blob], whole * rng.uniform(0, 1.1))
            assert finished <= target.exists()
            if target.exists():
                assert blob_hash(target) == file.blob
            behaviour.requests.clear()
            list(fetch([file], folder, origin=address))
            resumed += any(behaviour.requests)
            assert target.read_bytes() == content
            assert [path.name for path in folder.iterdir()] == ["music.npy"]
    assert resumed, "a rerun goes on from what had come"
