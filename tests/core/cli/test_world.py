"""`segue world` writes files that the readers read back as the same world."""

import csv
import json
from pathlib import Path

import pytest

from segue.core.cli import main
from segue.core.corpus.readers import read_playlists
from segue.core.synthetic import make_world


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    assert main(["world", "--scale", "tiny", "--seed", "4", "--npy", "--out", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("name", ["playlists.jsonl", "playlists.npy"])
def test_the_readers_read_the_same_world_back(folder: Path, name: str) -> None:
    world, read = make_world("tiny", seed=4).playlists, read_playlists(folder / name)
    assert read.lists() == world.lists()
    assert read.track_ids == world.track_ids
    assert read.artist_ids == world.artist_ids


def test_the_metadata_names_every_track(folder: Path) -> None:
    with (folder / "TracksArtists.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    tracks = make_world("tiny", seed=4).tracks
    assert [(row["track_id"], row["title"], row["name"]) for row in rows] == [
        (track.track_id, track.title, track.artist) for track in tracks
    ]


def test_the_same_seed_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert main(["world", "--scale", "tiny", "--seed", "4", "--npy", "--out", str(tmp_path)]) == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    assert [(folder / name).read_bytes() for name in names] == [
        (tmp_path / name).read_bytes() for name in names
    ]


def test_json_tells_the_files_and_the_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["world", "--scale", "tiny", "--json", "--out", str(tmp_path)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["files"] == ["playlists.jsonl", "TracksArtists.csv"]
    assert answer["facts"]["playlists"] == 800


@pytest.mark.parametrize(
    "wrong", [["--scale", "huge"], ["--scale", "-2"], ["--scale", "nan"], ["--seed", "-1"]]
)
def test_wrong_arguments_exit_with_2_and_write_nothing(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new"
    assert main(["world", *wrong, "--out", str(folder)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not folder.exists()
