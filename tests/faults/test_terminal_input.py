"""Pastes and answers of the terminal, sent to the explorer in a real pseudo-terminal."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from segue.core.library import Library
from tests.faults.terminal import ESCAPE, Terminal
from tests.faults.test_killed import EXPLORE, leave_tour
from tests.tui.test_keyboard import MEANINGLESS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo-terminal and /proc"),
]


def test_neither_a_paste_nor_an_answer_runs_a_command_or_ends_the_explorer(
    tiny_library: Library, tmp_path: Path
) -> None:
    with Terminal(EXPLORE, ["--library", str(tiny_library.path), "--no-sound"], tmp_path) as terminal:
        leave_tour(terminal)
        terminal.type("\x1b[200~colour \x1b[31mred f x q C r\x1b[201~")
        for sequence in MEANINGLESS:
            if "201~" not in sequence:
                terminal.type(sequence)
        os.write(terminal.master, b"\xff\xfe\x80")  # not UTF-8
        time.sleep(1.5)
        assert terminal.process.poll() is None
        terminal.type("o")
        terminal.until(lambda: "Open a playlist" in terminal.drawn)
        terminal.type("\x1b[200~" + "\x1b[31mMara Quill - Intro\x1b[0m\n" * 40_000 + "\x1b[201~")
        terminal.until(lambda: "Mara Quill - Intro" in terminal.drawn)
        terminal.type(ESCAPE)
        terminal.type("q")
        assert terminal.end() == 0
        assert terminal.in_order()
    assert "Compare" not in terminal.drawn.partition("Open a playlist")[0].rpartition("most played")[2]


@pytest.mark.parametrize("stop", ["ctrl+z", "SIGSTOP", "SIGTSTP"])
def test_a_stopped_explorer_comes_back_as_it_was_and_leaves_in_order(
    stop: str, tiny_library: Library, tmp_path: Path
) -> None:
    with Terminal(EXPLORE, ["--library", str(tiny_library.path), "--no-sound"], tmp_path) as terminal:
        leave_tour(terminal)
        status = Path(f"/proc/{terminal.process.pid}/status")
        entered = "\x1b[?1049h"

        def is_back(times: int) -> bool:
            _, *screens = terminal.drawn.split(entered)
            return len(screens) == times and "Nothing plays." in screens[-1]

        for turn in (2, 3):
            if stop == "ctrl+z":
                terminal.type("\x1a")
            else:
                terminal.process.send_signal(signal.Signals[stop])
            terminal.until(lambda: "State:\tT" in status.read_text())
            terminal.process.send_signal(signal.SIGCONT)
            terminal.until(lambda turn=turn: is_back(turn))  # type: ignore[misc]  # bound at once
        terminal.type("q")
        assert terminal.end() == 0
        terminal.until(terminal.in_order)
