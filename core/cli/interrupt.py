"""Ctrl-C as a request: long work ends where it can be taken up again; and ends in order, whoever asks."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from segue.core.cli.output import note

END_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What `kill` sends, and a terminal that is closed."""


class EndedError(KeyboardInterrupt):
    """The process was asked to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def end_in_order() -> Iterator[None]:
    """Have SIGTERM and SIGHUP raise `EndedError`: temporary files go, and the terminal is put in order.

    A signal that is ignored, as with `nohup`, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return

    def end(number: int, _frame: object) -> None:
        raise EndedError(number)

    handled = [number for number in END_SIGNALS if signal.getsignal(number) == signal.SIG_DFL]
    for number in handled:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


class Stop(threading.Event):
    """Set when the process was asked to stop."""

    number = 0
    """The signal that asked; 0 before."""

    @property
    def exit_code(self) -> int:
        """0, or as a shell reports a process that the signal ended."""
        return 128 + self.number if self.number else 0


@contextmanager
def stop_on_interrupt(what: str) -> Iterator[Stop]:
    """Make the first Ctrl-C (SIGTERM, SIGHUP) set the event that is yielded, and the second one interrupt.

    Parameters
    ----------
    what
        Printed at the first one: what is stopping.
    """
    stopped = Stop()

    def ask(number: int, _frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.number = number
        stopped.set()
        with suppress(OSError):  # the terminal may have been closed
            note(f"{what} (again to stop at once)" if number == signal.SIGINT else what)

    handled = [number for number in END_SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, *handled)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
