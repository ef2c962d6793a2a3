"""An explorer with a radio for half an hour of simulated time, while keys are pressed.

`python -m tests.faults.hours [--keys 2000]` prints memory, threads, files, tasks and processes along the way.
"""

import argparse
import asyncio
import ctypes
import gc
import mmap
import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from textual._styles_cache import StylesCache
from textual.cache import FIFOCache, LRUCache
from textual.strip import Strip
from textual.widget import Widget, _RenderCache

from segue.core.state import State
from tests.tui.support import Stage, make_stage, press, until, write_small_library

SECONDS = 1_800.0
GESTURES = (
    "j", "j", "j", "k", "k", "enter", "enter", "enter", "h", "h", "L", "a", "b", "e", "J", "@", "!", "n", "p",
    "R", "f", "f", "x", "u", "ctrl+r", ".", "+", "-", "B", "Z", "m a", "' a", "space", "r", "O", "T", "N",
    "W", "<", "}", "i", "I", "*", "v j j i", "g g", "G", "K", "F", "U", "V", "ctrl+d", "ctrl+u", "5 j", "tab",
    "l", "left", "right", "(", ")", "A j A", "f2", "f2", "f3 j j D f2", "f4 j enter j enter f2", "f6 j f2",
    "f7 j f2", "f5 j l + e escape - f2", "f1 escape", "? escape", ": m a p escape", ": m a p enter f2",
    "Q escape", "S escape", "o escape", "E escape", "/ o a enter j enter", "/ r a i l enter",
    "/ s o n g escape",
)  # fmt: skip
"""Keys that are pressed one after another, so that what opens over the views is closed again."""


@dataclass(frozen=True)
class Held:
    """What the process has at one time."""

    memory: float
    """MB."""
    threads: int
    files: int
    """Open ones, sockets and pipes among them."""
    tasks: int
    children: int
    """Processes."""
    widgets: int
    strips: int
    """Lines that were drawn and are kept, by live widgets and by Textual's caches."""
    strays: int
    """Those of them that lie in no cache with a bound."""
    blocks: int
    """Of memory that Python's objects have."""

    def grown(self, before: "Held") -> list[str]:
        """What there is more of than before, beyond what comes and goes with a toast or the next track."""
        allowed = {"threads": 3, "files": 3, "tasks": 12, "children": 0, "widgets": 12, "strays": 0}
        allowed["blocks"] = 60_000
        more = {name: getattr(self, name) - getattr(before, name) for name in allowed}
        return [f"{more[name]:.0f} more {name}" for name in allowed if more[name] > allowed[name]]


def held() -> Held:
    """What this process has now, without what its allocator keeps for later."""
    gc.collect()
    with suppress(OSError, AttributeError):  # a system of another C library
        ctypes.CDLL(None).malloc_trim(0)
    memory = int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE
    files = len(list(Path("/proc/self/fd").iterdir()))
    children = sum(len(each.read_text().split()) for each in Path("/proc/self/task").glob("*/children"))
    living, blocks = gc.get_objects(), sys.getallocatedblocks()
    widgets, strips = (sum(isinstance(each, kind) for each in living) for kind in (Widget, Strip))
    threads, tasks = threading.active_count(), len(asyncio.all_tasks())
    return Held(memory / 1e6, threads, files, tasks, children, widgets, strips, _strays(living), blocks)


def _strays(living: list[object]) -> int:
    """How many drawn lines lie in no cache of Textual's that has a bound.

    A widget has no more lines than it is high, and with each the parts of the last four cuts through it. The
    lines of the last 1,024 widgets and colours stay with `get_inner_outer`, which is full after some 1,900
    keys: until then the number of all lines grows, whatever the explorer does.
    """
    caches = (StylesCache, FIFOCache, LRUCache, _RenderCache)
    attributes = (vars(each).values() for each in living if isinstance(each, Widget))
    todo: list[object] = [each for values in attributes for each in values if isinstance(each, caches)]
    for function in (StylesCache.get_inner_outer, getattr(Strip.blank, "__func__")):  # noqa: B009 - not in its type
        assert function.cache_info().maxsize
        todo += gc.get_referents(function)
    seen = dict[int, object]()
    while todo:
        each = todo.pop()
        if id(each) not in seen and isinstance(each, (*caches, Strip, dict, list, tuple)):
            seen[id(each)] = each
            todo += gc.get_referents(each)
    return sum(isinstance(each, Strip) and id(each) not in seen for each in living)


async def half_an_hour(stage: Stage, keys: int, report: Callable[[Held], object], *, steps: int = 10) -> None:
    """Press keys for half an hour of radio, and report what is held after each of the steps.

    All gestures come once before one comes again, so that every view was opened before the first report.
    """
    rng, coming = random.Random(4), list[str]()
    async with stage.on_screen((120, 40), toasts=True) as pilot:
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing is not None)
        player, pressed, reported = stage.player, 0, 0
        while pressed < keys:
            if len(stage.app.screen_stack) > 1:  # it takes all keys
                gesture = ["escape"]
            elif not stage.radio.on:
                gesture = ["f2", "r"]
            elif stage.radio.paused:
                gesture = ["P"]
            else:
                coming = coming or rng.sample(GESTURES, len(GESTURES))
                gesture = coming.pop().split()
            for key in gesture:
                await press(pilot, key)
                stage.clock.now += SECONDS / keys
                player._wake()
            assert stage.app.broken_by is None, stage.app.broken_by
            pressed += len(gesture)
            if pressed * steps // keys > reported:
                reported += 1
                report(held())
    assert len(stage.state.heard()) > 20, "the radio plays while keys are pressed"


def main() -> None:
    """Print what is held along the way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=2_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, closing(State.open(Path(folder) / "state.sqlite")) as state:
        stage = make_stage(write_small_library(Path(folder) / "small"), state=state)
        asyncio.run(half_an_hour(stage, args.keys, print))
        outcomes = Counter(line.outcome for line in state.journal(10_000))
    print(*(f"{times} {outcome}" for outcome, times in outcomes.items()), sep=", ")  # noqa: T201 - a tool's result


if __name__ == "__main__":
    main()
