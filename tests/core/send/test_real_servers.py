"""Servers that others have made: MPD, and Supysonic for Subsonic. Without them these tests skip and say why.

Set `SEGUE_SUPYSONIC` to a Python that has the package supysonic, as continuous integration does.
"""

import json
import os
import shutil
import subprocess
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection, socket
from time import monotonic, sleep

import pytest

from segue.core.cli import main
from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.send.targets import send_playlist
from segue.core.serve.answers import Answers
from segue.core.subsonic import Subsonic
from tests.subsonic_server import PASSWORD, USER

Captured = pytest.CaptureFixture[str]


@contextmanager
def mpd(folder: Path) -> Iterator[int]:
    """Debian's MPD with three files, or others put into `music`, and a null output; its port."""
    program = shutil.which("mpd")
    if program is None:
        pytest.skip("MPD is not installed (Debian: apt-get install mpd)")
    pytest.importorskip("mpd", reason="python-mpd2 is not installed")
    for number in range(3):
        path = folder / "music" / "a" / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(b"\0\0" * 8000)
    (folder / "lists").mkdir()
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    (folder / "mpd.conf").write_text(
        f'music_directory "{folder}/music"\nplaylist_directory "{folder}/lists"\n'
        f'db_file "{folder}/db"\nbind_to_address "127.0.0.1"\nport "{port}"\n'
        'audio_output {\n type "null"\n name "null"\n}\n'
    )
    with subprocess.Popen([program, "--no-daemon", str(folder / "mpd.conf")]) as running:
        try:
            until = monotonic() + 20
            while monotonic() < until:
                try:
                    create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    sleep(0.02)
            yield port
        finally:
            running.kill()


def test_mpd_stores_replaces_and_queues(tmp_path: Path) -> None:
    with mpd(tmp_path) as port:
        from segue.core.mpd import connected
        from segue.core.send.mpd import queue, store

        with connected("127.0.0.1", port) as client:
            client.update()
            while "updating_db" in client.status():
                sleep(0.02)
            paths = [each["file"] for each in client.listallinfo() if "file" in each]
            assert sorted(paths) == ["a/0.wav", "a/1.wav", "a/2.wav"]
            assert store(client, "Mine", paths) == "made the playlist Mine"
            assert store(client, "Mine", paths[:2]) == "replaced the playlist Mine"
            assert client.listplaylist("Mine") == paths[:2]
            with pytest.raises(SegueError, match="the old playlist Mine is unchanged"):
                store(client, "Mine", [paths[0], "nowhere.wav"])
            assert client.listplaylist("Mine") == paths[:2]
            client.add(paths[2])
            queue(client, paths[:2])
            assert [each["file"] for each in client.playlistinfo()] == [paths[2], *paths[:2]]


@contextmanager
def supysonic(folder: Path, songs: list[tuple[str, str, float]]) -> Iterator[str]:
    """Supysonic with songs of these titles, artists and seconds; its address."""
    python = os.environ.get("SEGUE_SUPYSONIC", "")
    if not python:
        pytest.skip("Supysonic is not installed (set SEGUE_SUPYSONIC to a Python that has it)")
    program = [python, str(Path(__file__).with_name("run_supysonic.py")), str(folder)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin
        assert running.stdout
        try:
            running.stdin.write(json.dumps(songs))
            running.stdin.close()
            yield f"http://127.0.0.1:{int(running.stdout.readline())}"
        finally:
            running.kill()


@pytest.mark.slow
def test_supysonics_songs_are_served_and_its_playlists_written(
    tiny_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    infos = tiny_library.catalogue.infos(range(60))
    songs = [(info.title, info.artist, info.duration or 1.0) for info in infos]
    with supysonic(tmp_path / "server", songs) as url:
        server = Subsonic(url, USER, PASSWORD)
        answers = Answers(tiny_library, server)
        owned = answers.owned
        assert owned is not None
        assert owned.songs == 60
        assert len(owned.row_of) >= 50, "some titles are of several tracks"
        first, *_ = ids = list(owned.row_of)
        near = json.loads(answers.answer("/api/similar_tracks", {"item_id": first, "n": "5"}))
        assert len(near) == 5
        assert {each["item_id"] for each in near} <= set(ids)

        assert send_playlist(server, "Mine", ids[:3]) == "made the playlist Mine"
        assert send_playlist(server, "Mine", ids[:2]) == "replaced the playlist Mine"
        assert send_playlist(server, "Mine", ids) == "replaced the playlist Mine"  # more than one call takes
        assert server.entries(server.playlists()["Mine"]) == ids
        assert list(server.playlists()) == ["Mine"]
        with pytest.raises(SegueError, match="the old one or the new one"):
            send_playlist(server, "Mine", ["11111111-2222-3333-4444-555555555555"])
        assert server.entries(server.playlists()["Mine"]) == ids

        monkeypatch.setenv("SEGUE_SUBSONIC_USER", USER)
        monkeypatch.setenv("SEGUE_SUBSONIC_TOKEN", "a wrong one")
        call = ["send", "subsonic", infos[0].track_id, "--url", url, "--library", str(tiny_library.path)]
        assert main(call) == 1
        assert "wrong one" not in capsys.readouterr().err
        monkeypatch.setenv("SEGUE_SUBSONIC_TOKEN", PASSWORD)
        assert main([*call, "--name", "One"]) == 0
        assert "made the playlist One" in capsys.readouterr().out
