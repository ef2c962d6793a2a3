"""Waits that Ctrl-C ends at once, and a thread that waits until it is time or it is woken.

Linux may hand a signal to any thread of a process, while Python's handlers run in the main thread. In a wait
without end the main thread would learn of Ctrl-C only when what it waits for has come: so it looks up now
and then.
"""

import logging
import math
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

Item = TypeVar("Item")

LOOK_UP = 0.25
"""Seconds."""


def take(items: "queue.Queue[Item] | queue.SimpleQueue[Item]", seconds: float = math.inf) -> Item:
    """Take the next item of a queue, waiting at most so many seconds.

    Raises `queue.Empty` when none has come.
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


_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # never to standard error by default, where a TUI draws


class Loop:
    """Calls `step` in a daemon thread whenever it is woken or the seconds that `step` returned have passed.

    `step` returning None means: only when woken. An idle loop takes no processor time at all. An unforeseen
    error is logged, and the loop goes on a second later: a player that no longer answers is of no use.
    """

    def __init__(self, step: Callable[[], float | None], name: str) -> None:
        self._step = step
        self._event = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Call `step` soon."""
        self._event.set()

    def close(self, seconds: float = 5.0) -> None:
        """End the thread and wait for it, at most so long; from within `step` it only ends it."""
        self._closed = True
        self._event.set()
        if self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _run(self) -> None:
        timeout: float | None = None
        while True:
            self._event.wait(timeout)
            self._event.clear()
            if self._closed:
                return
            try:
                timeout = self._step()
            except Exception:  # noqa: BLE001 - logged whole
                _log.exception("%s", self._thread.name)
                timeout = 1.0
