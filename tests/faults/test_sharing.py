"""Two Segues on one library and one state file, and a library that is trained again while it is open."""

import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.state import State
from segue.core.synthetic import make_world
from tests.faults.terminal import Terminal
from tests.faults.test_killed import EXPLORE, leave_tour
from tests.libraries import make_library

LISTENER = """
import sys
from pathlib import Path
from segue.core.explore.neighbours import neighbourhood
from segue.core.library import Library
from segue.core.state import State

library, state, name = Library.open(Path(sys.argv[1])), State.open(Path(sys.argv[2])), sys.argv[3]
for number in range(60):
    near = neighbourhood(library, number, 5).rows[0].row
    track = library.track_ids[near]
    assert library.catalogue.info(near).track_id == track
    state.record(track, source=name, seconds=1.0)
    state.set_place(f"{name}-{number}", {"row": near})
    state.save_session({"number": number}, name=name)
    state.set_crate(name, [*state.crates().get(name, []), track])
    state.change_queue(name, state.queue(name), {"number": number})
state.close()
"""

OPENER = """
import sys
from pathlib import Path
from segue.core.errors import SegueError
from segue.core.library import Library

path, opened, refused = Path(sys.argv[1]), 0, 0
print("ready", flush=True)
while not (path.parent / "stop").exists():
    try:
        library = Library.open(path)
        row = len(library) // 2
        assert library.catalogue.info(row).track_id == library.track_ids[row], "two libraries are mixed"
        assert library.corpus is None or len(library.corpus.vocabulary) == len(library)
        opened += 1
    except SegueError as error:
        assert "\\n" not in str(error)
        refused += 1
print(opened, refused)
"""


def test_two_listeners_share_a_library_and_a_state(tiny_library: Library, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    command = [sys.executable, "-c", LISTENER, str(tiny_library.path), str(path)]
    listeners = [subprocess.Popen([*command, name], stderr=subprocess.PIPE) for name in ("one", "two")]
    for listener in listeners:
        _, error = listener.communicate(timeout=100)
        assert listener.returncode == 0, error.decode()
    with closing(State.open(path)) as state:
        lines = state.journal(1000)
        assert [sum(line.source == name for line in lines) for name in ("one", "two")] == [60, 60]
        assert len(state.places()) == 120
        assert [state.session(name=name) for name in ("one", "two")] == [{"number": 59}] * 2
        assert [state.queue(name) for name in ("one", "two")] == [{"number": 59}] * 2
        for name in ("one", "two"):
            heard = [line.track_id for line in reversed(lines) if line.source == name]
            assert state.crates()[name] == heard


def test_a_library_trained_again_while_open_is_never_mixed_with_the_new_one(tmp_path: Path) -> None:
    path = make_library(tmp_path / "library").path
    library, early = Library.open(path), Library.open(path)
    titles = [early.catalogue.info(row).title for row in range(20)]
    assert early.corpus is not None
    make_library(path, make_world("tiny", seed=5), seed=5)
    assert early.catalogue.info(3).title == titles[3], "what is open goes on with what it has"
    assert early.index().query(np.array([0]), 3)[0].shape == (1, 3)
    outcomes: list[str] = []
    barrier = threading.Barrier(6)

    def look() -> None:
        barrier.wait()
        try:
            outcomes.append("old" if early.catalogue.info(5).title == titles[5] else "new")
        except SegueError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "new" not in outcomes
    assert all(outcome == "old" or "changed on disk" in outcome for outcome in outcomes)
    for part in ("corpus", "cooccurrence", "occurrences", "held_out", "positions", "track_ids"):
        with pytest.raises(SegueError, match="changed on disk; reopen it"):
            getattr(library, part)
    again = Library.open(path)
    assert again.catalogue.info(0).track_id == again.track_ids[0]


@pytest.mark.slow
def test_a_library_written_again_and_again_is_whole_for_whoever_opens_it(tmp_path: Path) -> None:
    path = make_library(tmp_path / "library").path
    worlds = [make_world("tiny", seed=seed) for seed in range(3)]
    opener = subprocess.Popen([sys.executable, "-c", OPENER, str(path)], stdout=subprocess.PIPE, text=True)
    assert opener.stdout is not None
    assert opener.stdout.readline() == "ready\n"
    deadline = time.monotonic() + 60
    for number in range(6):
        make_library(path, worlds[number % 3], seed=number)
        assert time.monotonic() < deadline
    (tmp_path / "stop").touch()
    out, _ = opener.communicate(timeout=60)
    assert opener.returncode == 0
    opened, _refused = map(int, out.split())
    assert opened > 6
    assert not [left for left in tmp_path.iterdir() if left.name.startswith(".")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_two_explorers_of_a_library_keep_both_queues(tiny_library: Library, tmp_path: Path) -> None:
    options = ["--library", str(tiny_library.path), "--no-sound", "--offline"]
    with Terminal(EXPLORE, options, tmp_path) as first:
        leave_tour(first)
        first.type(" ")
        path = next(tmp_path.rglob("state.sqlite"))
        with closing(State.open(path)) as state:
            name = f"{tiny_library.name} {len(tiny_library)}"
            first.until(lambda: state.queue(name) is not None)
            tracks = [line[0] for line in state.queue(name)["tracks"]]
            with Terminal(EXPLORE, options, tmp_path) as second:
                second.until(lambda: "Another Segue has this library open" in second.text)
                second.type("3j ")
                second.until(lambda: state.queue(f"{name} seat 2") is not None)
                others = [line[0] for line in state.queue(f"{name} seat 2")["tracks"]]
                assert others == tracks[3:]
                second.type("q")
                assert second.end() == 0
            first.type("q")
            assert first.end() == 0
            assert [line[0] for line in state.queue(name)["tracks"]][-5:] == tracks[-5:]
            assert [line[0] for line in state.queue(f"{name} seat 2")["tracks"]][-5:] == tracks[-5:]
    assert not list(tmp_path.rglob("explorer-*.lock"))
