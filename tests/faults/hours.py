"""An explorer with a radio for half an hour of simulated time, while keys are pressed.

`python -m tests.faults.hours [--keys 2000]` prints memory, threads, open files and tasks along the way.
"""

import argparse
import asyncio
import gc
import mmap
import random
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from segue.core.audio import Player
from segue.core.state import State
from tests.tui.support import Stage, make_stage, press, settle, until, write_small_library

SECONDS = 1_800.0
KEYS = (
    "j", "j", "j", "k", "k", "enter", "enter", "escape", "escape", "f1", "f2", "f3", "f4", "n", "n", "p", "f",
    "x", "u", "space", "space", "slash", "escape", "question_mark", "escape", "colon", "escape", "parenleft",
    "parenright", "g", "g", "G", "K", "ctrl+d", "ctrl+u", "tab", "l", "left", "right", "i", "I", "asterisk",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What the process has at one time."""

    memory: float
    """MB."""
    threads: int
    files: int
    tasks: int


def held() -> Held:
    """What this process has now."""
    gc.collect()
    memory = int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE
    files = len(list(Path("/proc/self/fd").iterdir()))
    return Held(memory / 1e6, threading.active_count(), files, len(asyncio.all_tasks()))


async def half_an_hour(stage: Stage, keys: int, report: Callable[[Held], object], *, steps: int = 10) -> None:
    """Press keys for half an hour of radio, and report what is held after each of the steps."""
    rng = random.Random(4)
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing is not None)
        for number in range(keys):
            await press(pilot, rng.choice(KEYS))
            stage.clock.now += SECONDS / keys
            player = stage.app.controllers.sound.player
            assert isinstance(player, Player)
            player._wake()
            if not stage.radio.on or stage.radio.paused:
                await press(pilot, "escape", "escape", "escape", "f1")
                await press(pilot, "space" if stage.radio.on else "r")
            if (number + 1) % (keys // steps) == 0:
                report(held())
    assert stage.app.broken_by is None


def main() -> None:
    """Print what is held along the way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=2_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, closing(State.open(Path(folder) / "state.sqlite")) as state:
        stage = make_stage(write_small_library(Path(folder) / "small"), state=state)
        asyncio.run(half_an_hour(stage, args.keys, print))
        heard = len(state.heard())
    print(f"{heard} tracks heard")  # noqa: T201 - a tool's result


if __name__ == "__main__":
    main()
