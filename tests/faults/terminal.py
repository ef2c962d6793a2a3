"""Segue in a terminal of its own, to be typed at and killed."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
ESCAPE = "\x1b[27u"
"""The escape key as newer terminals send it. A lone ESC that is read together with the next key, as on a
busy machine, is that key with alt."""
SECONDS = 60.0
"""How long something may take on a machine that has much else to do."""


class Terminal:
    """A pseudo-terminal of 100 by 30 cells in which a Python script runs.

    Parameters
    ----------
    code, arguments
        The script.
    home
        The current folder, with the listener's files below it.
    python
        The interpreter; by default this one, which finds Segue in this checkout.
    """

    def __init__(
        self, code: str, arguments: Sequence[str], home: Path, *, python: Path | None = None
    ) -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        names = ("DATA", "STATE", "CONFIG", "CACHE")
        environment = {**os.environ, **{f"XDG_{name}_HOME": str(home / name.lower()) for name in names}}
        environment |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        environment["PYTHONPATH"] = str(ROOT) if python is None else ""
        self.process = subprocess.Popen(
            [python or sys.executable, "-c", code, *arguments],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            cwd=home,
            env=environment,
            start_new_session=True,
        )
        self._drawn = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(SECONDS)
        os.close(self.slave)
        self._reader.join(SECONDS)
        os.close(self.master)

    @property
    def drawn(self) -> str:
        """All that was written to the terminal so far."""
        return self._drawn.decode(errors="replace")

    @property
    def text(self) -> str:
        """The same without what moves the cursor and colours, which may stand within a word."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.drawn)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.master, text.encode())

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to come about."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert self.process.poll() is None or condition(), f"it has ended\n{self.drawn[-2000:]}"
            assert time.monotonic() < deadline, f"it never came about\n{self.drawn[-2000:]}"
            time.sleep(0.01)

    def end(self, signal_number: int | None = None) -> int:
        """Send a signal, if any, and return the exit code."""
        if signal_number is not None:
            self.process.send_signal(signal_number)
        return self.process.wait(SECONDS)

    def in_order(self) -> bool:
        """Whether the terminal is as it was: its modes, its first screen, its cursor, no mouse reports."""
        modes = termios.tcgetattr(self.slave) == self.before
        drawn = self.drawn
        pairs = (("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?25l", "\x1b[?25h"), ("\x1b[?1000h", "\x1b[?1000l"))
        return modes and all(drawn.rfind(on) < drawn.rfind(off) or on not in drawn for on, off in pairs)

    def _read(self) -> None:
        with suppress(OSError):  # EIO once nobody has the other end open
            while data := os.read(self.master, 65_536):
                self._drawn += data
