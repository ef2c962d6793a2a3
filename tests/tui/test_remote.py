"""`segue ctl` and the explorer that answers it, over a real socket."""

import asyncio
import dataclasses
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from segue.core.cli.ctl import ask
from segue.core.cli.schemas import Status
from segue.core.errors import SegueError
from segue.core.library import Library
from tests.tui.support import Stage, make_stage, press, settle, until


@pytest.fixture
def socket_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders have names too long for a socket
        yield Path(folder) / "ctl.sock"


def listening(library: Library, path: Path) -> Stage:
    stage = make_stage(library)
    stage.app.equipment = dataclasses.replace(stage.app.equipment, socket=path)
    return stage


def mode(path: Path) -> int | None:
    """Who may open a file; None where there is none."""
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


async def test_ctl_asks_skips_pauses_and_loves(small_library: Library, socket_path: Path) -> None:
    stage = listening(small_library, socket_path)
    async with stage.app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await until(pilot, socket_path.exists)
        assert mode(socket_path) == 0o600
        answer = await asyncio.to_thread(ask, "status", socket_path)
        assert answer == {
            "library": "small", "playing": None, "radio": {"on": False, "paused": False, "next": []}
        }  # fmt: skip
        assert await asyncio.to_thread(ask, "next", socket_path) == {"error": "no radio plays"}
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing is not None)
        first = stage.playing
        answer = await asyncio.to_thread(ask, "status", socket_path)
        assert msgspec.to_builtins(msgspec.convert(answer, Status)) == answer
        assert answer["playing"]["track_id"] == stage.app.tracks.info(first or 0).track_id
        await asyncio.to_thread(ask, "next", socket_path)
        await until(pilot, lambda: stage.playing not in {None, first})
        answer = await asyncio.to_thread(ask, "love", socket_path)
        assert answer["playing"]["loved"]
        assert stage.playing in stage.app.taste.loved
        answer = await asyncio.to_thread(ask, "love", socket_path)
        assert answer["playing"]["loved"], "a second love takes nothing back"
        answer = await asyncio.to_thread(ask, "pause", socket_path)
        assert answer["radio"]["paused"]
        assert "unknown command" in (await asyncio.to_thread(ask, "sing", socket_path))["error"]
    assert mode(socket_path) is None
    with pytest.raises(SegueError, match="no explorer is running"):
        ask("status", socket_path)


async def test_a_second_explorer_leaves_the_first_its_socket(
    small_library: Library, socket_path: Path
) -> None:
    first = listening(small_library, socket_path)
    async with first.app.run_test(size=(100, 30)) as pilot:
        await until(pilot, socket_path.exists)
        second = listening(small_library, socket_path)
        async with second.app.run_test(size=(100, 30)) as other:
            await settle(other)
        assert mode(socket_path) is not None
        assert (await asyncio.to_thread(ask, "status", socket_path))["library"] == "small"
