"""The catalogue that another process writes is the one that this process would have written."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from segue.core.catalogue.aside import CatalogueProcess, catalogue_process
from segue.core.catalogue.build import described, write_catalogue
from segue.core.catalogue.metadata import read_metadata
from segue.core.corpus import Vocabulary
from segue.core.errors import SegueError
from segue.core.tracks import TrackInfo

LONE = "tr\udce9ma"
"""An id with a byte that is not UTF-8, as old files have them."""
VOCABULARY = Vocabulary(["track_1", "track_2", LONE], np.array([5, 3, 2]), ["artist_1", "", ""])
TRACKS = {LONE: TrackInfo(LONE, "Tréma", "Nobody")}


def wait_for_ever(process: CatalogueProcess) -> None:
    while True:  # it may have answered before the signal came
        process.wait()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "tracks.csv"
    path.write_text("track_id,title,artist\n1,One,Ann\n2,,Bob\n,Lost,Cy\n9,Not wanted,Di\n", encoding="utf-8")
    return path


def test_it_is_the_same_file(tmp_path: Path, table: Path) -> None:
    report = read_metadata([table], VOCABULARY)
    here, there = tmp_path / "here.sqlite", tmp_path / "there.sqlite"
    write_catalogue(here, described(VOCABULARY, TRACKS | report.tracks), VOCABULARY.counts)
    with catalogue_process(tmp_path / "library", [table]) as process:
        process.describe(VOCABULARY, TRACKS)
        assert process.skipped() == report.skipped == {"row without track id": 1}
        assert process.titles == 2
        process.wait()
        process.put(there)
    assert there.read_bytes() == here.read_bytes()


def test_without_metadata_it_keeps_what_the_playlists_say(tmp_path: Path) -> None:
    with catalogue_process(tmp_path / "library", []) as process:
        process.describe(VOCABULARY, TRACKS)
        assert (process.skipped(), process.titles) == ({}, 1)


@pytest.mark.parametrize("steps", [0, 3])
def test_nothing_is_left_of_a_catalogue_that_nobody_takes(tmp_path: Path, table: Path, steps: int) -> None:
    with catalogue_process(tmp_path / "library", [table]) as process:
        for step in (lambda: process.describe(VOCABULARY, TRACKS), process.skipped, process.wait)[:steps]:
            step()
    assert sorted(tmp_path.iterdir()) == [table]


def test_a_file_that_cannot_be_read_is_named_before_tensorflow_is_imported(tmp_path: Path) -> None:
    missing = tmp_path / "missing.csv"
    with (
        catalogue_process(tmp_path / "library", [missing]) as process,
        pytest.raises(SegueError, match=r"missing\.csv: cannot be opened"),
    ):
        process.describe(VOCABULARY, TRACKS)


def test_a_second_file_that_cannot_be_read_is_named(tmp_path: Path, table: Path) -> None:
    with catalogue_process(tmp_path / "library", [table, tmp_path / "missing.csv"]) as process:
        process.describe(VOCABULARY, TRACKS)
        with pytest.raises(SegueError, match=r"missing\.csv: cannot be opened"):
            process.skipped()


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_killed_process_is_an_error_of_one_line(tmp_path: Path, table: Path) -> None:
    with catalogue_process(tmp_path / "library", [table]) as process:
        process.describe(VOCABULARY, TRACKS)
        os.kill(process.number, signal.SIGKILL)
        with pytest.raises(SegueError, match="ended early"):
            wait_for_ever(process)


def test_a_file_in_the_working_folder_does_not_take_a_modules_place(
    tmp_path: Path, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with catalogue_process(tmp_path / "library", [table]) as process:
        process.describe(VOCABULARY, TRACKS)
        process.wait()
