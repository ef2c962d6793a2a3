"""A thread that does something when it is time or when it is woken, and nothing otherwise."""

import threading
from collections.abc import Callable


class Loop:
    """Calls `step` in a daemon thread whenever it is woken or the seconds that `step` returned have passed.

    `step` returning None means: only when woken. An idle loop takes no processor time at all.
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
            timeout = self._step()
