"""SIGKILL, SIGTERM and SIGHUP at random moments of the explorer and of the state it writes."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from segue.core.catalogue.overlay import TitleOverlay
from segue.core.library import Library
from segue.core.radio.queue import Queue
from segue.core.state import State
from segue.core.tracks import TrackInfo
from tests.core.own_files.sounds import write_wav
from tests.faults.terminal import ESCAPE, Terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals"),
]

WRITER = """
import sys
from pathlib import Path
from segue.core.state import State

state, first = State.open(Path(sys.argv[1])), int(sys.argv[2])
for number in range(first, first + 10**6):
    state.love(f"track_{number}")
    state.record(f"track_{number}", source="test", seconds=1.0)
    state.save_session({"number": number})
    print(number, flush=True)
"""
GATHERER = """
import sys
from pathlib import Path
from segue.core.catalogue.overlay import TitleOverlay
from segue.core.own_files import FileIndex
from segue.core.state import State
from segue.core.tracks import TrackInfo

state, first, folder = State.open(Path(sys.argv[1])), int(sys.argv[2]), Path(sys.argv[1]).parent
titles, files = TitleOverlay(folder / "titles.sqlite"), FileIndex(folder / "files.sqlite")
music, sound = folder / "music", (folder / "sound.wav").read_bytes()
for number in range(first, first + 10**6):
    held = [f"track_{each}" for each in range(number + 1)]
    state.set_crate("Evening", held[-50:])
    queue = {"source": "Evening", "tracks": [[number, "", 0.5, None]], "heard": [], "radio": None}
    state.change_queue("here", state.queue("here"), queue)
    titles.keep([(TrackInfo(f"track_{number}", f"Title {number}", "Artist"), "")])
    (music / f"{number}.wav").write_bytes(sound)
    files.scan(music)
    print(number, flush=True)
"""
UNDOER = """
from segue.core.cli import main

while main(["state", "undo"]) == 0:
    pass
"""
EXPLORE = "import sys; from segue.tui.__main__ import main; sys.exit(main(sys.argv[1:]))"
MOMENTS = 20


def soundness(path: Path) -> str:
    """SQLite's own verdict on a file."""
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def leave_tour(terminal: Terminal) -> None:
    """Leave the tour. A key in the very first moment can be lost among the terminal's own answers."""
    terminal.until(lambda: "Welcome to Segue" in terminal.drawn)
    before = len(terminal.drawn)
    while "All tracks, the most played first" not in terminal.drawn[before:]:
        terminal.type(ESCAPE)
        time.sleep(0.5)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_writer_loses_nothing_that_it_had_written(number: signal.Signals, tmp_path: Path) -> None:
    path, rng, reported = tmp_path / "state.sqlite", np.random.default_rng(number), list[int]()
    for _ in range(MOMENTS):
        first = reported[-1] + 2 if reported else 0  # one more may have been written than was reported
        command = [sys.executable, "-c", WRITER, str(path), str(first)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            reported += [int(writer.stdout.readline()) for _ in range(rng.integers(1, 9))]
            time.sleep(rng.uniform(0, 0.01))
            writer.send_signal(number)
            lines = writer.stdout.read().splitlines(keepends=True)
        assert writer.returncode == -number
        reported += [int(line) for line in lines if line.endswith("\n")]
        assert soundness(path) == "ok"
        with closing(State.open(path)) as state:
            expected = {f"track_{each}" for each in reported}
            assert expected <= set(state.loves())
            assert expected <= state.heard()
            assert state.session()["number"] in {reported[-1], reported[-1] + 1}


def test_no_crate_queue_title_or_indexed_file_is_lost_however_often_the_writer_is_killed(
    tmp_path: Path,
) -> None:
    (tmp_path / "music").mkdir()
    write_wav(tmp_path / "sound.wav", 0.02)
    path, rng, last = tmp_path / "state.sqlite", np.random.default_rng(17), 0
    for _ in range(2 * MOMENTS):
        command = [sys.executable, "-c", GATHERER, str(path), str(last + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            last = [int(writer.stdout.readline()) for _ in range(rng.integers(1, 4))][-1]
            time.sleep(rng.uniform(0, 0.01))
            writer.kill()
            more = [int(line) for line in writer.stdout.read().splitlines(keepends=True) if line[-1] == "\n"]
        last = (more or [last])[-1]
        for name in ("state", "titles", "files"):
            assert soundness(tmp_path / f"{name}.sqlite") == "ok"
        with closing(TitleOverlay(tmp_path / "titles.sqlite")) as titles:
            assert titles.completed([TrackInfo(f"track_{last}")])[0].title == f"Title {last}"
        with closing(sqlite3.connect(tmp_path / "files.sqlite")) as files:
            row = files.execute(
                "SELECT seconds FROM files WHERE path = ?", (bytes(tmp_path / "music" / f"{last}.wav"),)
            ).fetchone()
            assert row[0] > 0
        with closing(State.open(path)) as state:
            held = state.crates()["Evening"]
            newest = int(held[-1].removeprefix("track_"))
            assert newest in {last, last + 1}, "what was reported is there, and at most one more"
            assert held == [f"track_{each}" for each in range(newest + 1)][-50:], "a crate is whole"
            queue = Queue()
            queue.read_json(state.queue("here"), tracks=10**6)
            assert queue.plan[0].row in {last, last + 1}
            last = newest


def test_the_shell_killed_while_it_undoes_leaves_crate_and_queue_as_they_were_before_or_after(
    tmp_path: Path,
) -> None:
    path, rng = tmp_path / "state" / "segue" / "state.sqlite", np.random.default_rng(18)
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state")}
    with closing(State.open(path)) as state:
        for number in range(20):
            state.set_crate("Evening", [f"track_{each}" for each in range(number + 1)])
            state.change_queue("here", {"first": number}, {"first": number + 1})
        crate, queue = 20, 20
        for _ in range(6):
            command = [sys.executable, "-u", "-c", UNDOER]
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as shell:
                assert shell.stdout is not None
                for _ in range(rng.integers(1, 5)):  # a line for each change that is undone
                    shell.stdout.readline()
                time.sleep(rng.uniform(0, 0.02))
                shell.kill()
            assert soundness(path) == "ok"
            before, (crate, queue) = (
                (crate, queue),
                (len(state.crates()["Evening"]), state.queue("here")["first"]),
            )
            assert crate <= before[0]
            assert queue <= before[1]
            assert crate - queue in {0, 1}, "the queue and the crate go back in turn"
            if queue < 10:
                break
        while state.redo() is not None:
            pass
        assert (len(state.crates()["Evening"]), state.queue("here")) == (20, {"first": 20})


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_an_explorer_ended_at_any_moment_starts_again_where_it_was(
    number: signal.Signals, tiny_library: Library, tmp_path: Path
) -> None:
    arguments = ["--library", str(tiny_library.path), "--no-sound", "--offline"]
    state_path, rng, loves = tmp_path / "state" / "segue" / "state.sqlite", np.random.default_rng(number), 0
    for moment in range(4):
        with Terminal(EXPLORE, arguments, tmp_path) as terminal:
            terminal.until(lambda terminal=terminal: "Nothing plays" in terminal.drawn)  # type: ignore[misc]  # bound at once
            if not moment:
                leave_tour(terminal)
            terminal.type("gg" + "fj" * (moment + 2))
            time.sleep(rng.uniform(0, 0.6))
            code = terminal.end(number)
            if number == signal.SIGKILL:
                assert code == -number
            else:
                assert code == 0
                assert terminal.in_order()
        assert soundness(state_path) == "ok"
        with closing(State.open(state_path)) as state:
            now = len(state.loves())
            name = f"tui {tiny_library.name} {len(tiny_library)}"
            if number != signal.SIGKILL:
                assert state.session(name=name)["version"] == 1, "it leaves in order and keeps its place"
        assert abs(now - loves) <= moment + 2, "a key press changes one love, and no kill takes others away"
        loves = now


def test_the_explorer_opens_and_plays_where_no_state_can_be_kept(
    tiny_library: Library, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file where the state folder should be")
    with Terminal(EXPLORE, ["--library", str(tiny_library.path), "--no-sound"], tmp_path) as terminal:
        terminal.until(lambda: "Nothing plays" in terminal.drawn)
        leave_tour(terminal)
        terminal.until(lambda: "be saved:" in terminal.text)
        terminal.type("f")
        terminal.type("q")
        assert terminal.end() == 0
        assert terminal.in_order()


def test_a_broken_explorer_names_its_log_and_leaves_the_terminal_in_order(
    tiny_library: Library, tmp_path: Path
) -> None:
    broken = (
        "from segue.tui.controllers.steering import Tastes\n"
        "def fail(*_, **__): raise ZeroDivisionError('a bug with \\x1b[2J in it')\n"
        "Tastes._toggle = fail\n"
    )
    with Terminal(
        broken + EXPLORE, ["--library", str(tiny_library.path), "--no-sound"], tmp_path
    ) as terminal:
        terminal.until(lambda: "Nothing plays" in terminal.drawn)
        leave_tour(terminal)
        terminal.type("f")
        assert terminal.end() == 1
        log = tmp_path / "state" / "segue" / "segue.log"
        line = f"segue: unexpected ZeroDivisionError: a bug with �[2J in it ({log} has the details)"
        terminal.until(lambda: line in terminal.drawn)
        assert terminal.in_order()
        after = terminal.drawn.rpartition("\x1b[?1049l")[2]
        assert line in after, "it is shown on the first screen, where it stays"
        assert "Traceback" not in after
    written = log.read_text()
    assert "Traceback" in written
    assert "ZeroDivisionError: a bug with �[2J in it" in written
