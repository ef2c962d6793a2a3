"""A thread that does something when it is time or when it is woken, and nothing otherwise."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # never to standard error by default, where a TUI draws


class Loop:
    """Calls `step` in a daemon thread whenever it is woken or the seconds that `step` returned have passed.

    `step` returning None means: only when woken. An idle loop takes no processor time at all. An unforeseen
    error is logged, and the loop goes on a second later: a player that no longer answers helps nobody.
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
