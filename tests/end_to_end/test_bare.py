"""The check of bare systems in continuous integration sees what goes wrong, and says where it can't run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.terminal import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")]


def run(*command: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=200, check=False
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("-m", "segue", "--no-sound", "--offline"), 0),
        (("-c", "print('Welcome to Segue')"), 1),
        (("-c", "import sys; sys.exit(3)"), 1),
    ],
    ids=["the explorer", "a program that answers no key", "a program that fails"],
)
def test_only_an_explorer_that_opens_answers_and_leaves_passes(command: tuple[str, ...], code: int) -> None:
    done = run(sys.executable, ROOT / ".ci" / "open_and_leave.py", sys.executable, *command)
    assert done.returncode == code, done.stderr


def test_where_it_cannot_run_it_says_so(tmp_path: Path) -> None:
    for name in ("bash", "dirname", "id"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    done = run(ROOT / ".ci" / "bare", PATH=str(tmp_path))
    assert done.returncode == 75
    assert "NOT RUN ON A BARE SYSTEM" in done.stderr


def test_an_unknown_shape_is_refused() -> None:
    done = run(ROOT / ".ci" / "bare", "nothing")
    assert done.returncode == 2
    assert "choose from none, library, headers" in done.stderr
