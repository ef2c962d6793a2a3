"""The explorer in a real terminal: started, used, left, and the terminal clean afterwards."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from segue.core.library import Library
from tests.faults.terminal import ESCAPE

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
"""How long something may take on a machine that has much else to do."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


class Terminal:
    """A tmux of the test's own, 100 columns by 30 lines, with a shell in it."""

    def __init__(self, socket: Path, home: Path) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        names = ("DATA", "STATE", "CONFIG", "CACHE")
        environment = {**os.environ, **{f"XDG_{name}_HOME": str(home / name.lower()) for name in names}}
        environment |= {"SEGUE_SINK": "silent", "PS1": "$ ", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):  # workers of pytest-xdist set a size of their own
            environment.pop(name, None)
        self._environment = environment
        self.open()

    def open(self) -> None:
        """Open the terminal."""
        shell = ["new-session", "-d", "-s", "segue", "-x", "100", "-y", "30", "sh"]
        subprocess.run([*self._tmux, *shell], check=True, env=self._environment, cwd=ROOT)

    def type(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        subprocess.run([*self._tmux, "send-keys", "-t", "segue", *keys], check=True)

    def screen(self) -> str:
        """What is on the screen."""
        shown = subprocess.run(
            [*self._tmux, "capture-pane", "-p", "-t", "segue"], check=True, capture_output=True, text=True
        )
        return shown.stdout

    def flag(self, name: str) -> str:
        """A property of the terminal, by tmux's name."""
        shown = subprocess.run(
            [*self._tmux, "display-message", "-p", "-t", "segue", f"#{{{name}}}"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return shown.stdout.strip()

    def until(self, condition: Callable[[str], bool]) -> str:
        """Wait until the screen shows something; give it."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if condition(shown := self.screen()):
                return shown
            time.sleep(0.05)
        raise AssertionError(f"it never came about; the screen was\n{self.screen()}")

    def shows(self, text: str) -> str:
        """Wait until a text is on the screen."""
        return self.until(lambda shown: text in shown)

    def at_rest(self) -> str:
        """Wait until the screen has not changed for half a second; give it."""
        deadline = time.monotonic() + SECONDS
        before = self.screen()
        while time.monotonic() < deadline:
            time.sleep(0.5)
            if (shown := self.screen()) == before:
                return shown
            before = shown
        raise AssertionError(f"it never came to rest; the screen was\n{before}")

    def leave_tour(self) -> None:
        """Leave the tour. A key in the very first moment can be lost among the terminal's own answers."""
        self.shows("Welcome to Segue")
        deadline = time.monotonic() + SECONDS
        while "Welcome to Segue" in self.screen() and time.monotonic() < deadline:
            self.type("-H", *(f"{byte:02x}" for byte in ESCAPE.encode()))
            time.sleep(0.5)

    def close(self) -> None:
        """End the terminal and all in it."""
        subprocess.run([*self._tmux, "kill-server"], check=False)
        deadline = time.monotonic() + SECONDS
        while not self._gone() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _gone(self) -> bool:
        """Whether no server is left that a new terminal could meet while it ends."""
        asked = subprocess.run([*self._tmux, "has-session"], check=False, capture_output=True, text=True)
        return "no server running" in asked.stderr or "error connecting" in asked.stderr


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal."""
    opened = Terminal(tmp_path / "socket", tmp_path / "home")
    yield opened
    opened.close()


def test_a_session_in_a_real_terminal(terminal: Terminal, tiny_library: Library) -> None:
    seed = tiny_library.catalogue.info(7)
    word = seed.title.split()[0]
    terminal.type(f"{sys.executable} -m segue --library {tiny_library.path}", "Enter")
    terminal.leave_tour()
    terminal.shows("All tracks, the most played first")
    terminal.type("/")
    terminal.shows("esc leave")
    terminal.type(*seed.title.replace(" ", "\x00").split("\x00")[:1])
    terminal.until(lambda shown: "found" in shown and word in shown.splitlines()[4])
    first = terminal.at_rest().splitlines()[4][3:40].split("  ")[0].strip()
    terminal.type("Enter")
    shown = terminal.shows(f"Close to {first}")
    assert "ordered by" in shown
    terminal.type("j", "Enter")
    terminal.until(lambda shown: shown.count("›") == 2)
    terminal.type("h")
    terminal.shows("1 ahead")
    terminal.type("r")
    shown = terminal.until(lambda shown: "▶" in shown.splitlines()[-2] and "next" in shown.splitlines()[-1])
    assert "1 " in shown.split("Radio")[-1]
    terminal.type("q")
    terminal.shows("-m segue --library")  # what was there before stands there again
    assert terminal.flag("alternate_on") == "0"
    assert terminal.flag("mouse_any_flag") == "0"
    assert terminal.flag("cursor_flag") == "1"
    terminal.type("clear; stty -a | tr ';' '\\n' | grep -w -- echo && echo the shell is $((40 + 2))", "Enter")
    shown = terminal.shows("the shell is 42")
    assert "-echo " not in shown.replace("-echonl", "").replace("-echoprt", "")


def test_it_comes_back_where_it_was_left(terminal: Terminal, tiny_library: Library) -> None:
    start = f"{sys.executable} -m segue --library {tiny_library.path}"
    terminal.type(start, "Enter")
    terminal.leave_tour()
    terminal.type("j", "Enter")
    shown = terminal.shows("Close to ")
    place = next(line for line in shown.splitlines() if "Close to " in line).split("  ")[0].strip()
    terminal.type("q")
    terminal.shows("-m segue --library")
    terminal.type(start, "Enter")
    shown = terminal.shows(place)
    assert "Welcome" not in shown


def test_a_killed_explorer_loses_nothing(terminal: Terminal, tiny_library: Library) -> None:
    start = f"{sys.executable} -m segue --library {tiny_library.path}"
    terminal.type(start, "Enter")
    terminal.leave_tour()
    terminal.type("f")
    terminal.shows("♥")
    kill_children(terminal)
    terminal.close()
    terminal.open()
    terminal.type(start, "Enter")
    terminal.shows("♥")


def kill_children(terminal: Terminal) -> None:
    """Kill what runs in the terminal."""
    pane = terminal.flag("pane_pid")
    children = subprocess.run(
        ["pgrep", "-P", pane], capture_output=True, text=True, check=True
    ).stdout.split()
    for child in children:
        os.kill(int(child), 9)


def test_a_crate_is_gathered_played_to_its_end_and_trailed(terminal: Terminal, tiny_library: Library) -> None:
    start = f"SEGUE_SINK=silent {sys.executable} -m segue --library {tiny_library.path}"
    terminal.type(start, "Enter")
    terminal.leave_tour()
    terminal.shows("All tracks, the most played first")
    first, second = (info.title for info in tiny_library.catalogue.infos([0, 1]))
    terminal.type("*", "j", "*")
    terminal.shows("2 tracks. u")
    terminal.type("Q", "Enter")
    terminal.shows("Crate My crate")
    terminal.type("k", "Space")
    terminal.type("F3")
    terminal.until(
        lambda shown: f"▶ {first[:15]}" in shown and "1 of 2" in shown and "Crate My crate" in shown
    )
    terminal.type("n")
    terminal.until(lambda shown: f"▶ {second[:15]}" in shown and "2 of 2" in shown)
    terminal.type("N")
    terminal.until(lambda shown: f"▶ {first[:15]}" in shown)
    terminal.until(lambda shown: f"▶ {second[:15]}" in shown)
    terminal.shows("Crate My crate ended: that was the last track")
    terminal.type("F2", "T")
    terminal.until(lambda shown: f"▶ {first[:15]}" in shown.splitlines()[-2] and "0:06" in shown)


def test_the_terminals_title_names_what_plays(terminal: Terminal, tiny_library: Library) -> None:
    before = terminal.flag("pane_title")
    terminal.type(f"{sys.executable} -m segue --library {tiny_library.path}", "Enter")
    terminal.leave_tour()
    terminal.shows("All tracks, the most played first")
    title = tiny_library.catalogue.info(0).title
    terminal.type("Space")
    terminal.until(lambda _: terminal.flag("pane_title").startswith(title))
    assert terminal.flag("pane_title").endswith("· Segue")
    terminal.type("q")
    terminal.until(lambda _: terminal.flag("pane_title") == before)
