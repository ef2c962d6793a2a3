"""Ctrl-C as a request: long work ends where it can be taken up again."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.cli.output import note


@contextmanager
def stop_on_interrupt(what: str) -> Iterator[threading.Event]:
    """Make the first Ctrl-C (or SIGTERM) set the event that is given, and let the second one interrupt.

    Parameters
    ----------
    what
        Said at the first one: what is stopping.
    """
    stopped = threading.Event()

    def ask(number: int, _frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        note(f"{what} (again to stop at once)" if number == signal.SIGINT else what)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
