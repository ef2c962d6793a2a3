import csv
import json
from pathlib import Path

import pytest

from segue.core.cli import main
from segue.core.corpus import fetch as fetching
from segue.core.corpus.fetch import RemoteFile
from segue.core.corpus.readers import read_playlists
from segue.core.synthetic import make_world
from tests.core.corpus.server import Behaviour, serving
from tests.core.corpus.test_fetch import CONTENT, git_hash


@pytest.fixture(autouse=True)
def small_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same names with the hash of what the test's server has."""
    import segue.core.cli.sources as verb

    files = tuple(RemoteFile(file.name, git_hash(CONTENT)) for file in fetching.DEEZER_FILES)
    monkeypatch.setattr(verb, "DEEZER_FILES", files)


def test_fetch_brings_what_training_needs_and_says_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    behaviour = Behaviour(CONTENT)
    with serving(behaviour) as address:
        assert main(["fetch", "deezer", "--from", address, "--to", str(tmp_path)]) == 0
        shown = capsys.readouterr().out
        assert f"{tmp_path / 'music_2.npy'}: 300,000 bytes, verified\n" in shown
        assert f"segue train {tmp_path / 'music_2.npy'} --metadata {tmp_path / 'TracksArtists.csv'}" in shown
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(fetching.NEEDED)
        words = ["Tracks.csv", "music_2.npy", "--from", address, "--to", str(tmp_path), "--json"]
        assert main(["fetch", "deezer", *words]) == 0
    files = json.loads(capsys.readouterr().out)
    assert [(file["name"], file["downloaded"]) for file in files] == [
        ("Tracks.csv", True),
        ("music_2.npy", False),
    ]
    assert len(behaviour.requests) == 4


def test_the_default_folder_is_segues_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "music_2.npy").write_bytes(CONTENT)
    assert main(["fetch", "deezer", "music_2.npy", "--from", str(tmp_path)]) == 0
    path = Path(capsys.readouterr().out.split(": ")[0])
    assert path.read_bytes() == CONTENT
    assert path.parent.name == "deezer"


def test_wrong_names_end_with_2_and_missing_files_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "deezer", "music_9.npy"]) == 2
    assert "no file 'music_9.npy' there; choose from music_2.npy" in capsys.readouterr().err
    with serving(Behaviour(CONTENT, "404")) as address:
        assert main(["fetch", "deezer", "--from", address, "--to", str(tmp_path)]) == 1
    assert "the server answers 404" in capsys.readouterr().err


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
