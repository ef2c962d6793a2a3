"""What kind of terminal this is, and how to keep other people's noise off it."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def over_ssh() -> bool:
    """Whether the terminal is at the far end of an SSH connection."""
    return bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))


def colourless() -> bool:
    """Whether the user asked for no colours (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))


def leave_when_told(leave: Callable[[], object]) -> None:
    """Call `leave` when the process is to end or its terminal is closed, instead of ending at once.

    So the place is kept and the terminal is put in order. To be called within the running event loop.
    """
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        # neither Windows' loop nor one outside the main thread hears signals
        with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(getattr(signal, name), leave)


def draw_soon() -> None:
    """Have Textual draw what has changed within 4 ms. To be called before it is imported.

    It draws at most so many times a second, and a typed letter takes a turn: at its own 60 the answer to the
    letter waits for the turn after, 17 to 33 ms. Nothing is drawn more often, since only changes are drawn.
    Over SSH fewer turns are kinder to the line.
    """
    if not over_ssh():
        os.environ.setdefault("TEXTUAL_FPS", "240")


def collect_garbage_again() -> None:
    """Let Python look for garbage again after the start, but no more through what the start made."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _opened(log: Path) -> int:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:  # a read-only home
        return os.open(os.devnull, os.O_WRONLY)


@contextmanager
def quiet_stderr(log: Path) -> Iterator[None]:
    """Send what is written to file descriptor 2 into a log file while the block runs.

    Sound libraries write there from C and would spoil the screen, on which Textual draws through
    `sys.__stderr__`. So that stream gets a copy of the terminal first, then the log takes descriptor 2.
    Without a terminal nothing is done.
    """
    if not sys.__stderr__ or not os.isatty(2):
        yield
        return
    terminal = os.dup(2)
    before = sys.__stderr__
    screen = os.fdopen(os.dup(terminal), "w", encoding=before.encoding, errors="replace", buffering=1)
    noise = _opened(log)
    sys.__stderr__ = screen  # type: ignore[misc] # typed as final
    os.dup2(noise, 2)
    os.close(noise)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        sys.__stderr__ = before  # type: ignore[misc] # typed as final
        with suppress(OSError):  # the terminal may have been closed, with something still to be written
            screen.close()
