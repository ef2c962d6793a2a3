"""`segue ctl` and the explorer that answers it, over a real socket."""

import asyncio
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from segue.core.cli.schemas import Status
from segue.core.cli.scripting import ask, follow
from segue.core.errors import SegueError
from segue.core.library import Library
from segue.tui.model.places import TrackPlace
from tests.tui.support import Stage, make_stage, press, row_of, settle, until


@pytest.fixture
def socket_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders have names too long for a socket
        yield Path(folder) / "ctl.sock"


def listening(library: Library, path: Path) -> Stage:
    stage = make_stage(library)
    stage.app.equipment = replace(stage.app.equipment, socket=path)
    return stage


def mode(path: Path) -> int | None:
    """Who may open a file; None where there is none."""
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


async def test_ctl_asks_skips_pauses_and_loves(small_library: Library, socket_path: Path) -> None:
    stage = listening(small_library, socket_path)
    async with stage.on_screen() as pilot:
        await until(pilot, socket_path.exists)
        assert mode(socket_path) == 0o600
        answer = await asyncio.to_thread(ask, "status", socket_path)
        assert answer == {
            "library": "small", "playing": None, "radio": {"on": False, "paused": False, "next": []},
            "volume": 0.8, "muted": False, "crate": "",
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


async def test_ctl_does_what_the_keys_do(small_library: Library, socket_path: Path) -> None:
    stage = listening(small_library, socket_path)

    async def ctl(line: str) -> dict[str, Any]:
        return await asyncio.to_thread(ask, line, socket_path)

    async with stage.on_screen() as pilot:
        await until(pilot, socket_path.exists)
        for word in ("play", "pause", "stop", "seek 3", "love", "ban", "crate", "go", "radio"):
            assert await ctl(word) == {"error": "nothing plays"}
        boats, glass = (row_of(small_library, title) for title in ("Paper Boats", "Glass Garden"))
        await ctl("play Paper Boats")
        await until(pilot, lambda: stage.playing == boats)
        answer = await ctl("pause")
        assert (answer["playing"]["paused"], answer["playing"]["title"]) == (True, "Paper Boats")
        assert not (await ctl("play"))["playing"]["paused"]
        assert not (await ctl("play"))["playing"]["paused"], "a second one does not pause"
        assert (await ctl("seek 0:04"))["playing"]["seconds"] == pytest.approx(4, abs=0.5)
        assert (await ctl("seek +2"))["playing"]["seconds"] == pytest.approx(6, abs=0.5)
        assert (await ctl("seek -5"))["playing"]["seconds"] == pytest.approx(1, abs=0.5)
        assert (await ctl("volume 30"))["volume"] == 0.3
        assert (await ctl("volume -50"))["volume"] == 0
        assert (await ctl("mute"))["muted"]
        assert not (await ctl("mute"))["muted"]
        assert "use a time" in (await ctl("seek soon"))["error"]
        assert "use a percentage" in (await ctl("volume loud"))["error"]
        assert (await ctl("crate Evening"))["crate"] == "Evening"
        assert stage.app.state.crates() == {"Evening": [stage.app.tracks.info(boats).track_id]}
        await ctl("go Glass Garden")
        assert stage.app.walk.here == TrackPlace((glass,))
        assert "nothing found" in (await ctl("go Nothing of that name at all"))["error"]
        await ctl("radio Glass Garden")
        await until(pilot, lambda: stage.playing not in {None, boats})
        first = stage.playing
        await ctl("next")
        await until(pilot, lambda: stage.playing not in {None, first})
        await ctl("previous")
        await until(pilot, lambda: stage.playing == first)
        await ctl("ban")
        await until(pilot, lambda: stage.playing not in {None, first})
        assert first in stage.app.taste.banned
        assert (await ctl("stop"))["playing"] is None


async def test_a_status_bar_hears_of_every_change(small_library: Library, socket_path: Path) -> None:
    stage = listening(small_library, socket_path)
    async with stage.on_screen() as pilot:
        await until(pilot, socket_path.exists)
        lines = iter(await asyncio.to_thread(follow, socket_path))

        async def heard(wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
            for _ in range(100):
                line = await asyncio.wait_for(asyncio.to_thread(next, lines), 20)
                if wanted(line):
                    return line
            raise AssertionError

        assert (await heard(lambda _: True))["playing"] is None
        await asyncio.to_thread(ask, "play Paper Boats", socket_path)
        playing = await heard(lambda line: line["playing"] is not None)
        assert msgspec.to_builtins(msgspec.convert(playing, Status)) == playing
        await asyncio.to_thread(ask, "pause", socket_path)
        await heard(lambda line: line["playing"] is not None and line["playing"]["paused"])
    assert await asyncio.to_thread(lambda: list(lines)) == [], "it ends with the explorer"
