"""What `pip install` gives: a wheel in an environment of its own does what the checkout does."""

import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.faults.terminal import ESCAPE, ROOT, SECONDS, Terminal

pytestmark = pytest.mark.slow

LEFT_BEHIND = (".git", ".venv", "build", "*.egg-info", "__pycache__", ".*_cache", "tests", "benchmarks")
DEMO = ROOT / "models" / "demo"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", symlinks=True, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, folder / "source"], check=True, timeout=200)
    return next(folder.glob("segue-*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the wheel, and sees this one's other packages."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=100)
    found = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(found)]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True, timeout=200)
    (packages,) = folder.glob("lib/python*/site-packages")
    # a line in a .pth file adds a folder, but not that folder's own .pth files: the checkout stays unseen
    (packages / "dependencies.pth").write_text(str(Path(pytest.__file__).parents[1]) + "\n")
    return found


def segue(python: Path, folder: Path, *arguments: str) -> str:
    """Run a verb in an empty folder with empty homes; return what it printed."""
    homes = {f"XDG_{name}_HOME": str(folder / name) for name in ("DATA", "STATE", "CONFIG", "CACHE")}
    command = [str(python.with_name("segue")), *arguments]
    environment = os.environ | homes | {"PYTHONPATH": ""}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_brings_one_package_and_the_whole_demo(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"segue"}
    files = {path.relative_to(DEMO).as_posix() for path in DEMO.rglob("*") if path.is_file()}
    assert files <= {name.removeprefix("segue/models/demo/") for name in names}


def test_its_verbs_work_on_the_demo(python: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [python, "-c", "import segue.core.places as places; print(places.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert str(python.parents[1]) in where
    first = json.loads(segue(python, tmp_path, "search", "a", "--json"))[0]
    near = json.loads(segue(python, tmp_path, "neighbours", first["track_id"], "--ranker", "next", "--json"))
    assert near
    report = json.loads(segue(python, tmp_path, "evaluate", "--ranker", "next", "--no-save", "--json"))
    assert (report["library"], report["n_pairs"]) == ("demo", 1000)
    assert segue(python, tmp_path, "compare", "demo", "demo")
    assert segue(python, tmp_path, "--version").startswith("segue ")


def test_it_opens_the_explorer(python: Path, tmp_path: Path) -> None:
    code = "import sys; from segue.__main__ import main; sys.exit(main(sys.argv[1:]))"
    with Terminal(code, ["--no-sound", "--offline"], tmp_path, python=python) as terminal:
        terminal.until(lambda: "Welcome to Segue" in terminal.drawn)
        terminal.type(ESCAPE)
        terminal.until(lambda: "Nothing plays" in terminal.drawn)
        deadline = time.monotonic() + SECONDS
        while terminal.process.poll() is None and time.monotonic() < deadline:
            terminal.type("q")  # again while the tour closes: a key in that moment is the tour's
            time.sleep(0.5)
        assert terminal.end() == 0
