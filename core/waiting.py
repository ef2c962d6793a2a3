"""Waits that Ctrl-C ends at once.

Linux may hand a signal to any thread of a process, while Python's handlers run in the main thread. In a wait
without end the main thread would learn of Ctrl-C only when what it waits for has come: so it looks up now
and then.
"""

import math
import queue
import threading
import time
from typing import TypeVar

Item = TypeVar("Item")

LOOK_UP = 0.25
"""Seconds."""


def take(items: "queue.Queue[Item] | queue.SimpleQueue[Item]", seconds: float = math.inf) -> Item:
    """Take the next item of a queue, waiting at most so many seconds.

    Raises
    ------
    queue.Empty
        When none has come.
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > LOOK_UP:
        try:
            return items.get(timeout=LOOK_UP)
        except queue.Empty:
            continue
    return items.get(timeout=max(left, 0.0))


def wait(event: threading.Event, seconds: float = math.inf) -> bool:
    """Wait until an event is set, at most so many seconds; return whether it is."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > LOOK_UP:
        if event.wait(LOOK_UP):
            return True
    return event.wait(max(left, 0.0))
