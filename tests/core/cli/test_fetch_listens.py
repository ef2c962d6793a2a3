"""`segue fetch listenbrainz` against a server on loopback that has dumps and breaks off."""

import io
import json
import re
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import zstandard

from segue.core.cli import main
from segue.core.corpus.readers import read_playlists
from segue.core.library import Library
from tests.core.cli.killing import killed_and_run

DAYS = ("20261125", "20261126", "20261127")
USERS = 4
SESSIONS = 5


def listens(day: int) -> list[dict[str, Any]]:
    """Users who each listen to sessions of four tracks, all mixed up in time."""
    found = []
    for session in range(SESSIONS):
        for user in range(USERS):
            for at in range(4):
                number = (user * 7 + session * 3 + at) % 30
                found.append(
                    {
                        "listened_at": 1_795_000_000 + day * 86_400 + session * 7_200 + at * 200 + user,
                        "user_name": f"secret-user-{user}",
                        "user_id": user,
                        "track_metadata": {
                            "track_name": f"Song {number}",
                            "artist_name": f"Artist {number % 5}",
                            "mbid_mapping": {"recording_mbid": f"{number:08d}-0000-4000-8000-000000000000"},
                            "additional_info": {"duration_ms": 200_000},
                        },
                    }
                )
    return sorted(found, key=lambda listen: listen["listened_at"])


def dump(day: int) -> bytes:
    """A dump as it is published: a tar archive of a licence, a timestamp and files of listens."""
    lines = "".join(json.dumps(listen) + "\n" for listen in listens(day)) + "not JSON\n"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in (("COPYING", "CC0"), ("listens/2026/11.listens", lines)):
            member = tarfile.TarInfo(f"dump/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return zstandard.compress(packed.getvalue())


@contextmanager
def served(*, cut: int = 0, damaged: bool = False, pause: float = 0) -> Iterator[tuple[str, list[str]]]:
    """A server of the dumps; the first `cut` answers break off in the middle; pieces come with a pause."""
    asked: list[str] = []
    names = [f"listenbrainz-dump-{100 + n}-{day}-000003-incremental" for n, day in enumerate(DAYS)]
    left = [cut]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            start = int(re.sub(r"\D", "", self.headers.get("Range", "")) or 0)
            asked.append(f"{self.path} {start}")
            if self.path == "/incremental/":
                body = "".join(f'<a href="{name}/">{name}/</a>' for name in names).encode()
            else:
                body = dump(next(n for n, name in enumerate(names) if name in self.path))
            body = bytes(reversed(body)) if damaged and start == 0 and "tar" in self.path else body
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            whole = body[start:]
            if "tar" in self.path and left[0]:
                left[0] -= 1
                whole = whole[: len(whole) // 2]
            for at in range(0, len(whole), max(len(whole) // 5, 1)):
                with suppress(OSError):  # who asked has been killed
                    self.wfile.write(whole[at : at + max(len(whole) // 5, 1)])
                time.sleep(pause)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def test_dumps_become_sessions_without_users(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with served(cut=2) as (address, asked):
        command = ["fetch", "listenbrainz", "--days", "2", "--from", address, "--to", str(tmp_path), "--json"]
        assert main(command) == 0
        found = json.loads(capsys.readouterr().out)
        assert main(command) == 0
        again = json.loads(capsys.readouterr().out)
    assert (found["dumps"], found["sessions"], found["listens"]) == (
        2,
        2 * USERS * SESSIONS,
        2 * USERS * SESSIONS * 4,
    )
    assert found["skipped"] == {"line that is not a listen": 2}
    assert (again["dumps"], again["listens"]) == (2, 0), "what is there is not fetched again"
    assert sum("tar" in path for path in asked) == 4, "each of two was cut once, and went on from there"
    assert not any("20261125" in path for path in asked)
    expected = {
        tuple(f"{(user * 7 + session * 3 + at) % 30:08d}-0000-4000-8000-000000000000" for at in range(4))
        for user in range(USERS)
        for session in range(SESSIONS)
    }
    playlists = read_playlists(tmp_path)
    assert {tuple(row) for row in playlists.lists()} == expected
    assert all(track.title.startswith("Song") for track in playlists.tracks.values())
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"secret" not in kept
    assert b"1795" not in kept


def test_a_damaged_dump_is_one_line_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(damaged=True) as (address, _):
        command = ["fetch", "listenbrainz", "--days", "1", "--from", address, "--to", str(tmp_path / "x")]
        assert main(command) == 1
    assert "damaged" in capsys.readouterr().err
    assert list((tmp_path / "x").iterdir()) == []


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    with served(pause=0.03) as (address, asked):
        command = ["fetch", "listenbrainz", "--days", "3", "--from", address, "--to"]
        ended = killed_and_run(
            [*command, str(tmp_path / "killed")],
            modules=("segue.core.corpus.dumps", "segue.core.cli.sources", "zstandard", "requests"),
        )
        assert ended[-1] == 0
        fetched = [path for path in asked if "tar" in path]
        assert main([*command, str(tmp_path / "whole")]) == 0
    killed, whole = (
        {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
        for folder in ("killed", "whole")
    )
    assert killed == whole
    assert len(whole) == 3
    days = [day for path in fetched for day in DAYS if day in path]
    assert len(list(groupby(days))) == 3, "what has come whole is not asked for again"


@pytest.mark.parametrize(
    "arguments", [["--days", "0"], ["--offline"], ["music_2.npy"], ["--all"], ["--from", "folder"]]
)
def test_what_does_not_go_together_is_refused(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "listenbrainz", "--to", str(tmp_path), *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
def test_one_command_from_the_dumps_to_a_library(tmp_path: Path) -> None:
    with served() as (address, _):
        command = ["fetch", "listenbrainz", "--days", "3", "--from", address, "--to", str(tmp_path / "lb")]
        assert main([*command, "--train", str(tmp_path / "world")]) == 0
    assert len(Library.open(tmp_path / "world")) == 30
