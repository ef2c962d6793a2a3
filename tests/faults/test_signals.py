"""Verbs that are asked to end while they work, in a terminal of their own."""

import os
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from segue.core.cli import main
from segue.core.corpus import Corpus
from segue.core.library import Library
from segue.core.synthetic.world import make_world, write_json_lines
from tests.faults.terminal import ROOT, Terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals"),
]

SEGUE = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from segue.tui.__main__ import main; sys.exit(main(sys.argv[1:]))"
)
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(scope="module")
def playlists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "playlists.jsonl"
    write_json_lines(make_world("demo", seed=0).playlists, path)
    path.write_bytes(path.read_bytes() * 8)
    return path


def litter(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.endswith(".tmp")}


@pytest.mark.parametrize("number", SIGNALS)
def test_prepare_ends_in_order_and_leaves_nothing(
    number: signal.Signals, playlists: Path, tmp_path: Path
) -> None:
    out = tmp_path / "corpus"
    with Terminal(SEGUE, ["prepare", str(playlists), "--out", str(out)], tmp_path) as terminal:
        terminal.until(lambda: bool(litter(tmp_path)))
        assert terminal.end(number) == 128 + number
        shown = "segue: stopped" if number == signal.SIGINT else f"segue: terminated by {number.name}"
        terminal.until(lambda: shown in terminal.drawn)
        assert "Traceback" not in terminal.drawn
        assert terminal.in_order(), "the cursor is back"
    assert not out.exists()
    assert not litter(tmp_path)
    assert main(["prepare", str(playlists), "--out", str(out)]) == 0
    assert Corpus.open(out).n_playlists > 10_000


def _reached(terminal: Terminal, epoch: int) -> bool:
    return max(_epochs(terminal), default=0) >= epoch


def _epochs(terminal: Terminal) -> list[int]:
    """The epochs whose progress was shown."""
    return [int(number) for number in re.findall(r"epoch (\d+)/500", terminal.drawn)]


def test_a_training_keeps_what_it_has_and_goes_on_after_each_signal(playlists: Path, tmp_path: Path) -> None:
    name = str(tmp_path / "library")
    arguments = ["train", str(playlists), "--name", name, "--no-evaluate", "--epochs", "500"]
    epochs = 0
    for number, more in zip(SIGNALS, ([], ["--resume"], ["--resume"]), strict=True):
        with Terminal(SEGUE, [*arguments, *more], tmp_path) as terminal:
            terminal.until(partial(_reached, terminal, epochs + 2))
            assert terminal.end(number) == 128 + number
            assert "stopping after this batch" in terminal.drawn
            assert "continue with the same command and --resume" in terminal.drawn
            assert terminal.in_order(), "the cursor is back"
            assert (1 in _epochs(terminal)) == (not more), "it went on where it was"
        stopped = Library.open(name)
        assert len(stopped) > 1000
        assert not litter(tmp_path)
        assert stopped.manifest.training["epochs"] > epochs
        epochs = stopped.manifest.training["epochs"]


def test_nohup_is_respected(playlists: Path, tmp_path: Path) -> None:
    ignoring = SEGUE.replace("signal.SIGINT, signal.default_int_handler", "signal.SIGHUP, signal.SIG_IGN")
    out = tmp_path / "corpus"
    with Terminal(ignoring, ["prepare", str(playlists), "--out", str(out)], tmp_path) as terminal:
        terminal.until(lambda: bool(litter(tmp_path)))
        assert terminal.end(signal.SIGHUP) == 0
    assert Corpus.open(out).n_playlists > 10_000


def test_tests_that_send_signals_pass_where_signals_are_ignored() -> None:
    """As with `pytest &` in a script, `nohup pytest` and some CI runners."""
    tests = (
        "tests/core/cli/test_radio.py::test_ctrl_c_stops_it_without_a_traceback",
        "tests/tui/train/test_view.py::test_a_search_is_started_and_stopped",
        "tests/tui/metrics/test_view.py::test_scoring_that_ends_badly_is_reported",
    )
    pytest_ = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(
        ["sh", "-c", 'trap "" INT TERM HUP; exec "$@"', "sh", *pytest_],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=220,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "4 passed" in done.stdout
