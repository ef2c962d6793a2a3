"""Callers at the explorer's socket who mean no good, and things in the socket's place."""

import asyncio
import json
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from segue.core.catalogue.overlay import TitleOverlay
from segue.core.cli import main
from segue.core.cli.scripting import ask
from segue.core.errors import SegueError
from segue.core.explore.gather import Gathering
from segue.core.library import Library
from segue.core.log import start_log
from segue.core.own_files import FileIndex
from segue.core.places import control_socket, make_token, user_folder
from segue.core.state import State
from segue.core.tracks import TrackInfo
from segue.tui.control import LONGEST, MOST, _bound
from tests.tui.support import Stage, settle, until, write_small_library
from tests.tui.test_remote import listening, socket_path

__all__ = ["socket_path"]


@pytest.fixture
def small(tmp_path: Path) -> Library:
    return write_small_library(tmp_path / "small")


@pytest.fixture
def callers(socket_path: Path) -> Iterator["Callers"]:
    with ExitStack() as stack:
        yield Callers(stack, socket_path)


class Callers:
    """Clients that have called and hang on."""

    def __init__(self, stack: ExitStack, path: Path) -> None:
        self._stack, self._path = stack, path

    def call(self, shown: bytes = b"") -> socket.socket:
        """Call, and say something; the explorer may hang up meanwhile."""
        line = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        line.settimeout(20)
        line.connect(str(self._path))
        with suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(shown)
        return line


def answer_of(line: socket.socket) -> bytes:
    """All that comes until the explorer hangs up."""
    reported = b""
    try:
        while piece := line.recv(65_536):
            reported += piece
    except ConnectionResetError:
        pass
    return reported


@asynccontextmanager
async def open_explorer(small: Library, path: Path) -> AsyncIterator[tuple[Stage, Pilot[Any]]]:
    stage = listening(small, path)
    async with stage.on_screen() as pilot:
        await until(pilot, path.is_socket)
        yield stage, pilot


async def test_hundreds_who_say_nothing_keep_nobody_else_out(
    small: Library, socket_path: Path, callers: Callers
) -> None:
    async with open_explorer(small, socket_path) as (stage, _):
        lines = []
        for number in range(300):
            lines.append(await asyncio.to_thread(callers.call))
            if number % 50 == 49:
                assert (await asyncio.to_thread(ask, "status", socket_path))["library"] == "small"
        remote = stage.app._remote
        assert remote is not None
        assert len(remote._callers) <= MOST
        sent_away = [await asyncio.to_thread(answer_of, line) for line in lines[: -2 * MOST]]
        assert set(sent_away) == {b""}
    assert [await asyncio.to_thread(answer_of, line) for line in lines[-2:]] == [b"", b""]


@pytest.mark.parametrize(
    "shown",
    [
        b"\x00\xff\xfe\x1b[2J\n",
        b"\n",
        b"status status\n",
        b"x" * (LONGEST - 1) + b"\n",
        "נקסט\n".encode(),
        b"[" * 500 + b"\n",
    ],
)
async def test_garbage_is_answered_in_one_line(
    shown: bytes, small: Library, socket_path: Path, callers: Callers
) -> None:
    async with open_explorer(small, socket_path):
        line = await asyncio.to_thread(callers.call, shown)
        reported = await asyncio.to_thread(answer_of, line)
        assert reported.count(b"\n") == 1
        assert "unknown command" in json.loads(reported)["error"]


@pytest.mark.parametrize("shown", [b"x" * 10_000_000, b"x" * (LONGEST + 1) + b"\n", b"status"])
async def test_a_line_without_an_end_is_hung_up_on(
    shown: bytes, small: Library, socket_path: Path, callers: Callers
) -> None:
    async with open_explorer(small, socket_path):
        line = await asyncio.to_thread(callers.call, shown)
        if shown == b"status":
            line.shutdown(socket.SHUT_WR)  # the end of what is sent is the end of the word
        reported = await asyncio.to_thread(answer_of, line)
        assert bool(reported) == (shown == b"status")
        assert (await asyncio.to_thread(ask, "status", socket_path))["library"] == "small"


async def test_what_the_disk_refuses_is_the_answer(
    small: Library, socket_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_row: int) -> None:
        raise SegueError("state.sqlite: can't be written (the disk is full); free some space")

    async with open_explorer(small, socket_path) as (stage, pilot):
        await pilot.press("r")
        await until(pilot, lambda: stage.playing is not None)
        monkeypatch.setattr(stage.app.controllers.tastes, "love", refuse)
        assert "free some space" in (await asyncio.to_thread(ask, "love", socket_path))["error"]
        assert (await asyncio.to_thread(ask, "status", socket_path))["radio"]["on"]


@pytest.mark.parametrize("thing", ["file", "folder", "long"])
async def test_an_explorer_opens_without_its_socket_and_harms_nothing(
    thing: str, small: Library, socket_path: Path
) -> None:
    path = socket_path if thing != "long" else socket_path.with_name("n" * 200)
    if thing == "file":
        path.write_text("somebody's own")
    elif thing == "folder":
        path.mkdir()
    stage = listening(small, path)
    async with stage.on_screen() as pilot:
        await pilot.press("j")
        await settle(pilot)
        assert stage.tracks.cursor == 1
    assert path.read_text() == "somebody's own" if thing == "file" else path.is_dir() == (thing == "folder")


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (b"", "does not answer"),
        (b"[1, 2]\n", "is not an explorer"),
        (b'{"library": NaN}\n', "does not answer"),
        (b'{"library": 1e999}\n', "does not answer"),
        (b"[" * 100_000 + b"\n", "does not answer"),
        (b"\xff\xfe\n", "does not answer"),
        (b"{" * 3_000_000, "does not answer"),
        (b'{"library": "small"}\n', ""),
    ],
)
def test_a_stranger_in_the_explorers_place_is_said_in_one_line(
    answer: bytes, shown: str, socket_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(socket_path))
        stranger.listen()

        def speak() -> None:
            line, _ = stranger.accept()
            with line:
                line.recv(100)
                with suppress(BrokenPipeError, ConnectionResetError):
                    line.sendall(answer)

        thread = threading.Thread(target=speak)
        thread.start()
        if shown:
            with pytest.raises(SegueError, match=shown) as caught:
                ask("status", socket_path)
            assert "\n" not in str(caught.value)
        else:
            assert ask("status", socket_path) == {"library": "small"}
        thread.join()


def test_a_path_too_long_for_a_socket_is_said(tmp_path: Path) -> None:
    with pytest.raises(SegueError, match="too long for a socket; set XDG_STATE_HOME to a shorter path"):
        ask("status", tmp_path / ("n" * 200))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user"
)
def test_another_user_of_the_machine_can_open_nothing_of_the_listeners(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with tempfile.TemporaryDirectory() as home:
        for folder in (Path(home), *(Path(home, name) for name in ("data", "state", "config"))):
            folder.mkdir(mode=0o755, exist_ok=True)
            folder.chmod(0o755)  # as many homes are
            monkeypatch.setenv(f"XDG_{folder.name.upper()}_HOME", str(folder))
        make_token("serve")
        start_log()
        with closing(State.open(user_folder("state") / "state.sqlite")) as state:
            state.love("track_1")
        with closing(TitleOverlay(user_folder("data") / "titles.sqlite")) as overlay:
            overlay.keep([(TrackInfo("track_1", "Title", "Artist"), "")])
        with closing(FileIndex(user_folder("data") / "files.sqlite")) as index:
            index.scan(Path(home, "data"))
        (Path(home) / "list.txt").write_text("Ann - One\nBob - Two\n")
        assert main(["import", str(Path(home) / "list.txt")]) == 0
        Gathering(user_folder("data") / "gathered").__exit__()
        control_socket().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _bound(control_socket()) as listening_socket:
            listening_socket.listen()
            kept = [path for path in Path(home).rglob("*") if not path.is_dir()]
            assert len(kept) > 6
            script = 'for file; do if [ -r "$file" ] || [ -w "$file" ]; then echo "$file"; fi; done'
            opened = subprocess.run(
                ["sh", "-c", script, "sh", *map(str, kept)],
                user=65_534, group=65_534, extra_groups=[], capture_output=True, text=True, check=True,
            )  # fmt: skip
    assert opened.stdout.split() == [str(Path(home) / "list.txt")], "only what the listener wrote themselves"
