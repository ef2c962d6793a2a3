"""What the listener has (imports, crates, titles, own files) on full and read-only disks, and shared."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from segue.core.catalogue.overlay import title_overlay
from segue.core.cli import main
from segue.core.files import locked
from segue.core.library import Library
from segue.core.own_files import FileIndex
from segue.core.places import user_folder
from segue.core.state import State
from segue.core.tracks import TrackInfo
from tests.core.cli.test_import import kept
from tests.core.corpus.exports import EXPORTS
from tests.core.corpus.test_exports import invented
from tests.core.own_files.sounds import write_wav
from tests.end_to_end.deezer_server import FakeDeezer
from tests.faults.disks import Disk, small_disk
from tests.libraries import write_untitled_library
from tests.tui.support import opened, press

AT_ONCE = """
import json, os, sys
from segue.core.cli import main
import requests, segue.core.cli.import_, segue.core.corpus.own
import segue.core.own_files, segue.core.explore.titles

children = {}
for arguments, log in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT), 2)
        os._exit(main(arguments))
    children[child] = None
for child in children:
    children[child] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps(list(children.values())))
"""


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A small disk that holds the listener's home."""
    with small_disk(tmp_path / "disk", 2000) as made:
        at_home(made.path, monkeypatch)
        yield made


@pytest.fixture
def music(tmp_path: Path) -> Path:
    for number in range(3):
        write_wav(tmp_path / "music" / f"{number}.wav", 0.02)
    return tmp_path / "music"


def at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("DATA", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(folder / kind.lower()))


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line of standard error."""
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1, shown
    return shown


@pytest.mark.parametrize("room", [0, 100, 200, 300])
def test_an_import_on_a_full_disk_goes_on_where_there_is_room_again(
    room: int, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = EXPORTS["spotify account"](tmp_path / "earlier", invented(5))
    path = EXPORTS["spotify account"](tmp_path / "now", invented(60))
    assert main(["import", str(earlier)]) == 0
    before = kept()
    disk.fill(but=room)
    capsys.readouterr()
    assert main(["import", str(path)]) == 1
    shown = one_line(capsys)
    assert "disk is full" in shown
    assert str(disk.path) in shown
    disk.clear()
    after = kept()
    assert after["corpus"] == before["corpus"]
    assert before["crates"].items() <= after["crates"].items()
    assert main(["import", str(path)]) == 0
    whole = kept()
    at_home(tmp_path / "whole", monkeypatch)
    assert main(["import", str(earlier)]) == main(["import", str(path)]) == 0
    assert whole == kept()


async def test_on_a_read_only_disk_all_is_there_and_the_explorer_opens(
    disk: Disk, music: Path, deezer: FakeDeezer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = write_untitled_library(tmp_path / "untitled")
    name = str(library.path)
    assert main(["titles", "-l", name, "--top", "2"]) == main(["files", str(music)]) == 0
    playlists = EXPORTS["spotify account"](tmp_path / "earlier", invented(5))
    more = EXPORTS["spotify account"](tmp_path / "now", invented(9))
    assert main(["import", str(playlists)]) == main(["state", "love", library.track_ids[0], "-l", name]) == 0
    title_overlay().close()
    write_wav(music / "new.wav", 0.02)
    with disk.read_only():
        for verb in (
            ["titles", "-l", name, "--top", "4"],
            ["files", str(music)],
            ["import", str(more)],
            ["state", "love", library.track_ids[1], "-l", name],
        ):
            capsys.readouterr()
            assert main(verb) == 1, verb
            shown = one_line(capsys)
            assert str(disk.path) in shown
            assert re.search("read-?only", shown, re.IGNORECASE), shown
        assert FileIndex(user_folder("data") / "files.sqlite").folders() == [music]
        with closing(State.open_anyway()) as state:
            assert (len(state.crates()), state.loves()) == (5, [library.track_ids[0]])
            async with opened(Library.open(library.path), state=state) as (stage, pilot):
                await press(pilot, "j", "enter")
            assert stage.app.broken_by is None
            assert [bool(stage.app.tracks.info(row).title) for row in range(3)] == [True, True, False]
    assert len(kept()["crates"]) == 5


def test_a_second_import_is_refused_before_it_reads(capsys: pytest.CaptureFixture[str]) -> None:
    folder = user_folder("data") / "own"
    folder.parent.mkdir(parents=True)
    with locked(folder.parent / ".own.lock"):
        assert main(["import", "/absent"]) == 1
        assert "another import is running; wait until it has finished" in one_line(capsys)


def test_an_import_notes_what_it_kept_when_that_is_on_the_disk(tmp_path: Path) -> None:
    """As a tracer sees it, while an explorer has the state open, so that SQLite itself has no reason to."""
    log = tmp_path / "log"
    strace = ["strace", "-f", "-y", "-e", "trace=pwrite64,fsync,fdatasync,rename", "-o", str(log)]
    if shutil.which("strace") is None or subprocess.run([*strace, "true"], check=False).returncode:
        pytest.skip("strace is not installed, or may not trace here")
    path = EXPORTS["spotify account"](tmp_path / "mine", invented(9))
    with closing(State.open()) as state:
        state.love("track_1")
        title_overlay().keep([(TrackInfo("track_1", "Title", "Artist"), "")])
        subprocess.run([*strace, sys.executable, "-m", "segue", "import", str(path)], check=True)
        assert len(state.crates()) == 9
    calls = log.read_text().splitlines()

    def at(pattern: str) -> list[int]:
        return [number for number, call in enumerate(calls) if re.search(pattern, call)]

    (named,) = at(r'rename.*/playlists\.jsonl"')
    for name in ("state", "titles"):
        last = at(rf"pwrite64\(.*/{name}\.sqlite-wal>")[-1]
        assert any(last < synced < named for synced in at(rf"sync\(.*/{name}\.sqlite-wal>")), name
    assert named - 1 in at(r"fsync\(.*/\.playlists\.jsonl\.")
    assert named + 1 in at(r"fsync\(.*/own>")


@pytest.mark.slow
def test_of_all_that_runs_at_once_nothing_is_lost(music: Path, deezer: FakeDeezer, tmp_path: Path) -> None:
    library = write_untitled_library(tmp_path / "untitled")
    lists = invented(80)
    imports = [
        ["import", str(EXPORTS["spotify account"](tmp_path / "one", lists[:40]))],
        ["import", str(EXPORTS["exportify"](tmp_path / "two", lists[40:]))],
    ]
    verbs = [*imports, *[["titles", "-l", str(library.path), "--top", "9"], ["files", str(music)]] * 2]
    logs = [tmp_path / f"{number}.log" for number in range(len(verbs))]
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE, json.dumps([*zip(verbs, map(str, logs), strict=True)])],
        env=os.environ, check=True, capture_output=True, text=True,
    )  # fmt: skip
    ended = json.loads(done.stdout.splitlines()[-1])
    for verb, code, log in zip(verbs, ended, logs, strict=True):
        if code:
            assert verb in imports
            assert log.read_text().endswith("another import is running; wait until it has finished\n")
            assert main(verb) == 0
    with closing(State.open()) as state:
        assert len(state.crates()) == 80
    corpus = user_folder("data") / "own" / "playlists.jsonl"
    assert len(corpus.read_text().splitlines()) == 80
    assert [bool(info.title) for info in library.catalogue.infos(range(10))] == [True] * 9 + [False]
    index = FileIndex(user_folder("data") / "files.sqlite")
    assert all(index.find(TrackInfo(f"{number}.wav")) for number in range(3))
