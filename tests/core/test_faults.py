"""A disk that is full or read-only, and no home: reported in one line, nothing lost."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.errors import SegueError
from segue.core.files import atomic_file
from segue.core.library import Library
from segue.core.state import State
from tests.libraries import make_library


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for 300 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_and_the_old_library_stays(small_disk: Path, tmp_path: Path) -> None:
    whole = make_library(tmp_path / "whole")
    (small_disk / "filler").write_bytes(bytes(250_000))
    with pytest.raises(SegueError, match=r"library: can't be written, the disk is full; free some space"):
        make_library(small_disk / "library")
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
    assert len(Library.open(whole.path)) == len(whole)


def test_a_full_disk_met_by_numpy_is_said_as_well(small_disk: Path) -> None:
    target = small_disk / "vectors.npy"

    def write() -> None:
        with atomic_file(target) as temporary, temporary.open("wb") as file:
            np.save(file, np.zeros(1_000_000, np.float32))

    with pytest.raises(SegueError, match=r"vectors\.npy: can't be written, the disk is full"):
        write()
    assert list(small_disk.iterdir()) == []


def test_a_read_only_disk_is_said(
    small_disk: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert main(["export-vectors", "-l", str(tiny_library.path), "--out", str(small_disk / "v.npy")]) == 1
    shown = capsys.readouterr().err
    assert "v.npy: can't be written, Read-only file system; choose another location" in shown
    assert shown.count("\n") == 1


def test_a_library_on_a_read_only_disk_is_scored_all_the_same(
    small_disk: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    shutil.copytree(tiny_library.path, small_disk / "tiny")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert main(["evaluate", "-l", str(small_disk / "tiny")]) == 0
    shown = capsys.readouterr()
    assert "nearest" in shown.out
    assert "not kept: " in shown.err
    assert "report.json: can't be written, Read-only file system" in shown.err


def test_a_file_in_the_way_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SegueError, match="can't be written"), atomic_file(tmp_path / "file" / "inside"):
        pass
    assert (tmp_path / "file").read_text() == "in the way"


def test_other_errors_of_the_system_pass_as_they_are(tmp_path: Path) -> None:
    def fail() -> None:
        with atomic_file(tmp_path / "file"):
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        fail()


def test_without_a_home_segue_explores_all_the_same(tiny_library: Library) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    command = [sys.executable, "-m", "segue", "neighbours", "-l", str(tiny_library.path), "track_1", "--json"]
    command[6] = tiny_library.track_ids[0]
    done = subprocess.run(
        command, env=clean | {"HOME": "/proc/nowhere"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "set XDG_STATE_HOME" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def listener(small_disk: Path, monkeypatch: pytest.MonkeyPatch, tiny_library: Library) -> Path:
    """A state with a love, on a disk that has become read-only."""
    monkeypatch.setenv("XDG_STATE_HOME", str(small_disk))
    subprocess.run(["mount", "-o", "remount,size=2m", str(small_disk)], check=True)
    with closing(State.open()) as state:
        state.love(tiny_library.track_ids[0])
        state.ban_track(tiny_library.track_ids[1])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    return small_disk


def test_a_state_that_can_only_be_read_is_respected_and_changes_are_refused(
    listener: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    loved, banned = tiny_library.track_ids[:2]
    assert main(["state", "--json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["loves"] == [loved]
    assert str(listener) in shown.err
    assert main(["neighbours", loved, "-l", str(tiny_library.path), "-n", "300", "--no-guard", "--json"]) == 0
    assert banned not in {track["track_id"] for track in json.loads(capsys.readouterr().out)["tracks"]}
    assert main(["state", "love", loved, "-l", str(tiny_library.path)]) == 1
    err = capsys.readouterr().err
    assert "can't store state there" in err
    assert err.count("\n") == 1


def test_a_state_that_can_only_be_read_is_mentioned_once(
    listener: Path, tiny_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playlist = tmp_path / "party.txt"
    playlist.write_text("".join(f"{track_id}\n" for track_id in tiny_library.track_ids[2:6]))
    assert main(["complete", str(playlist), "-l", str(tiny_library.path), "-n", "3"]) == 0
    assert capsys.readouterr().err.count("can't store state there") == 1


def test_a_file_that_is_no_state_is_refused_where_it_can_only_be_read(listener: Path) -> None:
    subprocess.run(["mount", "-o", "remount,rw", str(listener)], check=True)
    (listener / "segue" / "state.sqlite").write_bytes(b"not a database" * 100)
    subprocess.run(["mount", "-o", "remount,ro", str(listener)], check=True)
    with pytest.raises(SegueError, match="move it away"):
        State.open_anyway()
