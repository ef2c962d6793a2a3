"""`segue gather deezer` against a server on loopback: pages, withheld tracks, playlists that are gone."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.core.cli.main import main
from segue.core.corpus.readers import read_playlists
from segue.core.deezer import transport
from segue.core.deezer.client import OVERRIDE
from segue.core.explore.gather import Gathering
from segue.core.library import Library
from tests.end_to_end.deezer_server import FakeDeezer


@pytest.fixture
def deezer(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDeezer]:
    forget = transport.shared_bucket.cache_clear
    forget()
    rng = random.Random(3)
    with FakeDeezer(quota=10_000) as server:
        for number in range(1, 40):
            start = rng.randrange(5)
            server.playlists[number] = [(start + 3 * step) % 60 for step in range(rng.randrange(6, 15))]
        server.playlists[38] = [1, 2]  # too short
        for number in range(60):
            server.add(number, f"Song {number}", f"Artist {number % 10}")
        monkeypatch.setenv(OVERRIDE, server.base_url)
        # a bucket without a limit: what the limit does is tested beside it
        monkeypatch.setattr("segue.core.deezer.transport.shared_bucket", lambda: _FREE)
        yield server
    forget()


_FREE = transport.TokenBucket(tokens=100_000, reserve=0)


def gathered(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["gather", "deezer", "--to", str(folder), "--json", "--yes", *arguments]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[0])
    return found


def test_playlists_around_an_artist_come_whole_with_titles_and_without_people(
    deezer: FakeDeezer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = gathered(tmp_path / "g", capsys, "--like", "artist 3")
    kept = {n: songs for n, songs in deezer.playlists.items() if n % 7 and n != 38}
    assert found["playlists"] == len(kept)
    assert found["left_out"] == 39 - len(kept)
    playlists = read_playlists(Path(found["path"]))
    expected = [[f"track_{song}" for song in dict.fromkeys(songs[:-1]) if song] for songs in kept.values()]
    assert sorted(playlists.lists()) == sorted(expected)
    assert playlists.tracks["track_13"].title == "Song 13"
    everything = b"".join(path.read_bytes() for path in (tmp_path / "g").iterdir())
    assert b"User" not in everything
    assert not [path for path in deezer.paths() if "user" in path]


@pytest.mark.parametrize("like", ["jazz", "Song 7", "mix 1", "https://www.deezer.com/de/playlist/5", None])
def test_it_starts_from_a_genre_a_track_a_search_a_playlist_or_the_charts(
    like: str | None, deezer: FakeDeezer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = gathered(tmp_path / "g", capsys, *(["--like", like] if like else []), "--playlists", "4")
    assert found["playlists"] == 4
    first = {"jazz": "/chart/129/playlists", None: "/chart/0/playlists", "mix 1": "/search/playlist"}
    if like in first:
        assert first[like] in deezer.paths()


def test_nothing_is_asked_before_the_terms_are_agreed_to(
    deezer: FakeDeezer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["gather", "deezer", "--to", str(tmp_path / "g"), "--playlists", "2"]
    assert main(command) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Deezer's API is free for private, non-commercial use")
    assert "\nwithout a key, at most 40 times" in shown, "in lines, as they are written"
    assert "--yes" in shown
    assert deezer.asked == []
    gathered(tmp_path / "g", capsys, "--playlists", "2")
    assert main(command) == 0
    assert "non-commercial" not in capsys.readouterr().err, "they are shown before the first time only"
    assert main([*command, "--offline"]) == 2


def test_a_shared_link_leads_to_its_playlist(
    deezer: FakeDeezer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deezer.shared = {
        "abc": "https://www.deezer.com/playlist/5?host=0",
        "xyz": "https://www.deezer.com/album/5",
        "off": "https://www.deezer.com/track/5",
    }
    found = gathered(tmp_path / "g", capsys, "--like", "https://link.deezer.com/s/abc", "--playlists", "1")
    kept = json.loads(Path(found["path"]).read_text())
    assert [entry["track_id"] for entry in kept["entries"]] == [
        f"track_{song}" for song in dict.fromkeys(deezer.playlists[5][:-1])
    ]
    for code, fault in (
        ("xyz", "is an album; --like takes the link of a playlist"),
        ("off", "does not lead"),
    ):
        link = f"https://link.deezer.com/s/{code}"
        assert main(["gather", "deezer", "--to", str(tmp_path / "g"), "--like", link]) == 1
        assert f"{link}: {fault}" in capsys.readouterr().err


def test_a_second_gathering_into_one_folder_names_the_first(
    deezer: FakeDeezer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Gathering(tmp_path / "g"):
        assert main(["gather", "deezer", "--to", str(tmp_path / "g"), "--yes"]) == 1
    assert "another gathering is running" in capsys.readouterr().err
    assert deezer.asked == []


def test_what_means_nothing_is_refused(
    deezer: FakeDeezer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deezer.songs.clear()
    assert main(["gather", "deezer", "--to", str(tmp_path / "g"), "--yes", "--like", "xyzzy"]) == 1
    assert "'xyzzy'; try another --like" in capsys.readouterr().err


@pytest.mark.slow
def test_an_outage_keeps_what_there_is_and_the_same_command_goes_on(
    deezer: FakeDeezer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = gathered(tmp_path / "whole", capsys, "--like", "artist 3")
    gathered(tmp_path / "g", capsys, "--like", "artist 3", "--playlists", "5")
    url = os.environ[OVERRIDE]
    os.environ[OVERRIDE] = "http://127.0.0.1:9"
    assert main(["gather", "deezer", "--to", str(tmp_path / "g"), "--like", "artist 3"]) == 1
    assert "kept 5 playlists" in capsys.readouterr().err
    os.environ[OVERRIDE] = url
    again = gathered(tmp_path / "g", capsys, "--like", "artist 3")
    assert again["playlists"] == whole["playlists"]
    assert Path(again["path"]).read_bytes() == Path(whole["path"]).read_bytes()


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_as_if_it_had_not_been(deezer: FakeDeezer, tmp_path: Path) -> None:
    def command(folder: str) -> list[str]:
        return [
            sys.executable, "-m", "segue", "gather", "deezer", "--to", str(tmp_path / folder),
            "--like", "artist 3", "--yes",
        ]  # fmt: skip

    rng = random.Random(2)
    for _ in range(8):
        process = subprocess.Popen(command("killed"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.3, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
    for folder in ("killed", "whole"):
        subprocess.run(command(folder), check=True, capture_output=True)
    killed, whole = (tmp_path / folder / "playlists.jsonl" for folder in ("killed", "whole"))
    assert killed.read_bytes() == whole.read_bytes()


@pytest.mark.slow
def test_one_command_from_an_artist_to_a_library(
    deezer: FakeDeezer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gathered(tmp_path / "g", capsys, "--like", "artist 3", "--train", str(tmp_path / "library"))
    library = Library.open(tmp_path / "library")
    assert all(info.title and info.artist for info in library.catalogue.infos(range(len(library))))
